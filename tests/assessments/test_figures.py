"""How numbers are written, and how they leave in files."""

import csv
import io
from decimal import Decimal

import openpyxl
import pytest

from assessments import figures
from assessments.tables import Column, Table, as_csv, as_xlsx

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1")


@pytest.mark.parametrize(
    ("value", "column", "total"),
    [("0.5", "0.50", "0.5"), ("4.0000", "4.00", "4"), ("0.125", "0.125", "0.125"), ("63.5", "63.50", "63.5")],
)
def test_points_line_up_in_columns_and_totals_are_written_as_people_do(value: str, column: str, total: str) -> None:
    assert figures.points(Decimal(value)) == column
    assert figures.total(Decimal(value)) == total


def test_what_is_not_there_is_no_zero() -> None:
    assert (figures.points(None), figures.total(None), figures.rate(None)) == ("", "—", "—")
    assert figures.share(Decimal(0), Decimal(0)) is None
    assert figures.lost(Decimal(0)) == "0.00"
    assert figures.lost(Decimal("0.5")) == "−0.50"


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_becomes_a_formula_in_a_file(text: str) -> None:
    table = Table((Column("原因"),), [[text]])
    [_, [cell]] = list(csv.reader(io.StringIO(as_csv(table).decode("utf-8-sig"), newline="")))
    assert cell == f"'{text}"
    stored = openpyxl.load_workbook(io.BytesIO(as_xlsx(table, "清单"))).active["A2"]
    assert stored.data_type == "s"


def test_numbers_stay_numbers_and_exact() -> None:
    table = Table((Column("得分", points=True), Column("项数")), [[Decimal("0.25"), 3], [None, None]])
    assert as_csv(table).decode("utf-8-sig").splitlines() == ["得分,项数", "0.25,3", ","]
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx(table, "a/b:c" * 20))).active
    assert [cell.value for cell in sheet[2]] == [0.25, 3]
    assert sheet["A2"].number_format == "0.00##"
    assert len(sheet.title) <= 31
