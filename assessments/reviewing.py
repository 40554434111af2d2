"""What 审核台 shows: rounds with what waits in them, and one round's entries beside their review; no writes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Prefetch, Q, QuerySet

from assessments import figures, last_year, outlines, phrases, resubmitted, ruled, transitions, worksheet
from assessments.last_year import Last
from assessments.models import Entry, EntryStage, EntryState, Evidence, Objection, Phase, Round, SupportNote
from assessments.models.entries import OFF_RULES
from assessments.outlines import Node, Outline
from assessments.resubmitted import Again
from assessments.ruled import Rules
from assessments.scoring.amounts import ZERO
from assessments.scoring.answers import Field, Outcome, fields, reckon
from assessments.transitions import Action
from units.models import Unit

# an entry whose review is not the unit's own word
DISPUTED = Q(reviewed_score__isnull=False) & ~Q(reviewed_score=F("self_score")) | Q(
    reviewed_score__isnull=False, self_score__isnull=True
)
SHOW: Mapping[str, tuple[str, Q]] = {
    "waiting": ("待审", Q(stage=EntryStage.SUBMITTED)),
    "not-applicable": ("申请不涉及", Q(claims_not_applicable=True)),
    "disputed": ("与自评不一致", DISPUTED),
    "changed": ("退回后已改", resubmitted.changed()),
    "off-rules": ("与细则不符", OFF_RULES | ruled.unanswered()),
    "returned": ("已退回", Q(stage=EntryStage.RETURNED)),
    "open": ("未提交", Q(stage__in=[EntryStage.FILLING, EntryStage.SIGNING])),
    "accepted": ("已审", Q(stage=EntryStage.ACCEPTED)),
    "all": ("全部", Q()),
}
ORDERS = {"unit": "按单位", "indicator": "按指标"}
ACTIONS = (Action.ACCEPT, Action.ADJUST, Action.GIVE_BACK)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One round with what there is to review in it."""

    round: Round
    total: int
    waiting: int
    accepted: int
    returned: int
    open: int
    disputed: int
    objections: int


def overview(rounds: QuerySet[Round], hidden: QuerySet[Entry]) -> list[Waiting]:
    """The rounds in which reviewing goes on or went on, newest first. Three queries.

    hidden: what the person is to score a second time (`blind`); it is in no figure.
    """
    known = {round_.pk: round_ for round_ in rounds.exclude(phase=Phase.PREPARING)}
    counted = (
        Entry.objects.filter(sheet__round__in=known, shared_home__isnull=True)
        .exclude(pk__in=hidden)
        .order_by()
        .values("sheet__round")
        .annotate(
            total=Count("pk"),
            waiting=Count("pk", filter=SHOW["waiting"][1]),
            accepted=Count("pk", filter=SHOW["accepted"][1]),
            returned=Count("pk", filter=SHOW["returned"][1]),
            open=Count("pk", filter=SHOW["open"][1]),
            disputed=Count("pk", filter=DISPUTED),
        )
    )
    counts: dict[int, dict[str, Any]] = {}
    for row_ in counted:
        found: dict[str, Any] = dict(row_)
        counts[found.pop("sheet__round")] = found
    waiting = Objection.objects.waiting().filter(entry__sheet__round__in=known)
    filed = Counter(waiting.values_list("entry__sheet__round", flat=True))
    return [Waiting(round_, **counts[pk], objections=filed[pk]) for pk, round_ in known.items() if pk in counts]


# ---- one round -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Typed:
    """What a reviewer typed in a row that was refused, and why."""

    score: str
    reason: str
    message: str
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One entry beside its review. actions: what the person may do with it now.

    fields: what its rules ask for, as the office answered, else as the unit did; reckoned: what they make of it.
    by_rules: the score as it stands, where it is the rules' own; its cell is then left blank. besides: that the unit's
    score is not what its item's rules give. again: what the unit changed after it came back. phrases: reasons
    written on the same item before.
    """

    id: int
    version: int
    node: Node
    place: str
    unit: str
    maximum: str
    self_score: str
    self_reason: str
    evidence: tuple[Evidence, ...]
    notes: tuple[str, ...]
    reviewed: str
    review_reason: str
    stage: str
    words: str
    tone: str
    disputed: bool
    actions: frozenset[str]
    typed: Typed
    fields: tuple[Field, ...]
    reckoned: str
    by_rules: str
    besides: str
    last: Last | None
    again: Again | None
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of one unit, or of one indicator."""

    title: str
    note: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """One round on the reviewer's desk. counts: by SHOW, of the chosen unit. undisputed: could be accepted at once.

    blind: how many items the person is to score a second time; they stand on no row and in no count.
    """

    round: Round
    groups: tuple[Group, ...]
    counts: Mapping[str, int]
    units: tuple[Unit, ...]
    undisputed: int
    objections: int
    blind: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """The desk's filter as its address says it; what makes no sense is left out."""

    show: str = "waiting"
    order: str = "unit"
    unit: int | None = None

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "Wanted":
        """From query parameters."""
        show, order, unit = asked.get("show", ""), asked.get("order", ""), asked.get("unit", "")
        number = int(unit) if unit.isascii() and unit.isdecimal() and len(unit) < 16 else None
        return cls(show if show in SHOW else "waiting", order if order in ORDERS else "unit", number)


def desk(
    round_: Round,
    wanted: Wanted,
    *,
    role: str,
    hidden: QuerySet[Entry],
    typed: Mapping[int, Typed] | None = None,
) -> Desk:
    """The round's entries as the filter leaves them. A constant number of queries.

    typed: entry id → what was typed in a row that was refused; such a row is shown whatever the filter. hidden: from
    `blind.entries`.
    """
    blind = hidden.filter(sheet__round=round_)
    every = Entry.objects.filter(sheet__round=round_, shared_home__isnull=True).exclude(pk__in=blind)
    mine = every.filter(unit=wanted.unit) if wanted.unit else every
    order = ("unit__lft", "indicator__lft") if wanted.order == "unit" else ("indicator__lft", "unit__lft")
    condition = SHOW[wanted.show][1]
    if typed and condition:  # all is no condition: to widen it would narrow it
        condition |= Q(pk__in=typed)
    shown = mine.filter(condition).order_by(*order, "pk")
    tree = outlines.outline(round_.ledger_id, methods=True)
    found = list(fetched(shown))
    known = beside(round_, found, tree, hidden)
    rows = [(entry, row(entry, round_, tree, role, known)) for entry in found]
    rows = [(entry, with_typed(one, (typed or {}).get(entry.pk, one.typed))) for entry, one in rows]
    filling = every.filter(unit__isnull=False).order_by().values("unit")
    return Desk(
        round=round_,
        groups=tuple(_groups(rows, wanted.order, tree)),
        counts=_counts(mine),
        units=tuple(round_.organisation.units.filter(pk__in=filling).order_by("lft")),
        undisputed=undisputed(round_, wanted.unit).count(),
        objections=Objection.objects.waiting().filter(entry__sheet__round=round_).count(),
        blind=blind.count(),
    )


def fetched(entries: QuerySet[Entry]) -> QuerySet[Entry]:
    """Entries with all that a row needs of them."""
    held = Prefetch("evidence", Evidence.objects.present(), to_attr="held")
    told = Prefetch("notes", SupportNote.objects.select_related("unit"), to_attr="told")
    return entries.select_related("unit", "sheet__unit", "reviewed_by").prefetch_related(held, told)


def undisputed(round_: Round, unit_id: int | None) -> QuerySet[Entry]:
    """What `entries.accept_undisputed` would accept."""
    ready = Entry.objects.submitted().undisputed().filter(sheet__round=round_, shared_home__isnull=True)
    return ready.filter(unit=unit_id) if unit_id else ready


@dataclass(frozen=True, slots=True)
class Beside:
    """What is read for many rows at once, by entry, and for phrases by item."""

    rules: Rules
    last: Mapping[int, Last]
    again: Mapping[int, Again]
    phrases: Mapping[int, tuple[str, ...]]


def beside(round_: Round, entries: Sequence[Entry], tree: Outline, hidden: QuerySet[Entry]) -> Beside:
    """What stands beside these entries. A constant number of queries. hidden: as in `desk`."""
    return Beside(
        ruled.of_ledger(round_.ledger_id),
        last_year.of(round_, entries, tree),
        resubmitted.since_return(entries),
        phrases.of_items(round_, tree, [entry.indicator_id for entry in entries], hidden),
    )


def row(entry: Entry, round_: Round, tree: Outline, role: str, known: Beside) -> Row:
    """One entry's row; `entry` from `fetched`, known from `beside`."""
    place = {"stage": entry.stage, "phase": round_.phase, "role": role}
    actions = {action.value for action in ACTIONS if transitions.find(action, **place) is not None}
    if entry.unit_id is None:
        actions.discard(Action.GIVE_BACK.value)
    if entry.objection_score is not None:
        actions.clear()  # an upheld objection stands
    if entry.state == EntryState.EXEMPT:
        actions.clear()  # the ledger no longer has it
    granted = entry.state == EntryState.NOT_APPLICABLE
    words, tone = _said(entry)
    claimed, self_reason = worksheet.cells(entry)
    # why it went back is no opinion on what comes again
    opinion = entry.review_reason if entry.stage == EntryStage.ACCEPTED else ""
    reviewed = worksheet.NOT_APPLICABLE if granted else figures.points(entry.reviewed_score)
    asked = ruled.asked(entry, known.rules)
    answer = entry.review_answer or entry.rule_answer
    by_rules = _by_rules(entry, reckon(asked, entry.maximum, answer))
    score = "" if granted or by_rules else reviewed or figures.points(entry.self_score)
    return Row(
        id=entry.pk,
        version=entry.version,
        node=tree.nodes[entry.indicator_id],
        place=outlines.words(tree.above(entry.indicator_id)),
        unit=str(entry.unit or "未定牵头单位"),
        maximum=figures.points(entry.maximum),
        self_score=claimed,
        self_reason=self_reason,
        evidence=tuple(entry.held),  # type: ignore[attr-defined]
        notes=tuple(f"{note.unit}：{note.text}" for note in entry.told),  # type: ignore[attr-defined]
        reviewed=reviewed,
        review_reason=entry.review_reason,
        stage=entry.stage,
        words=words,
        tone=tone,
        disputed=entry.reviewed_score is not None and entry.reviewed_score != entry.self_score,
        actions=frozenset(actions),
        typed=Typed(score, opinion, ""),
        fields=fields(asked, answer),
        reckoned=worksheet.reckoned(entry, asked, answer),
        by_rules=by_rules,
        besides=ruled.besides(entry, asked, sealed=round_.is_sealed),
        last=known.last.get(entry.pk),
        again=known.again.get(entry.pk),
        phrases=known.phrases.get(entry.indicator_id, ()),
    )


def _by_rules(entry: Entry, outcome: Outcome | None) -> str:
    """The score that stands, where the rules gave it."""
    now = entry.self_score if entry.reviewed_score is None else entry.reviewed_score
    return figures.points(now) if outcome is not None and outcome.score == now else ""


_TONES = {
    EntryStage.FILLING: ("未提交", "quiet"),
    EntryStage.SIGNING: ("待单位签审", "quiet"),
    EntryStage.SUBMITTED: ("待审", "now"),
    EntryStage.RETURNED: ("已退回", "attention"),
    EntryStage.ACCEPTED: ("已审", "done"),
}


def _said(entry: Entry) -> tuple[str, str]:
    if entry.state == EntryState.EXEMPT:
        return "台账已移出", "quiet"
    words, tone = _TONES[EntryStage(entry.stage)]
    if entry.stage == EntryStage.ACCEPTED and entry.reviewed_score != entry.self_score:
        return ("已审，不涉及" if entry.state == EntryState.NOT_APPLICABLE else "已审，改分"), "done"
    return words, tone


def _groups(rows: Iterable[tuple[Entry, Row]], order: str, tree: Outline) -> Iterable[Group]:
    sorted_: dict[int, list[tuple[Entry, Row]]] = {}
    for entry, one in rows:
        key = (entry.unit_id or 0) if order == "unit" else worksheet.group_of(tree, entry.indicator_id)
        sorted_.setdefault(key, []).append((entry, one))
    for key, found in sorted_.items():
        title = found[0][1].unit if order == "unit" else outlines.words((*tree.above(key), tree.nodes[key]))
        claimed = sum((entry.self_score or ZERO for entry, _ in found), ZERO)
        most = sum((entry.maximum for entry, _ in found), Decimal(0))
        note = f"{len(found)} 项 · 满分 {figures.points(most)} · 自评 {figures.points(claimed)}"
        yield Group(title, note, tuple(one for _, one in found))


def _counts(mine: QuerySet[Entry]) -> Mapping[str, int]:
    wanted = {f"n_{place}": Count("pk", filter=condition) for place, (_, condition) in enumerate(SHOW.values())}
    wanted[f"n_{len(SHOW) - 1}"] = Count("pk")
    found = mine.aggregate(**wanted)
    return {name: found[f"n_{place}"] for place, name in enumerate(SHOW)}


def with_typed(row_: Row, typed: Typed) -> Row:
    """The row as it came back refused: the words stay, the reason of the refusal stands beside them."""
    entered = tuple(replace(one, value=typed.answers.get(one.name, one.value)) for one in row_.fields)
    return replace(row_, typed=typed, fields=entered)


def acceptance(round_: Round, unit: Unit | None) -> dict[str, object]:
    """What the page says that asks before all undisputed entries are accepted. Two queries."""
    ready = undisputed(round_, unit.pk if unit else None)
    claimed = sum((score or ZERO for score in ready.values_list("self_score", flat=True)), ZERO)
    whose = f"{unit}的" if unit else f"{ready.order_by().values('unit').distinct().count()} 个单位的"
    return {
        "count": len(ready),
        "consequences": [
            f"{whose} {len(ready)} 项待审项按自评得分认可，合计 {figures.points(claimed)} 分。",
            "申请不涉及的项、自评与细则不符的项不在其中，逐项办理。",
            "认可后仍可以在公布前逐项调整或退回。",
        ],
    }
