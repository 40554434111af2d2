"""One entry with all that is known of it: stages side by side, history, evidence. Nothing is written here."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation

from assessments import amended, exchange, figures, locks, objections, outlines, ruled, transitions, windows, worksheet
from assessments.exchange import Said
from assessments.models import AmendmentCode, Entry, EntryState, Evidence, Rectification, SupportNote
from assessments.models.remedies import OPEN_ORDERS
from assessments.outlines import Node
from assessments.scoring import answers
from assessments.scoring.answers import Asked, fields

FIELD_LABELS = {
    "self_score": "自评得分",
    "self_reason": "扣分原因",
    "claims_not_applicable": "申请不涉及",
    "reviewed_score": "审核得分",
    "review_reason": "审核意见",
    "objection_score": "复核得分",
    "rectified_score": "整改得分",
    "final_score": "最终得分",
    "earned": "现得分",
    "state": "状态",
    "stage": "进度",
    "rule_answer": "细则填写",
    "rule_score": "按细则得分",
    "review_answer": "审核细则填写",
    "points": "满分",
    "unit": "责任单位",
    "amended_score": "更正后得分",
    "amendment_code": "更正类别",
    "remedy_state": "整改进度",
    "remedy_problem": "问题",
    "remedy_measure": "整改措施",
    "remedy_due": "整改期限",
    "remedy_answer": "整改情况",
    "remedy_url": "整改网址",
    "remedy_restored": "整改后得分",
    "matter_state": "督办进度",
    "matter_measures": "措施",
    "matter_result": "落实情况",
    "matter_remark": "办理意见",
    "matter_measures_due": "措施期限",
    "matter_result_due": "结果期限",
}
SOURCES = {"form": "", "import": "导入", "task": "后台", "command": "命令", "workbook": "离线填报表"}
_WORDS = {
    **dict(EntryState.choices),
    **transitions.STAGES,
    "True": "是",
    "False": "否",
    **dict(AmendmentCode.choices),
}


@dataclass(frozen=True, slots=True)
class Stage:
    """自评 · 审核 · 复核 · 最终, each kept beside the others."""

    label: str
    score: str
    reason: str
    by: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history: what was done, what changed from what to what, and why."""

    at: datetime
    actor: str
    action: str
    source: str
    changes: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything the entry's own page shows.

    locked: why its unit cannot change it; empty when it can. sealed: the same of its evidence, to which an open
    objection or order to put right (整改, `remedy`) lets the unit add. objectionable: whether the unit may object to
    its score now. orders: all orders to put it right. rules: what the item's rules ask, and what was entered.
    besides: that the self score is not what they give. amended: the score after a correction (更正), empty without.
    unamendable: why there can be none; empty when the office may correct it. blindly: the reader scores it a second
    time, and sees what the unit filled in alone.
    """

    entry: Entry
    node: Node
    path: tuple[Node, ...]
    stages: tuple[Stage, ...]
    history: tuple[Line, ...]
    evidence: tuple[Evidence, ...]
    notes: tuple[SupportNote, ...]
    shared_with: tuple[str, ...]
    points: str
    maximum: str
    earned: str
    locked: str
    sealed: str
    objections: tuple[Said, ...]
    objectionable: bool
    orders: tuple[Rectification, ...]
    remedy: Rectification | None
    rules: tuple[tuple[str, str], ...]
    besides: str
    amended: str
    unamendable: str
    blindly: bool

    @property
    def amendable(self) -> bool:
        """Whether the office may correct the score now."""
        return not self.unamendable


def dossier(entry: Entry, *, blindly: bool = False) -> Dossier:
    """The entry's page. A constant number of queries; `entry` comes with indicator, unit and sheet__round.

    blindly: without the review and all that followed it (盲评).
    """
    whole = _dossier(entry)
    return _by_the_unit(whole) if blindly else whole


def _by_the_unit(whole: Dossier) -> Dossier:
    """The same with what the unit itself filled in, and nothing that was said about it."""
    entry = whole.entry
    return replace(
        whole,
        stages=whole.stages[:1],
        history=tuple(_history(entry, transitions.BY_UNITS)),
        earned="",
        objections=(),
        objectionable=False,
        orders=(),
        remedy=None,
        rules=tuple(answers.told(ruled.of_entry(entry), entry.rule_answer)),
        blindly=True,
    )


def _dossier(entry: Entry) -> Dossier:
    round_ = entry.sheet.round
    tree = outlines.outline(round_.ledger_id, methods=True)
    together = Entry.objects.filter(sheet=entry.sheet_id, shared_home=entry.shared_home_id or entry.pk)
    shared = [tree.nodes[one].name for one in together.values_list("indicator", flat=True) if one != entry.indicator_id]
    if entry.shared_home is not None:
        shared.insert(0, tree.nodes[entry.shared_home.indicator_id].name)
    limit = None if entry.unit_id is None else windows.last_day(round_, entry.unit_id)
    locked = locks.locked_because(entry, round_, limit)
    asked = ruled.of_entry(entry)
    orders = tuple(entry.rectifications.order_by("pk"))
    remedy = next((one for one in orders if one.state in OPEN_ORDERS), None)
    under = objections.may_add_evidence(entry, over=windows.is_over(limit))
    corrections = [Stage(*one) for one in amended.stages(entry)]
    return Dossier(
        entry=entry,
        node=tree.nodes[entry.indicator_id],
        path=tree.above(entry.indicator_id),
        stages=(*_stages(entry), *corrections),
        history=tuple(_history(entry)),
        evidence=tuple(entry.evidence.present().select_related("added_by", "unit")),
        notes=tuple(entry.notes.select_related("unit", "by")),
        shared_with=tuple(shared),
        points=figures.points(entry.points),
        maximum=figures.points(entry.maximum),
        earned=_earned(entry),
        locked=locked,
        sealed="" if under or remedy else locked,
        objections=exchange.of_entry(entry, tree),
        objectionable=objections.may_file(entry, over=windows.is_over(limit)),
        orders=orders,
        remedy=remedy,
        rules=_asked(asked, entry),
        besides=ruled.besides(entry, asked, sealed=round_.is_sealed),
        amended=corrections[-1].score if corrections else "",
        unamendable=_unamendable(entry),
        blindly=False,
    )


def _asked(asked: Sequence[Asked], entry: Entry) -> tuple[tuple[str, str], ...]:
    entered = dict(answers.told(asked, entry.rule_answer))
    reviewed = dict(answers.told(asked, entry.review_answer))
    labels = (one.label for one in fields(asked, {}))
    return tuple(
        (label, " · ".join([entered.get(label, "未填"), *([f"审核 {reviewed[label]}"] if label in reviewed else [])]))
        for label in labels
    )


def _entered(value: object) -> str:
    """One rule's stored answer: a count, a percentage, or what is met."""
    if isinstance(value, list):
        return "、".join(map(_entered, value))
    if value is None:
        return "未核"
    if isinstance(value, bool):
        return "达到" if value else "未达到"
    return str(value)


def _unamendable(entry: Entry) -> str:
    if not entry.sheet.round.is_sealed:
        return "本轮次还没有公布，得分直接在审核台修改。"
    return "这一项与其他项合并计分，更正填在合并的第一项上。" if entry.shared_home_id is not None else ""


def _earned(entry: Entry) -> str:
    return figures.points(entry.earned) if entry.earned is not None else str(entry.get_state_display())


def _stages(entry: Entry) -> tuple[Stage, ...]:
    claimed = worksheet.cells(entry)[0]
    dismissed = entry.state == EntryState.NOT_APPLICABLE and entry.reviewed_at is not None
    reviewed = worksheet.NOT_APPLICABLE if dismissed else figures.points(entry.reviewed_score)
    published = entry.sheet.round.published_at
    final = entry.final_score is not None and published is not None
    return (
        Stage("自评", claimed, entry.self_reason, str(entry.self_by or ""), entry.self_at),
        Stage("审核", reviewed, entry.review_reason, str(entry.reviewed_by or ""), entry.reviewed_at),
        _objected(entry),
        *_rectified(entry),
        Stage("最终", figures.points(entry.final_score), "", "", published if final else None),
    )


def _rectified(entry: Entry) -> Iterable[Stage]:
    """整改: what a recheck gave before publishing; where none did, no stage of its own."""
    if entry.rectified_score is None:
        return
    one = entry.rectifications.filter(restored__isnull=False).select_related("closed_by").last()
    by, at, why = (str(one.closed_by or ""), one.closed_at, one.remark) if one else ("", None, "")
    yield Stage("整改", figures.points(entry.rectified_score), why or "复查通过", by, at)


def _objected(entry: Entry) -> Stage:
    """复核: the last objection that was upheld."""
    upheld = entry.objections.filter(score__isnull=False).select_related("answered_by").last()
    if upheld is None:
        return Stage("复核", figures.points(entry.objection_score), "", "", None)
    by, at = str(upheld.answered_by), upheld.answered_at
    return Stage("复核", figures.points(entry.objection_score), upheld.answer, by, at)


def _history(entry: Entry, actions: Collection[str] | None = None) -> Iterable[Line]:
    events = entry.events.select_related("actor").order_by("-id")
    for event in events if actions is None else events.filter(action__in=actions):
        yield Line(
            at=event.at,
            actor=str(event.actor or "系统"),
            action=_action(event.action),
            source=SOURCES.get(event.source, event.source),
            changes=tuple(
                f"{FIELD_LABELS[name]} {told(name, old_new[0])} → {told(name, old_new[1])}"
                for name, old_new in event.changes.items()
                if name in FIELD_LABELS and isinstance(old_new, list) and len(old_new) == 2
            ),
            reason=event.reason,
        )


def _action(name: str) -> str:
    return transitions.LABELS.get(name, name)


def told(name: str, value: object) -> str:
    """One field's stored value as a person reads it; the states of an order to put right have words of their own."""
    words = transitions.REMEDY_STAGES if name == "remedy_state" else {}
    return words.get(str(value)) or _said(value)


def _said(value: object) -> str:
    """A stored value as a person reads it."""
    if value is None or value in ("", {}):
        return "空白"
    if isinstance(value, dict):
        return "；".join(map(_entered, value.values()))
    text = str(value)
    if text in _WORDS:
        return str(_WORDS[text])
    try:
        return figures.points(Decimal(text))
    except InvalidOperation:
        return text
