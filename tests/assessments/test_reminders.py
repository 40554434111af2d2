"""催办: who is late, and reminding them once a day."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from assessments import reminders
from assessments.models import Entry, Phase, Reminder, Round, Shape
from assessments.refusals import NotNow
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.assessments.visits import queries, text, visit, wide
from units.models import AuditEvent, Notice, User

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


def _round(who: Office, days: int = 1) -> Round:
    """Each unit has the same four items, one of the first unit's handed in."""
    round_ = o.opened(who, shape=Shape.PER_UNIT, self_due=timezone.localdate() + timedelta(days=days))
    o.fill(o.entry(round_, "主动公开", who.units[0]), "4", who.fillers[0])
    o.submit(round_, who.units[0], by=who.fillers[0], key=o.key())
    return round_


def _told(user: User) -> list[str]:
    return list(Notice.objects.filter(person=user, kind="催办").values_list("subject", flat=True))


def test_the_list_names_who_is_behind_and_by_how_much() -> None:
    who = o.office()
    rows = reminders.behind(_round(who), timezone.localdate())
    assert [(row.unit, row.left, row.people, row.reminded) for row in rows] == [
        ("民政局", 4, 2, None),
        ("教育局", 3, 2, None),
    ]


def test_a_reminder_reaches_the_chosen_units_people_and_nobody_else() -> None:
    who = o.office()
    round_ = _round(who)
    done = reminders.remind(round_, [who.units[0].pk], by=who.office)
    assert (done.told, done.before) == (1, ())
    assert _told(who.fillers[0]) == _told(who.signers[0])
    assert _told(who.fillers[0])[0].startswith(f"政务公开办公室催办：“{round_}”还有 3 项没有提交，截止")
    assert _told(who.fillers[1]) == []
    assert AuditEvent.objects.get(action="催办").detail == {"units": ["教育局"]}


def test_a_unit_is_reminded_once_a_day_by_the_offices_clock() -> None:
    who = o.office()
    round_ = _round(who, days=30)
    both = [unit.pk for unit in who.units]
    told = []
    late, next_day = (datetime(2026, 12, day, hour, 30, tzinfo=SHANGHAI) for day, hour in ((1, 23), (2, 0)))
    for at in (late, late, next_day):
        with time_machine.travel(at, tick=False):
            told.append(reminders.remind(round_, both, by=who.office).told)
    assert told == [2, 0, 2]
    assert len(_told(who.fillers[0])) == 2


def test_the_second_click_says_that_they_were_reminded_today() -> None:
    who = o.office()
    round_ = _round(who)
    reminders.remind(round_, [who.units[0].pk], by=who.office)
    done = reminders.remind(round_, [unit.pk for unit in who.units], by=who.office)
    assert (done.told, done.before) == (1, ("教育局",))
    assert Reminder.objects.count() == 2


def test_a_unit_that_owes_nothing_is_not_reminded() -> None:
    who = o.office()
    round_ = _round(who)
    Entry.objects.filter(unit=who.units[0]).update(stage="submitted")
    with pytest.raises(NotNow, match="不需要催办"):
        reminders.remind(round_, [who.units[0].pk], by=who.office)


@pytest.mark.parametrize("phase", [Phase.OBJECTION, Phase.PREPARING])
def test_where_units_hand_nothing_in_nobody_is_reminded(phase: Phase) -> None:
    who = o.office()
    round_ = o.in_phase(_round(who), phase)
    with pytest.raises(NotNow, match="没有要催办的单位"):
        reminders.remind(round_, [who.units[1].pk], by=who.office)


def test_in_review_only_what_was_returned_is_asked_for() -> None:
    who = o.office()
    round_ = o.in_phase(_round(who), Phase.REVIEW)
    assert reminders.behind(round_, timezone.localdate()) == []
    Entry.objects.filter(unit=who.units[0], indicator__name="主动公开").update(stage="returned")
    assert [(row.unit, row.left, row.returned) for row in reminders.behind(round_, timezone.localdate())] == [
        ("教育局", 1, 1)
    ]


def test_only_the_office_reminds() -> None:
    who = o.office()
    round_ = _round(who)
    for user in (who.reviewer, who.leader, who.fillers[0]):
        with pytest.raises(NotNow):
            reminders.remind(round_, [who.units[1].pk], by=user)
        assert visit(user).post(f"/rounds/{round_.pk}/remind/", {"unit": who.units[1].pk}).status_code == 403


def test_the_page_asks_before_it_reminds_and_shows_when_it_was_done() -> None:
    who = o.office()
    round_ = _round(who)
    client = visit(who.office)
    path = f"/rounds/{round_.pk}/behind/"
    assert "没有催办过" in text(client, path)
    chosen = {"unit": [unit.pk for unit in who.units]}
    asked = client.post(f"/rounds/{round_.pk}/remind/", chosen).content.decode()
    assert "教育局：未提交 3 项" in asked
    assert not Reminder.objects.exists()
    client.post(f"/rounds/{round_.pk}/remind/", {**chosen, "confirmed": "1"})
    page = text(client, path)
    assert "已催办 2 个单位" in page
    assert page.count("今天已催办") == 2
    assert page.count("disabled") == 2


def test_a_click_without_a_choice_or_with_another_organisations_unit_reminds_nobody() -> None:
    who, others = o.office(), o.office("别县")
    round_ = _round(who)
    client = visit(who.office)
    for unit in ([], ["x"], ["9" * 40], [others.units[0].pk]):
        client.post(f"/rounds/{round_.pk}/remind/", {"unit": unit, "confirmed": "1"})
    assert not Reminder.objects.exists()


def test_the_page_costs_the_same_for_many_units() -> None:
    counts = []
    for number in (2, 12):
        who = o.office(f"第 {number} 县", units=[f"局 {one}" for one in range(number)])
        round_ = o.opened(who, shape=Shape.PER_UNIT, spec=wide(2), self_due=timezone.localdate())
        counts.append(queries(visit(who.office), f"/rounds/{round_.pk}/behind/"))
    assert counts[0] == counts[1]
