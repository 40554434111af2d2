"""A workbook goes out looking as it came in; what is new looks like what stands beside it."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from indicators.reading import Limits, open_book, read_book
from indicators.reading.drafts import LedgerDraft, NodeDraft
from indicators.reading.formats.grid import Grid
from indicators.writing import lay_out, looks_of, xlsx
from indicators.writing.looks import Looks
from tests.indicators.writing.test_pages import COUNTY, FILES, HEBEI, SHANDONG

THICK = Side(style="medium", color="FFB3261E")


def opened(content: bytes) -> tuple[LedgerDraft, Grid, Looks | None]:
    book = open_book("x.xlsx", content, Limits())
    (draft,) = read_book(book).ledgers
    grid = next(one for one in book.grids if one.sheet == draft.sheet)
    return draft, grid, looks_of(content, grid)


def sheet_of(content: bytes, name: str | None = None) -> Worksheet:
    book = load_workbook(BytesIO(content))
    sheet = book[name] if name else book.active
    assert isinstance(sheet, Worksheet)
    return sheet


def out(content: bytes, nodes: list[NodeDraft] | None = None) -> Worksheet:
    """The sheet as it goes out with these nodes in place of those that were read."""
    then, grid, looks = opened(content)
    now = then if nodes is None else replace(then, nodes=tuple(nodes))
    origins = {node.id: node.id for node in now.nodes if node.id <= len(then.nodes)}
    page = lay_out(now, then, grid, None, origins)
    assert page.own
    return sheet_of(xlsx(page, looks))


def worn(cell: Any) -> str:
    return repr((cell.font, cell.fill, cell.border, cell.alignment, cell.number_format))


def cells(sheet: Worksheet) -> Iterator[Any]:
    return (cell for row in sheet.iter_rows() for cell in row)


def measures(sheet: Worksheet) -> tuple[dict[str, float], dict[int, float | None]]:
    widths = {letter: one.width for letter, one in sheet.column_dimensions.items()}
    return widths, {row: one.height for row, one in sheet.row_dimensions.items() if one.height is not None}


@pytest.mark.parametrize("name", [SHANDONG, COUNTY, HEBEI])
def test_every_cell_width_and_height_goes_out_as_it_came(name: str) -> None:
    content = (FILES / name).read_bytes()
    before, after = sheet_of(content, opened(content)[1].sheet), out(content)
    assert [worn(cell) for cell in cells(after)] == [worn(cell) for cell in cells(before)]
    assert measures(after) == measures(before)
    assert after.merged_cells.ranges == before.merged_cells.ranges


@cache
def office_book() -> bytes:
    """A ledger as an office dresses it: colours, framed, points with two decimals, portrait, its own titles."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "台账"
    sheet.append(["2026年政务公开考核台账"])
    sheet.merge_cells("A1:E1")
    sheet["A1"].font = Font(name="方正小标宋简体", size=22)
    sheet["A1"].alignment = Alignment(horizontal="center", vertical="center")
    sheet.append(["一级指标", "二级指标", "分值", "责任单位", "完成时限"])
    for row, (top, name, points) in enumerate(
        [("主动公开", "机构职能", 0.5), (None, "政策文件", 2), (None, "会议", 1.25)], 3
    ):
        sheet.append([top, name, points, "办公室", 46000 + row])
        sheet.row_dimensions[row].height = 42
        for cell in sheet[row]:
            cell.font = Font(name="仿宋_GB2312", size=12, color="FF1C4F91")
            cell.fill = PatternFill("solid", fgColor="FFFFF4D6" if row % 2 else "FFFFFFFF")
            cell.border = Border(left=THICK, right=THICK, top=THICK, bottom=THICK)
            cell.alignment = Alignment(vertical="center", wrap_text=True)
        sheet.cell(row, 3).number_format = "0.00"
        sheet.cell(row, 5).number_format = "yyyy年m月d日"
    sheet.merge_cells("A3:A5")
    sheet.column_dimensions["A"].width = 13.5
    sheet.column_dimensions["B"].width = 33
    sheet.column_dimensions["E"].hidden = True
    sheet.row_dimensions[1].height = 51.75
    set_up(sheet)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def set_up(sheet: Worksheet) -> None:
    sheet.page_setup.orientation = "portrait"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.scale = 85
    sheet.page_margins.left = 0.3
    sheet.print_options.horizontalCentered = True
    sheet.print_title_rows = "1:2"
    sheet.print_area = "A1:E5"
    sheet.oddFooter.center.text = "内部资料"
    sheet.sheet_view.zoomScale = 130
    sheet.sheet_properties.tabColor = "FFB3261E"


def grown() -> tuple[list[NodeDraft], NodeDraft]:
    """The nodes of the office's book with a new item in the middle."""
    nodes = list(opened(office_book())[0].nodes)
    at = next(at for at, node in enumerate(nodes) if node.name == "政策文件")
    new = nodes[at]._replace(id=99, name="新增的事项", declared=Decimal("0.125"), extra={}, deadlines=())
    return [*nodes[: at + 1], new, *nodes[at + 1 :]], new


def test_the_page_set_up_goes_out_as_it_came() -> None:
    sheet = out(office_book())
    assert (sheet.page_setup.orientation, sheet.page_setup.scale) == ("portrait", 85)
    assert not sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.print_title_rows, sheet.print_area) == ("$1:$2", "'台账'!$A$1:$E$5")
    assert (sheet.page_margins.left, sheet.print_options.horizontalCentered) == (0.3, True)
    assert (sheet.oddFooter.center.text, sheet.sheet_view.zoomScale) == ("内部资料", 130)
    assert sheet.sheet_properties.tabColor.rgb == "FFB3261E"
    assert sheet.column_dimensions["E"].hidden


def test_numbers_and_dates_stay_numbers_and_dates() -> None:
    sheet = out(office_book())
    assert (sheet["C3"].value, sheet["C3"].number_format) == (0.5, "0.00")
    assert sheet["E4"].is_date
    assert sheet["E4"].number_format == "yyyy年m月d日"


def test_a_new_row_looks_like_its_neighbours() -> None:
    nodes, new = grown()
    sheet = out(office_book(), nodes)
    assert sheet["B5"].value == new.name
    assert worn(sheet["B5"]) == worn(sheet["B4"])
    assert worn(sheet["D5"]) == worn(sheet["D4"])
    assert sheet.row_dimensions[5].height == 42
    assert worn(sheet["B6"]) == worn(sheet_of(office_book())["B5"])
    assert sheet.print_area == "'台账'!$A$1:$E$6"
    assert "A3:A6" in {str(one) for one in sheet.merged_cells.ranges}


def test_a_format_that_would_show_another_number_gives_way() -> None:
    nodes, _ = grown()
    sheet = out(office_book(), nodes)
    assert (sheet["C5"].value, sheet["C5"].number_format) == (0.125, "General")
    assert sheet["C4"].number_format == "0.00"


def test_a_row_grows_where_its_new_words_need_more_room() -> None:
    nodes = list(opened(office_book())[0].nodes)
    item = next(node for node in nodes if node.name == "机构职能")
    longer = [item._replace(name="机构职能及其调整情况" * 12) if node is item else node for node in nodes]
    sheet = out(office_book(), longer)
    assert (sheet.row_dimensions[3].height, sheet.row_dimensions[4].height) == (None, 42)


def test_a_column_that_is_added_looks_like_the_one_before_it() -> None:
    nodes = [node._replace(methods=("网站采集",)) if node.is_item else node for node in opened(office_book())[0].nodes]
    sheet = out(office_book(), nodes)
    assert sheet["F3"].value == "网站采集"
    assert repr(sheet["F3"].fill) == repr(sheet["E3"].fill)
    assert not sheet.column_dimensions["F"].hidden
    assert sheet.print_area == "'台账'!$A$1:$F$5"


def test_other_files_and_broken_styles_have_no_looks() -> None:
    content = office_book()
    grid = opened(content)[1]
    assert looks_of(b"no workbook", grid) is None
    assert looks_of((FILES / "langao-2023-breakdown.docx").read_bytes(), grid) is None
    assert looks_of(content.replace(b"xl/styles.xml", b"xl/stylez.xml"), grid) is None
    assert looks_of(content, replace(grid, sheet="别的")) is None
