"""One ledger in every format it comes in: the same words in the same cells."""

import struct
import zipfile
from io import BytesIO

import pytest
from openpyxl import Workbook

from indicators.reading import Reading, Refused, read
from indicators.reading.drafts import LedgerDraft
from indicators.reading.formats import marks, serials
from tests.indicators.reading import bombs, books

ROWS = [
    ["2024年政务公开考核台账", "", "", ""],
    ["一级指标", "评估点", "分值", "责任单位"],
    ["公开（3）", "栏目", "1", "办公室、规财处"],
    ["", "更新", "2", "监察处"],
]
TEXT = "\n".join(",".join(f'"{cell}"' if "、" in cell else cell for cell in row) for row in ROWS)


def _shape(ledger: LedgerDraft) -> list[tuple[int, str, object, tuple[str, ...]]]:
    return [(n.level, n.name, n.declared, tuple(one.name for one in n.responsibilities)) for n in ledger.nodes]


def _only(name: str, content: bytes) -> LedgerDraft:
    (found,) = read(name, content).ledgers
    return found


def _codes(reading: Reading) -> list[tuple[str, str]]:
    return [(finding.code, finding.cells) for ledger in reading.ledgers for finding in ledger.findings]


SHAPE = _shape(_only("台账.xlsx", books.workbook(ROWS, ["A3:A4"])))


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode("utf-8"),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("gb18030"),
        TEXT.encode("utf-16"),
        TEXT.replace(",", ";").encode("utf-8"),
        TEXT.replace(",", "\t").encode("gb18030"),
        TEXT.replace("\n", "\r\n").encode("utf-8"),
    ],
    ids=["UTF-8", "UTF-8 with mark", "GB18030", "UTF-16", "semicolons", "tabs", "Windows lines"],
)
def test_a_text_reads_like_the_workbook(content: bytes) -> None:
    reading = read("台账.csv", content)
    assert reading.source.format == "csv"
    assert _shape(reading.ledgers[0]) == SHAPE
    assert reading.ledgers[0].title == "2024年政务公开考核台账"


def test_a_text_with_line_breaks_in_quotes_keeps_its_cells() -> None:
    ledger = _only("台账.csv", '一级指标,评估点,分值\n公开,"栏目\n设置",1\n'.encode())
    assert [node.criteria for node in ledger.nodes] == ["栏目\n设置"]


def test_a_document_with_one_table_reads_like_the_workbook() -> None:
    content = books.document(ROWS[0][0], ROWS[1:], merges=[(1, 0, 2, 0)])
    reading = read("台账.docx", content)
    assert reading.source.format == "docx"
    assert reading.source.sheets == ("表1",)
    assert _shape(reading.ledgers[0]) == SHAPE
    assert reading.ledgers[0].nodes[0].cells == "表1!A3:A4"


def test_a_table_split_over_pages_with_its_header_printed_again_is_one_ledger() -> None:
    pages = [[ROWS[1], ["公开（3）", "栏目", "1", "办公室、规财处"]], [ROWS[1], ["公开 (3)", "更新", "2", "监察处"]]]
    ledger = _only("台账.docx", books.document(ROWS[0][0], pages[0], "第 1 页", pages[1], "备注：被表扬的加1分。"))
    assert [(n.level, n.name) for n in ledger.nodes] == [(1, "公开"), (2, "栏目"), (2, "更新")]
    assert [one.points for one in ledger.adjustments] == [1]


def test_a_table_that_goes_on_behind_blank_lines_without_a_header_is_one_ledger() -> None:
    ledger = _only("台账.docx", books.document(ROWS[0][0], ROWS[1:3], "", [["解读", "形式", "2", "办公室"]]))
    assert [(n.level, n.name) for n in ledger.nodes] == [(1, "公开"), (1, "解读")]


def test_two_tables_of_a_document_are_two_ledgers_and_a_third_is_told() -> None:
    other = [["一级指标", "考核内容", "分值"], ["解读", "形式", "5"]]
    content = books.document("部门台账", ROWS[1:], "乡镇台账", other, "联系人名单", [["姓名", "电话"], ["甲", "1"]])
    reading = read("台账.docx", content)
    assert [(ledger.sheet, len(ledger.nodes)) for ledger in reading.ledgers] == [("表1", 3), ("表2", 1)]
    assert ("sheet-skipped", "表3") in _codes(reading)


def test_cells_merged_sideways_in_a_document_are_one_node() -> None:
    header = ["一级指标", "二级指标", "评估点", "分值"]
    rows = [header, ["公开", "渠道", "栏目", "1"], ["解读", "", "形式", "2"], ["", "", "时效", "2"]]
    content = books.document("台账", rows, merges=[(2, 0, 3, 1)])
    assert [(n.level, n.name) for n in _only("台账.docx", content).nodes] == [
        (1, "公开"),
        (2, "渠道"),
        (1, "解读"),
        (2, "形式"),
        (2, "时效"),
    ]


CELL = "<w:tc><w:tcPr><w:tcW w:w='{0}'/>{1}</w:tcPr><w:p><w:r><w:t>{2}</w:t></w:r></w:p></w:tc>"


def _cells(*cells: tuple[str, str]) -> str:
    return "<w:tr>" + "".join(CELL.format(1, about, text) for text, about in cells) + "</w:tr>"


def test_hand_drawn_columns_whose_edges_almost_meet_are_one_column() -> None:
    grid = "<w:tblGrid>" + "".join(f'<w:gridCol w:w="{width}"/>' for width in (2000, 60, 3000, 1000)) + "</w:tblGrid>"
    wide = '<w:gridSpan w:val="2"/>'
    content = bombs.document(
        grid
        + _cells(("一级指标", wide), ("评估点", ""), ("分值", ""))
        + _cells(("公开", ""), ("栏目", wide), ("2", ""))
    )
    (node,) = _only("台账.docx", content).nodes
    assert (node.name, node.criteria, str(node.declared)) == ("公开", "栏目", "2")


def test_deleted_words_of_a_document_are_not_read() -> None:
    row = (
        "<w:tr><w:tc><w:p><w:r><w:t>公开</w:t></w:r><w:del><w:r><w:t>旧</w:t></w:r></w:del>"
        "<w:ins><w:r><w:t>栏目</w:t></w:r></w:ins></w:p></w:tc><w:tc><w:p><w:r><w:t>3</w:t></w:r></w:p></w:tc></w:tr>"
    )
    content = bombs.document(_cells(("一级指标", ""), ("分值", "")) + row)
    assert [node.name for node in _only("台账.docx", content).nodes] == ["公开栏目"]


def test_numbers_that_word_counts_itself_are_part_of_the_words() -> None:
    assert [serials.chinese(number) for number in (1, 10, 11, 21, 99, 100)] == [
        "一",
        "十",
        "十一",
        "二十一",
        "九十九",
        "100",
    ]
    word = books.document("台账", [["序号", "指标名称", "分值"], ["〇", "公开", "1"], ["〇", "解读", "2"]])
    numbering = (
        f'<w:numbering xmlns:w="{bombs.WORD}"><w:abstractNum w:abstractNumId="7"><w:lvl w:ilvl="0"><w:start w:val="4"/>'
        '<w:numFmt w:val="decimal"/><w:lvlText w:val="%1"/></w:lvl></w:abstractNum>'
        '<w:num w:numId="5"><w:abstractNumId w:val="7"/></w:num></w:numbering>'
    )
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(word)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            text = old.read(entry).decode("utf-8", "surrogateescape")
            if entry.filename == "word/document.xml":
                mark = '<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="5"/></w:numPr></w:pPr>'
                text = text.replace("<w:p><w:r><w:t>〇</w:t></w:r></w:p>", f"<w:p>{mark}</w:p>")
            if entry.filename == "word/numbering.xml":
                text = numbering
            new.writestr(entry.filename, text.encode("utf-8", "surrogateescape"))
    assert [node.number for node in _only("台账.docx", out.getvalue()).nodes] == ["4", "5"]


# -- what workbooks show beside their values


def _shown(book: Workbook) -> Reading:
    out = BytesIO()
    book.save(out)
    return read("台账.xlsx", out.getvalue())


def _book(rows: list[list[object]]) -> Workbook:
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "台账"
    for row in rows:
        page.append(row)
    return book


HEADER: list[object] = ["一级指标", "评估点", "分值", "责任单位"]


def test_hidden_rows_columns_and_sheets_are_read_and_told() -> None:
    book = _book([HEADER, ["公开", "栏目", 1, "办公室"], ["解读", "形式", 2, "办公室"]])
    page = book["台账"]
    page.row_dimensions[3].hidden = True
    page.column_dimensions["D"].hidden = True
    second = book.create_sheet("去年")
    second.append(HEADER)
    second.append(["回应", "时效", 3, "办公室"])
    second.sheet_state = "hidden"
    reading = _shown(book)
    assert [len(ledger.nodes) for ledger in reading.ledgers] == [2, 1]
    assert set(_codes(reading)) == {
        ("rows-hidden", "台账!A3"),
        ("columns-hidden", "台账!D1"),
        ("sheet-hidden", "去年"),
    }


def test_a_formula_whose_value_was_never_stored_is_told() -> None:
    reading = _shown(_book([HEADER, ["公开", "栏目", "=1+1", "办公室"]]))
    assert ("formula-without-value", "台账!C2") in _codes(reading)


def test_an_error_in_a_points_cell_is_told() -> None:
    book = _book([HEADER, ["公开", "栏目", "#REF!", "办公室"]])
    book["台账"]["C2"].data_type = "e"
    assert ("points-unreadable", "台账!C2") in _codes(_shown(book))


def test_numbers_shown_as_per_cent_are_read_as_shown() -> None:
    book = _book([["一级指标", "评估点", "分值", "目标值"], ["公开", "栏目", 1, 0.125]])
    book["台账"]["D2"].number_format = "0.0%"
    (node,) = _shown(book).ledgers[0].nodes
    assert node.extra == {"目标值": "12.5%"}


def test_marks_of_an_old_workbook_are_found_in_its_records() -> None:
    content = bombs.old_workbook(
        [
            (0xE0, struct.pack("<2H16s", 0, 9, b"")),
            (0xE0, struct.pack("<2H16s", 0, 0, b"")),
            (0x208, struct.pack("<6H2H", 4, 0, 3, 255, 0, 0, 0x20, 0)),
            (0x7D, struct.pack("<6H", 2, 3, 100, 0, 1, 0)),
            (0x203, struct.pack("<3Hd", 1, 2, 0, 0.4)),
            (0x203, struct.pack("<3Hd", 1, 3, 1, 0.4)),
            (0x205, struct.pack("<3H2B", 2, 2, 1, 7, 1)),
        ]
    )
    (found,) = marks.of_xls(content).values()
    assert (found.hidden_rows, found.hidden_columns) == ([4], [2, 3])
    assert (found.percents, list(found.errors)) == ({(1, 2)}, [(2, 2)])


# -- files of other kinds say what they are


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.xls", b"<html><table><tr><td>1</td></tr></table></html>", "网页"),
        ("a.xls", b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', "网页或 XML"),
        ("a.doc", bombs.old_office({"WordDocument": b"a"}), "旧版 Word 文档"),
        ("a.pdf", b"%PDF-1.4", "PDF"),
        ("a.txt", "今天开会。".encode(), "没有找到指标表"),
    ],
)
def test_a_file_of_another_kind_is_called_by_its_name(name: str, content: bytes, words: str) -> None:
    with pytest.raises(Refused, match=words):
        read(name, content)


UNTITLED = "一级指标,评估点,分值\n公开（3）,栏目,1\n,更新,2\n".encode()


def test_text_without_a_title_is_called_as_its_file() -> None:
    ledger = _only("2024年政务公开考核台账.csv", UNTITLED)
    assert (ledger.title, ledger.year, ledger.sheet) == ("2024年政务公开考核台账", 2024, "文本")


def test_a_title_printed_in_the_text_stands_before_the_name_of_its_file() -> None:
    assert _only("下载（3）.csv", TEXT.encode()).title == "2024年政务公开考核台账"
