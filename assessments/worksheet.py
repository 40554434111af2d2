"""One unit's sheet of one round, as 填报 shows it: groups, rows, what each row says. Nothing is written here."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db.models import Count, Prefetch, Q
from django.utils import timezone

from assessments import amended, entries, figures, last_year, locks, outlines, ruled, supporting, windows
from assessments.amended import Correction
from assessments.deadlines import Deadline, deadline
from assessments.last_year import Last
from assessments.models import Entry, EntryStage, EntryState, Round, ScoreAmendment, SupportNote
from assessments.outlines import Outline
from assessments.ruled import Rules
from assessments.scoring.amounts import ZERO
from assessments.scoring.answers import Asked, Field, fields, reckon
from assessments.supporting import Part
from assessments.worklist import OPEN_STAGES
from units.models import Unit

NOT_APPLICABLE = "不涉及"
SHOW = {"": "全部", "empty": "未填", "returned": "已退回", "warned": "有警告"}
GROUP_LEVELS = 2
ENTRIES = "/entries/"
HELD = Q(evidence__isnull=False, evidence__removed_at__isnull=True)


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in a row's two cells, and what the row says about it.

    state: "" · "saved" · "warned" · "invalid" · "conflict", as cells.js names them. off: the cells it is about.
    answers: what was entered for its rules, by field.
    """

    score: str
    reason: str
    state: str = ""
    words: str = ""
    off: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One item to fill in, written as it is printed: a page of hundreds of rows has no time to put words together.

    ref: the entry's id. at: its address. about: where it stands and how it is evaluated. mark: what a form sends back
    with the cells, see `marked`. score, reason, state, words, off_score, off_reason: as `Typed`. returned: why it came
    back. notes: what supporting units say. locked: why it cannot be edited; empty when it can. together: the sentence
    of a shared score. fields: what its rules ask for. reckoned: what they make of it. sealed: the published score;
    correction: what stands beside it since.
    """

    ref: str
    at: str
    version: str
    name: str
    criteria: str
    checkpoints: tuple[dict[str, Any], ...]
    about: str
    last: Last | None
    points: str
    maximum: str
    mark: str
    score: str
    reason: str
    state: str
    words: str
    off_score: str
    off_reason: str
    evidence: str
    returned: str
    notes: tuple[str, ...]
    locked: str
    together: str
    fields: tuple[Field, ...]
    reckoned: str
    sealed: str = ""
    correction: Correction | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one indicator of the first two levels, with what the unit has given itself there."""

    id: int
    title: str
    points: str
    sum: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """How far a unit is. warned: filled in, but not ready to hand in. signing: wait for the head."""

    total: int
    filled: int
    empty: int
    returned: int
    warned: int
    ready: int
    signing: int
    handed_in: int


@dataclass(frozen=True, slots=True)
class Worksheet:
    """One unit's part of one round; `groups` hold what the filter leaves, `counts` and `open` are of all.

    published: what the unit earned as published, and after corrections (更正); empty before.
    """

    round: Round
    groups: tuple[Group, ...]
    supported: tuple[Part, ...]
    deadline: Deadline
    counts: Counts
    # typed into since it was last handed in
    changed: int
    open: bool
    published: str = ""


def worksheet(round_: Round, unit: Unit, show: str = "", typed: Mapping[int, Typed] | None = None) -> Worksheet:
    """The sheet in the ledger's order. A constant number of queries.

    show: a key of SHOW. typed: entry id → what a person typed and what became of it, in place of what is stored.
    """
    tree = outlines.outline(round_.ledger_id, methods=True)
    mine = list(_entries(round_, unit))
    last = last_year.of(round_, mine, tree)
    limit = windows.last_day(round_, unit.pk)
    numbers = {entry.pk: tree.nodes[entry.indicator_id].number for entry in mine}
    rules = ruled.of_ledger(round_.ledger_id)
    rows = {
        entry.pk: _row(entry, tree, locks.locked_because(entry, round_, limit), last, numbers, rules) for entry in mine
    }
    corrected = amended.by_entry(rows) if round_.is_sealed else {}
    if round_.is_sealed:
        rows = {entry.pk: _sealed(rows[entry.pk], entry, corrected.get(entry.pk)) for entry in mine}
    for entry_id, said in (typed or {}).items():
        if entry_id in rows:
            entered = (replace(one, value=said.answers.get(one.name, one.value)) for one in rows[entry_id].fields)
            rows[entry_id] = replace(rows[entry_id], **_cells_of(said), fields=tuple(entered))
    chosen = [entry for entry in mine if _shows(show, entry, rows[entry.pk])]
    counts = _counts([entry for entry in mine if entry.shared_home_id is None])
    seen = deadline(limit, timezone.localdate())
    changed = sum(_changed_later(entry) for entry in mine)
    open_ = any(not row.locked for row in rows.values())
    beside = supporting.parts(round_, unit, tree)
    published = _published(mine, list(corrected.values())) if round_.is_sealed else ""
    return Worksheet(round_, _groups(chosen, mine, rows, tree), beside, seen, counts, changed, open_, published)


def _entries(round_: Round, unit: Unit) -> Iterable[Entry]:
    return (
        Entry.objects.filter(sheet__round=round_, unit=unit)
        .annotate(
            links=Count("evidence", filter=HELD & ~Q(evidence__url="")),
            files=Count("evidence", filter=HELD & Q(evidence__url="")),
        )
        .prefetch_related(Prefetch("notes", SupportNote.objects.select_related("unit"), to_attr="told"))
        .order_by("sheet_id", "indicator__lft")
    )


# ---- rows ----------------------------------------------------------------------------------------


def _row(
    entry: Entry,
    tree: Outline,
    locked: str,
    last: Mapping[int, Last],
    numbers: Mapping[int, str],
    rules: Rules,
) -> Row:
    node = tree.nodes[entry.indicator_id]
    asked = ruled.asked(entry, rules)
    asks = fields(asked, entry.rule_answer)
    place = outlines.words(tree.above(node.id)[GROUP_LEVELS:])
    return Row(
        ref=str(entry.pk),
        at=f"{ENTRIES}{entry.pk}/",
        version=str(entry.version),
        name=node.name,
        criteria=node.criteria,
        checkpoints=node.checkpoints,
        about=" · ".join(words for words in (place, "＋".join(node.methods)) if words),
        last=last.get(entry.pk),
        points=figures.points(entry.points),
        maximum=figures.points(entry.maximum),
        mark=marked(entry, asks),
        evidence=attached(entry.links, entry.files, locked=bool(locked)),  # type: ignore[attr-defined]
        returned=entry.review_reason if entry.stage == EntryStage.RETURNED else "",
        notes=tuple(f"{note.unit}：{note.text}" for note in entry.told),  # type: ignore[attr-defined]
        locked=locked,
        together=_together(entry, numbers),
        fields=asks,
        reckoned=reckoned(entry, asked, entry.rule_answer),
        **_cells_of(say(entry)),
    )


def _sealed(row: Row, entry: Entry, one: ScoreAmendment | None) -> Row:
    """The row of a published round, with the score that counts and what corrects it."""
    if entry.shared_home_id is not None:
        return row
    out = entry.state == EntryState.NOT_APPLICABLE
    score = NOT_APPLICABLE if out else figures.points(entry.final_score, figures.NONE)
    return replace(row, sealed=score, correction=amended.correction(one) if one else None)


def _published(mine: Iterable[Entry], corrections: Sequence[ScoreAmendment]) -> str:
    sealed = sum((entry.final_score or ZERO for entry in mine), ZERO)
    after = figures.points(amended.earned_after(sealed, corrections)) if corrections else ""
    return amended.beside(figures.points(sealed), after) if after else f"公布 {figures.points(sealed)}"


def _cells_of(typed: Typed) -> dict[str, Any]:
    off = {f"off_{name}": "is-off" if name in typed.off else "" for name in ("score", "reason")}
    return {"score": typed.score, "reason": typed.reason, "state": typed.state, "words": typed.words, **off}


def attached(links: int, files: int, *, locked: bool) -> str:
    """What a row says about its evidence; while the entry is open, with a plus to add more."""
    words = " · ".join([f"网址 {links}"] * bool(links) + [f"文件 {files}"] * bool(files))
    return words or "无" if locked else f"{words} ＋" if words else "＋添加"


def cells(entry: Entry) -> tuple[str, str]:
    """What stands in the score and the reason cell of an entry."""
    score = NOT_APPLICABLE if entry.claims_not_applicable else figures.points(entry.self_score)
    return score, entry.self_reason


def marked(entry: Entry, asks: Iterable[Field] = ()) -> str:
    """Entry, version and a short print of its cells: a row that comes back with the same print was not touched."""
    entered = {one.name: one.value for one in asks}
    return f"{entry.pk}:{entry.version}:{fingerprint(*cells(entry), entered)}"


def fingerprint(score: str, reason: str, answers: Mapping[str, str]) -> str:
    """A short print of a row's cells. answers: what its rules ask for, by field."""
    parts = (score, reason, *(part for pair in sorted(answers.items()) for part in pair))
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def rule_fields(entry: Entry) -> tuple[Field, ...]:
    """What one entry's rules ask for. One query."""
    return fields(ruled.of_entry(entry), entry.rule_answer)


def reckoned(entry: Entry, asked: Sequence[Asked], stored: Mapping[str, object]) -> str:
    """What the rules make of an answer, in a line; what is still missing while it is not whole."""
    outcome = reckon(asked, entry.maximum, stored)
    if outcome is not None:
        return f"按细则得 {figures.points(outcome.score)} 分" + (f"：{outcome.sentence}" if outcome.sentence else "")
    return "填完后自动算出得分" if asked else ""


def say(entry: Entry) -> Typed:
    """The cells as stored, with what the row says about them."""
    score, reason = cells(entry)
    stage = locks.STAGE_WORDS.get(EntryStage(entry.stage))
    if stage is not None:
        return Typed(score, reason, "", stage)
    saved = f"已保存 {timezone.localtime(entry.self_at):%H:%M}" if entry.self_at and score else ""
    saved += "，与细则不符" if saved and entry.is_off_rules else ""
    lacking = missing(entry)
    if lacking:
        off = ("reason",) if entry.claims_not_applicable else ("score", "reason")
        return Typed(score, reason, "warned", lacking, off)
    if entry.stage == EntryStage.RETURNED:
        return Typed(score, reason, "", "已退回，修改后再提交")
    return Typed(score, reason, "saved" if saved else "", saved or "未填")


def missing(entry: Entry) -> str:
    """What a filled entry lacks for handing in, in the few words a row has room for; the rule is `entries.obstacle`."""
    if entries.obstacle(entry) is None or not (entry.claims_not_applicable or entry.self_score is not None):
        return ""
    if entry.claims_not_applicable:
        return "不涉及，请写原因"
    return "与细则不符，请写原因" if entry.is_off_rules else "低于满分，请写扣分原因"


def beside_rules(entry: Entry) -> str:
    """What a row just saved says of a score other than its rules give; empty where it is theirs."""
    if not entry.is_off_rules:
        return ""
    return missing(entry) if not entry.self_reason else "与细则不符，审核时会标出"


def _together(entry: Entry, numbers: Mapping[int, str]) -> str:
    if entry.shared_home_id is not None:
        first = numbers.get(entry.shared_home_id, "")
        return f"与第 {first} 项合并计分" if first else "与上面的评估点合并计分"
    return f"合并计分，最高 {figures.points(entry.maximum)} 分" if entry.maximum != entry.points else ""


def _changed_later(entry: Entry) -> bool:
    """Whether an entry that came back was typed into since."""
    if entry.stage not in OPEN_STAGES or entry.submitted_at is None or entry.self_at is None:
        return False
    return entry.self_at > entry.submitted_at


def _shows(show: str, entry: Entry, row: Row) -> bool:
    if show == "empty":
        return entry.shared_home_id is None and entry.stage in OPEN_STAGES and not row.score
    if show == "returned":
        return entry.stage == EntryStage.RETURNED
    return show != "warned" or row.state in {"warned", "invalid", "conflict"}


# ---- groups and counts ---------------------------------------------------------------------------


def _groups(
    chosen: Iterable[Entry], mine: Iterable[Entry], rows: Mapping[int, Row], tree: Outline
) -> tuple[Group, ...]:
    sums: dict[int, Decimal] = {}
    for entry in mine:
        head = group_of(tree, entry.indicator_id)
        sums[head] = sums.get(head, Decimal(0)) + (entry.self_score or 0)
    sorted_: dict[int, list[Row]] = {}
    for entry in chosen:
        sorted_.setdefault(group_of(tree, entry.indicator_id), []).append(rows[entry.pk])
    return tuple(
        Group(
            id=head,
            title=outlines.words((*tree.above(head), tree.nodes[head])),
            points=figures.total(tree.nodes[head].points) if tree.nodes[head].points is not None else "",
            sum=figures.points(sums[head]),
            rows=tuple(found),
        )
        for head, found in sorted_.items()
    )


def group_of(tree: Outline, indicator_id: int) -> int:
    """The indicator of the first two levels under which an item stands."""
    above = tree.above(indicator_id)[:GROUP_LEVELS]
    return above[-1].id if above else indicator_id


def totals(entry: Entry) -> dict[str, str]:
    """Element id → text for the figures of the page that one saved row changes. Two queries."""
    tree = outlines.outline(entry.indicator.ledger_id)
    head = group_of(tree, entry.indicator_id)
    mine = list(Entry.objects.filter(sheet__round=entry.sheet.round_id, unit=entry.unit_id))
    summed = sum((one.self_score or Decimal(0) for one in mine if group_of(tree, one.indicator_id) == head), Decimal(0))
    counts = _counts([one for one in mine if one.shared_home_id is None])
    return {f"sum-{head}": figures.points(summed), "filled": str(counts.filled), "ready": str(counts.ready)}


def _counts(mine: list[Entry]) -> Counts:
    filled = [entry for entry in mine if entry.self_score is not None or entry.claims_not_applicable]
    waiting = [entry for entry in filled if entry.stage in OPEN_STAGES]
    warned = sum(bool(missing(entry)) for entry in waiting)
    open_ = sum(entry.stage in OPEN_STAGES for entry in mine)
    signing = sum(entry.stage == EntryStage.SIGNING for entry in mine)
    return Counts(
        total=len(mine),
        filled=len(filled),
        empty=open_ - len(waiting),
        returned=sum(entry.stage == EntryStage.RETURNED for entry in mine),
        warned=warned,
        ready=len(waiting) - warned,
        signing=signing,
        handed_in=len(mine) - open_ - signing,
    )
