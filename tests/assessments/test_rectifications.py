"""Putting lost points right (整改): ordered, answered, rechecked, before and after publishing; who may do what."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from itertools import product

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from assessments import amending, entries, evidence, rectifications, remedy_list, rounds, sealing
from assessments.models import (
    AmendmentCode,
    Entry,
    EntryStage,
    Phase,
    Rectification,
    RectificationState,
    Round,
    ScoreEvent,
)
from assessments.rectifications import Order
from assessments.refusals import NotNow, ReasonNeeded
from assessments.scoring.points import BadScore
from assessments.scoring.policy import Policy
from assessments.transitions import RemedyAction
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.by_hand import by_hand
from units.models import Role, User

pytestmark = pytest.mark.django_db

S, A = RectificationState, RemedyAction
UNIT, REVIEWERS, OFFICE = {Role.FILLER, Role.SIGNER}, {Role.OFFICE, Role.REVIEWER}, {Role.OFFICE}
OPEN_PHASES = (Phase.REVIEW, Phase.OBJECTION, Phase.PUBLISHED)
# who may do it, from which state → to which; in each of the phases above and in no other
AGREED: dict[RemedyAction, list[tuple[set[Role], dict[S, S]]]] = {
    A.ANSWER: [(UNIT, {S.ORDERED: S.ANSWERED, S.REOPENED: S.ANSWERED})],
    A.CLOSE: [(REVIEWERS, {S.ANSWERED: S.CLOSED}), (OFFICE, {S.ORDERED: S.CLOSED, S.REOPENED: S.CLOSED})],
    A.REOPEN: [(REVIEWERS, {S.ANSWERED: S.REOPENED})],
    A.EXTEND: [(OFFICE, {S.ORDERED: S.ORDERED, S.REOPENED: S.REOPENED})],
}


@pytest.fixture
def who() -> Office:
    return o.office()


def reviewed(who: Office, policy: Policy | None = None) -> Round:
    """教育局's four items are reviewed; 主动公开 lost 1 of 4, 回应关切 1 of 2, the others nothing."""
    round_ = o.opened(who, policy=policy)
    scores = {"主动公开": "3", "政策解读": "1", "回应关切": "1", "网站建设": "3"}
    round_ = o.handed_in(who, round_, scores)
    entries.accept_undisputed(round_, by=who.office)
    return round_


def offered(round_: Round) -> list[remedy_list.Lost]:
    """The lost points that somebody who sees all of the round may order to be put right."""
    return remedy_list.candidates(Entry.objects.filter(sheet__round=round_), round_, None)


def order(who: Office, entry: Entry, days: int = 10) -> Rectification:
    due = timezone.localdate() + timedelta(days=days)
    entry = Entry.objects.get(pk=entry.pk)
    (made,) = rectifications.order([Order(entry, "栏目半年没有更新")], due, by=who.office, key=o.key())
    return made


def answered(who: Office, one: Rectification) -> Rectification:
    one.refresh_from_db()
    words = ("专人负责，每周更新", "已补齐 24 条", "https://www.example.gov.cn/a")
    return rectifications.answer(one, *words, version=one.version, key=o.key(), by=who.fillers[0])


def close(one: Rectification, by: User, words: str = "", score: str = "") -> Rectification:
    one.refresh_from_db()
    return rectifications.close(one, words, score, version=one.version, key=o.key(), by=by)


# ---- who may do what, when --------------------------------------------------------------------------


def agreed(action: RemedyAction, state: S, phase: Phase, role: Role) -> S | None:
    for roles, moves in AGREED[action]:
        if phase in OPEN_PHASES and role in roles and state in moves:
            return moves[state]
    return None


class _Undo(Exception):
    """Takes one situation back."""


def _act(action: RemedyAction, one: Rectification, by: User) -> object:
    common = {"version": one.version, "key": o.key(), "by": by}
    acts: dict[RemedyAction, Callable[[], object]] = {
        A.ANSWER: lambda: rectifications.answer(one, "措施", "情况", "", **common),
        A.CLOSE: lambda: rectifications.close(one, "复查", **common),
        A.REOPEN: lambda: rectifications.reopen(one, "没有到位", **common),
        A.EXTEND: lambda: rectifications.extend(one, timezone.localdate() + timedelta(days=60), "改革", **common),
    }
    return acts[action]()


def _state_after(action: RemedyAction, one: Rectification, state: S, by: User) -> str | None:
    after = None
    try:
        with transaction.atomic():
            words = {"answer": "已报", "remark": "意见", "closed_at": timezone.now()}
            Rectification.objects.filter(pk=one.pk).update(state=state, **words)
            _act(action, Rectification.objects.get(pk=one.pk), by)
            after = Rectification.objects.get(pk=one.pk).state
            raise _Undo
    except (_Undo, NotNow):
        pass
    return after


def test_the_verbs_follow_the_table_for_every_role_state_and_phase(who: Office) -> None:
    round_ = reviewed(who)
    one = order(who, o.entry(round_, "主动公开"))
    people = {Role.OFFICE: who.office, Role.REVIEWER: who.reviewer, Role.LEADER: who.leader}
    people |= {Role.FILLER: who.fillers[0], Role.SIGNER: who.signers[0]}
    people |= {role: o.person(who.organisation, role) for role in (Role.ADMIN, Role.AUDITOR)}
    stranger = o.office("邻县人民政府", ["财政局"])
    foreign = [who.fillers[1], who.signers[1], stranger.office, stranger.fillers[0]]

    def hold(phase: Phase) -> None:
        for action, state in product(AGREED, S):
            for role, by in people.items():
                assert _state_after(action, one, state, by) == agreed(action, state, phase, role), (action, state, role)
            for by in foreign:
                assert _state_after(action, one, state, by) is None, (action, state, by)

    for phase in (Phase.SELF_ASSESSMENT, Phase.REVIEW, Phase.OBJECTION):
        o.in_phase(round_, phase)
        hold(phase)
    rounds.publish(o.in_phase(round_, Phase.REVIEW), by=who.office)
    hold(Phase.PUBLISHED)
    rounds.advance(round_, Phase.ARCHIVED, by=who.office)
    hold(Phase.ARCHIVED)


@pytest.mark.parametrize("phase", [Phase.SELF_ASSESSMENT, Phase.REVIEW, Phase.OBJECTION])
def test_only_the_office_orders_and_only_after_review(who: Office, phase: Phase) -> None:
    round_ = reviewed(who)
    o.in_phase(round_, phase)
    entry, due = o.entry(round_, "主动公开"), timezone.localdate()
    for by in (who.reviewer, who.leader, who.fillers[0], who.signers[0], o.office("邻县", ["财政局"]).office):
        with pytest.raises(NotNow):
            rectifications.order([Order(entry, "问题")], due, by=by, key=o.key())
    if phase == Phase.SELF_ASSESSMENT:
        with pytest.raises(NotNow, match="不能要求整改"):
            rectifications.order([Order(entry, "问题")], due, by=who.office, key=o.key())
    else:
        assert rectifications.order([Order(entry, "问题")], due, by=who.office, key=o.key())


# ---- ordering ---------------------------------------------------------------------------------------


def test_several_lost_points_are_ordered_at_once_or_none_of_them(who: Office) -> None:
    round_ = reviewed(who)
    lost, full = [o.entry(round_, name) for name in ("主动公开", "回应关切")], o.entry(round_, "政策解读")
    due = timezone.localdate() + timedelta(days=5)
    with pytest.raises(NotNow, match="没有失分"):
        rectifications.order([Order(one, "问题") for one in (*lost, full)], due, by=who.office, key=o.key())
    with pytest.raises(ReasonNeeded, match="要写明问题"):
        rectifications.order([Order(lost[0], "问题"), Order(lost[1], " ")], due, by=who.office, key=o.key())
    assert not Rectification.objects.exists()
    for _ in range(2):
        made = rectifications.order([Order(one, "问题") for one in lost], due, by=who.office, key="one-click")
    assert len(made) == Rectification.objects.count() == 2
    with pytest.raises(NotNow, match="已经在整改"):
        order(who, lost[0])
    with pytest.raises(NotNow, match="最早到今天"):
        rectifications.order([Order(lost[0], "问题")], due - timedelta(days=6), by=who.office, key=o.key())


def test_the_database_keeps_one_open_order_an_entry(who: Office) -> None:
    one = order(who, o.entry(reviewed(who), "主动公开"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Rectification.objects.create(entry=one.entry, problem="又一件", ordered_by=who.office)


def test_what_can_be_ordered_is_what_lost_points_and_is_not_being_put_right(who: Office) -> None:
    round_ = reviewed(who)
    assert [one.name for one in offered(round_)] == ["主动公开", "回应关切"]
    order(who, o.entry(round_, "主动公开"))
    assert [one.name for one in offered(round_)] == ["回应关切"]


def test_after_publishing_a_correction_decides_what_has_lost_points(who: Office) -> None:
    round_ = rounds.publish(reviewed(who), by=who.office)
    for name, score in (("主动公开", "4"), ("政策解读", "0.5"), ("回应关切", "1.5")):
        amending.amend(
            entry=o.entry(round_, name), score=Decimal(score), code=AmendmentCode.ERROR, reason="复核", by=who.office
        )
    found = offered(round_)
    assert [(one.name, one.earned, one.lost) for one in found] == [
        ("政策解读", "0.50", "−0.50"),
        ("回应关切", "1.50", "−0.50"),
    ]


def test_an_item_put_right_once_and_ordered_again_is_not_offered_a_third_time(who: Office) -> None:
    round_ = reviewed(who)
    one = order(who, o.entry(round_, "主动公开"))
    rectifications.close(one, "已复查", version=one.version, key=o.key(), by=who.office)
    order(who, o.entry(round_, "主动公开"))
    assert [one.name for one in offered(round_)] == ["回应关切"]


# ---- answering and rechecking -----------------------------------------------------------------------


def test_an_order_goes_back_once_and_is_closed_and_all_of_it_stays(who: Office) -> None:
    round_ = reviewed(who)
    one = answered(who, order(who, o.entry(round_, "主动公开")))
    with pytest.raises(ReasonNeeded, match="写明原因"):
        rectifications.reopen(one, "", version=one.version, key=o.key(), by=who.office)
    one = rectifications.reopen(one, "缺三月的", version=one.version, key=o.key(), by=who.reviewer)
    assert close(answered(who, one), who.reviewer, "符合要求").state == S.CLOSED
    told = [(event.action, event.reason) for event in ScoreEvent.objects.filter(action__startswith="remedy")]
    assert told == [
        ("remedy-order", "栏目半年没有更新"),
        ("remedy-answer", ""),
        ("remedy-reopen", "缺三月的"),
        ("remedy-answer", ""),
        ("remedy-close", "符合要求"),
    ]
    assert o.entry(round_, "主动公开").earned == 3


def test_an_old_page_is_told_and_a_second_click_changes_nothing(who: Office) -> None:
    one = order(who, o.entry(reviewed(who), "主动公开"))
    for _ in range(2):
        rectifications.answer(one, "措施", "情况", "", version=0, key="one-click", by=who.fillers[0])
    with pytest.raises(NotNow, match="不能报整改"):
        rectifications.answer(one, "措施", "另一份", "", version=0, key=o.key(), by=who.signers[0])
    with pytest.raises(NotNow, match="刚刚被别人办理过"):
        rectifications.close(one, "", version=0, key=o.key(), by=who.office)
    answered_ = order(who, o.entry(Round.objects.get(), "回应关切"))
    with pytest.raises(NotNow, match="http"):
        rectifications.answer(answered_, "", "情况", "javascript:alert(1)", version=0, key=o.key(), by=who.fillers[0])


def test_the_unit_adds_evidence_while_it_puts_right_and_takes_back_only_that(who: Office) -> None:
    round_ = reviewed(who)
    entry = o.entry(round_, "主动公开")
    with pytest.raises(evidence.Refused):
        evidence.add_link(entry, "专栏", "https://www.example.gov.cn/", by=who.fillers[0])
    one = order(who, entry)
    row = evidence.add_link(entry, "专栏", "https://www.example.gov.cn/", by=who.fillers[0])
    assert row.rectification == one
    evidence.take_back(row, by=who.fillers[0])
    evidence.add_link(entry, "专栏", "https://www.example.gov.cn/b", by=who.fillers[0])
    answered(who, one)
    with pytest.raises(evidence.Refused):
        evidence.add_link(entry, "专栏", "https://www.example.gov.cn/c", by=who.fillers[0])


# ---- points given back ------------------------------------------------------------------------------


def test_without_the_policy_no_points_come_back(who: Office) -> None:
    one = answered(who, order(who, o.entry(reviewed(who), "主动公开")))
    with pytest.raises(NotNow, match="不恢复得分"):
        close(one, who.office, "", "4")


def test_before_publishing_a_recheck_gives_a_score_of_its_own_stage(who: Office) -> None:
    round_ = reviewed(who, Policy(rectification="restore"))
    one = answered(who, order(who, o.entry(round_, "主动公开")))
    with pytest.raises(NotNow, match="由政务公开办公室办理"):
        close(one, who.reviewer, "", "4")
    with pytest.raises(BadScore, match="要高于现得分"):
        close(one, who.office, "", "3")
    assert close(one, who.office, "已补齐", "3.5").restored is not None
    entry = o.entry(round_, "主动公开")
    scores = (entry.self_score, entry.reviewed_score, entry.rectified_score, entry.final_score, entry.earned)
    assert [str(one.normalize()) for one in scores if one is not None] == ["3", "3", "3.5", "3.5", "3.5"]
    assert entry.events.last().changes["rectified_score"] == [None, "3.5"]
    with pytest.raises(NotNow, match="不再改分或退回"):
        entries.adjust(entry, "1", "再扣", version=entry.version, key=o.key(), by=who.office)
    published = rounds.publish(round_, by=who.office)
    assert sealing.verify(published) == []
    assert str(published.sheets.get().total.normalize()) == "8.5"


def test_after_publishing_it_is_an_amendment_and_the_seal_holds(who: Office) -> None:
    round_ = rounds.publish(reviewed(who, Policy(rectification="restore")), by=who.office)
    one = answered(who, order(who, o.entry(round_, "主动公开")))
    assert sealing.verify(Round.objects.get(pk=round_.pk)) == []
    close(one, who.office, "已补齐", "4")
    entry = o.entry(round_, "主动公开")
    last = amending.last_of(entry)
    assert last is not None
    assert (entry.earned, last.score, last.code, last.sealed_score) == (3, 4, AmendmentCode.RECTIFICATION, 3)
    assert sealing.verify(Round.objects.get(pk=round_.pk)) == []
    assert entry.stage == EntryStage.ACCEPTED
    with by_hand():
        ScoreEvent.objects.filter(entry=entry, action="remedy-answer").update(reason="改过")
    assert sealing.verify(Round.objects.get(pk=round_.pk)) != []


# ---- lists ------------------------------------------------------------------------------------------


def test_overdue_orders_are_counted_and_listed_by_the_same_question(who: Office) -> None:
    round_ = reviewed(who)
    first, second = (order(who, o.entry(round_, name), 2) for name in ("主动公开", "回应关切"))
    answered(who, second)
    later = timezone.localdate() + timedelta(days=3)
    every = Rectification.objects.all()
    found = remedy_list.counts(every, later)
    assert (found.total, found.open, found.overdue, found.answered, found.closed) == (2, 1, 1, 1, 0)
    overdue = remedy_list.lines(every, remedy_list.Wanted("overdue"), later)
    assert [(line.id, line.light) for line in overdue] == [(first.pk, "overdue")]
    today = timezone.localdate()
    assert remedy_list.of_rounds(who.organisation, later)[0].overdue == 1
    assert remedy_list.counts(every, today + timedelta(days=2)).overdue == 0
