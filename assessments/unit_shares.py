"""A unit's share of an allocated round (分工制) as a composed result's page writes it down; it reckons nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from assessments import figures, outlines, rollup
from assessments.models import Composite, Round, Shape
from assessments.outlines import Outline
from assessments.scoring.amounts import as_decimal
from assessments.scoring.trace import Step


@dataclass(frozen=True, slots=True)
class Line:
    """What the unit earned below one heading; node_id: the heading, None for a score over several."""

    node_id: int | None
    name: str
    label: str
    earned: str
    possible: str
    running: str


@dataclass(frozen=True, slots=True)
class Share:
    """The unit's items in sum. possible: of what is scored, strict: of all; pending: blanks, which count 0."""

    round_id: int
    round: str
    lines: tuple[Line, ...]
    earned: str
    possible: str
    strict: str
    pending: int
    rate: str


def of_composite(composite: Composite, unit_id: int) -> tuple[Share, ...]:
    """The unit's shares of the composite's allocated rounds, in the order of the sources."""
    rows = composite.parts.filter(round__shape=Shape.ALLOCATED).select_related("round__ledger")
    found = (share(row.round, unit_id) for row in rows)
    return tuple(one for one in found if one is not None)


def share(round_: Round, unit_id: int) -> Share | None:
    """The share as it counts now; None for who leads nothing in the round. A constant number of queries."""
    sums = rollup.shares(round_).get(unit_id)
    if sums is None:
        return None
    tree = outlines.outline(round_.ledger_id)
    return Share(
        round_id=round_.pk,
        round=round_.name,
        lines=tuple(_lines(rollup.share_steps(round_, unit_id), tree)),
        earned=figures.points(sums.earned),
        possible=figures.points(sums.possible),
        strict=figures.points(sums.strict_possible),
        pending=sums.pending,
        rate=figures.rate(sums.total_rate),
    )


def _lines(steps: Iterable[Step], tree: Outline) -> Iterable[Line]:
    for step in steps:
        node = tree.nodes.get(step.subject or 0)
        yield Line(
            node_id=node.id if node else None,
            name=node.name if node else "",
            label=step.label,
            earned=_written(sum(step.inputs, Fraction(0))),
            possible=_written(step.possible or Fraction(0)),
            running=_written(step.result),
        )


def _written(amount: Fraction) -> str:
    return figures.points(as_decimal(amount))
