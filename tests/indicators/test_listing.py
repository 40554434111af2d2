"""A ledger as its page shows it: merged cells, both sums, findings, and only what was asked for."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from indicators import importing, listing
from indicators.listing import Filters, asked
from indicators.listing.sheet import Row
from indicators.models import Ledger, Responsibility
from tests.indicators.conftest import COUNTY, SHANDONG, make_ledger, named
from units import offices
from units.models import Organisation


@pytest.fixture
def shandong(organisation: Organisation) -> Ledger:
    (ledger,) = importing.import_file(SHANDONG.name, SHANDONG.read_bytes(), organisation=organisation, by=None)
    return ledger


def words(rows: tuple[Row, ...]) -> list[str]:
    return [row.own.name for row in rows]


def above(rows: tuple[Row, ...]) -> list[tuple[str, int]]:
    return [(cell.name, cell.rowspan) for row in rows for cell in row.levels]


def test_level_cells_are_merged_over_the_rows_below_them(ledger: Ledger) -> None:
    sheet = listing.page(ledger, Filters()).sheet
    assert words(sheet.rows) == ["甲", "乙", "丙", "丁"]
    assert above(sheet.rows) == [("公开", 3), ("决策公开", 2), ("结果公开", 1), ("解读", 1)]
    assert [row.span for row in sheet.rows] == [1, 1, 1, 2]


def test_every_row_fills_the_tables_width_exactly(shandong: Ledger, organisation: Organisation) -> None:
    (county,) = importing.import_file(COUNTY.name, COUNTY.read_bytes(), organisation=organisation, by=None)
    for ledger in (shandong, county):
        sheet = listing.page(ledger, Filters()).sheet
        width = len(sheet.headings)
        open_cells: list[int] = []
        for row in sheet.rows:
            open_cells = [left - 1 for left in open_cells if left > 1] + [cell.rowspan for cell in row.levels]
            assert len(open_cells) + row.span == width


def test_declared_and_listed_points_stand_side_by_side_and_their_difference_too(ledger: Ledger) -> None:
    cells = {cell.name: cell for row in listing.page(ledger, Filters()).sheet.rows for cell in row.levels}
    assert (cells["公开"].declared, cells["公开"].listed, cells["公开"].difference) == ("10", "9", "1")
    assert (cells["结果公开"].declared, cells["结果公开"].difference) == ("4", "")


def test_the_shandong_table_counts_what_the_ledger_prints(shandong: Ledger) -> None:
    page = listing.page(shandong, Filters())
    assert (page.sheet.items, page.sheet.declared, page.sheet.listed) == (100, "100", "75.25")
    firsts = [(cell.declared, cell.listed) for row in page.sheet.rows for cell in row.levels if cell.rowspan > 10]
    assert ("20", "17.5") in firsts
    assert page.sheet.headings == ("一级指标", "二级指标", "三级指标", "四级指标", "五级指标")


def test_folding_leaves_the_levels_asked_for_with_the_units_below_them(
    ledger: Ledger, organisation: Organisation
) -> None:
    bureau = offices.add_unit(organisation, "某局", by=None)
    for name in ("甲", "乙"):
        Responsibility.objects.create(indicator=named(ledger, name), unit=bureau, written="某局", role="joint")
    sheet = listing.page(ledger, Filters(level=2)).sheet
    assert words(sheet.rows) == ["决策公开", "结果公开", "丁"]
    assert [chip.name for chip in sheet.rows[0].chips] == ["某局"]
    assert sheet.rows[0].own.difference == "1"


def test_a_filtered_view_keeps_the_path_above_and_the_whole_ledgers_sums(ledger: Ledger) -> None:
    sheet = listing.page(ledger, Filters(q="乙")).sheet
    assert words(sheet.rows) == ["乙"]
    assert above(sheet.rows) == [("公开", 1), ("决策公开", 1)]
    assert sheet.rows[0].levels[0].listed == "9"
    assert (sheet.items, sheet.shown) == (4, 1)


@pytest.mark.parametrize(("q", "found"), [("决策", ["甲", "乙"]), ("jcgk", ["甲", "乙"]), ("JG", ["丙"]), ("没有", [])])
def test_words_and_pinyin_initials_find_an_indicator_and_all_below_it(ledger: Ledger, q: str, found: list[str]) -> None:
    assert words(listing.page(ledger, Filters(q=q)).sheet.rows) == found


def test_a_unit_and_a_method_narrow_the_table(shandong: Ledger) -> None:
    page = listing.page(shandong, Filters())
    unit = next(one for one in page.units if one.name == "监察局")
    rows = listing.page(shandong, Filters(unit=unit.value)).sheet.rows
    assert rows
    assert all("监察局" in [chip.name for chip in row.chips] for row in rows)
    method = next(one for one in page.methods if one.name == "模拟暗访")
    assert len(listing.page(shandong, Filters(method=method.value)).sheet.rows) == 12


def test_only_what_is_wrong_shows_mismatched_levels_and_blank_items(shandong: Ledger) -> None:
    page = listing.page(shandong, Filters(flawed=True))
    flawed = {flaw.node for flaw in page.flaws if flaw.node and flaw.code != "move-proposed"}
    shown = {row.id for row in page.sheet.rows} | {cell.id for row in page.sheet.rows for cell in row.levels}
    assert len(flawed) == 18
    assert flawed <= shown
    assert sum(1 for row in page.sheet.rows if row.own.name == "（名称空缺）") == 2


def test_items_without_a_unit_can_be_asked_for(ledger: Ledger) -> None:
    page = listing.page(ledger, Filters(unit="none"))
    assert len(page.sheet.rows) == 4


def test_a_name_nobody_knows_is_a_finding_until_it_is_matched(ledger: Ledger, organisation: Organisation) -> None:
    part = Responsibility.objects.create(indicator=named(ledger, "甲"), written="某站", role="lead")
    assert "unit-unknown" in {flaw.code for flaw in listing.page(ledger, Filters()).flaws}
    part.unit = offices.add_unit(organisation, "某站", by=None)
    part.save()
    assert "unit-unknown" not in {flaw.code for flaw in listing.page(ledger, Filters()).flaws}


def test_what_makes_no_sense_in_an_address_is_left_out() -> None:
    assert asked({"level": "9", "flawed": "maybe", "unit": "", "q": "  "}) == Filters()
    assert asked({"q": "甲", "level": "2"}).query == "q=%E7%94%B2&level=2"


def test_queries_of_a_page_do_not_grow_with_its_rows(organisation: Organisation) -> None:
    counts = []
    for items in (10, 100):
        one = make_ledger(organisation, [("章", "1", [(f"项{n}", "1", None) for n in range(items)])])
        with CaptureQueriesContext(connection) as queries:
            listing.page(one, Filters())
        counts.append(len(queries))
    assert counts == [2, 2]
