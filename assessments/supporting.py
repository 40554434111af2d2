"""What joint and supporting units (会同、配合) do for an entry another unit leads: tell it something, add evidence.

They see that the item is theirs to support and how far it is; the lead's scores, reasons and evidence stay the lead's.
"""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from assessments import history, locks, outlines, rights, windows
from assessments.models import Entry, Evidence, Round, Shape, SupportNote
from assessments.outlines import Node, Outline
from assessments.refusals import NotNow, ReasonNeeded
from indicators.models import Responsibility, ResponsibilityRole
from units import audit
from units.models import Unit, User

BESIDE = [ResponsibilityRole.JOINT, ResponsibilityRole.SUPPORT]


def supported(unit: Unit | int) -> QuerySet[Entry]:
    """Entries of opened rounds that others lead and the unit is named for, itself or through a group.

    `part` is its role. Where every unit has a sheet of its own (对标制), nobody leads for another.
    """
    own = Responsibility.objects.filter(Q(unit=unit) | Q(group__members=unit), role__in=BESIDE).order_by("id")
    part = own.filter(indicator=OuterRef("indicator")).values("role")[:1]
    found = Entry.objects.in_opened_rounds().exclude(sheet__round__shape=Shape.PER_UNIT).exclude(unit=unit)
    return found.filter(indicator__in=own.values("indicator")).annotate(part=Subquery(part))


def part_of(entry: Entry) -> str:
    """The unit's role in an entry from `supported`: "joint" or "support"."""
    return str(entry.part)  # type: ignore[attr-defined]


def supports(unit: Unit, entry: Entry) -> bool:
    """Whether the unit is named beside the entry's lead. One query."""
    return supported(unit).filter(pk=entry.pk).exists()


@transaction.atomic
def add_note(entry: Entry, text: str, *, by: User) -> SupportNote:
    """What the person's unit tells the entry's lead; the same words again are the same note.

    Raises NotNow (not one of its units, the lead can no longer edit the entry) and ReasonNeeded.
    """
    words = rights.words(text)
    entry = history.locked(entry)
    unit = rights.held_by(by, entry.sheet.round).unit
    if unit is None or not supports(unit, entry):
        raise NotNow("本单位不是这一项的会同或配合单位。")
    if locked := locked_because(entry):
        raise NotNow(f"{locked}，不能再补充说明。")
    if not words:
        raise ReasonNeeded("说明没有填写。")
    before = SupportNote.objects.filter(entry=entry, unit=unit, text=words).first()
    if before is not None:
        return before
    made = SupportNote.objects.create(entry=entry, unit=unit, text=words, by=by)
    audit.record(
        organisation=entry.sheet.round.organisation,
        actor=by,
        action="补充配合说明",
        target=f"{entry.sheet.round} · {entry.indicator}"[:300],
        detail={"entry": entry.pk, "unit": unit.name, "note": made.pk},
    )
    return made


def locked_because(entry: Entry) -> str:
    """Why supporting units cannot add anything now: because the lead cannot edit it; empty when they can.

    Where the score is shared, the item it stands on decides. At most two queries.
    """
    home = entry.shared_home or entry
    round_ = entry.sheet.round
    limit = windows.due_in(round_) if home.unit_id is None else windows.last_day(round_, home.unit_id)
    return locks.locked_because(home, round_, limit)


# ---- what pages show -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """An item another unit leads, as a supporting unit sees it. notes, files: what the unit itself has added."""

    entry_id: int
    name: str
    place: str
    role: str
    lead: str
    progress: str
    notes: int
    files: int
    open: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One supported item with what the unit itself has added. locked: why nothing can be added; empty when it can."""

    entry: Entry
    node: Node
    path: tuple[Node, ...]
    notes: tuple[SupportNote, ...]
    evidence: tuple[Evidence, ...]
    locked: str
    progress: str

    @property
    def sealed(self) -> str:
        """As of `dossier.Dossier`: of the evidence the same."""
        return self.locked


def parts(round_: Round, unit: Unit, tree: Outline) -> tuple[Part, ...]:
    """What the unit does with others in one round, in the ledger's order. A constant number of queries."""
    if round_.shape == Shape.PER_UNIT:
        return ()
    led = list(
        supported(unit)
        .filter(sheet__round=round_)
        .select_related("unit", "shared_home", "matter")
        .order_by("indicator__lft")
    )
    due = windows.due_in(round_)
    notes = _counted(SupportNote.objects.filter(unit=unit, entry__in=led).values("entry"))
    files = _counted(Evidence.objects.present().filter(unit=unit, entry__in=led).values("entry"))
    limits = windows.last_days(round_, {one.unit_id for one in led if one.unit_id})
    return tuple(
        Part(
            entry_id=one.pk,
            name=tree.nodes[one.indicator_id].name,
            place=outlines.words(tree.above(one.indicator_id)),
            role=part_of(one),
            lead=str(one.unit or "未定牵头单位"),
            progress=_progress(one),
            notes=notes.get(one.pk, 0),
            files=files.get(one.pk, 0),
            open=not locks.locked_because(one.shared_home or one, round_, limits.get(one.unit_id or 0, due)),
        )
        for one in led
    )


def _progress(entry: Entry) -> str:
    """How far the lead is: of a tracked matter its own state."""
    matter = getattr(entry, "matter", None)
    return str(entry.get_stage_display() if matter is None else matter.get_state_display())


def _counted(entries: QuerySet[Any, Any]) -> dict[int, int]:
    return {row["entry"]: row["n"] for row in entries.order_by().annotate(n=Count("pk"))}


def page(entry: Entry, unit: Unit) -> Page:
    """One supported item as the unit sees it, with its own notes and evidence. A constant number of queries."""
    tree = outlines.outline(entry.sheet.round.ledger_id, methods=True)
    return Page(
        entry=entry,
        node=tree.nodes[entry.indicator_id],
        path=tree.above(entry.indicator_id),
        notes=tuple(entry.notes.filter(unit=unit).select_related("by")),
        evidence=tuple(entry.evidence.present().filter(unit=unit).select_related("added_by", "unit")),
        locked=locked_because(entry),
        progress=_progress(entry),
    )
