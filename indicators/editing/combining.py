"""Items split in two and more, and points shared out; each one act that is undone whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID, uuid4

from django.db import transaction

from indicators.editing import texts
from indicators.editing.locking import EditRefused, fresh
from indicators.editing.sheaf import Sheaf
from indicators.editing.structure import New, add
from indicators.models import Indicator, IndicatorMethod, Responsibility
from indicators.reading.points import split_evenly
from indicators.reading.report import plain
from units.models import User

MOST_PIECES = 50


@dataclass(frozen=True, slots=True)
class Piece:
    """One of the items that another is split into. points: None where they are shared out."""

    name: str
    points: Decimal | None = None


@transaction.atomic
def split(indicator: Indicator, pieces: Sequence[Piece], *, by: User | None) -> tuple[UUID, list[Indicator]]:
    """The step, and the items in order: the first is the old one renamed; all have its units and methods.

    Points that no piece names are shared evenly among those without, in units of 0.01, so that all add up to the old.
    Raises EditRefused for fewer than two pieces, for what is no item, and where the pieces are worth more.
    """
    ledger, current = fresh(indicator)
    if not current.is_item or not 2 <= len(pieces) <= MOST_PIECES:
        raise EditRefused(f"只有评估点可以拆分，拆成 2 到 {MOST_PIECES} 项，每行一项")
    step = uuid4()
    worth = _shares(current.points, [piece.points for piece in pieces])
    sheaf = Sheaf(ledger, {current.pk}, by=by, step=step)
    sheaf.set(current.pk, "name", texts.words("name", pieces[0].name))
    sheaf.set(current.pk, "points", None if worth[0] is None else plain(worth[0]))
    sheaf.save()
    made = [sheaf.rows[current.pk]]
    for piece, points in zip(pieces[1:], worth[1:], strict=True):
        new = New(texts.words("name", piece.name), points)
        made.append(add(ledger, new, where="below", of=made[-1], by=by, step=step))
    _copy(current, made[1:])
    return step, made


def proposed(indicator: Indicator) -> str:
    """Lines to begin with: its checkpoints with their points, else the lines of its name."""
    marks = [f"{one['text']} | {one['points']}" for one in indicator.checkpoints]
    return "\n".join(marks if len(marks) > 1 else [one for one in indicator.name.splitlines() if one.strip()])


def _shares(whole: Decimal | None, asked: Sequence[Decimal | None]) -> list[Decimal | None]:
    if whole is None:
        return list(asked)
    left = whole - sum((one for one in asked if one is not None), Decimal(0))
    open_ = sum(one is None for one in asked)
    if left < 0 or (left and not open_):
        raise EditRefused(f"各项分值合计应等于原来的 {plain(whole)} 分，现在相差 {plain(abs(left))} 分")
    shares = iter(split_evenly(left, open_)) if open_ else iter(())
    return [next(shares) if one is None else one for one in asked]


def _copy(of: Indicator, onto: Sequence[Indicator]) -> None:
    """Units and methods of one item for others too."""
    duties, links = list(of.responsibilities.all()), list(of.method_links.all())
    Responsibility.objects.bulk_create(
        Responsibility(
            indicator=one,
            unit_id=duty.unit_id,
            group_id=duty.group_id,
            written=duty.written,
            role=duty.role,
            open_ended=duty.open_ended,
            inferred=duty.inferred,
        )
        for one in onto
        for duty in duties
    )
    IndicatorMethod.objects.bulk_create(
        IndicatorMethod(indicator=one, method_id=link.method_id, inferred=link.inferred)
        for one in onto
        for link in links
    )


@transaction.atomic
def distribute(indicator: Indicator, *, by: User | None) -> tuple[UUID, int]:
    """The step, and how many got other points: what an indicator's parts leave of it, shared evenly (平均分配).

    Its parts are the indicators below it that stand under no nearer one with points. Items without points get the
    remainder; where all have points, each gets the same more or less. In units of 0.01, the odd cents to the first
    ones, so that the parts add up exactly.
    Raises EditRefused where nothing is declared, nothing is left, or a part would be worth less than nothing.
    """
    ledger, current = fresh(indicator)
    parts = _parts(current)
    if current.points is None or not parts:
        raise EditRefused(f"“{current}”没有标注分值，或下面没有评估点，不能分配")
    left = current.points - sum((one.points or Decimal(0) for one in parts), Decimal(0))
    blank = [one for one in parts if one.points is None]
    if not left:
        raise EditRefused("下级合计已与标注分值相符，没有剩余可分")
    if left < 0 and blank:
        raise EditRefused(f"下级已超出 {plain(-left)} 分，先调整再分配")
    getting = blank or parts
    step = uuid4()
    sheaf = Sheaf(ledger, {one.pk for one in getting}, by=by, step=step)
    for one, share in zip(getting, split_evenly(abs(left), len(getting)), strict=True):
        worth = (one.points or Decimal(0)) + (share if left >= 0 else -share)
        if worth < 0:
            raise EditRefused(f"“{one}”会变成负分，先调整再分配")
        sheaf.set(one.pk, "points", plain(worth))
    return step, len(sheaf.save())


def _parts(current: Indicator) -> list[Indicator]:
    """Items and indicators with points below it, none of them below another such."""
    found: list[Indicator] = []
    for one in current.get_descendants().filter(retired_at__isnull=True).order_by("lft"):
        covered = bool(found) and one.rght < found[-1].rght and found[-1].points is not None
        if not covered and (one.is_item or one.points is not None):
            found.append(one)
    return found
