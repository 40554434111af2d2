"""A sheet is shown in its own layout, and every cell says what it was taken for."""

import json
from pathlib import Path

from indicators.reading import Layout, Limits, open_book, read_book, snapshot
from indicators.reading.formats.grid import Grid
from indicators.reading.shown import ShownCell, ShownSheet, show

FILES = Path(__file__).resolve().parents[3] / "fixtures" / "ledgers"


def opened(name: str) -> tuple[Grid, ShownSheet]:
    book = open_book(name, (FILES / name).read_bytes(), Limits())
    ledger = read_book(book).ledgers[0]
    return book.grids[0], show(book.grids[0], Layout(), ledger.findings)


def at(sheet: ShownSheet, address: str) -> ShownCell:
    return next(cell for row in sheet.rows for cell in row.cells if cell.address == address)


def test_the_shandong_sheet_keeps_its_merged_cells_and_names_its_rows_and_columns() -> None:
    _, sheet = opened("shandong-hrss-2019-ledger.xlsx")
    assert [column.role for column in sheet.columns] == [
        *(f"level-{number}" for number in range(1, 6)),
        *("points", "unit", "method"),
    ]
    assert [row.word for row in sheet.rows[:4]] == ["标题", "标题", "表头", ""]
    first = at(sheet, "A4")
    assert (first.kind, first.rows, first.columns) == ("level", 31, 1)
    assert at(sheet, "F4").kind == "points"
    assert sum(cell.rows * cell.columns for row in sheet.rows for cell in row.cells) == sheet.height * 8


def test_a_cell_knows_the_findings_that_speak_of_it() -> None:
    book = open_book("a.xlsx", (FILES / "shandong-hrss-2019-ledger.xlsx").read_bytes(), Limits())
    findings = read_book(book).ledgers[0].findings
    sheet = show(book.grids[0], Layout(), findings)
    cell = at(sheet, "A4")
    assert cell.mark == "doubtful"
    assert [findings[number].code for number in cell.findings] == ["points-mismatch"]


def test_pages_that_print_the_header_again_and_notes_are_told_apart() -> None:
    _, sheet = opened("langao-2023-breakdown.xlsx")
    words = [row.word for row in sheet.rows]
    assert words.count("表头重复") == 14
    assert "说明" in words


def test_a_part_of_a_sheet_cuts_merged_cells_to_its_rows() -> None:
    grid, _ = opened("shandong-hrss-2019-ledger.xlsx")
    part = show(grid, Layout(), (), first=10, most=5)
    assert [row.number for row in part.rows] == [11, 12, 13, 14, 15]
    assert part.rows[0].cells[0].address == "A4"
    assert part.rows[0].cells[0].rows == 5
    assert sum(cell.rows * cell.columns for row in part.rows for cell in row.cells) == 5 * 8


def test_rows_and_columns_that_a_person_named_are_marked_as_told() -> None:
    grid, _ = opened("county-department-2022-selfcheck.xlsx")
    sheet = show(grid, Layout(roles={8: "remark"}, skipped=(5,)), ())
    assert (sheet.columns[8].role, sheet.columns[8].told) == ("remark", True)
    assert (sheet.rows[4].kind, sheet.rows[4].told) == ("skipped", "skip")


def test_a_sheet_survives_being_kept_and_a_long_one_is_cut() -> None:
    for path in sorted(FILES.iterdir()):
        for grid in open_book(path.name, path.read_bytes(), Limits()).grids:
            kept = json.loads(json.dumps(snapshot.as_json(grid)))
            again = snapshot.from_json(kept)
            assert kept["whole"]
            assert [list(row) for row in again.rows] == [list(row) for row in grid.rows]
            assert again.merged == grid.merged
            assert (again.hidden_rows, again.unreckoned, again.prose) == (grid.hidden_rows, grid.unreckoned, grid.prose)
    short = snapshot.as_json(grid, most=2)
    assert not short["whole"]
    assert snapshot.from_json(short).height == 2
