"""What a person does to several rows at once: each is one step, done whole or refused with a sentence."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from indicators.editing import texts
from indicators.editing.combining import distribute
from indicators.editing.locking import EditRefused, locked
from indicators.editing.merging import merge
from indicators.editing.sheaf import Sheaf
from indicators.editing.structure import New, Spot, Way, Where, add, move, restore, retire
from indicators.models import Indicator, Ledger
from units.models import User

MOST = 2000
WAYS: tuple[Way, ...] = ("up", "down", "indent", "outdent")
VERBS = (*WAYS, "move", "add", "retire", "restore", "merge", "distribute")
NEW_NAME = "（新指标）"


@dataclass(frozen=True, slots=True)
class Act:
    """do: one of VERBS. ids: the indicators it is done to. where, of: the place for `move` and `add`."""

    do: str
    ids: tuple[int, ...]
    where: Where = "below"
    of: int | None = None


@dataclass(frozen=True, slots=True)
class Bulk:
    """What is set for several rows; None leaves it. role: units are added in it, empty replaces all units."""

    parts: str | None = None
    role: str = ""
    methods: str | None = None
    points: str | None = None


@transaction.atomic
def perform(ledger: Ledger, act: Act, *, by: User | None) -> tuple[UUID, int | None]:
    """The step, and the indicator to go to. Raises EditRefused; then nothing at all is done."""
    current = locked(ledger.pk)
    step = uuid4()
    if act.do == "add":
        return step, _add(current, act, by, step)
    if len(act.ids) > MOST:
        raise EditRefused(f"一次最多选 {MOST} 项")
    if act.do == "merge":
        done, first = merge(current, act.ids, by=by)
        return done, first.pk
    rows = _uppermost(current, act.ids)
    if act.do == "distribute":
        return distribute(rows[0], by=by)[0], rows[0].pk
    for one in _in_turn(rows, act):
        _verb(act, current)(Indicator.objects.get(pk=one.pk), by=by, step=step)
    return step, rows[0].pk


def _uppermost(ledger: Ledger, ids: Sequence[int]) -> list[Indicator]:
    """In the ledger's order, without those that go along with one above them."""
    found: list[Indicator] = []
    for one in Indicator.objects.filter(ledger=ledger, pk__in=ids).printed():
        if not found or one.lft > found[-1].rght:
            found.append(one)
    if not found:
        raise EditRefused("选中的指标已不在台账中")
    return found


def _in_turn(rows: list[Indicator], act: Act) -> list[Indicator]:
    """So that rows keep their order among each other: what goes down or below a place begins with the last."""
    backwards = act.do in {"down", "outdent"} or (act.do == "move" and act.where == "below")
    return rows[::-1] if backwards else rows


def _verb(act: Act, ledger: Ledger) -> Callable[..., Any]:
    if act.do == "retire":
        return retire
    if act.do == "restore":
        return restore
    for way in WAYS:
        if act.do == way:
            return lambda one, **more: move(one, way, opens=True, **more)
    spot = Spot(act.where, _place(ledger, act.of))
    return lambda one, **more: move(one, spot, **more)


def _place(ledger: Ledger, of: int | None) -> Indicator:
    found = Indicator.objects.filter(ledger=ledger, pk=of or 0, level__gt=0).first()
    if found is None:
        raise EditRefused("目标位置的指标已不在台账中")
    return found


def _add(ledger: Ledger, act: Act, by: User | None, step: UUID) -> int:
    """An empty item beside or under another, of the kind its neighbour is."""
    of = _place(ledger, act.of) if act.of else None
    is_item = of is not None and (act.where == "child" or of.is_item)
    new = New(NEW_NAME, is_item=is_item)
    return add(ledger, new, where=act.where, of=of, by=by, step=step, opens=True).pk


@transaction.atomic
def set_all(ledger: Ledger, ids: Sequence[int], bulk: Bulk, *, by: User | None) -> tuple[UUID, int]:
    """The step, and how many cells were changed. Raises EditRefused for a value no cell can hold."""
    current = locked(ledger.pk)
    if len(ids) > MOST:
        raise EditRefused(f"一次最多选 {MOST} 项")
    sheaf = Sheaf(current, ids, by=by, step=uuid4())
    for field in ("parts", "methods", "points"):
        text = getattr(bulk, field)
        if text is None:
            continue
        value = sheaf.read(field, text)
        for pk in sheaf.rows:
            sheaf.set(pk, field, _joined(sheaf.value(pk, field), value, bulk.role) if field == "parts" else value)
    return sheaf.step, len(sheaf.save())


def _joined(old: list[texts.UnitRow], new: list[texts.UnitRow], role: str) -> list[texts.UnitRow]:
    """With a role, the new units in it beside the others; a unit has one part only."""
    if not role:
        return new
    named = [[role, *row[1:]] for row in new]
    keys = {(row[1], row[2], "" if row[1] or row[2] else row[3]) for row in named}
    return [row for row in old if (row[1], row[2], "" if row[1] or row[2] else row[3]) not in keys] + named
