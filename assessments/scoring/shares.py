"""Where the points of what is not applicable (不涉及) go: how much every other item weighs instead.

Weights are whole numbers over one common denominator, so that thirds stay exact: an item of 30 points that
takes on 6⅔ weighs 36⅔ / 30, and a score on it grows in the same measure.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm

from assessments.scoring.marks import Sheet
from assessments.scoring.outline import Outline
from assessments.scoring.policy import Policy


@dataclass(frozen=True, slots=True)
class Weights:
    """`of[position] / over` is what the points and the score of an item are multiplied by."""

    of: list[int]
    over: int = 1


def weigh(outline: Outline, sheet: Sheet, policy: Policy) -> Weights:
    """The weights of all positions under the round's policy.

    `drop` and `full_marks` change no weight. Where nothing is left that has points, nothing changes either.
    """
    if sheet.not_applicable and policy.not_applicable == "proportional":
        return _proportional(outline, sheet)
    if sheet.not_applicable and policy.not_applicable == "equal_share":
        return _equal_share(outline, sheet)
    return Weights([1] * len(outline.ids))


def _proportional(outline: Outline, sheet: Sheet) -> Weights:
    remaining = sum(outline.points[place] for place in sheet.applicable())
    full = remaining + sum(outline.points[place] for place in sheet.not_applicable)
    factor = Fraction(full, remaining) if remaining else Fraction(1)
    return Weights([factor.numerator] * len(outline.ids), factor.denominator)


def _equal_share(outline: Outline, sheet: Sheet) -> Weights:
    """Each node's idle points go in equal parts to its children that still count; a branch hands its part on.

    Idle are the points of items not applicable, and of branches in which nothing applies. Items without points
    take nothing: there would be no score to measure by.
    """
    factors = {place: 1 + extra / outline.points[place] for place, extra in _extras(outline, sheet).items() if extra}
    over = lcm(*(factor.denominator for factor in factors.values()))
    of = [over] * len(outline.ids)
    for place, factor in factors.items():
        of[place] = factor.numerator * (over // factor.denominator)
    return _divisible(outline, sheet, of, over)


def _extras(outline: Outline, sheet: Sheet) -> dict[int, Fraction]:
    """What each item takes on, in ten-thousandths."""
    able = {place for place in sheet.applicable() if outline.points[place]}
    alive = _with_ancestors(outline, able)
    idle = _idle(outline, sheet, alive)
    handed = {0: Fraction(0)}
    extras: dict[int, Fraction] = {}
    for place in range(len(outline.ids)):
        if place not in alive:
            continue
        takers = [child for child in outline.children[place] if child in alive]
        part = (handed[place] + idle[place]) / (len(takers) + (place in able))
        handed.update((child, part) for child in takers)
        if place in able:
            extras[place] = part
    return extras


def _with_ancestors(outline: Outline, places: set[int]) -> set[int]:
    found: set[int] = set()
    for start in places:
        place = start
        while place >= 0 and place not in found:
            found.add(place)
            place = outline.parents[place]
    return found


def _idle(outline: Outline, sheet: Sheet, alive: set[int]) -> list[int]:
    """The idle points by the lowest living node above them."""
    idle = [0] * len(outline.ids)
    for start in sheet.not_applicable:
        place = start
        while place > 0 and place not in alive:
            place = outline.parents[place]
        idle[place] += outline.points[start]
    return idle


def _divisible(outline: Outline, sheet: Sheet, of: list[int], over: int) -> Weights:
    """The same weights over a denominator by which every shared score divides without a rest."""
    more = 1
    for block in sheet.shared:
        if block.points:
            weight = sum(outline.points[place] * of[place] for place in block.covers)
            more = lcm(more, block.points // gcd(block.points, weight))
    return Weights([weight * more for weight in of], over * more)
