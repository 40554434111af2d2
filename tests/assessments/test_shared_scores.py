"""One score over several items (合并计分): entered once, followed by the others without a number of their own."""

from decimal import Decimal

import pytest

from assessments import entries
from assessments.entries import NotNow
from assessments.models import Entry, Phase, Round
from tests.assessments import office as o
from tests.assessments.office import Office

pytestmark = pytest.mark.django_db


@pytest.fixture
def who() -> Office:
    """The office with two units."""
    return o.office()


@pytest.fixture
def round_(who: Office) -> Round:
    """An allocated round in self-assessment; 教育局 leads every item."""
    return o.opened(who)


def shared(round_: Round, home: str, *others: str) -> Entry:
    """These items under one score, as a merged score cell makes them."""
    first = o.entry(round_, home)
    members = Entry.objects.filter(sheet=first.sheet, indicator__name__in=others)
    first.maximum = first.points + sum(one.points for one in members)
    first.save()
    members.update(shared_home=first)
    return first


def test_a_shared_score_is_entered_once_and_the_others_follow_without_a_number(who: Office, round_: Round) -> None:
    home = shared(round_, "主动公开", "政策解读", "回应关切")
    o.fill(home, "5.4", who.fillers[0], "三项合计扣 1.6 分")
    rows = Entry.objects.order_by("indicator__lft").values_list("state", "earned")
    assert list(rows) == [("scored", Decimal("5.4")), ("scored", None), ("scored", None), ("unscored", None)]
    entries.submit(round_, who.units[0], by=who.fillers[0], key=o.key())
    o.in_phase(round_, Phase.REVIEW)
    home.refresh_from_db()
    entries.adjust(home, "7", "补充材料齐全", version=home.version, key=o.key(), by=who.office)
    members = Entry.objects.filter(shared_home=home)
    assert set(members.values_list("state", "stage", "earned")) == {("scored", "accepted", None)}


def test_an_item_under_a_shared_score_takes_no_score_of_its_own(who: Office, round_: Round) -> None:
    shared(round_, "主动公开", "政策解读")
    with pytest.raises(NotNow, match="合并的第一项"):
        o.fill(o.entry(round_, "政策解读"), "1", who.fillers[0])


def test_taking_a_shared_score_back_leaves_all_its_items_unscored(who: Office, round_: Round) -> None:
    home = shared(round_, "主动公开", "政策解读")
    o.fill(home, "4.5", who.fillers[0])
    o.fill(home, "", who.fillers[0])
    assert set(Entry.objects.values_list("state", flat=True)) == {"unscored"}
