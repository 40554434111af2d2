"""A ledger goes out as it came in: the same tree, and the same grid of texts and merges."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from indicators import editing, exporting, versions
from indicators.importing import import_file
from indicators.models import Indicator, Ledger
from indicators.reading import open_book, read
from indicators.reading.drafts import LedgerDraft
from indicators.reading.formats.grid import Block, Grid
from indicators.reading.text import fold
from tests.indicators.conftest import TWO_CHAPTERS, make_ledger, shape
from units import offices
from units.models import Organisation, User

FILES = Path(__file__).resolve().parents[2] / "fixtures" / "ledgers"
FIVE = [
    "shandong-hrss-2019-ledger.xlsx",
    "county-department-2022-selfcheck.xlsx",
    "hebei-statistics-2018.xlsx",
    "langao-2023-breakdown.docx",
    "shandong-hrss-2019-work-points.docx",
]
OTHERS = ["langao-2023-breakdown.xlsx", "shicheng-river-chief.xlsx", "epidemic-spending.xls"]

pytestmark = pytest.mark.django_db


def stored(organisation: Organisation, name: str) -> list[Ledger]:
    return import_file(name, (FILES / name).read_bytes(), organisation=organisation, by=None)


def back(ledger: Ledger, suffix: str) -> LedgerDraft:
    """The exported file, read again."""
    (found,) = read(f"x.{suffix}", exporting.file(ledger, suffix)).ledgers
    return found


def differences(one: list[tuple[object, ...]], other: list[tuple[object, ...]]) -> list[object]:
    return [(a, b) for a, b in zip(one, other, strict=False) if a != b] or [len(one)] * (len(one) != len(other))


def words(draft: LedgerDraft) -> list[tuple[object, ...]]:
    """Everything of a tree that a ledger stores."""
    return [
        (
            *(node.level, fold(node.name), node.declared, node.is_item, fold(node.criteria or ""), node.methods),
            *({(fold(one.name), one.role, one.open_ended) for one in node.responsibilities}, node.leaders),
            *(node.number, {heading: fold(text) for heading, text in node.extra.items()}),
        )
        for node in draft.nodes
    ]


@pytest.mark.parametrize("name", FIVE + OTHERS)
def test_a_ledger_goes_out_as_a_workbook_and_comes_back_as_the_same_tree(organisation: Organisation, name: str) -> None:
    for ledger in stored(organisation, name):
        assert differences(words(back(ledger, "xlsx")), words(exporting.drafted(ledger))) == []


@pytest.mark.parametrize("suffix", ["docx", "csv"])
@pytest.mark.parametrize("name", FIVE)
def test_a_ledger_goes_out_as_a_document_or_as_text_and_comes_back_as_the_same_tree(
    organisation: Organisation, name: str, suffix: str
) -> None:
    (ledger,) = stored(organisation, name)
    assert differences(words(back(ledger, suffix)), words(exporting.drafted(ledger))) == []


def cells(grid: Grid) -> tuple[list[list[str]], set[Block]]:
    return [list(row) for row in grid.rows], set(grid.merged.blocks)


@pytest.mark.parametrize("name", FIVE[:3])
def test_every_text_cell_and_every_merged_range_goes_out_as_it_came(organisation: Organisation, name: str) -> None:
    (ledger,) = stored(organisation, name)
    before = open_book(name, (FILES / name).read_bytes(), exporting.limits())
    after = open_book("x.xlsx", exporting.file(ledger, "xlsx"), exporting.limits())
    assert cells(after.grids[0]) == cells(next(one for one in before.grids if one.sheet == ledger.sheet))


@pytest.mark.parametrize("suffix", ["xlsx", "docx", "csv"])
def test_the_office_downloads_a_ledger_and_the_audit_knows(
    client: Client, organisation: Organisation, ledger: Ledger, suffix: str
) -> None:
    answer = client.get(reverse("ledger_file", args=[ledger.pk]), {"format": suffix})
    assert answer.status_code == 200
    assert f".{suffix}" in answer["Content-Disposition"]
    (draft,) = read(f"x.{suffix}", answer.content).ledgers
    assert [node.name for node in draft.nodes] == [name for _, name in shape(ledger)]
    event = organisation.audit_events.first()
    assert event is not None
    assert (event.action, event.detail["format"]) == ("导出台账", suffix)


def test_another_kind_of_file_or_another_organisations_ledger_is_not_found(client: Client, ledger: Ledger) -> None:
    other = make_ledger(offices.found(name="别的机关"), TWO_CHAPTERS)
    assert client.get(reverse("ledger_file", args=[ledger.pk]), {"format": "pdf"}).status_code == 404
    assert client.get(reverse("ledger_file", args=[other.pk])).status_code == 404
    assert client.get(reverse("ledger_print", args=[other.pk])).status_code == 404


def test_the_print_view_repeats_the_header_and_cuts_long_merged_cells(
    client: Client, organisation: Organisation
) -> None:
    (ledger,) = stored(organisation, FIVE[0])
    page = client.get(reverse("ledger_print", args=[ledger.pk])).content.decode()
    assert page.count("<thead>") == 1
    assert page.count("行政权力运行公开") > 4
    assert 'rowspan="5"' not in page
    assert "paper-a3" not in page
    assert "paper-a3" in client.get(reverse("ledger_print", args=[ledger.pk]), {"paper": "a3"}).content.decode()


def test_the_command_writes_a_file_that_the_import_command_reads(organisation: Organisation, tmp_path: Path) -> None:
    (ledger,) = stored(organisation, FIVE[0])
    call_command("export_ledger", ledger.pk, tmp_path / "out.xlsx", stdout=StringIO())
    out = StringIO()
    call_command("import_ledger", tmp_path / "out.xlsx", "--dry-run", "--json", stdout=out)
    (found,) = json.loads(out.getvalue())["ledgers"]
    assert len(found["nodes"]) == ledger.indicators.count() - 1
    with pytest.raises(CommandError, match="后缀"):
        call_command("export_ledger", ledger.pk, tmp_path / "out.pdf")
    with pytest.raises(CommandError, match="没有编号"):
        call_command("export_ledger", 10**9, tmp_path / "out.xlsx")
    with pytest.raises(CommandError, match="写不进去"):
        call_command("export_ledger", ledger.pk, tmp_path / "no" / "out.xlsx")


def test_a_later_version_goes_out_in_the_same_layout_without_last_years_scores(
    organisation: Organisation, office: User
) -> None:
    (ledger,) = stored(organisation, FIVE[1])
    draft = versions.new_version(versions.publish(ledger, by=office), by=office)
    item = Indicator.objects.get(ledger=draft, name="部门文件")
    editing.edit(item, editing.Changes(name="部门规范性文件"), edits=item.edits, by=office)
    page = exporting.page(draft)
    score = next(column for column, role in page.roles.items() if role == "score")
    assert page.own
    assert {row[score] for row in page.rows[3 : page.last + 1]} == {""}
    assert differences(words(back(draft, "xlsx")), words(exporting.drafted(draft))) == []
