"""The guard against bombs: each hostile file is turned away with a sentence, quickly and in little memory."""

import hashlib
import struct
import time
import tracemalloc
from dataclasses import replace
from io import BytesIO

import pytest

from indicators.reading import Limits, Refused, guard, open_book, read
from indicators.reading.guard import check
from tests.indicators.reading import bombs, books

MERGE = '<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
HOSTILE: dict[str, tuple[bytes, str]] = {
    "two hundred megabytes of blanks": (bombs.inflating(200), "bomb"),
    "an entity bomb in UTF-8": (bombs.entities("utf-8"), "doctype"),
    "an entity bomb in UTF-16": (bombs.entities("utf-16"), "doctype"),
    "a DOCTYPE in the relations": (
        bombs.archive(relations="<!DOCTYPE a>" + bombs.RELATIONS),
        "doctype",
    ),
    "a DOCTYPE under a picture's name": (
        bombs.archive(("xl/media/a.png", '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>')),
        "doctype",
    ),
    "16384 columns": (bombs.wide(16_384), "too-many-columns"),
    "the last row of all": (bombs.tall(1_048_576), "too-many-rows"),
    "one merge over everything": (bombs.archive(sheet=bombs.page(after=MERGE)), "too-many-merges"),
    "too many merges": (
        bombs.archive(sheet=bombs.page(after='<mergeCell ref="A1:A2"/>' * 20_001)),
        "too-many-merges",
    ),
    "rows under a foreign root": (
        bombs.archive(sheet=bombs.page(after=MERGE).replace("worksheet", "anything")),
        "too-many-merges",
    ),
    "half a million cells": (
        bombs.many_cells(400_001),
        "too-many-cells",
    ),
    "a macro": (bombs.archive(("xl/vbaProject.bin", b"\x00\x01")), "macros"),
    "a macro by its content type": (
        bombs.archive(types=bombs.TYPES.replace("spreadsheetml.sheet.main", "sheet.macroEnabled.main")),
        "macros",
    ),
    "a script of another office": (bombs.archive(("xl/jsaProject.bin", b"\x00\x01")), "macros"),
    "a password": (bombs.encrypted_office(), "encrypted"),
    "an encrypted entry": (bombs.encrypted_entry(), "encrypted"),
    "overlapping entries": (bombs.overlapping(), "hostile-archive"),
    "an absolute path": (bombs.archive(("/etc/cron.d/x", "a")), "hostile-archive"),
    "a path upwards": (bombs.archive(("xl/../../x", "a")), "hostile-archive"),
    "a name in two spellings": (bombs.archive(("XL/Workbook.xml", bombs.BOOK)), "hostile-archive"),
    "a sheet under a picture's name": (
        bombs.archive(relations=bombs.RELATIONS.replace("sheet1.xml", "sheet1.png")),
        "hostile-archive",
    ),
    "a second reader's parts": (bombs.archive(("content.xml", "<a/>"), ("mimetype", "x")), "format-unread"),
    "501 entries": (bombs.archive(*((f"x/{n}.bin", b"1") for n in range(500))), "too-many-entries"),
    "51 sheets": (
        bombs.archive(book=bombs.BOOK.replace("</sheets>", '<sheet name="a" sheetId="2"/>' * 51 + "</sheets>")),
        "too-many-sheets",
    ),
    "a cell of 4001 characters": (
        bombs.archive(sheet=bombs.page(f'<row r="7"><c r="C7" t="str"><v>{"长" * 4001}</v></c></row>')),
        "text-too-long",
    ),
    "a hundred thousand levels": (bombs.archive(sheet="<a>" * 100_000 + "</a>" * 100_000), "too-complex"),
    "three million elements": (bombs.archive(sheet=f"<a>{'<b/>' * 3_000_000}</a>"), "bomb"),
    "one endless attribute": (bombs.archive(sheet=f'<a b="{"0123456789" * 300_000}"/>'), "bomb"),
    "more than ten megabytes": (b"PK\x03\x04" + b"0" * (10 * 1024 * 1024), "too-large"),
    "nothing": (b"", "empty"),
    "an image": (b"\x89PNG\r\n\x1a\n" + b"\x00" * 60, "format-unread"),
    "a text of forty thousand lines": (("公开,渠道\n" * 40_001).encode("utf-8"), "too-many-rows"),
    "a text in no encoding": (b"a,b\n\xff\xff\xff,c\n", "encoding"),
    "a rich text": (b"{\\rtf1 a}", "format-unread"),
    "a page renamed": (b"<html><body>a</body></html>", "format-unread"),
    "an old workbook cut off": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 2000, "damaged"),
    "an old workbook with a password": (bombs.old_workbook([(0x2F, b"\x01\x00")]), "encrypted"),
    "an old workbook with a macro sheet": (
        bombs.old_workbook([(0x85, b"\x00\x00\x00\x00\x00\x01\x01\x00a")]),
        "macros",
    ),
    "an old workbook with a program": (bombs.old_office({"Workbook": b"", "_VBA_PROJECT_CUR": b""}), "macros"),
    "an old workbook of 65,536 rows": (bombs.old_workbook([bombs.old_cell(65_535, 0)]), "too-many-rows"),
    "an old workbook of 256 columns": (bombs.old_workbook([bombs.old_cell(0, 255)]), "too-many-columns"),
    "an old workbook with one merge over everything": (
        bombs.old_workbook([(0xE5, struct.pack("<5H", 1, 0, 65_535, 0, 255))]),
        "too-many-merges",
    ),
    "an old workbook whose chain returns to itself": (bombs.endless_chain(), "damaged"),
    "an old workbook whose record reaches over the end": (
        bombs.old_office({"Workbook": b"\x09\x08\xff\xff" + b"\x00" * 5000}),
        "damaged",
    ),
    "an old document": (bombs.old_office({"WordDocument": b"a"}), "format-unread"),
    "a document with a row of a thousand columns": (
        bombs.document('<w:tr><w:tc><w:tcPr><w:gridSpan w:val="1000"/></w:tcPr></w:tc></w:tr>'),
        "too-many-columns",
    ),
    "a document of 20,001 rows": (bombs.document("<w:tr><w:tc/></w:tr>" * 20_001), "too-many-rows"),
    "a document with a cell of 4001 characters": (
        bombs.document(f"<w:tr><w:tc><w:p><w:r><w:t>{'长' * 4001}</w:t></w:r></w:p></w:tc></w:tr>"),
        "text-too-long",
    ),
    "a document with a macro": (bombs.document("", ("word/vbaProject.bin", b"\x00")), "macros"),
    "a document with an entity bomb": (
        bombs.document("", doctype='<!DOCTYPE a [<!ENTITY b "c">]>'),
        "doctype",
    ),
    "a plain archive": (b"PK\x05\x06" + b"\x00" * 18, "format-unread"),
    "a workbook cut off": (books.content(books.SHANDONG)[:9000], "damaged"),
    "bytes of no kind": (bytes(range(256)) * 8, "format-unread"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_a_sentence_in_two_seconds(name: str) -> None:
    content, code = HOSTILE[name]
    start = time.process_time()
    with pytest.raises(Refused) as refused:
        check("台账.xlsx", BytesIO(content), Limits())
    assert time.process_time() - start < 2
    assert refused.value.code == code
    assert any("一" <= letter <= "鿿" for letter in refused.value.message)


def test_overlapping_entries_are_called_that() -> None:
    with pytest.raises(Refused, match="部件互相重叠"):
        check("台账.xlsx", BytesIO(bombs.overlapping()), Limits())


@pytest.mark.parametrize(
    "name", ["two hundred megabytes of blanks", "one merge over everything", "a hundred thousand levels"]
)
def test_a_bomb_costs_little_memory(name: str) -> None:
    content, _ = HOSTILE[name]
    tracemalloc.start()
    with pytest.raises(Refused):
        check("台账.xlsx", BytesIO(content), Limits())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 1024 * 1024


def test_a_sheet_of_incompressible_markup_is_stopped_by_its_size_or_its_work() -> None:
    noise = "".join(f"<b{number * 7919 % 99991}/>" for number in range(2_600_000))
    with pytest.raises(Refused) as refused:
        check("台账.xlsx", BytesIO(bombs.archive(sheet=f"<a>{noise}</a>")), Limits())
    assert refused.value.code in {"too-complex", "too-large"}


def test_a_token_without_end_is_not_kept_in_memory() -> None:
    noise = "".join(str(number * 7919 % 99991) for number in range(400_000))
    with pytest.raises(Refused) as refused:
        check("台账.xlsx", BytesIO(bombs.archive(sheet=f'<a b="{noise}"/>')), Limits())
    assert refused.value.code == "too-complex"


def test_a_long_shared_text_is_refused_at_the_cell_that_shows_it() -> None:
    content = books.workbook([["一级指标", "分值"], ["渠", 1], ["长" * 4001, 2]])
    with pytest.raises(Refused, match="工作表“台账”第 3 行第 1 列的文字超过 4000 字"):
        check("台账.xlsx", BytesIO(content), Limits())


def test_the_total_of_all_entries_is_counted_while_inflating() -> None:
    content = bombs.archive(*((f"xl/media/{n}.bin", bytes(range(256)) * 4000) for n in range(4)))
    with pytest.raises(Refused) as refused:
        check("台账.xlsx", BytesIO(content), replace(Limits(), inflated_size=3 * 1024 * 1024))
    assert refused.value.code == "too-large-inflated"


def test_an_archive_that_lies_about_its_sizes_is_damaged() -> None:
    content = bytearray(bombs.archive())
    at = content.find(b"PK\x01\x02")
    content[at + 24] ^= 1
    with pytest.raises(Refused) as refused:
        check("台账.xlsx", BytesIO(bytes(content)), Limits())
    assert refused.value.code == "damaged"


def test_formats_down_to_the_last_row_without_values_are_no_rows() -> None:
    rows = '<row r="1">' + bombs.CELL + '</row><row r="1048576"><c r="XFD1048576" s="1"/></row>'
    check("台账.xlsx", BytesIO(bombs.archive(sheet=bombs.page(rows))), Limits())


@pytest.mark.parametrize("reference", ["BM1", "$BM$1", "bm1", "$bm1"])
def test_a_column_too_many_is_counted_however_its_address_is_written(reference: str) -> None:
    rows = f'<row r="1"><c r="{reference}"><v>1</v></c></row>'
    with pytest.raises(Refused, match="用到第 65 列，最多 64 列"):
        check("台账.xlsx", BytesIO(bombs.archive(sheet=bombs.page(rows))), Limits())


@pytest.mark.parametrize("reference", ["", "7", "ABCD1", "A", "A12345678", "A1B", "甲1", "x" * 5000])
def test_a_cell_whose_address_is_none_stands_right_of_the_one_before(reference: str) -> None:
    before = "<c r='BL1'><v>1</v></c>"
    rows = f'<row r="1">{before}<c r="{reference}"><v>1</v></c></row>'
    with pytest.raises(Refused, match="用到第 65 列，最多 64 列"):
        check("台账.xlsx", BytesIO(bombs.archive(sheet=bombs.page(rows))), Limits())


def test_an_old_drawing_that_is_not_well_formed_is_let_through() -> None:
    check("台账.xlsx", BytesIO(bombs.archive(("xl/drawings/vmlDrawing1.vml", "<xml><div>a<br></div></xml>"))), Limits())


@pytest.mark.parametrize("name", books.ALL)
def test_real_ledgers_pass_and_the_stream_is_left_at_its_start(name: str) -> None:
    stream = BytesIO(books.content(name))
    check(name, stream, Limits())
    assert stream.tell() == 0


def test_the_content_counts_and_not_the_suffix() -> None:
    assert read("台账.csv", books.content(books.SHANDONG)).source.format == "xlsx"


def test_a_workbook_without_a_table_of_indicators_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        read("名单.xlsx", books.workbook([["姓名", "电话"], ["甲", "1"]]))
    assert refused.value.code == "no-ledger"


def test_bytes_that_came_through_the_guard_are_not_counted_again_and_others_are() -> None:
    content = books.workbook([["一级指标", "分值"], ["公开", 1]])
    digest = hashlib.sha256(content).hexdigest()
    tight = Limits(cells=1)
    assert open_book("台账.xlsx", content, tight, checked=digest).format == "xlsx"
    for told in ("", "0" * 64):
        with pytest.raises(Refused, match="单元格超过 1 个"):
            open_book("台账.xlsx", content, tight, checked=told)


@pytest.mark.parametrize("name", books.ALL)
def test_the_kind_of_a_file_is_the_same_with_and_without_counting(name: str) -> None:
    content = books.content(name)
    assert guard.kind_of(content, Limits()) == guard.check(name, BytesIO(content), Limits())
