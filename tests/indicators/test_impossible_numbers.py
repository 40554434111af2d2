"""What can never be points (1e308, NaN, Infinity) turns the whole file away, naming its cell; nothing is stored."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from indicators.models import Indicator, Ledger, Upload, UploadState
from tests.indicators.reading import books
from tests.indicators.test_import_pages import send, work
from units.models import Organisation

HEADER = ["一级指标", "评估点", "分值", "得分"]
NEVER: list[object] = [1e308, -1e308, 1e31, "1e308", "1E+308", "NaN", "nan", "Infinity", "-inf", "∞", "9" * 40]


def _book(points: object, score: object = "") -> bytes:
    return books.workbook([["2024年考核台账"], HEADER, ["公开", "栏目", 1, 1], ["公开", "更新", points, score]])


def _raw(value: str) -> bytes:
    """A workbook whose C4 is a number with this text, as no library would write it."""
    rows = "".join(
        f'<row r="{row}">{"".join(cells)}</row>'
        for row, cells in (
            (1, [_words("A1", "一级指标"), _words("B1", "评估点"), _words("C1", "分值")]),
            (2, [_words("A2", "公开"), _words("B2", "栏目"), '<c r="C2"><v>1</v></c>']),
            (3, [_words("A3", "公开"), _words("B3", "更新"), f'<c r="C3"><v>{value}</v></c>']),
        )
    )
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return books.with_page(f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>')


def _words(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


@pytest.mark.parametrize("value", NEVER)
def test_the_command_refuses_the_file_and_names_the_cell(
    organisation: Organisation, tmp_path: Path, value: object
) -> None:
    path = tmp_path / "台账.xlsx"
    path.write_bytes(_book(value))
    with pytest.raises(CommandError, match=r"台账!C4 的分值“.*”不是能计算的数") as refused:
        call_command("import_ledger", path, organisation=organisation.name)
    assert refused.value.returncode == 1
    assert not Ledger.objects.exists()
    assert not Indicator.objects.exists()


@pytest.mark.parametrize("value", ["NaN", "INF", "1e308", "1e999"])
def test_numbers_that_no_office_program_writes_are_refused_too(tmp_path: Path, value: str) -> None:
    path = tmp_path / "台账.xlsx"
    path.write_bytes(_raw(value))
    with pytest.raises(CommandError, match=r"C3 的分值|已损坏"):
        call_command("import_ledger", path, "--dry-run")


def test_a_score_that_is_no_number_to_reckon_with_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "台账.xlsx"
    path.write_bytes(_book(2, "1e308"))
    with pytest.raises(CommandError, match="台账!D4 的得分“1e308”不是能计算的数"):
        call_command("import_ledger", path, "--dry-run")


@pytest.mark.parametrize("value", [1e308, "NaN"])
def test_the_desk_says_the_same_and_stores_nothing(client: Client, value: object) -> None:
    send(client, _book(value))
    work()
    upload = Upload.objects.get()
    assert upload.state == UploadState.REFUSED
    page = client.get(f"/imports/{upload.pk}/").content.decode()
    assert "台账!C4 的分值" in page
    assert "不是能计算的数" in page
    assert not Ledger.objects.exists()


@pytest.mark.parametrize("value", ["待定", "1e3", "1234567", "5²"])
def test_words_in_place_of_points_are_a_fault_of_their_cell_and_no_points(value: str) -> None:
    ledger = books.sheet([["2024年考核台账"], HEADER, ["公开", "栏目", 1, ""], ["公开", "更新", value, ""]])
    (finding,) = [one for one in ledger.findings if one.code == "points-unreadable"]
    assert (finding.severity, finding.cells) == ("error", "台账!C4")
    assert [node.declared for node in ledger.nodes if node.name == "更新"] == [None]


def test_the_same_words_in_a_remark_harm_nobody() -> None:
    rows = [[*HEADER, "备注"], ["公开", "栏目", 1, "", "NaN"], ["公开", "更新", 1, "", "1e308"]]
    assert [str(node.declared) for node in books.sheet(rows).nodes if node.is_item] == ["1", "1"]
