"""Damaged workbooks: whatever happened to the bytes, they are read or refused, and nothing else.

DAMAGED=2000 tries that many of them instead of the everyday few hundred.
"""

import os
import time
import zipfile
from io import BytesIO

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indicators.reading import Reading, Refused, read
from tests.indicators.reading import books

WHOLE = books.content(books.COUNTY)
SMALL = books.workbook(
    [["一级指标", "评估点", "分值", "责任单位"], ["公开（2）", "栏目", 1, "办公室"], ["", "更新", 1, ""]], ["A2:A3"]
)
WORD = books.document("2024年台账", [["一级指标", "评估点", "分值"], ["公开（2）", "栏目", "1"], ["", "更新", "1"]])
NOTICE = books.content(books.WORK_POINTS)
OLD = books.content(books.EPIDEMIC)
TEXT = "一级指标,评估点,分值\n公开（2）,栏目,1\n,更新,1\n".encode("gb18030")
SECONDS = 5
MANY = int(os.environ.get("DAMAGED", "300"))
KINDS = [WHOLE, SMALL, WORD, NOTICE, OLD, TEXT]


def _outcome(content: bytes) -> Reading | Refused:
    began = time.process_time()
    try:
        return read("台账.xlsx", content)
    except Refused as refused:
        return refused
    finally:
        assert time.process_time() - began < SECONDS


@settings(max_examples=MANY, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), content=st.sampled_from(KINDS))
def test_flipped_and_cut_bytes_are_read_or_refused(data: st.DataObject, content: bytes) -> None:
    damaged = bytearray(content)
    for _ in range(data.draw(st.integers(0, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.one_of(st.just(len(damaged)), st.integers(0, len(damaged))))
    outcome = _outcome(bytes(damaged[:end]))
    if isinstance(outcome, Refused):
        assert outcome.message.endswith(("上传", "表格"))
    else:
        assert outcome.ledgers


PAGE = zipfile.ZipFile(BytesIO(SMALL)).read("xl/worksheets/sheet1.xml").decode()
PIECES = st.sampled_from(
    ["A1", "B3", "ZZ9", 'r=""', 't="s"', 't="e"', "<v>", "</c>", "<c/>", "<row/>", "9" * 30, "-1", "&lt;", "A2:A1", ":"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(PAGE)), st.integers(0, 12), PIECES), min_size=1, max_size=4))
def test_a_sheet_whose_markup_was_tampered_with_is_read_or_refused(cuts: list[tuple[int, int, str]]) -> None:
    page = PAGE
    for at, length, piece in cuts:
        page = page[:at] + piece + page[at + length :]
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(SMALL)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            tampered = entry.filename == "xl/worksheets/sheet1.xml"
            new.writestr(entry.filename, page if tampered else old.read(entry))
    assert isinstance(_outcome(out.getvalue()), Reading | Refused)


STREAM = OLD.find(b"\x09\x08")


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, len(OLD) - 1 - STREAM), st.binary(min_size=1, max_size=4)), max_size=8))
def test_an_old_workbook_whose_records_were_tampered_with_is_read_or_refused(cuts: list[tuple[int, bytes]]) -> None:
    content = bytearray(OLD)
    for at, piece in cuts:
        content[STREAM + at : STREAM + at + len(piece)] = piece[: len(content) - STREAM - at]
    assert isinstance(_outcome(bytes(content)), Reading | Refused)


def test_an_old_workbook_that_claims_more_room_than_the_format_has_is_refused() -> None:
    at = OLD.index(b"\x00\x02\x0e\x00", STREAM) + 4
    content = bytearray(OLD)
    content[at : at + 12] = (0).to_bytes(4, "little") + (65_536).to_bytes(4, "little") + b"\x00\x00\xff\xff"
    assert isinstance(_outcome(bytes(content)), Refused)


BODY = zipfile.ZipFile(BytesIO(WORD)).read("word/document.xml").decode()
TAGS = st.sampled_from(
    [
        "<w:tr/>",
        "<w:tc/>",
        '<w:vMerge w:val="continue"/>',
        '<w:gridSpan w:val="3"/>',
        "<w:tbl/>",
        "</w:p>",
        "<w:p/>",
        "&",
        "",
    ]
)
AT = st.sampled_from([at for at, letter in enumerate(BODY) if letter == "<"])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(AT, st.sampled_from([0, 0, 7, 40]), TAGS), min_size=1, max_size=4))
def test_a_document_whose_markup_was_tampered_with_is_read_or_refused(cuts: list[tuple[int, int, str]]) -> None:
    body = BODY
    for at, length, piece in sorted(cuts, reverse=True):
        body = body[:at] + piece + body[at + length :]
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(WORD)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            new.writestr(entry.filename, body if entry.filename == "word/document.xml" else old.read(entry))
    assert isinstance(_outcome(out.getvalue()), Reading | Refused)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_bytes_that_are_no_workbook_are_refused(content: bytes) -> None:
    assert isinstance(_outcome(content), Refused)


CELL = st.one_of(
    st.none(),
    st.sampled_from(
        [
            "一级指标",
            "评估点",
            "分值",
            "责任单位",
            "合计",
            "备注",
            "——",
            "一、",
            "公开（5）",
            "（2",
            "1.甲【2分】;2.乙【x】",
            "0.5",
        ]
    ),
    st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="".join(map(chr, range(32)))), max_size=8),
    st.integers(-5, 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.datetimes(),
)
MERGES = st.lists(
    st.tuples(st.integers(1, 12), st.integers(0, 5), st.integers(0, 4), st.integers(0, 3)), max_size=6
).map(lambda found: [f"{chr(65 + c)}{r}:{chr(65 + min(c + w, 6))}{r + h}" for r, c, h, w in found])


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.permutations(["序号", "一级指标", "二级指标", "评估点", "分值", "责任单位", "得分"]),
    st.lists(st.lists(CELL, min_size=7, max_size=7), max_size=10),
    MERGES,
)
def test_any_rows_under_a_header_are_read_or_refused(
    heading: list[str], rows: list[list[object]], merges: list[str]
) -> None:
    outcome = _outcome(books.workbook([heading, *rows], merges))
    if isinstance(outcome, Reading):
        for ledger in outcome.ledgers:
            ids = [node.id for node in ledger.nodes]
            assert ids == list(range(1, len(ids) + 1))
            assert all(node.parent is None or node.parent < node.id for node in ledger.nodes)
            assert all(1 <= node.level <= 5 for node in ledger.nodes)
            parents = {node.parent for node in ledger.nodes}
            assert all(node.is_item == (node.id not in parents) for node in ledger.nodes)
