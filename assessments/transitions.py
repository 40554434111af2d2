"""The one table of what may be done: action, stage, phase of the round, role → next stage, reason rule.

Its parts are about entries, tracked matters (督办事项) and orders to put right (整改): no two share a stage.
It says nothing of units and last days: whose entry it is and until when stands in `entries` and `windows`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import TextChoices

from assessments.models import EntryStage, MatterState, Phase, RectificationState
from units.models import UNIT_ROLES, Role


class Action(TextChoices):
    """What is done to an entry; the value stands in its history."""

    SAVE = "save", "填写"
    SUBMIT = "submit", "提交"
    # where the unit's head signs (须签审): presented by the filler, then signed or handed back
    PRESENT = "present", "送签"
    SIGN = "sign", "签审"
    HAND_BACK = "hand-back", "退回填报员"
    ACCEPT = "accept", "通过"
    ADJUST = "adjust", "改分"
    GIVE_BACK = "return", "退回"
    OBJECT = "object", "申诉"
    ANSWER = "answer", "答复申诉"
    IMPORT = "import", "导入"
    AMEND = "amend", "更正"
    REBASE = "rebase", "套用新版台账"


class MatterAction(TextChoices):
    """What is done to a tracked matter; the value stands in its entry's history."""

    PLAN = "plan", "报措施"
    REPORT = "report", "报结果"
    CLOSE = "close", "办结"
    SEND_BACK = "send-back", "退回"
    POSTPONE = "postpone", "延期"


class RemedyAction(TextChoices):
    """What is done to an order to put right; the value stands in its entry's history."""

    ORDER = "remedy-order", "要求整改"
    ANSWER = "remedy-answer", "报整改"
    CLOSE = "remedy-close", "销号"
    REOPEN = "remedy-reopen", "退回重新整改"
    EXTEND = "remedy-extend", "改整改期限"


class ReasonRule(TextChoices):
    """When an action needs words."""

    NEVER = "never", "不需要"
    CLAIM = "claim", "申请不涉及时"
    BELOW_FULL = "below-full", "低于满分或申请不涉及时"
    CHANGED = "changed", "与自评得分不同时"
    ALWAYS = "always", "必填"


@dataclass(frozen=True, slots=True)
class Transition:
    """One line of the table. to: the stage afterwards, None when it stays."""

    action: str
    stages: frozenset[str]
    phases: frozenset[Phase]
    roles: frozenset[Role]
    to: str | None
    reason: ReasonRule


_REVIEWERS = (Role.OFFICE, Role.REVIEWER)


def _line(
    action: str,
    stages: Collection[str],
    phases: Collection[Phase],
    roles: Collection[Role],
    to: str | None,
    reason: ReasonRule,
) -> Transition:
    return Transition(action, frozenset(stages), frozenset(phases), frozenset(roles), to, reason)


_A, _S, _P, _R = Action, EntryStage, Phase, ReasonRule
_HANDING_IN = (Phase.SELF_ASSESSMENT, Phase.REVIEW)

ENTRIES: tuple[Transition, ...] = (
    _line(_A.SAVE, [_S.FILLING], [_P.SELF_ASSESSMENT], UNIT_ROLES, None, _R.CLAIM),
    _line(_A.SAVE, [_S.RETURNED], [_P.SELF_ASSESSMENT, _P.REVIEW], UNIT_ROLES, None, _R.CLAIM),
    _line(_A.SUBMIT, [_S.FILLING], [_P.SELF_ASSESSMENT], UNIT_ROLES, _S.SUBMITTED, _R.BELOW_FULL),
    _line(_A.SUBMIT, [_S.RETURNED], [_P.SELF_ASSESSMENT, _P.REVIEW], UNIT_ROLES, _S.SUBMITTED, _R.BELOW_FULL),
    _line(_A.PRESENT, [_S.FILLING], [_P.SELF_ASSESSMENT], UNIT_ROLES, _S.SIGNING, _R.BELOW_FULL),
    _line(_A.PRESENT, [_S.RETURNED], _HANDING_IN, UNIT_ROLES, _S.SIGNING, _R.BELOW_FULL),
    # what was presented in time may be signed while the office reviews
    _line(_A.SIGN, [_S.SIGNING], _HANDING_IN, [Role.SIGNER], _S.SUBMITTED, _R.NEVER),
    _line(_A.HAND_BACK, [_S.SIGNING], _HANDING_IN, [Role.SIGNER], _S.RETURNED, _R.ALWAYS),
    _line(_A.ACCEPT, [_S.SUBMITTED], [_P.REVIEW], _REVIEWERS, _S.ACCEPTED, _R.NEVER),
    # the office may also score what a unit never handed in, and correct its own score
    _line(_A.ADJUST, list(_S), [_P.REVIEW], _REVIEWERS, _S.ACCEPTED, _R.CHANGED),
    _line(_A.GIVE_BACK, [_S.SUBMITTED], [_P.SELF_ASSESSMENT, _P.REVIEW], _REVIEWERS, _S.RETURNED, _R.ALWAYS),
    _line(_A.GIVE_BACK, [_S.FILLING, _S.SIGNING, _S.ACCEPTED], [_P.REVIEW], _REVIEWERS, _S.RETURNED, _R.ALWAYS),
    _line(_A.OBJECT, [_S.ACCEPTED], [_P.OBJECTION], UNIT_ROLES, None, _R.ALWAYS),
    # not the reviewers, whose score is objected to
    _line(_A.ANSWER, [_S.ACCEPTED], [_P.OBJECTION], [Role.OFFICE], None, _R.ALWAYS),
    # of the whole round: what becomes of each entry, `impact` says
    _line(_A.REBASE, list(_S), [_P.SELF_ASSESSMENT, _P.REVIEW], [Role.OFFICE], None, _R.ALWAYS),
    # the sealed score stays; the correction stands beside it
    _line(_A.AMEND, list(_S), [_P.PUBLISHED, _P.ARCHIVED], [Role.OFFICE], None, _R.ALWAYS),
)

# What a unit does to its own entries; anything else in their history is the office's word.
BY_UNITS: frozenset[str] = frozenset({_A.SAVE, _A.PRESENT, _A.SUBMIT, _A.SIGN, _A.HAND_BACK, _A.IMPORT})

# What may still be written into the history of a published round; none of it changes a sealed row.
AFTER_SEAL: frozenset[str] = frozenset({Action.AMEND, *RemedyAction})

_M, _MA = MatterState, MatterAction
_AT_WORK, _OPEN = [_P.SELF_ASSESSMENT], [_P.SELF_ASSESSMENT, _P.REVIEW]

MATTERS: tuple[Transition, ...] = (
    # measures may be put better until the result is reported
    _line(_MA.PLAN, [_M.UNPLANNED, _M.PLANNED], _AT_WORK, UNIT_ROLES, _M.PLANNED, _R.ALWAYS),
    _line(_MA.PLAN, [_M.PLAN_RETURNED], _OPEN, UNIT_ROLES, _M.PLANNED, _R.ALWAYS),
    _line(_MA.REPORT, [_M.PLANNED], _AT_WORK, UNIT_ROLES, _M.REPORTED, _R.ALWAYS),
    _line(_MA.REPORT, [_M.REPORT_RETURNED], _OPEN, UNIT_ROLES, _M.REPORTED, _R.ALWAYS),
    _line(_MA.CLOSE, [_M.REPORTED], _OPEN, _REVIEWERS, _M.CLOSED, _R.NEVER),
    # what nobody leads, or what was settled otherwise
    _line(_MA.CLOSE, [_M.UNPLANNED, _M.PLANNED], _OPEN, [Role.OFFICE], _M.CLOSED, _R.ALWAYS),
    _line(_MA.SEND_BACK, [_M.PLANNED], _OPEN, _REVIEWERS, _M.PLAN_RETURNED, _R.ALWAYS),
    _line(_MA.SEND_BACK, [_M.REPORTED], _OPEN, _REVIEWERS, _M.REPORT_RETURNED, _R.ALWAYS),
    _line(_MA.SEND_BACK, [_M.CLOSED], _OPEN, [Role.OFFICE], _M.REPORT_RETURNED, _R.ALWAYS),
    _line(_MA.POSTPONE, [one for one in _M if one != _M.CLOSED], _OPEN, [Role.OFFICE], None, _R.ALWAYS),
)

_Z, _ZA = RectificationState, RemedyAction
_REVIEWED = [_P.REVIEW, _P.OBJECTION, _P.PUBLISHED]

REMEDIES: tuple[Transition, ...] = (
    # of an entry that was reviewed and lost points
    _line(_ZA.ORDER, [_S.ACCEPTED], _REVIEWED, [Role.OFFICE], None, _R.ALWAYS),
    _line(_ZA.ANSWER, [_Z.ORDERED, _Z.REOPENED], _REVIEWED, UNIT_ROLES, _Z.ANSWERED, _R.ALWAYS),
    _line(_ZA.CLOSE, [_Z.ANSWERED], _REVIEWED, _REVIEWERS, _Z.CLOSED, _R.NEVER),
    # what was ordered by mistake, or settled otherwise
    _line(_ZA.CLOSE, [_Z.ORDERED, _Z.REOPENED], _REVIEWED, [Role.OFFICE], _Z.CLOSED, _R.ALWAYS),
    _line(_ZA.REOPEN, [_Z.ANSWERED], _REVIEWED, _REVIEWERS, _Z.REOPENED, _R.ALWAYS),
    _line(_ZA.EXTEND, [_Z.ORDERED, _Z.REOPENED], _REVIEWED, [Role.OFFICE], None, _R.ALWAYS),
)

TABLE = (*ENTRIES, *MATTERS, *REMEDIES)


def find(action: str, *, stage: str, phase: str, role: str) -> Transition | None:
    """The line that allows it, or None: what is not in the table is not allowed."""
    return next(
        (
            line
            for line in TABLE
            if line.action == action and stage in line.stages and phase in line.phases and role in line.roles
        ),
        None,
    )


def why_not(action: str, *, stage: str, phase: str, role: str) -> str:
    """A sentence for what `find` did not find: the round's phase first, then the role, then the stage."""
    label = LABELS[action]
    lines = [line for line in TABLE if line.action == action]
    if phase in (Phase.PUBLISHED, Phase.ARCHIVED) and not any(phase in line.phases for line in lines):
        return f"本轮次已公布，不能再{label}。"
    if phase == Phase.PREPARING:
        return f"本轮次还没有开启，不能{label}。"
    if not any(role in line.roles for line in lines):
        return f"“{Role(role).label}”不能{label}。"
    if any(phase in line.phases and role in line.roles for line in lines):
        said = REMEDY_STAGES if action in RemedyAction else STAGES
        return f"这一项{said.get(stage, STAGES.get(stage, ''))}，现在不能{label}。"
    return f"本轮次在“{Phase(phase).label}”阶段，不能{label}。"


LABELS: Mapping[str, str] = {one.value: str(one.label) for kind in (Action, MatterAction, RemedyAction) for one in kind}
STAGES: Mapping[str, str] = {one.value: str(one.label) for kind in (EntryStage, MatterState) for one in kind}
REMEDY_STAGES: Mapping[str, str] = {one.value: str(one.label) for one in RectificationState}
