"""Who is told of what in a round: each event once, to its own unit or the office, and to nobody else."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from assessments import entries, lateness, notices, objections, rounds
from assessments.models import Entry, Phase, Rectification, Shape
from tests.assessments import office as o
from tests.assessments.office import Office
from units.models import Notice, User

pytestmark = pytest.mark.django_db


def said(person: User) -> list[str]:
    """What the person has been told, oldest first."""
    return list(Notice.objects.filter(person=person).order_by("pk").values_list("subject", flat=True))


def kinds(person: User) -> list[str]:
    """The same in the words of its chips."""
    return list(Notice.objects.filter(person=person).order_by("pk").values_list("kind", flat=True))


def _today() -> date:
    return timezone.localdate()


def _returned(who: Office) -> Entry:
    round_ = o.handed_in(who, o.opened(who), {"主动公开": "3"})
    one = o.entry(round_, "主动公开")
    return entries.give_back(one, "网址打不开", version=one.version, key=o.key(), by=who.office)


def test_opening_tells_each_unit_how_much_it_has_to_fill_and_until_when() -> None:
    who = o.office()
    round_ = o.opened(who, shape=Shape.PER_UNIT, self_due=date(2026, 7, 30))
    for people in (who.fillers, who.signers):
        assert [said(person) for person in people] == [[f"“{round_}”已开启，本单位应填 4 项，7 月 30 日截止"]] * 2
    rounds.open_round(round_, by=who.office)
    assert len(said(who.fillers[0])) == 1


def test_a_unit_without_items_in_the_round_hears_nothing_of_it() -> None:
    who = o.office()
    o.opened(who)
    assert said(who.fillers[1]) == []


def test_a_returned_item_is_told_to_its_unit_alone_and_again_when_it_is_returned_again() -> None:
    who = o.office()
    one = _returned(who)
    assert said(who.fillers[0])[1:] == ["“主动公开”被退回：网址打不开"]
    assert said(who.fillers[1]) == []
    entries.submit(one.sheet.round, who.units[0], by=who.fillers[0], key=o.key())
    one.refresh_from_db()
    entries.give_back(one, "还是打不开", version=one.version, key=o.key(), by=who.office)
    assert said(who.fillers[0])[-1] == "“主动公开”被退回：还是打不开"


def test_a_refused_return_tells_nobody() -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), {"主动公开": "3"})
    one = o.entry(round_, "主动公开")
    with pytest.raises(entries.ReasonNeeded):
        entries.give_back(one, " ", version=one.version, key=o.key(), by=who.office)
    assert kinds(who.fillers[0]) == ["轮次开启"]


def test_an_objection_is_told_to_the_office_and_its_answer_to_the_unit() -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), {"主动公开": "3"})
    entries.accept_undisputed(round_, by=who.office)
    round_ = o.in_phase(round_, Phase.OBJECTION)
    one = o.entry(round_, "主动公开")
    filed = objections.file(one, "已经补齐", version=one.version, key=o.key(), by=who.fillers[0])
    assert said(who.office)[-1] == f"{who.units[0]}对“主动公开”提出申诉"
    objections.answer(filed, True, "核实属实", "4", by=who.office)
    assert said(who.signers[0])[-1] == "“主动公开”的申诉已答复：同意"
    assert said(who.fillers[1]) == []


def test_publishing_is_told_to_the_units_and_to_leadership() -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), {"主动公开": "3"})
    entries.accept_undisputed(round_, by=who.office)
    rounds.publish(round_, by=who.office, blank_is_zero=True)
    assert said(who.fillers[0])[-1] == said(who.leader)[-1] == f"“{round_}”的结果已公布"


def test_three_days_before_the_last_day_and_after_it_a_unit_is_told_once_each() -> None:
    who = o.office()
    last = _today() + timedelta(days=10)
    o.opened(who, self_due=last)
    told = []
    for days in (-4, -3, -2, 0, 0, 1, 2, 30):
        notices.tell_deadlines(last + timedelta(days=days))
        told.append(kinds(who.fillers[0])[1:])
    due, both = ["临近截止"], ["临近截止", "逾期"]
    assert told == [[], due, due, due, due, both, both, both]


def test_a_unit_that_has_handed_everything_in_is_not_reminded() -> None:
    who = o.office()
    round_ = o.opened(who, spec={"公开": (("主动公开", "4"),)}, self_due=_today() + timedelta(days=1))
    o.fill(o.entry(round_, "主动公开"), "4", who.fillers[0])
    entries.submit(round_, who.units[0], by=who.fillers[0], key=o.key())
    notices.tell_deadlines(_today())
    assert kinds(who.fillers[0]) == ["轮次开启"]


def test_a_unit_with_an_extension_is_told_by_its_own_day() -> None:
    who = o.office()
    last = _today() + timedelta(days=2)
    round_ = o.opened(who, shape=Shape.PER_UNIT, self_due=last)
    lateness.grant(round_, who.units[0], Phase.SELF_ASSESSMENT, last + timedelta(days=20), "系统升级", by=who.office)
    notices.tell_deadlines(_today())
    assert [kinds(person)[1:] for person in who.fillers] == [[], ["临近截止"]]
    notices.tell_deadlines(last + timedelta(days=18))
    assert [kinds(person)[1:] for person in who.fillers] == [["临近截止"], ["临近截止", "逾期"]]


def test_a_rectification_is_told_when_ordered_before_its_day_and_after_it() -> None:
    who = o.office()
    one = _returned(who)
    due = _today() + timedelta(days=10)
    order = Rectification.objects.create(entry=one, problem="栏目长期不更新", due=due, ordered_by=who.office)
    notices.rectification_ordered(order, url="/")
    for days in (-5, -3, -3, 1, 2):
        notices.rectification_due(order, due + timedelta(days=days), url="/")
    assert kinds(who.fillers[0])[2:] == ["整改", "临近截止", "逾期"]


def test_units_are_told_once_of_matters_and_orders_that_are_near_their_day_or_over() -> None:
    who = o.office()
    today = timezone.localdate()
    on = o.ledger(who.organisation, leads=who.units)
    days = {"self_due": today + timedelta(days=2), "review_due": today + timedelta(days=60)}
    rounds.open_round(o.prepared(who, on, Shape.TRACKED, **days), by=who.office)
    before = Notice.objects.count()
    for _ in range(2):
        notices.tell_matters(today)
    told = list(Notice.objects.order_by("pk")[before:].values_list("person", "subject"))
    # two units with a filler and a signer each
    people = {*who.fillers, *who.signers}
    assert sorted(person for person, _ in told) == sorted(one.pk for one in people)
    assert all("有 2 件" in subject and "到期" in subject for _, subject in told)
    notices.tell_matters(today + timedelta(days=3))
    assert Notice.objects.filter(subject__contains="已逾期").count() == 4
    other = o.opened(who)
    entry = o.entry(other, "主动公开")
    order = Rectification.objects.create(entry=entry, problem="不更新", due=today, ordered_by=who.office)
    for _ in range(2):
        notices.tell_rectifications(today)
    assert Notice.objects.filter(subject__contains="的整改").count() == 2
    Rectification.objects.filter(pk=order.pk).update(state="answered", answer="已改")
    notices.tell_rectifications(today + timedelta(days=9))
    assert Notice.objects.filter(subject__contains="的整改").count() == 2
