"""上年得分: what the same unit got for the same item in the last published round, with reason and evidence.

The same item is the one of the same identity (a ledger carried on keeps it), else the one of the same name at the same
place in the ledger of the round before. Another unit's score is never looked at.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from assessments import amended, figures, outlines
from assessments.models import Entry, EntryState, Evidence, Round, ScoreAmendment
from assessments.models.rounds import SEALED
from assessments.outlines import Outline
from indicators.reading.text import fold

Key = tuple[int | None, int]


@dataclass(frozen=True, slots=True)
class Last:
    """One item a year before. entry_id: where all of it stands.

    score: as it counts now, with corrections (更正); corrected: what was published and why it is no longer so.
    """

    entry_id: int
    round: str
    score: str
    maximum: str
    reason: str
    evidence: tuple[Evidence, ...]
    corrected: str = ""

    @property
    def more(self) -> bool:
        """Whether there is more to tell than the score."""
        return bool(self.reason or self.evidence)


def of(round_: Round, entries: Iterable[Entry], tree: Outline) -> Mapping[int, Last]:
    """Entry → the year before, of those that have one. One query without a published round before, else at most nine.

    tree: of the round's ledger; the entries come with their indicator's id and unit.
    """
    earlier = Round.objects.filter(organisation=round_.organisation_id, phase__in=SEALED, pk__lt=round_.pk)
    before = earlier.filter(pk=round_.copied_from_id or 0).first() or earlier.order_by("pk").last()
    if before is None:
        return {}
    mine = {entry.pk: (entry.unit_id, entry.indicator_id) for entry in entries if entry.unit_id is not None}
    units = {unit for unit, _ in mine.values()}
    known = Entry.objects.filter(unit__in=units, sheet__round__in=earlier)
    place = _by_identity(known, tree) | _by_place(known.filter(sheet__round=before), before, tree)
    found = {pk: place[key] for pk, key in mine.items() if key in place}
    told = _told(found.values())
    return {pk: told[old] for pk, old in found.items()}


def _by_identity(known: QuerySet[Entry], tree: Outline) -> dict[Key, int]:
    items = {node.identity: node.id for node in tree.nodes.values() if node.is_item}
    rows = known.filter(indicator__identity__in=items).order_by("sheet__round_id", "pk")
    return {
        (unit, items[identity]): pk for pk, unit, identity in rows.values_list("pk", "unit_id", "indicator__identity")
    }


def _by_place(known: QuerySet[Entry], before: Round, tree: Outline) -> dict[Key, int]:
    """Items of the same name below the same names; only those whose identity the old ledger does not know."""
    old = outlines.outline(before.ledger_id)
    same = {node.identity for node in old.nodes.values()}
    at = {_path(old, node): node for node, one in old.nodes.items() if one.is_item}
    new = {
        at[_path(tree, node)]: node
        for node, one in tree.nodes.items()
        if one.is_item and one.identity not in same and _path(tree, node) in at
    }
    if not new:
        return {}
    rows = known.filter(indicator__in=new).order_by("pk")
    return {(unit, new[item]): pk for pk, unit, item in rows.values_list("pk", "unit_id", "indicator_id")}


def _path(tree: Outline, node: int) -> tuple[str, ...]:
    return tuple(fold(one.name) for one in (*tree.above(node), tree.nodes[node]))


def _told(entry_ids: Iterable[int]) -> dict[int, Last]:
    ids = set(entry_ids)
    held = Prefetch("evidence", Evidence.objects.present(), to_attr="held")
    rows = Entry.objects.filter(pk__in=ids).select_related("sheet__round").prefetch_related(held)
    corrected = amended.by_entry(ids)
    return {entry.pk: _last(entry, corrected) for entry in rows.defer("sheet__round__snapshot")}


def _last(entry: Entry, corrected: Mapping[int, ScoreAmendment]) -> Last:
    score, said = figures.points(entry.final_score, figures.NONE), ""
    if entry.state == EntryState.NOT_APPLICABLE:
        score = amended.NOT_APPLICABLE
    if entry.pk in corrected:
        sealed, one = score, corrected[entry.pk]
        score, said = amended.written(one), f"公布 {sealed}，{one.get_code_display()}更正"
    return Last(
        entry_id=entry.pk,
        round=str(entry.sheet.round),
        score=score,
        maximum=figures.points(entry.maximum),
        reason=entry.review_reason or entry.self_reason,
        evidence=tuple(entry.held),  # type: ignore[attr-defined]
        corrected=said,
    )
