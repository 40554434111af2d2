"""套用新版台账: an open round goes on with a new version of its ledger, after its impact was looked at; all or nothing.

Entries move to the new version's items. What no longer applies stays where it is, out of the sums; a score above its
new points goes back to be filled in again. Nothing that was written is lost: it stands in the history.
"""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from assessments import history, impact, rights
from assessments.history import Act
from assessments.impact import SCORES, Plan, Step
from assessments.models import Entry, EntryStage, EntryState, NodeScore, Round, RoundAdjustment, ScoreSheet
from assessments.opening import Blank, store
from assessments.refusals import NotNow, ReasonNeeded, StillOpen
from assessments.scoring.amounts import display_points, plain
from assessments.scoring.answers import reckon
from assessments.transitions import Action
from indicators import carrying, versions
from indicators.models import Indicator, Ledger
from units import audit
from units.models import Unit, User

BATCH = 500
ANSWERED = ("rule_answer", "review_answer", "rule_score")
_COLUMNS = (
    *("points", "maximum", "unit", "state", "stage", "earned", *SCORES, *ANSWERED),
    *("review_reason", "shared_home", "version"),
)
_TOLD = ("points", "maximum", "unit", "state", "stage", *SCORES, *ANSWERED)


@transaction.atomic
def apply(round_: Round, ledger: Ledger, *, seen: str, ticked: Collection[str], reason: str, by: User) -> Plan:
    """The plan that was carried out. Going on with the version the round stands on already changes nothing.

    seen: the print of the plan the office looked at. ticked: keys of the changes it accepts.
    Raises NotNow (phase, not a later version, changed meanwhile), ReasonNeeded, and StillOpen with what is not ticked.
    """
    reason = rights.words(reason)
    Round.objects.select_for_update().get(pk=round_.pk)
    round_, sheets = history.locked_sheets(round_)
    made = impact.plan(round_, ledger)
    if round_.ledger_id == ledger.pk:
        return made
    _allowed(made, seen, ticked, reason, by)
    done = Act(Action.REBASE, by, timezone.now(), reason=reason)
    versions.publish(ledger, by=by)
    _move(made)
    units = Unit.objects.in_bulk({step.target.unit_id for step in made.steps if step.target and step.target.unit_id})
    rows = [(step.entry, told, done) for step in made.steps if (told := _become(step, units))]
    Entry.objects.bulk_update([entry for entry, _, _ in rows], _COLUMNS, batch_size=BATCH)
    store(made.added)
    history.write_rows(sheets, rows)
    _follow(round_, ledger, sheets)
    history.make_stale(list(ScoreSheet.objects.filter(round=round_)), done.at)
    _record(made, reason, by)
    return made


def _allowed(made: Plan, seen: str, ticked: Collection[str], reason: str, by: User) -> None:
    round_ = made.round
    rights.phase_open(Action.REBASE, round_, rights.held_by(by, round_).role)
    newest = impact.successor(round_)
    if newest is None or newest.pk != made.ledger.pk:
        raise NotNow("只能套用本轮次台账的最新版本。")
    if made.blockers:
        raise StillOpen("现在不能套用：" + " ".join(made.blockers), made.blockers)
    if made.seen != seen:
        raise NotNow("核对期间台账或填报有了变动，没有套用。看过最新的影响后再办理。")
    if not reason:
        raise ReasonNeeded("套用新版台账要写明原因。")
    unticked = [one for one in made.to_tick if one.key not in ticked]
    if unticked:
        names = [f"{one.word}：{one.name}" for one in unticked]
        raise StillOpen(f"还有 {len(unticked)} 处影响已填内容的变动没有确认。", names)


def _move(made: Plan) -> None:
    """Every entry to its item of the new version; items the version no longer has are kept there as retired ones."""
    gone = {step.entry.indicator_id for step in made.steps if step.item is None}
    kept = carrying.keep_retired(Indicator.objects.filter(pk__in=gone), made.ledger) if gone else {}
    pairs = {step.entry.indicator_id: step.item or kept[step.entry.indicator_id] for step in made.steps}
    for old, new in pairs.items():
        Entry.objects.filter(sheet__round=made.round, indicator=old).update(indicator=new)


def _become(step: Step, units: Mapping[int, Unit]) -> dict[str, object]:
    """The entry as it is from now on, and what its history says of it; empty where nothing happens."""
    entry = step.entry
    if not step.kinds and not step.rekeyed:
        return {}
    before = {name: getattr(entry, name) for name in _TOLD}
    if "shared" in step.kinds:
        entry.shared_home = None
        entry.maximum = entry.points
        _clear(entry, SCORES)
    if step.target is None:
        entry.state, entry.stage, entry.earned = EntryState.EXEMPT, EntryStage.ACCEPTED, None
    else:
        if "shared" not in step.kinds:
            _answer(step)
        _adopt(entry, step.target, step.kinds, units)
    entry.version += 1
    return {
        name: [_written(was), _written(getattr(entry, name))]
        for name, was in before.items()
        if was != getattr(entry, name)
    }


def _answer(step: Step) -> None:
    """The entry's answers under the rules of the new version, with what those make of them at its new points."""
    entry = step.entry
    entry.rule_answer, entry.review_answer = step.answers.unit, step.answers.office
    points = step.target.points if step.target else entry.points
    outcome = reckon(step.asks, points, step.answers.unit) if entry.rule_score is not None else None
    entry.rule_score = outcome.score if outcome else None


def _adopt(entry: Entry, target: Blank, kinds: Sequence[str], units: Mapping[int, Unit]) -> None:
    entry.points = entry.maximum = target.points
    reasons = []
    if "over" in kinds:
        high = [name for name in SCORES if (score := getattr(entry, name)) is not None and score > target.points]
        reasons.append(f"满分改为 {display_points(target.points)} 分，原得分高于满分，重新填报。")
        _clear(entry, {*high, "reviewed_score", "objection_score", "final_score"})
    if "shared" in kinds:
        reasons.append("合并计分解除，这一项单独填报。")
    if "unit" in kinds:
        entry.unit = units.get(target.unit_id or 0)
        typed = entry.self_score is not None or entry.claims_not_applicable
        if typed and entry.stage != EntryStage.ACCEPTED:
            reasons.append("责任单位改变，核对后重新提交。")
    if "restored" in kinds and entry.reviewed_score is None:
        reasons.append("台账恢复了这一项，核对后重新提交。")
    if reasons:
        entry.stage = EntryStage.FILLING if entry.unit_id is None else EntryStage.RETURNED
        entry.review_reason = " ".join(reasons)
    entry.state, entry.earned = history.standing(entry)


def _clear(entry: Entry, names: Collection[str]) -> None:
    for name in names:
        setattr(entry, name, None)
    entry.rule_answer, entry.review_answer, entry.rule_score = {}, {}, None


def _follow(round_: Round, ledger: Ledger, sheets: Sequence[ScoreSheet]) -> None:
    """Adjustments, stored sums and the round itself go over to the new version."""
    for old, new in impact.adjustments(round_, ledger).items():
        RoundAdjustment.objects.filter(sheet__in=sheets, adjustment=old).update(adjustment=new)
    NodeScore.objects.filter(sheet__in=sheets).delete()
    Round.objects.filter(pk=round_.pk).update(ledger=ledger)


def _written(value: object) -> object:
    if isinstance(value, Decimal):
        return plain(value)
    return value if value is None or isinstance(value, str | bool | int | dict) else str(value)


def _record(made: Plan, reason: str, by: User) -> None:
    kinds = [change.kind for change in made.changes for _ in range(change.entries)]
    audit.record(
        organisation=made.round.organisation,
        actor=by,
        action="套用新版台账",
        target=f"{made.round} · 第 {made.ledger.version} 版"[:300],
        detail={"reason": reason[:200], "ledger": made.ledger.pk, **{one: kinds.count(one) for one in set(kinds)}},
    )
