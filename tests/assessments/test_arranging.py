"""轮次设置: last days and units change only while they may."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from assessments import arranging, rounds
from assessments.models import Phase, Round
from assessments.refusals import NotNow
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.assessments.visits import text, visit
from units.models import AuditEvent, UnitClass, UnitGroup

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
NEXT, LATER, LAST = (TODAY + timedelta(days=days) for days in (10, 20, 30))


@pytest.fixture
def who() -> Office:
    """A county with three units."""
    return o.office(units=["教育局", "民政局", "水利局"])


def test_last_days_of_this_phase_and_later_ones_can_be_moved(who: Office) -> None:
    round_ = o.in_phase(o.opened(who, self_due=NEXT, review_due=LATER), Phase.REVIEW)
    round_ = arranging.move_windows(round_, by=who.office, review_due=LAST, objection_due=LAST)
    assert (round_.review_due, round_.objection_due) == (LAST, LAST)
    with pytest.raises(NotNow, match="不能再改自评截止日"):
        arranging.move_windows(round_, by=who.office, self_due=LATER)
    event = AuditEvent.objects.filter(action="修改轮次期限").get()
    assert event.detail["review_due"] == [LATER.isoformat(), LAST.isoformat()]


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        ({"self_due": TODAY - timedelta(days=1)}, "最早到今天"),
        ({"self_due": LAST, "review_due": NEXT}, "先后排列"),
    ],
)
def test_days_that_make_no_sense_change_nothing(who: Office, days: dict[str, date], sentence: str) -> None:
    round_ = o.opened(who, self_due=NEXT, review_due=LATER)
    with pytest.raises(NotNow, match=sentence):
        arranging.move_windows(round_, by=who.office, **days)
    assert Round.objects.values_list("self_due", "review_due").get() == (NEXT, LATER)


def test_nothing_moves_in_a_published_round(who: Office) -> None:
    round_ = o.in_phase(o.opened(who), Phase.REVIEW)
    round_ = rounds.publish(round_, by=who.office, blank_is_zero=True)
    assert arranging.open_windows(round_) == []
    with pytest.raises(NotNow, match="不能再改"):
        arranging.move_windows(round_, by=who.office, objection_due=LAST)
    page = text(visit(who.office), f"/rounds/{round_.pk}/settings/")
    assert "没有可以修改的设置" in page


def test_units_are_chosen_one_by_one_by_group_and_by_class(who: Office) -> None:
    group = UnitGroup.objects.create(organisation=who.organisation, name="各镇")
    group.members.add(who.units[1])
    kind = UnitClass.objects.create(organisation=who.organisation, name="部门")
    who.units[2].unit_class = kind
    who.units[2].save()
    round_ = o.prepared(who, o.ledger(who.organisation), "per-unit", participants=who.units[:1])
    client = visit(who.office)
    sent = {"participants": [who.units[0].pk], "groups": [group.pk], "classes": [kind.pk], "self_due": str(NEXT)}
    assert client.post(f"/rounds/{round_.pk}/settings/", sent).status_code == 302
    assert [sheet.unit for sheet in round_.sheets.order_by("unit__lft")] == who.units
    assert Round.objects.get().self_due == NEXT
    client.post(f"/rounds/{round_.pk}/settings/", {"participants": [who.units[2].pk]})
    assert [sheet.unit for sheet in round_.sheets.all()] == who.units[2:]
    assert "至少要有一个" in client.post(f"/rounds/{round_.pk}/settings/", {"self_due": ""}).content.decode()
    assert round_.sheets.count() == 1


def test_units_are_fixed_once_the_round_is_open(who: Office) -> None:
    round_ = o.opened(who, shape="per-unit")
    with pytest.raises(NotNow, match="准备阶段"):
        arranging.choose_participants(round_, who.units[:1], by=who.office)
    assert 'name="participants"' not in text(visit(who.office), f"/rounds/{round_.pk}/settings/")


def test_another_organisations_unit_is_no_choice(who: Office) -> None:
    stranger = o.office("某省", units=["林业局"])
    round_ = o.prepared(who, o.ledger(who.organisation), "per-unit")
    answer = visit(who.office).post(f"/rounds/{round_.pk}/settings/", {"participants": [stranger.units[0].pk]})
    assert answer.status_code == 422
    assert round_.sheets.count() == 3
    with pytest.raises(NotNow, match="要属于本机关"):
        arranging.choose_participants(round_, stranger.units, by=who.office)


def test_the_rounds_page_says_how_many_work_days_each_unit_has_left(who: Office) -> None:
    round_ = o.opened(who, self_due=TODAY)
    page = text(visit(who.office), f"/rounds/{round_.pk}/")
    assert page.count("就是今天") == 2


@pytest.mark.parametrize("step", ["open", "advance"])
def test_what_cannot_be_undone_asks_for_the_rounds_name(who: Office, step: str) -> None:
    if step == "open":
        round_, sent = o.prepared(who, o.ledger(who.organisation)), {}
    else:
        round_ = o.in_phase(o.opened(who), Phase.REVIEW)
        round_, sent = rounds.publish(round_, by=who.office, blank_is_zero=True), {"to": "archived"}
    was, client = round_.phase, visit(who.office)
    for name in ("", "别的轮次"):
        answer = client.post(f"/rounds/{round_.pk}/{step}/", {**sent, "name": name})
        assert answer.status_code == 422
    assert Round.objects.get().phase == was
    assert client.post(f"/rounds/{round_.pk}/{step}/", {**sent, "name": round_.name}).status_code == 302
