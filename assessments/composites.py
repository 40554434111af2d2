"""综合成绩: composed, taken apart, and read; the arithmetic is `scoring.sources`'s."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from django.db import IntegrityError, transaction

from assessments import figures, rollup
from assessments.models import Composite, CompositePart, Phase, Round, ScoreAmendment, Shape
from assessments.refusals import NotNow
from assessments.rollup import SheetSums
from assessments.scoring.policy import Band, Policy, band_of
from assessments.scoring.ranking import rank
from assessments.scoring.sources import Missing, Source, Weighed, check_weights, compose
from assessments.tables import Column, Table
from units import audit
from units.models import Organisation, User

MOST_PARTS = 10
_TAKEN = "已经有名为“{}”的综合成绩，换一个名称。"


@transaction.atomic
def create(
    organisation: Organisation,
    *,
    name: str,
    parts: Sequence[tuple[Round, Decimal]],
    missing: str,
    bands: Sequence[Band],
    by: User,
) -> Composite:
    """The composite with its sources. Raises NotNow for a taken name, foreign or unfit rounds, or weights not 100."""
    name = name.strip()
    try:
        check_weights([weight for _, weight in parts])
    except ValueError as failure:
        raise NotNow(f"{failure}。") from failure
    if len(parts) > MOST_PARTS or len({round_.pk for round_, _ in parts}) < len(parts):
        raise NotNow(f"每个轮次只能选一次，最多 {MOST_PARTS} 个来源。")
    fit = set(sources(organisation).values_list("pk", flat=True))
    if any(round_.pk not in fit for round_, _ in parts):
        raise NotNow("来源要是本机关已开启的对标制或分工制轮次。")
    stored = Policy(bands=tuple(bands)).as_json()["bands"]
    try:
        with transaction.atomic():
            made = Composite.objects.create(
                organisation=organisation, name=name, missing=missing, bands=stored, created_by=by
            )
    except IntegrityError as twice:
        raise NotNow(_TAKEN.format(name)) from twice
    parts = sorted(parts, key=lambda part: -part[1])
    CompositePart.objects.bulk_create(
        [CompositePart(composite=made, round=one, weight=weight) for one, weight in parts]
    )
    told = {one.name: str(weight) for one, weight in parts}
    audit.record(organisation=organisation, actor=by, action="新建综合成绩", target=name, detail=told)
    return made


@transaction.atomic
def remove(composite: Composite, *, by: User) -> None:
    """The composite is gone; the rounds it was made of stay as they are."""
    organisation, name = composite.organisation, composite.name
    composite.delete()
    audit.record(organisation=organisation, actor=by, action="删除综合成绩", target=name)


def sources(organisation: Organisation) -> Any:
    """The rounds a composite can be made of, newest first: opened, and scored.

    对标制: each unit's own sheet. 分工制: each unit's share of the one sheet, which are the items it leads.
    """
    return organisation.rounds.exclude(shape=Shape.TRACKED).exclude(phase=Phase.PREPARING).order_by("-pk")


# ---- what the pages show -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """One source as the heading of a column. sealed: its results are published. allocated: units have shares in it."""

    round_id: int
    name: str
    weight: str
    sealed: bool
    allocated: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """One unit's rate in one source; sheet_id: of its own, None where it has none. amended: corrected after publishing.

    share_of: the allocated round (分工制) of which it is the unit's share.
    """

    rate: str
    sheet_id: int | None
    amended: bool
    share_of: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the reckoning."""

    label: str
    running: str


@dataclass(frozen=True, slots=True)
class Result:
    """One unit's composed result. value: unrounded, None where there is none."""

    unit_id: int
    unit: str
    unit_class: str
    cells: tuple[Cell, ...]
    value: Decimal | None
    total: str
    band: str
    rank: int | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Composed:
    """Everything a composite's page shows, best first within each class. provisional: a source is not published."""

    composite: Composite
    parts: tuple[Part, ...]
    results: tuple[Result, ...]
    provisional: bool

    @property
    def allocated(self) -> bool:
        """Whether a source is an allocated round, of which units have shares."""
        return any(part.allocated for part in self.parts)


def rounds_of(composite: Composite) -> list[Round]:
    """The rounds it is made of. One query."""
    return [part.round for part in composite.parts.select_related("round")]


def composed(composite: Composite) -> Composed:
    """The results now. A number of queries that grows with the sources, not with the units."""
    rows = list(composite.parts.select_related("round"))
    found = [_rates(row.round) for row in rows]
    units = {one.unit_id: one for sums, _ in found for one in sums.values()}
    classes = dict(composite.organisation.classes.values_list("pk", "name"))
    weighed = {unit: _weigh(composite, rows, [sums.get(unit) for sums, _ in found]) for unit in units}
    totals = {unit: one.total for unit, one in weighed.items() if one.total is not None}
    places = rank(totals, {unit: units[unit].unit_class_id for unit in units})
    policy = Policy(bands=_bands(composite))
    results = [
        Result(
            unit_id=unit,
            unit=sums.unit,
            unit_class=classes.get(sums.unit_class_id or 0, ""),
            cells=tuple(
                _cell(row.round, known.get(unit), corrected)
                for row, (known, corrected) in zip(rows, found, strict=True)
            ),
            value=weighed[unit].total,
            total=figures.rate(weighed[unit].total),
            band=_band(weighed[unit].total, policy),
            rank=places.get(unit),
            steps=tuple(Step(step.label, figures.rate(_decimal(step.result))) for step in weighed[unit].trace),
        )
        for unit, sums in units.items()
    ]
    return Composed(
        composite=composite,
        parts=tuple(map(_part, rows)),
        results=tuple(sorted(results, key=lambda one: (one.unit_class, one.rank or len(results) + 1))),
        provisional=not all(row.round.is_sealed for row in rows),
    )


def _part(row: CompositePart) -> Part:
    round_, weight = row.round, f"{row.weight.normalize():f}"
    return Part(row.round_id, round_.name, weight, round_.is_sealed, round_.shape == Shape.ALLOCATED)


def _rates(round_: Round) -> tuple[Mapping[int, SheetSums], frozenset[int]]:
    """Unit → its sums as they count now, and whose were amended."""
    if round_.shape == Shape.ALLOCATED:
        corrections = ScoreAmendment.objects.in_force().filter(entry__sheet__round=round_)
        return rollup.shares(round_), frozenset(corrections.values_list("entry__unit", flat=True))
    corrected = rollup.amended(round_)
    sums = [corrected.get(one.sheet_id, one) for one in rollup.current(round_, nodes=False)]
    return {one.unit_id: one for one in sums}, frozenset(one.unit_id for one in corrected.values())


def _weigh(composite: Composite, rows: Sequence[CompositePart], sums: Sequence[SheetSums | None]) -> Weighed:
    given = [
        Source(row.round.name, row.weight, one.total_rate if one else None) for row, one in zip(rows, sums, strict=True)
    ]
    return compose(given, cast(Missing, composite.missing))


def _cell(round_: Round, one: SheetSums | None, corrected: frozenset[int]) -> Cell:
    if one is None:
        return Cell(figures.NONE, None, amended=False)
    if round_.shape == Shape.ALLOCATED:
        return Cell(figures.rate(one.total_rate), None, one.unit_id in corrected, round_.pk)
    return Cell(figures.rate(one.total_rate), one.sheet_id, one.unit_id in corrected)


def _band(total: Decimal | None, policy: Policy) -> str:
    return "" if total is None else band_of(total, policy) or ""


def _bands(composite: Composite) -> tuple[Band, ...]:
    return Policy.from_json({"bands": composite.bands}).bands


def _decimal(value: Any) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def table(found: Composed) -> Table:
    """The page as a file: the same numbers, one row a unit."""
    rates = tuple(Column(f"{part.name}（{part.weight}%）", points=True) for part in found.parts)
    columns = (
        Column("名次", points=True),
        Column("类别"),
        Column("单位"),
        *rates,
        Column("综合成绩", points=True),
        Column("等次"),
    )
    rows = [
        [one.rank, one.unit_class, one.unit, *(_number(cell.rate) for cell in one.cells), _number(one.total), one.band]
        for one in found.results
    ]
    return Table(columns, rows)


def _number(written: str) -> Decimal | None:
    return None if written == figures.NONE else Decimal(written)
