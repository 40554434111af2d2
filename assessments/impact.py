"""What a new version of the ledger would do to a round open on the version before (影响预览); writes nothing."""

import copy
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from assessments import figures, opening, outlines, ruled
from assessments.models import Entry, EntryStage, EntryState, Phase, Round, RoundAdjustment, ScoreSheet
from assessments.opening import Blank
from assessments.outlines import Outline
from assessments.ruled import NO_ANSWERS, Answers
from assessments.scoring.answers import Asked, fields
from indicators import carrying
from indicators.models import Indicator, Ledger
from units.models import Unit

PHASES = (Phase.SELF_ASSESSMENT, Phase.REVIEW)
SCORES = ("self_score", "reviewed_score", "objection_score", "final_score")
# kind → what it is called, what it does, and whether the office has to tick it where something was filled in
KINDS: Mapping[str, tuple[str, str, bool]] = {
    "removed": ("移出", "不再计分和填报；已填内容、佐证和记录保留", True),
    "over": ("改分", "已有得分高于新的满分：得分清空并退回，原得分留在记录里", True),
    "shared": ("合并计分变动", "合并计分解除：得分清空，各项退回分别填报", True),
    "unit": ("改责任单位", "改由新的牵头单位办理；没有审核的退回核对", True),
    "restored": ("恢复", "重新填报和计分；没有审核过的退回核对", True),
    "points": ("改分", "满分改变，已有得分不变，得分率随之改变", True),
    "answers": ("细则变动", "按原细则填的次数、比例或勾选作废；得分和原因不变，审核时标为没有按细则填写", True),
    "added": ("新增", "建立新的填报项", False),
    "worded": ("改名或移动", "填报不受影响", False),
}


# with the scores these take away, the answers to the rules go too
CLEARED = {"over", "shared", "removed"}


@dataclass(frozen=True, slots=True)
class Change:
    """One item on all sheets on which the same happens to it. filled: entries in which a unit or the office wrote."""

    kind: str
    item: int
    name: str
    path: str
    before: str
    after: str
    entries: int
    filled: int

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.item}"

    @property
    def word(self) -> str:
        return KINDS[self.kind][0]

    @property
    def effect(self) -> str:
        return KINDS[self.kind][1]

    @property
    def to_tick(self) -> bool:
        """Whether the office has to say that it knows."""
        return KINDS[self.kind][2] and self.filled > 0


@dataclass(slots=True)
class Step:
    """What becomes of one entry. item: where it stands in the new version, None where that has to be made for it.

    target: the blank entry the new version asks for in its place, None where it asks for none. answers: what was
    entered for its rules, as the new version keeps it. was, asks: its rules until now, and there.
    """

    entry: Entry
    item: int | None
    target: Blank | None
    kinds: list[str] = field(default_factory=list)
    answers: Answers = NO_ANSWERS
    was: tuple[Asked, ...] = ()
    asks: tuple[Asked, ...] = ()

    @property
    def rekeyed(self) -> bool:
        """Whether the answers read otherwise from now on, be it only under the new version's rules."""
        return self.answers != Answers.of(self.entry)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that would happen. seen: a print of it; a plan with another print is another plan."""

    round: Round
    ledger: Ledger
    changes: tuple[Change, ...]
    blockers: tuple[str, ...]
    steps: tuple[Step, ...]
    added: tuple[Blank, ...]
    seen: str

    @property
    def to_tick(self) -> list[Change]:
        return [one for one in self.changes if one.to_tick]

    @property
    def others(self) -> list[Change]:
        return [one for one in self.changes if not one.to_tick]

    @property
    def same(self) -> int:
        """Entries to which nothing happens."""
        return sum(not step.kinds for step in self.steps)


def successor(round_: Round) -> Ledger | None:
    """The newest version that continues the round's ledger; None while there is none, or the round is not open.

    A tracked round keeps the version its matters were begun on.
    """
    found, now = None, round_.ledger if round_.phase in PHASES and not round_.is_tracked else None
    while now is not None:
        now = now.next_versions.order_by("-pk").first()
        found = now or found
    return found


def plan(round_: Round, ledger: Ledger) -> Plan:
    """What happens when the round goes on with `ledger`. A number of queries that does not grow with the entries."""
    sheets = list(ScoreSheet.objects.filter(round=round_).order_by("pk"))
    steps, added = _steps(round_, ledger, sheets)
    old, new = outlines.outline(round_.ledger_id), outlines.outline(ledger.pk)
    changes = (*_changes(steps, old, new), *_added(added, new))
    blockers = [*opening.blockers(ledger, round_.shape), *_lost_adjustments(round_, ledger)]
    return Plan(round_, ledger, changes, tuple(blockers), tuple(steps), tuple(added), _print(ledger, steps, added))


def adjustments(round_: Round, ledger: Ledger) -> dict[int, int]:
    """Adjustment of the round's ledger → the same one of the new version, by its words and kind."""
    new = {(one.text, one.kind): one.pk for one in ledger.adjustments.all()}
    return {one.pk: new[one.text, one.kind] for one in round_.ledger.adjustments.all() if (one.text, one.kind) in new}


def _lost_adjustments(round_: Round, ledger: Ledger) -> list[str]:
    kept = adjustments(round_, ledger)
    happened = RoundAdjustment.objects.filter(sheet__round=round_, times__gt=0).exclude(adjustment__in=kept)
    names = sorted({one.adjustment.text for one in happened.select_related("adjustment")})
    return [f"加扣分项“{name}”已有登记，新版台账里没有；先把次数改为 0，或在新版里保留。" for name in names]


def _steps(round_: Round, ledger: Ledger, sheets: Sequence[ScoreSheet]) -> tuple[list[Step], list[Blank]]:
    shadow = copy.copy(round_)
    shadow.ledger = ledger
    targets = {(one.sheet_id, one.indicator_id): one for one in opening.entries_for(shadow, sheets)}
    pairs = carrying.counterparts(round_.ledger, ledger)
    rows = Indicator.objects.filter(ledger=ledger).values_list("identity", "pk", "retired_at")
    everywhere = {identity: pk for identity, pk, _ in rows}
    living = {identity: pk for identity, pk, retired in rows if retired is None}
    steps = []
    was, now = ruled.of_ledger(round_.ledger_id), ruled.of_ledger(ledger.pk)
    entries = Entry.objects.filter(sheet__round=round_).select_related("indicator", "unit").order_by("pk")
    for entry in entries:
        own = entry.indicator.identity
        item = pairs.get(entry.indicator_id) or living.get(own)
        target = targets.pop((entry.sheet_id, item), None) if item else None
        rules = (was.get(entry.indicator_id, ()), now.get(item or 0, ()))
        answers = Answers.of(entry).carried(*rules) if target else Answers.of(entry)
        steps.append(Step(entry, item or everywhere.get(own), target, _kinds(entry, target), answers, *rules))
    _dissolve(steps)
    for step in steps:
        if not CLEARED & set(step.kinds) and len(step.answers) < len(Answers.of(step.entry)):
            step.kinds.append("answers")
    return steps, list(targets.values())


def _kinds(entry: Entry, target: Blank | None) -> list[str]:
    exempt = entry.state == EntryState.EXEMPT
    if target is None:
        return [] if exempt else ["removed"]
    kinds = ["restored"] if exempt else []
    if entry.points != target.points:
        shared = entry.maximum != entry.points or entry.shared_home_id is not None
        kinds.append("over" if not shared and _over(entry, target.points) else "points")
    if entry.unit_id != target.unit_id:
        kinds.append("unit")
    return kinds


def _over(entry: Entry, points: Decimal) -> bool:
    return any(score is not None and score > points for score in (getattr(entry, name) for name in SCORES))


def _dissolve(steps: Sequence[Step]) -> None:
    """A score shared by several items ends for all of them as soon as something happens to one."""
    groups: dict[int, list[Step]] = {}
    for step in steps:
        groups.setdefault(step.entry.shared_home_id or step.entry.pk, []).append(step)
    for together in groups.values():
        if len(together) > 1 and any(step.kinds for step in together):
            for step in together:
                step.kinds = [*(kind for kind in step.kinds if kind != "points"), "shared"]


def _filled(entry: Entry) -> bool:
    """Whether anybody wrote into it."""
    return entry.version > 0 or entry.state != EntryState.UNSCORED or entry.stage != EntryStage.FILLING


def _changes(steps: Sequence[Step], old: Outline, new: Outline) -> list[Change]:
    units = dict(Unit.objects.filter(pk__in=_units(steps)).values_list("pk", "name"))
    found: dict[tuple[str, int], list[Step]] = {}
    for step in steps:
        for kind in step.kinds or _worded(step, old, new):
            found.setdefault((kind, step.entry.indicator_id), []).append(step)
    return [_change(kind, item, same, old, new, units) for (kind, item), same in found.items()]


def _units(steps: Iterable[Step]) -> set[int]:
    moved = [step for step in steps if "unit" in step.kinds]
    named = [step.entry.unit_id for step in moved] + [step.target.unit_id for step in moved if step.target is not None]
    return {pk for pk in named if pk is not None}


def _worded(step: Step, old: Outline, new: Outline) -> list[str]:
    if step.target is None or step.item is None:
        return []
    before, after = step.entry.indicator_id, step.item
    same = _named(old, before) == _named(new, after) and old.nodes[before].criteria == new.nodes[after].criteria
    return [] if same else ["worded"]


def _named(tree: Outline, item: int) -> tuple[str, ...]:
    return tuple(node.name for node in (*tree.above(item), tree.nodes[item]))


def _change(
    kind: str, item: int, steps: Sequence[Step], old: Outline, new: Outline, units: Mapping[int, str]
) -> Change:
    first = steps[0]
    before = after = ""
    if kind in ("points", "over"):
        before, after = (
            figures.points(first.entry.points),
            figures.points(first.target.points if first.target else None),
        )
    elif kind == "unit" and first.target is not None:
        before, after = (units.get(pk or 0, "未定牵头单位") for pk in (first.entry.unit_id, first.target.unit_id))
    elif kind == "answers":
        before, after = "；".join(_lost(steps)), "；".join(one.label for one in fields(first.asks, {})) or "不再有细则"
    elif kind == "worded" and first.item is not None:
        before, after = old.nodes[item].name, outlines.words((*new.above(first.item), new.nodes[first.item]))
    filled = sum(_filled(step.entry) for step in steps)
    path = outlines.words(old.above(item))
    return Change(kind, item, old.nodes[item].name, path, before, after, len(steps), filled)


def _lost(steps: Sequence[Step]) -> list[str]:
    """What was asked and answered in any of these entries, and is not kept."""
    first = steps[0]
    gone = [one for one in first.was if any(Answers.of(step.entry).dropped(one, step.was, step.asks) for step in steps)]
    return [one.label for one in fields(gone, {})]


def _added(added: Sequence[Blank], new: Outline) -> list[Change]:
    counts: dict[int, int] = {}
    for entry in added:
        counts[entry.indicator_id] = counts.get(entry.indicator_id, 0) + 1
    return [
        Change(
            "added",
            item,
            new.nodes[item].name,
            outlines.words(new.above(item)),
            "",
            figures.points(new.nodes[item].points),
            count,
            0,
        )
        for item, count in counts.items()
    ]


def _print(ledger: Ledger, steps: Sequence[Step], added: Sequence[Blank]) -> str:
    words = [str(ledger.pk)]
    for step in steps:
        target = step.target and (str(step.target.points), step.target.unit_id)
        words.append(f"{step.entry.pk}:{step.entry.version}:{step.item}:{target}:{step.kinds}")
    words += sorted(f"{entry.sheet_id}:{entry.indicator_id}:{entry.points}:{entry.unit_id}" for entry in added)
    return hashlib.sha256("|".join(words).encode()).hexdigest()
