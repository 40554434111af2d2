"""Tracked rounds (督办): measures by one day, the result by another, closed or returned; a whole round to its seal."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from assessments import entries, objections, outlines, reports, rounds, sealing, supporting, tracking, tracking_list
from assessments.boards import Card
from assessments.models import Entry, EntryStage, Matter, MatterState, Phase, Round, ScoreEvent, Shape
from assessments.models.tracking import STAGES
from assessments.refusals import ChangedMeanwhile, NotNow, ReasonNeeded, StillOpen
from assessments.tracking_board import board
from assessments.transitions import MatterAction
from assessments.worklist import tasks
from indicators import importing
from indicators.models import Ledger, Responsibility
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.by_hand import by_hand
from units.models import Role, User

pytestmark = pytest.mark.django_db

LEDGERS = Path(__file__).resolve().parents[2] / "fixtures" / "ledgers"

SPEC = {"政策落实": (("清理文件", None), ("权责清单", None)), "平台建设": (("门户网站", None),)}
UNIT, REVIEWERS, OFFICE = {Role.FILLER, Role.SIGNER}, {Role.OFFICE, Role.REVIEWER}, {Role.OFFICE}
S, A = MatterState, MatterAction
SELF, REVIEW = Phase.SELF_ASSESSMENT, Phase.REVIEW
# what the office's rules say: who, in which phase, from which state → to which
AGREED: dict[tuple[MatterAction, Phase], list[tuple[set[Role], dict[MatterState, MatterState]]]] = {
    (A.PLAN, SELF): [(UNIT, {S.UNPLANNED: S.PLANNED, S.PLANNED: S.PLANNED, S.PLAN_RETURNED: S.PLANNED})],
    (A.PLAN, REVIEW): [(UNIT, {S.PLAN_RETURNED: S.PLANNED})],
    (A.REPORT, SELF): [(UNIT, {S.PLANNED: S.REPORTED, S.REPORT_RETURNED: S.REPORTED})],
    (A.REPORT, REVIEW): [(UNIT, {S.REPORT_RETURNED: S.REPORTED})],
}
for _phase in (SELF, REVIEW):
    AGREED[A.CLOSE, _phase] = [
        (REVIEWERS, {S.REPORTED: S.CLOSED}),
        (OFFICE, {S.UNPLANNED: S.CLOSED, S.PLANNED: S.CLOSED}),
    ]
    _back = {S.PLANNED: S.PLAN_RETURNED, S.REPORTED: S.REPORT_RETURNED}
    AGREED[A.SEND_BACK, _phase] = [(REVIEWERS, _back), (OFFICE, {S.CLOSED: S.REPORT_RETURNED})]
    AGREED[A.POSTPONE, _phase] = [(OFFICE, {one: one for one in S if one != S.CLOSED})]


def agreed(action: MatterAction, state: MatterState, phase: Phase, role: Role) -> MatterState | None:
    for roles, moves in AGREED.get((action, phase), []):
        if role in roles and state in moves:
            return moves[state]
    return None


@pytest.fixture
def who() -> Office:
    return o.office()


@pytest.fixture
def round_(who: Office) -> Round:
    """Three matters: 教育局 leads two, 民政局 one; measures are due today, results in thirty days."""
    today = timezone.localdate()
    on = o.ledger(who.organisation, SPEC, [who.units[0], who.units[0], who.units[1]])
    days = {"self_due": today, "review_due": today + timedelta(days=30)}
    return rounds.open_round(o.prepared(who, on, Shape.TRACKED, **days), by=who.office)


def plan(entry: Entry, by: User, words: str = "列出清单，明确责任人") -> Matter:
    entry.refresh_from_db()
    return tracking.plan(entry, words, version=entry.version, key=o.key(), by=by)


def report(entry: Entry, by: User, words: str = "已公开 12 件") -> Matter:
    entry.refresh_from_db()
    return tracking.report(entry, words, version=entry.version, key=o.key(), by=by)


def close(entry: Entry, by: User, words: str = "") -> Matter:
    entry.refresh_from_db()
    return tracking.close(entry, words, version=entry.version, key=o.key(), by=by)


def send_back(entry: Entry, by: User, words: str = "写明数量") -> Matter:
    entry.refresh_from_db()
    return tracking.send_back(entry, words, version=entry.version, key=o.key(), by=by)


# ---- who may do what, when -------------------------------------------------------------------------


def _act(action: MatterAction, entry: Entry, by: User) -> object:
    common = {"version": entry.version, "key": o.key(), "by": by}
    later = date(2099, 1, 1)
    acts: dict[MatterAction, Callable[[], object]] = {
        A.PLAN: lambda: tracking.plan(entry, "新的措施", **common),
        A.REPORT: lambda: tracking.report(entry, "新的结果", **common),
        A.CLOSE: lambda: tracking.close(entry, "意见", **common),
        A.SEND_BACK: lambda: tracking.send_back(entry, "意见", **common),
        A.POSTPONE: lambda: tracking.postpone(entry, later, later, "延期原因", **common),
    }
    return acts[action]()


class _Undo(Exception):
    """Takes one situation back."""


def _state_after(action: MatterAction, entry: Entry, state: MatterState, phase: Phase, by: User) -> str | None:
    after = None
    try:
        with transaction.atomic():
            Round.objects.filter(pk=entry.sheet.round_id).update(phase=phase)
            Entry.objects.filter(pk=entry.pk).update(stage=STAGES[state])
            words = {"measures": "措施", "result": "结果", "remark": "意见", "decided_at": timezone.now()}
            Matter.objects.filter(entry=entry).update(state=state, **words)
            _act(action, Entry.objects.get(pk=entry.pk), by)
            after = Matter.objects.get(entry=entry).state
            assert Entry.objects.get(pk=entry.pk).stage == STAGES[after]
            raise _Undo
    except (_Undo, NotNow):
        pass
    return after


def test_the_verbs_follow_the_table_for_every_role_state_and_phase(who: Office, round_: Round) -> None:
    people = {Role.OFFICE: who.office, Role.REVIEWER: who.reviewer, Role.LEADER: who.leader}
    people |= {Role.FILLER: who.fillers[0], Role.SIGNER: who.signers[0]}
    people |= {role: o.person(who.organisation, role) for role in (Role.ADMIN, Role.AUDITOR)}
    entry = o.entry(round_, "清理文件")
    for action, state, phase, role in product(A, S, Phase, Role):
        if phase in (Phase.PUBLISHED, Phase.ARCHIVED):
            continue  # sealed by a constraint; the whole round below is published
        after = _state_after(action, entry, state, phase, people[role])
        assert after == agreed(action, state, phase, role), (action, state, phase, role)


def test_another_units_people_can_do_nothing_to_a_matter(who: Office, round_: Round) -> None:
    entry = o.entry(round_, "清理文件")
    stranger = o.office("邻县人民政府", ["财政局"])
    for by in (who.fillers[1], who.signers[1], stranger.office, stranger.fillers[0]):
        for action, state in product(A, S):
            assert _state_after(action, entry, state, SELF, by) is None, (by, action, state)


def test_scores_are_not_given_in_a_tracked_round(who: Office, round_: Round) -> None:
    entry, by = o.entry(round_, "清理文件"), who.fillers[0]
    with pytest.raises(NotNow, match="督办制的轮次"):
        entries.save(entry, entries.SelfAssessment("1"), version=0, key=o.key(), by=by)
    with pytest.raises(NotNow, match="督办制的轮次"):
        entries.submit(round_, who.units[0], by=by, key=o.key())
    o.in_phase(round_, Phase.REVIEW)
    with pytest.raises(NotNow, match="督办制的轮次"):
        entries.adjust(entry, "1", "", version=0, key=o.key(), by=who.office)
    with pytest.raises(NotNow, match="督办制的轮次"):
        entries.accept_undisputed(round_, by=who.office)
    with pytest.raises(NotNow, match="督办制的轮次"):
        objections.file(entry, "不服", version=0, key=o.key(), by=by)
    assert rounds.moves(Round.objects.get(pk=round_.pk)) == (Phase.SELF_ASSESSMENT,)


# ---- what is written --------------------------------------------------------------------------------


def test_measures_and_results_have_words_and_a_return_a_reason(who: Office, round_: Round) -> None:
    entry = o.entry(round_, "清理文件")
    with pytest.raises(ReasonNeeded, match="措施没有填写"):
        plan(entry, who.fillers[0], "  ")
    plan(entry, who.fillers[0])
    with pytest.raises(ReasonNeeded, match="落实情况没有填写"):
        report(entry, who.fillers[0], "\n")
    with pytest.raises(ReasonNeeded, match="退回要写明原因"):
        send_back(entry, who.office, "")
    with pytest.raises(ReasonNeeded, match="最多 5000 字"):
        report(entry, who.fillers[0], "字" * 5001)
    with pytest.raises(ReasonNeeded, match="直接办结要写明原因"):
        close(entry, who.office)


def test_the_same_click_twice_is_one_report_and_an_old_form_is_told(who: Office, round_: Round) -> None:
    entry, by = o.entry(round_, "清理文件"), who.fillers[0]
    for _ in range(2):
        tracking.plan(entry, "列出清单", version=0, key="one-click", by=by)
    assert ScoreEvent.objects.filter(entry=entry).count() == 1
    with pytest.raises(ChangedMeanwhile):
        tracking.plan(entry, "另一份措施", version=0, key=o.key(), by=who.signers[0])
    assert Matter.objects.get(entry=entry).measures == "列出清单"


def test_every_step_stays_in_the_history_and_its_chain(who: Office, round_: Round) -> None:
    entry = o.entry(round_, "清理文件")
    plan(entry, who.fillers[0], "第一稿")
    plan(entry, who.fillers[0], "第二稿")
    report(entry, who.signers[0])
    send_back(entry, who.office, "写明数量")
    told = [(one.action, one.changes.get("matter_measures"), one.reason) for one in entry.events.all()]
    assert told == [
        ("plan", ["", "第一稿"], ""),
        ("plan", ["第一稿", "第二稿"], ""),
        ("report", None, ""),
        ("send-back", None, "写明数量"),
    ]
    assert entry.events.last().changes["matter_state"] == ["reported", "report-returned"]
    assert sealing.verify(Round.objects.get(pk=round_.pk)) == [f"“{round_.name}”还没有公布，没有可以核对的结果。"]


def test_a_closed_matter_has_earned_its_one_and_loses_it_when_it_is_opened_again(who: Office, round_: Round) -> None:
    entry = o.entry(round_, "清理文件")
    plan(entry, who.fillers[0])
    report(entry, who.fillers[0])
    close(entry, who.office, "落实到位")
    entry.refresh_from_db()
    assert (entry.stage, entry.earned, entry.final_score) == (EntryStage.ACCEPTED, 1, 1)
    send_back(entry, who.office, "网址打不开")
    entry.refresh_from_db()
    assert (entry.stage, entry.earned, entry.final_score) == (EntryStage.RETURNED, None, None)


def test_what_nobody_leads_the_office_closes_itself_with_a_reason(who: Office) -> None:
    on = o.ledger(who.organisation, SPEC)
    round_ = rounds.open_round(o.prepared(who, on, Shape.TRACKED), by=who.office)
    entry = o.entry(round_, "门户网站")
    assert entry.unit is None
    Matter.objects.filter(entry=entry).update(state=S.REPORTED, result="结果")
    with pytest.raises(NotNow, match="没有牵头单位，不能退回"):
        send_back(entry, who.office)
    Matter.objects.filter(entry=entry).update(state=S.UNPLANNED, result="")
    assert close(entry, who.office, "由办公室统一建设").state == S.CLOSED


# ---- days -------------------------------------------------------------------------------------------


def test_the_day_itself_is_in_time_and_the_next_midnight_in_shanghai_is_not(who: Office, round_: Round) -> None:
    entry = o.entry(round_, "清理文件")
    Matter.objects.filter(entry=entry).update(measures_due=date(2026, 7, 30))
    with time_machine.travel("2026-07-30T15:59:00Z", tick=False):
        matter = Matter.objects.get(entry=entry)
        assert tracking_list.light_of(matter, timezone.localdate())[1] == "soon"
    with time_machine.travel("2026-07-30T16:00:00Z", tick=False):
        matter = Matter.objects.get(entry=entry)
        light = tracking_list.light_of(matter, timezone.localdate())
        assert light == ("measures", "overdue", "措施 7 月 30 日已截止，逾期 1 天")
        plan(entry, who.fillers[0])
    assert tracking_list.lateness(Matter.objects.get(entry=entry)) == "措施逾期 1 天报送"


def test_days_come_from_the_ledger_where_it_names_them_and_else_from_the_round(who: Office) -> None:
    on = o.ledger(who.organisation, SPEC, who.units[:1])
    on.indicators.filter(name="清理文件").update(
        deadlines=["7月30日前提出措施报办公室", "12月20日前将落实情况报办公室"]
    )
    on.indicators.filter(name="权责清单").update(deadlines=["10月底前"])
    days = {"self_due": date(2026, 6, 1), "review_due": date(2026, 11, 30), "days_year": 2026}
    round_ = rounds.open_round(o.prepared(who, on, Shape.TRACKED, **days), by=who.office)
    found = {
        one.entry.indicator.name: (one.measures_due, one.result_due)
        for one in Matter.objects.filter(entry__sheet__round=round_).select_related("entry__indicator")
    }
    assert found == {
        "清理文件": (date(2026, 7, 30), date(2026, 12, 20)),
        "权责清单": (date(2026, 6, 1), date(2026, 10, 31)),
        "门户网站": (date(2026, 6, 1), date(2026, 11, 30)),
    }


def test_an_extension_moves_one_matters_days_and_says_why(who: Office, round_: Round) -> None:
    entry = o.entry(round_, "清理文件")
    later = timezone.localdate() + timedelta(days=9)
    tracking.postpone(entry, later, later, "机构改革", version=0, key=o.key(), by=who.office)
    matter = Matter.objects.get(entry=entry)
    assert (matter.measures_due, matter.result_due) == (later, later)
    event = entry.events.get()
    assert (event.reason, event.changes["matter_measures_due"]) == (
        "机构改革",
        [round_.self_due.isoformat(), later.isoformat()],
    )
    assert Matter.objects.get(entry__indicator__name="权责清单").measures_due == round_.self_due
    with pytest.raises(NotNow, match="不能早于措施期限"):
        tracking.postpone(entry, later, round_.self_due, "颠倒", version=1, key=o.key(), by=who.office)


# ---- what is shown ----------------------------------------------------------------------------------


def _card(cards: tuple[Card, ...], label: str) -> str:
    return next(card.value for card in cards if card.label == label)


def test_the_board_counts_what_its_lists_list(who: Office, round_: Round) -> None:
    first, second, third = (o.entry(round_, name) for name in ("清理文件", "权责清单", "门户网站"))
    plan(first, who.fillers[0])
    report(first, who.fillers[0])
    close(first, who.office)
    plan(second, who.fillers[0])
    tomorrow = timezone.localdate() + timedelta(days=1)
    seen = board(round_, tomorrow)
    assert (_card(seen.cards, "办结率"), _card(seen.cards, "已逾期")) == ("33.33", "1")
    assert [(top.title, top.counts.closed, top.counts.total) for top in seen.tops] == [
        ("政策落实", 1, 2),
        ("平台建设", 0, 1),
    ]
    assert [(line.unit, line.counts.rate, line.counts.overdue) for line in seen.units] == [
        ("民政局", "0.00", 1),
        ("教育局", "50.00", 0),
    ]
    assert [one.entry_id for one in seen.pressing] == [third.pk]
    tree = outlines.outline(round_.ledger_id)
    rows = tracking_list.rows(round_, tomorrow, tree)
    for show, number in (("overdue", 1), ("accepted", 1), ("planned", 2), ("open", 2), ("unfilled", 1)):
        assert len(tracking_list.chosen(rows, tracking_list.Wanted(show), tree)) == number, show


def test_my_tasks_shows_the_day_of_what_is_owed_next(who: Office, round_: Round) -> None:
    today = timezone.localdate()
    (group,) = tasks(who.units[0], today)
    assert (group.title, group.tasks[0].measured, group.tasks[0].deadline.due) == ("三天内截止", 0, today)
    for name in ("清理文件", "权责清单"):
        plan(o.entry(round_, name), who.fillers[0])
    (group,) = tasks(who.units[0], today)
    assert (group.title, group.tasks[0].measured, group.tasks[0].deadline.due) == ("本轮", 2, round_.review_due)
    (group,) = tasks(who.units[1], today + timedelta(days=1))
    assert (group.title, group.tasks[0].overdue) == ("逾期", 1)


# ---- the work-points notice, from opening to its seal ---------------------------------------------------


def _work_points(who: Office) -> Ledger:
    content = (LEDGERS / "shandong-hrss-2019-work-points.docx").read_bytes()
    (ledger,) = importing.import_file("要点.docx", content, organisation=who.organisation, by=who.office)
    return ledger


def test_the_work_points_notice_runs_from_opening_to_its_seal() -> None:
    who = o.office("某厅", ["办公室", "政策法规处", "规财处"])
    ledger = _work_points(who)
    round_ = o.prepared(who, ledger, Shape.TRACKED, days_year=2019)
    round_ = rounds.open_round(round_, by=who.office)
    matters = Matter.objects.filter(entry__sheet__round=round_)
    assert set(matters.values_list("measures_due", "result_due")) == {(date(2019, 7, 30), date(2019, 12, 20))}
    led = list(Entry.objects.filter(sheet__round=round_, unit__isnull=False).in_order())
    fillers = {entry.unit_id: o.person(who.organisation, Role.FILLER, entry.unit) for entry in led}
    for entry in led:
        plan(entry, fillers[entry.unit_id])
    supported = supporting.supported(who.units[2]).filter(sheet__round=round_)
    assert (
        supported.count()
        == Responsibility.objects.filter(indicator__ledger=ledger, unit=who.units[2], role="support").count()
    )
    supporting.add_note(supported[0], "审计整改情况已提供", by=who.fillers[2])
    for entry in led:
        report(entry, fillers[entry.unit_id])
    assert send_back(led[0], who.office, "补充公开网址").state == S.REPORT_RETURNED
    round_ = rounds.advance(round_, Phase.REVIEW, by=who.office)
    with pytest.raises(StillOpen):
        rounds.publish(round_, by=who.office, blank_is_zero=True)
    report(led[0], fillers[led[0].unit_id], "已公开，网址附后")
    for entry in led:
        close(entry, who.reviewer)
    blanks = matters.filter(entry__unit__isnull=True).count()
    with pytest.raises(StillOpen, match=f"还有 {blanks} 项没有办结"):
        rounds.publish(round_, by=who.office)
    round_ = rounds.publish(round_, by=who.office, blank_is_zero=True)
    assert sealing.verify(round_) == []
    (sheet,) = reports.score_report(round_)["sheets"]
    whole = str(len(led) + blanks)
    rate = f"{len(led) * 100 / (len(led) + blanks):.2f}"
    assert (sheet["total"], sheet["strict"]) == (
        str(len(led)),
        {"earned": str(len(led)), "possible": whole, "rate": rate},
    )
    assert (sheet["so_far"]["rate"], sheet["band"]) == ("100.00", None)
    assert {one["matter"]["state"] for one in sheet["entries"]} == {"closed", "unplanned"}
    with pytest.raises(NotNow, match="本轮次已公布"):
        plan(led[0], fillers[led[0].unit_id])
    with pytest.raises(IntegrityError), transaction.atomic():
        Matter.objects.filter(entry=led[0]).update(result="事后改动")
    with by_hand():
        Matter.objects.filter(entry=led[0]).update(result="事后改动")
    assert any("落实情况" in one for one in sealing.verify(round_))
