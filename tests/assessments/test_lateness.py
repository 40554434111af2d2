"""延期: one unit gets a later last day for one phase; it can be changed, and withdrawn until it was used."""

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine

from assessments import lateness, rounds, windows
from assessments.lateness import NotNow, ReasonNeeded
from assessments.models import LateException, Phase, Round
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.assessments.visits import text, visit
from units.models import AuditEvent

pytestmark = pytest.mark.django_db

DUE, LATER = date(2026, 7, 30), date(2026, 8, 5)
SELF = Phase.SELF_ASSESSMENT


@pytest.fixture
def who() -> Office:
    """A county with two units."""
    return o.office()


@pytest.fixture(autouse=True)
def today() -> Iterator[time_machine.Traveller]:
    """The morning of the last day, until a test moves on."""
    with time_machine.travel("2026-07-30T09:00:00+08:00", tick=False) as clock:
        yield clock


def opened(who: Office) -> Round:
    """A round in self-assessment with a sheet for each unit."""
    return o.opened(who, shape="per-unit", self_due=DUE, review_due=date(2026, 8, 20))


def granted(who: Office, round_: Round, until: date = LATER) -> LateException:
    """The first unit's exception."""
    return lateness.grant(round_, who.units[0], SELF, until, "防汛值班", by=who.office)


def test_the_unit_writes_on_after_the_rounds_last_day_and_no_other_does(
    who: Office, today: time_machine.Traveller
) -> None:
    round_ = opened(who)
    one = granted(who, round_)
    line = AuditEvent.objects.get(action="批准延期")
    assert (line.actor, line.detail) == (
        who.office, {"phase": SELF, "until": "2026-08-05", "reason": "防汛值班"}
    )  # fmt: skip
    today.move_to("2026-08-05T23:59:59+08:00")
    assert o.fill(o.entry(round_, "主动公开", who.units[0]), "3", who.fillers[0]).self_score == 3
    with pytest.raises(NotNow, match="截止"):
        o.fill(o.entry(round_, "主动公开", who.units[1]), "3", who.fillers[1])
    assert lateness.used(one)
    today.move_to("2026-08-06T00:00:00+08:00")
    with pytest.raises(NotNow, match="8 月 5 日截止"):
        o.fill(o.entry(round_, "主动公开", who.units[0]), "4", who.fillers[0])


@pytest.mark.parametrize(
    ("until", "reason", "sentence"),
    [
        (DUE, "防汛", "要晚于自评截止日 2026 年 7 月 30 日"),
        (LATER, " ", "要写明原因"),
        (LATER, "汛" * 301, "最多 300 字"),
    ],
)
def test_an_exception_is_later_than_the_last_day_and_has_a_reason(
    who: Office, until: date, reason: str, sentence: str
) -> None:
    with pytest.raises(NotNow, match=sentence):
        lateness.grant(opened(who), who.units[0], SELF, until, reason, by=who.office)
    assert not LateException.objects.exists()


def test_what_has_no_last_day_is_over_or_has_nothing_to_do_cannot_be_extended(who: Office) -> None:
    round_ = opened(who)
    unit = who.units[0]
    for phase, sentence in ((Phase.OBJECTION, "没有设截止日"), (Phase.PUBLISHED, "没有单位要办理")):
        with pytest.raises(NotNow, match=sentence):
            lateness.grant(round_, unit, phase, LATER, "防汛", by=who.office)
    with pytest.raises(NotNow, match="没有填报项"):
        lateness.grant(round_, o.office("邻县").units[0], SELF, LATER, "防汛", by=who.office)
    rounds.advance(round_, Phase.REVIEW, by=who.office)
    with pytest.raises(NotNow, match="自评阶段已经结束"):
        granted(who, round_)
    assert lateness.phases_open(Round.objects.get(pk=round_.pk)) == [Phase.REVIEW]
    assert lateness.grant(round_, unit, Phase.REVIEW, date(2026, 8, 25), "防汛", by=who.office).phase == Phase.REVIEW


def test_one_unit_has_one_exception_a_phase_and_a_second_click_is_the_same(who: Office) -> None:
    round_ = opened(who)
    assert granted(who, round_) == granted(who, round_)
    with pytest.raises(NotNow, match="已经延期到 2026 年 8 月 5 日"):
        granted(who, round_, date(2026, 8, 9))
    assert AuditEvent.objects.filter(action="批准延期").count() == 1


def test_an_exception_is_shortened_and_lengthened_but_never_into_the_past(
    who: Office, today: time_machine.Traveller
) -> None:
    round_ = opened(who)
    one = granted(who, round_)
    assert lateness.change(one, date(2026, 8, 2), "防汛值班", by=who.office).until == date(2026, 8, 2)
    line = AuditEvent.objects.get(action="修改延期")
    assert (line.detail["was"], line.detail["until"]) == ("2026-08-05", "2026-08-02")
    assert windows.last_day(round_, who.units[0].pk) == date(2026, 8, 2)
    today.move_to("2026-08-02T10:00:00+08:00")
    with pytest.raises(NotNow, match="最早到今天"):
        lateness.change(one, date(2026, 8, 1), "防汛值班", by=who.office)
    with pytest.raises(ReasonNeeded):
        lateness.change(one, LATER, "", by=who.office)


def test_an_exception_is_withdrawn_before_it_was_used_and_not_after(who: Office, today: time_machine.Traveller) -> None:
    round_ = opened(who)
    o.fill(o.entry(round_, "主动公开", who.units[0]), "3", who.fillers[0])
    lateness.withdraw(granted(who, round_), by=who.office)
    assert AuditEvent.objects.filter(action="撤销延期").count() == 1
    assert windows.last_day(round_, who.units[0].pk) == DUE
    one = granted(who, round_)
    today.move_to("2026-08-01T09:00:00+08:00")
    o.fill(o.entry(round_, "主动公开", who.units[0]), "4", who.fillers[0])
    with pytest.raises(NotNow, match="已在延期内填报，不能撤销"):
        lateness.withdraw(one, by=who.office)
    assert LateException.objects.filter(pk=one.pk).exists()


def test_a_published_round_has_no_exceptions_any_more(who: Office) -> None:
    round_ = opened(who)
    one = granted(who, round_)
    o.in_phase(round_, Phase.REVIEW)
    rounds.publish(round_, by=who.office, blank_is_zero=True)
    for act in (
        lambda: granted(who, round_),
        lambda: lateness.change(one, date(2026, 8, 9), "补", by=who.office),
        lambda: lateness.withdraw(one, by=who.office),
    ):
        with pytest.raises(NotNow, match="已公布"):
            act()


def test_the_office_grants_changes_and_withdraws_on_the_pages(who: Office) -> None:
    round_ = opened(who)
    client = visit(who.office)
    assert f'href="/rounds/{round_.pk}/late/"' in text(client, f"/rounds/{round_.pk}/")
    page = text(client, f"/rounds/{round_.pk}/late/")
    assert "教育局" in page
    form = {"unit": who.units[0].pk, "phase": SELF, "until": "2026-07-30", "reason": "防汛值班"}
    refused = client.post(f"/rounds/{round_.pk}/late/", form)
    assert refused.status_code == 422
    assert "要晚于自评截止日" in refused.content.decode()
    assert "防汛值班" in refused.content.decode()
    client.post(f"/rounds/{round_.pk}/late/", form | {"until": "2026-08-05"})
    one = LateException.objects.get()
    page = text(client, f"/rounds/{round_.pk}/")
    assert "2026-08-05" in page
    assert "防汛值班" in page
    client.post(f"/late/{one.pk}/", {"until": "2026-08-03", "reason": "防汛值班"})
    one.refresh_from_db()
    assert one.until == date(2026, 8, 3)
    assert "恢复按本轮次的截止日" in text(client, f"/late/{one.pk}/withdraw/")
    assert LateException.objects.exists()
    client.post(f"/late/{one.pk}/withdraw/")
    assert not LateException.objects.exists()


def test_the_unit_sees_its_later_day_and_nobody_else_grants_or_sees_anothers(who: Office) -> None:
    round_ = opened(who)
    one = granted(who, round_)
    assert "8 月 5 日" in text(visit(who.fillers[0]), f"/worklist/{round_.pk}/")
    assert "8 月 5 日" in text(visit(who.fillers[0]), "/worklist/")
    assert "8 月 5 日" not in text(visit(who.fillers[1]), f"/worklist/{round_.pk}/")
    paths = (f"/rounds/{round_.pk}/late/", f"/late/{one.pk}/", f"/late/{one.pk}/withdraw/")
    for person in (who.fillers[0], who.signers[0], who.reviewer, who.leader):
        for path in paths:
            text(visit(person), path, 403)
            assert visit(person).post(path, {}).status_code == 403
    stranger = visit(o.office("邻县人民政府").office)
    for path in paths:
        text(stranger, path, 404)
        assert stranger.post(path, {}).status_code == 404
    assert "批准延期" not in text(visit(who.leader), f"/rounds/{round_.pk}/")
