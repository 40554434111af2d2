"""The county department's own self-check becomes a round: 63.5 of 100, everywhere the same."""

from decimal import Decimal
from pathlib import Path

import pytest

from assessments import rollup, rounds, sealing
from assessments.entries import NotNow, accept_undisputed
from assessments.models import Entry, EntryStage, NodeScore, Phase, Round, ScoreEvent, ScoreSheet, Shape
from assessments.reports import score_report
from indicators.importing import import_file
from indicators.models import Ledger
from tests.assessments import office as o
from units.models import Organisation, Role
from units.offices import add_unit, found

pytestmark = pytest.mark.django_db

FILE = Path(__file__).parents[2] / "fixtures" / "ledgers" / "county-department-2022-selfcheck.xlsx"


@pytest.fixture
def organisation() -> Organisation:
    """The department's county."""
    return found(name="某县人民政府")


@pytest.fixture
def ledger(organisation: Organisation) -> Ledger:
    """The county's sheet, as it stands in its file."""
    return import_file(FILE.name, FILE.read_bytes(), organisation=organisation, by=None)[0]


@pytest.fixture
def round_(ledger: Ledger) -> Round:
    """The round its scores make."""
    return rounds.from_scores(ledger, by=None)


def test_the_scores_of_the_file_are_handed_in_and_wait_for_review(round_: Round) -> None:
    assert (round_.phase, round_.shape) == (Phase.REVIEW, Shape.PER_UNIT)
    assert o.sheet(round_).unit.parent_id is None
    entries = Entry.objects.filter(sheet__round=round_)
    assert entries.count() == 36
    assert set(entries.values_list("stage", "state")) == {(EntryStage.SUBMITTED, "scored")}
    assert entries.filter(earned__isnull=False).count() == 34
    assert entries.filter(reviewed_score__isnull=False).count() == 0


def test_the_score_over_three_items_stands_once_on_the_first(round_: Round) -> None:
    home = Entry.objects.get(sheet__round=round_, indicator__number="20")
    assert (home.points, home.maximum, home.earned) == (4, 7, Decimal("5.4"))
    members = home.shared_items.order_by("indicator__lft")
    assert [(one.indicator.number, one.points, one.earned) for one in members] == [("21", 1, None), ("22", 2, None)]


def test_page_database_and_report_all_say_63_5_of_100(round_: Round) -> None:
    sheet = o.sheet(round_)
    rollup.roll_up([sheet.pk])
    sheet.refresh_from_db()
    assert (sheet.total, sheet.earned, sheet.possible, sheet.strict_possible) == (
        Decimal("63.5"),
        Decimal("63.5"),
        100,
        100,
    )
    assert rollup.sums(sheet).total == rollup.current(round_)[0].total == Decimal("63.5")
    tops = NodeScore.objects.filter(sheet=sheet, indicator__level=1)
    assert sum(one.earned for one in tops) == Decimal("63.5")
    assert sum(one.possible for one in tops) == 100
    told = score_report(round_)["sheets"][0]
    assert told["total"] == "63.5"
    assert told["so_far"] == told["strict"] == {"earned": "63.5", "possible": "100", "rate": "63.50"}
    assert (told["band"], told["rank"]) == ("合格", 1)


def test_a_leak_of_personal_data_is_registered_as_not_having_happened(round_: Round) -> None:
    adjustments = score_report(round_)["sheets"][0]["adjustments"]
    assert [(one["points"], one["times"]) for one in adjustments] == [("-1", 0)]


def test_reasons_come_with_the_scores(round_: Round) -> None:
    reasons = Entry.objects.filter(sheet__round=round_).exclude(self_reason="")
    assert reasons.filter(self_reason__contains="已整改").count() == 11


def test_each_score_has_one_history_row_that_says_where_it_came_from(round_: Round) -> None:
    events = ScoreEvent.objects.filter(entry__sheet__round=round_)
    assert events.count() == 34
    assert set(events.values_list("action", "source")) == {("import", "import")}
    home = events.get(entry__indicator__number="20")
    assert home.changes["self_score"] == [None, "5.4"]


def test_asked_twice_the_same_round_is_given(ledger: Ledger, round_: Round) -> None:
    assert rounds.from_scores(ledger, by=None) == round_
    assert (Round.objects.count(), ScoreSheet.objects.count(), Entry.objects.count()) == (1, 1, 36)


def test_the_scores_can_be_those_of_one_unit(organisation: Organisation, ledger: Ledger) -> None:
    unit = add_unit(organisation, "教育局", by=None)
    made = rounds.from_scores(ledger, unit=unit, by=None)
    assert set(Entry.objects.filter(sheet__round=made).values_list("unit__name", flat=True)) == {"教育局"}


def test_the_round_is_reviewed_and_published_like_any_other(organisation: Organisation, round_: Round) -> None:
    office = o.person(organisation, Role.OFFICE)
    assert accept_undisputed(round_, by=office) == 34
    done = rounds.publish(round_, by=office)
    assert (o.sheet(done).total, o.sheet(done).rank) == (Decimal("63.5"), 1)
    assert sealing.verify(done) == []


def test_a_score_above_its_points_stays_out_and_the_entry_says_so(ledger: Ledger) -> None:
    item = ledger.indicators.get(number="2")
    ledger.indicators.filter(pk=item.pk).update(points="0.1")
    made = rounds.from_scores(ledger, by=None)
    entry = Entry.objects.get(sheet__round=made, indicator=item)
    assert (entry.state, entry.earned, entry.stage) == ("unscored", None, EntryStage.FILLING)
    assert "超出满分 0.1，没有计入" in entry.self_reason


def test_a_ledger_made_by_hand_has_no_scores_to_make_a_round_of() -> None:
    who = o.office("邻县人民政府")
    with pytest.raises(NotNow, match="没有得分"):
        rounds.from_scores(o.ledger(who.organisation), by=None)
