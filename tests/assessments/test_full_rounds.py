"""Real ledgers lived through from opening to the seal: allocated (Shandong), per unit (Langao, the county's sheet).

The tracked one (work points) stands in test_tracking. Totals are held against a sum made here, item by item.
"""

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import pytest

from assessments import entries, objections, opening, reports, rounds, sealing
from assessments.models import Entry, EntryStage, EntryState, Phase, Round, Shape
from indicators import editing, importing
from indicators.listing.rules import proposed_points
from indicators.models import Indicator, Ledger
from tests.assessments import office as o
from tests.assessments.office import Office
from units.models import Role, Unit, User

pytestmark = pytest.mark.django_db

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "ledgers"
# what a unit claims of each item's points, in turn
CLAIMS = (Decimal(1), Decimal("0.5"), Decimal(1), Decimal("0.8"))


def stored(who: Office, file: str) -> Ledger:
    (ledger,) = importing.import_file(
        file, (FIXTURES / file).read_bytes(), organisation=who.organisation, by=who.office
    )
    return ledger


def fillers(who: Office, round_: Round) -> dict[int, User]:
    """An account for every unit that fills in."""
    units = Unit.objects.filter(entries__sheet__round=round_).distinct()
    return {unit.pk: o.person(who.organisation, Role.FILLER, unit) for unit in units if unit.parent_id is not None}


def lived(who: Office, round_: Round) -> Round:
    """The round from self-assessment to its seal: scored, returned, corrected, marked down, objected to, published."""
    people = fillers(who, round_)
    for unit, by in people.items():
        mine = Entry.objects.filter(sheet__round=round_, unit=unit, shared_home__isnull=True).in_order()
        for place, entry in enumerate(mine):
            claim = (entry.maximum * CLAIMS[place % len(CLAIMS)]).quantize(Decimal("0.0001")).normalize()
            o.fill(entry, f"{claim:f}", by, "材料不全")
        assert entries.submit(round_, Unit.objects.get(pk=unit), by=by, key=o.key()).blocked == ()
    round_ = rounds.advance(round_, Phase.REVIEW, by=who.office)
    handed_in = list(Entry.objects.submitted().filter(sheet__round=round_, shared_home__isnull=True).in_order())
    _returned_and_corrected(handed_in[0], people, round_, who)
    _marked_down(handed_in[2], who)
    assert entries.accept_undisputed(round_, by=who.office) == len(handed_in) - 1
    for entry in Entry.objects.filter(sheet__round=round_, unit__isnull=True, shared_home__isnull=True):
        entries.adjust(entry, "0", "没有牵头单位", version=entry.version, key=o.key(), by=who.office)
    round_ = rounds.advance(round_, Phase.OBJECTION, by=who.office)
    entry = Entry.objects.get(pk=handed_in[2].pk)
    by = people[entry.unit_id or 0]
    filed = objections.file(entry, "材料已在网站公开", version=entry.version, key=o.key(), by=by)
    objections.answer(filed, True, "核实属实", f"{entry.maximum.normalize():f}", by=who.office)
    return rounds.publish(round_, by=who.office)


def _returned_and_corrected(entry: Entry, people: dict[int, User], round_: Round, who: Office) -> None:
    entry.refresh_from_db()
    entries.give_back(entry, "补充网址", version=entry.version, key=o.key(), by=who.reviewer)
    assert entry.unit is not None
    o.fill(entry, "0", people[entry.unit.pk], "没有做到")
    assert entries.submit(round_, entry.unit, by=people[entry.unit.pk], key=o.key()).count == 1


def _marked_down(entry: Entry, who: Office) -> None:
    entry.refresh_from_db()
    entries.adjust(entry, "0", "没有公开", version=entry.version, key=o.key(), by=who.reviewer)


def holds(round_: Round, sheets: int) -> None:
    """The published round agrees with its seal, and its totals with a sum over its entries made here."""
    assert sealing.verify(round_) == []
    report = reports.score_report(round_)
    assert len(report["sheets"]) == sheets
    for sheet in report["sheets"]:
        assert Decimal(sheet["total"]) == _naive(sheet["entries"])
        assert sheet["so_far"] == sheet["strict"]
        assert all(node["pending"] == 0 for node in sheet["nodes"])
    assert not Entry.objects.filter(sheet__round=round_).exclude(stage=EntryStage.ACCEPTED).exists()


def _naive(rows: Iterable[dict[str, str | None]]) -> Decimal:
    return sum((Decimal(row["final"]) for row in rows if row["final"] is not None), Decimal(0))


def test_shandong_allocated_from_opening_to_its_seal() -> None:
    who = o.office("某厅", ["办公室"])
    round_ = rounds.open_round(o.prepared(who, stored(who, "shandong-hrss-2019-ledger.xlsx")), by=who.office)
    assert Entry.objects.filter(sheet__round=round_).count() == 100
    published = lived(who, round_)
    holds(published, sheets=1)
    assert Decimal(reports.score_report(published)["sheets"][0]["strict"]["possible"]) == Decimal("75.25")


def test_langao_per_unit_from_opening_to_its_seal_and_ranks() -> None:
    who = o.office("岚皋县人民政府", ["县发改局", "县教体科技局", "城关镇"])
    ledger = stored(who, "langao-2023-breakdown.xlsx")
    assert opening.blockers(ledger, Shape.PER_UNIT) != []
    # the file prints points on the first level only: the office accepts what is proposed for the items, and 0 for
    # what stands under headings of bonuses
    found = proposed_points(ledger)
    editing.accept(ledger, (), found.items(), by=who.office)
    assert sum(found.values()) == 100
    Indicator.objects.filter(ledger=ledger, is_item=True, points__isnull=True).update(points=0)
    group = who.organisation.groups.get(name="各镇")
    group.members.add(who.units[2])
    round_ = rounds.open_round(o.prepared(who, ledger, Shape.PER_UNIT), by=who.office)
    by_unit = {unit: Entry.objects.filter(sheet__round=round_, sheet__unit=unit).count() for unit in who.units}
    # a town is asked what its group is asked, an office what names it; both what names nobody we know
    assert by_unit[who.units[2]] > by_unit[who.units[0]] > 0
    published = lived(who, round_)
    holds(published, sheets=3)
    ranks = sorted(
        (sheet["rank"], -Decimal(sheet["strict"]["rate"])) for sheet in reports.score_report(published)["sheets"]
    )
    assert [rate for _, rate in ranks] == sorted(rate for _, rate in ranks)


def test_the_countys_sheet_per_unit_from_opening_to_its_seal() -> None:
    who = o.office("某县人民政府", ["县发改局", "县教育局"])
    round_ = o.prepared(who, stored(who, "county-department-2022-selfcheck.xlsx"), Shape.PER_UNIT)
    round_ = rounds.open_round(round_, by=who.office)
    assert Entry.objects.filter(sheet__round=round_).count() == 2 * 36
    published = lived(who, round_)
    holds(published, sheets=2)
    assert {sheet["strict"]["possible"] for sheet in reports.score_report(published)["sheets"]} == {"100"}


def test_the_countys_own_scores_are_reviewed_and_sealed_at_63_5() -> None:
    who = o.office("某县人民政府", ["县发改局"])
    round_ = rounds.from_scores(stored(who, "county-department-2022-selfcheck.xlsx"), by=who.office)
    entries.accept_undisputed(round_, by=who.office)
    published = rounds.publish(round_, by=who.office, blank_is_zero=True)
    assert sealing.verify(published) == []
    (sheet,) = reports.score_report(published)["sheets"]
    assert (sheet["total"], sheet["strict"]["possible"]) == ("63.5", "100")
    assert Entry.objects.filter(sheet__round=published, state=EntryState.SCORED).count() >= 34
