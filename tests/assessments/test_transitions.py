"""The table of transitions, walked completely: as a table, and through the verbs that follow it."""

from collections.abc import Callable
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from assessments import entries, objections, signing, transitions
from assessments.amending import amend
from assessments.models import Entry, EntryStage, Objection, Phase, Round
from assessments.refusals import NotNow
from assessments.transitions import Action, ReasonRule
from tests.assessments import office as o
from units.models import Role, User

# a file's scores and a new version of the ledger concern a whole round; their own tests have them
ACTIONS = [action for action in Action if action not in (Action.IMPORT, Action.REBASE)]
SELF, REVIEW, OBJECTION = Phase.SELF_ASSESSMENT, Phase.REVIEW, Phase.OBJECTION
FILLING, SUBMITTED, RETURNED, ACCEPTED, SIGNING = EntryStage
UNIT, OFFICE = {Role.FILLER, Role.SIGNER}, {Role.OFFICE, Role.REVIEWER}

# what the office's regulations say: who, in which phase, from which stage → to which
AGREED: dict[tuple[Action, Phase], tuple[set[Role], dict[EntryStage, EntryStage]]] = {
    (Action.SAVE, SELF): (UNIT, {FILLING: FILLING, RETURNED: RETURNED}),
    (Action.SAVE, REVIEW): (UNIT, {RETURNED: RETURNED}),
    (Action.SUBMIT, SELF): (UNIT, {FILLING: SUBMITTED, RETURNED: SUBMITTED}),
    (Action.SUBMIT, REVIEW): (UNIT, {RETURNED: SUBMITTED}),
    (Action.PRESENT, SELF): (UNIT, {FILLING: SIGNING, RETURNED: SIGNING}),
    (Action.PRESENT, REVIEW): (UNIT, {RETURNED: SIGNING}),
    (Action.SIGN, SELF): ({Role.SIGNER}, {SIGNING: SUBMITTED}),
    (Action.SIGN, REVIEW): ({Role.SIGNER}, {SIGNING: SUBMITTED}),
    (Action.HAND_BACK, SELF): ({Role.SIGNER}, {SIGNING: RETURNED}),
    (Action.HAND_BACK, REVIEW): ({Role.SIGNER}, {SIGNING: RETURNED}),
    (Action.ACCEPT, REVIEW): (OFFICE, {SUBMITTED: ACCEPTED}),
    (Action.ADJUST, REVIEW): (
        OFFICE,
        {FILLING: ACCEPTED, SUBMITTED: ACCEPTED, RETURNED: ACCEPTED, SIGNING: ACCEPTED, ACCEPTED: ACCEPTED},
    ),
    (Action.GIVE_BACK, SELF): (OFFICE, {SUBMITTED: RETURNED}),
    (Action.GIVE_BACK, REVIEW): (
        OFFICE,
        {FILLING: RETURNED, SUBMITTED: RETURNED, SIGNING: RETURNED, ACCEPTED: RETURNED},
    ),
    (Action.OBJECT, OBJECTION): (UNIT, {ACCEPTED: ACCEPTED}),
    (Action.ANSWER, OBJECTION): ({Role.OFFICE}, {ACCEPTED: ACCEPTED}),
    (Action.AMEND, Phase.PUBLISHED): ({Role.OFFICE}, {stage: stage for stage in EntryStage}),
    (Action.AMEND, Phase.ARCHIVED): ({Role.OFFICE}, {stage: stage for stage in EntryStage}),
}
EVERYTHING = list(product(ACTIONS, EntryStage, Phase, Role))


def agreed(action: Action, stage: EntryStage, phase: Phase, role: Role) -> EntryStage | None:
    """The stage that follows, None where it is not allowed."""
    roles, moves = AGREED.get((action, phase), (set(), {}))
    return moves.get(stage) if role in roles else None


def test_the_table_allows_what_was_agreed_and_nothing_else() -> None:
    for action, stage, phase, role in EVERYTHING:
        line = transitions.find(action, stage=stage, phase=phase, role=role)
        after = None if line is None else (line.to or stage)
        assert after == agreed(action, stage, phase, role), (action, stage, phase, role)


def test_no_situation_is_covered_by_two_lines() -> None:
    for action, stage, phase, role in EVERYTHING:
        lines = [
            line
            for line in transitions.TABLE
            if line.action == action and stage in line.stages and phase in line.phases and role in line.roles
        ]
        assert len(lines) <= 1, (action, stage, phase, role)


def test_returning_and_objecting_always_need_a_reason_and_accepting_never() -> None:
    rules = {line.action: line.reason for line in transitions.ENTRIES}
    assert rules == {
        Action.SAVE: ReasonRule.CLAIM,
        Action.SUBMIT: ReasonRule.BELOW_FULL,
        Action.PRESENT: ReasonRule.BELOW_FULL,
        Action.SIGN: ReasonRule.NEVER,
        Action.HAND_BACK: ReasonRule.ALWAYS,
        Action.ACCEPT: ReasonRule.NEVER,
        Action.ADJUST: ReasonRule.CHANGED,
        Action.GIVE_BACK: ReasonRule.ALWAYS,
        Action.OBJECT: ReasonRule.ALWAYS,
        Action.ANSWER: ReasonRule.ALWAYS,
        Action.AMEND: ReasonRule.ALWAYS,
        Action.REBASE: ReasonRule.ALWAYS,
    }


@pytest.mark.parametrize(
    ("action", "stage", "phase", "role", "sentence"),
    [
        (Action.SAVE, FILLING, Phase.PUBLISHED, Role.FILLER, "本轮次已公布，不能再填写。"),
        (Action.SAVE, FILLING, Phase.PREPARING, Role.FILLER, "本轮次还没有开启，不能填写。"),
        (Action.ACCEPT, SUBMITTED, REVIEW, Role.FILLER, "“填报员”不能通过。"),
        (Action.SAVE, SUBMITTED, SELF, Role.FILLER, "这一项已提交，现在不能填写。"),
        (Action.ACCEPT, SUBMITTED, SELF, Role.OFFICE, "本轮次在“自评”阶段，不能通过。"),
        (Action.OBJECT, ACCEPTED, REVIEW, Role.FILLER, "本轮次在“审核”阶段，不能申诉。"),
        (Action.OBJECT, SUBMITTED, OBJECTION, Role.FILLER, "这一项已提交，现在不能申诉。"),
        (Action.ANSWER, ACCEPTED, OBJECTION, Role.REVIEWER, "“评审员”不能答复申诉。"),
    ],
)
def test_what_is_not_allowed_is_explained(action: str, stage: str, phase: str, role: str, sentence: str) -> None:
    assert transitions.why_not(action, stage=stage, phase=phase, role=role) == sentence


SEALED_AS: dict[str, Any] = {"published_at": timezone.now(), "snapshot": {}, "seal": "x"}


class _Undo(Exception):
    """Takes one situation back."""


def _filed(entry: Entry) -> Objection:
    by = entry.self_by
    assert by is not None
    return Objection.objects.create(entry=entry, reason="已补齐", filed_by=by)


def _act(action: Action, entry: Entry, round_: Round, by: User) -> None:
    version, key = entry.version, o.key()
    acts: dict[Action, Callable[[], object]] = {
        Action.SAVE: lambda: entries.save(entry, entries.SelfAssessment("1", "缺项"), version=version, key=key, by=by),
        Action.ACCEPT: lambda: entries.accept(entry, version=version, key=key, by=by),
        Action.ADJUST: lambda: entries.adjust(entry, "0.5", "核减", version=version, key=key, by=by),
        Action.GIVE_BACK: lambda: entries.give_back(entry, "补充材料", version=version, key=key, by=by),
        Action.OBJECT: lambda: objections.file(entry, "已补齐", version=version, key=key, by=by),
        Action.ANSWER: lambda: objections.answer(_filed(entry), True, "材料有效", "3.5", by=by),
        Action.AMEND: lambda: amend(entry=entry, score=Decimal(1), code="error", reason="误判", by=by),
    }
    assert entry.unit is not None
    unit = entry.unit
    acts[Action.SIGN] = lambda: signing.sign(round_, unit, by=by, key=key)
    acts[Action.HAND_BACK] = lambda: signing.hand_back(round_, unit, [entry.pk], "补充说明", by=by, key=key)
    if action not in (Action.SUBMIT, Action.PRESENT):
        acts[action]()
        return
    found = entries.submit(round_, unit, by=by, key=key)
    if found.blocked or not found.count:
        raise NotNow("nothing was handed in")


@pytest.mark.django_db
def test_the_verbs_follow_the_table_in_every_situation() -> None:
    who = o.office(units=["教育局"])
    round_ = o.opened(who, spec={"公开内容": (("主动公开", "4"),)})
    o.fill(o.entry(round_, "主动公开"), "3", who.fillers[0], "材料不全")
    people = {Role.OFFICE: who.office, Role.REVIEWER: who.reviewer, Role.LEADER: who.leader}
    people |= {Role.FILLER: who.fillers[0], Role.SIGNER: who.signers[0]}
    people |= {role: o.person(who.organisation, role) for role in (Role.ADMIN, Role.AUDITOR)}
    for action, stage, phase, role in EVERYTHING:
        after = None
        try:
            with transaction.atomic():
                Entry.objects.update(stage=stage)
                asks = action == Action.PRESENT
                Round.objects.filter(pk=round_.pk).update(phase=phase, sign_off=asks, **SEALED_AS)
                round_.sign_off = asks
                _act(action, Entry.objects.get(), round_, people[role])
                after = Entry.objects.get().stage
                raise _Undo
        except (_Undo, NotNow):
            pass
        assert after == agreed(action, stage, phase, role), (action, stage, phase, role)
