"""How a number is written on every page; which number it is, others decide."""

from decimal import Decimal

from assessments.scoring.amounts import ZERO, display, display_points

NONE = "—"


def points(value: Decimal | None, blank: str = "") -> str:
    """Points in a column: two places, more only where there are more.

    >>> [points(Decimal(text)) for text in ("0.5", "4.0000", "0.125")]
    ['0.50', '4.00', '0.125']
    """
    if value is None:
        return blank
    written = display_points(value)
    return written if len(written.partition(".")[2]) > 2 else display(value)


def total(value: Decimal | None) -> str:
    """A total, the same on every page, in every file and in `score_report`.

    >>> total(Decimal("63.5000"))
    '63.5'
    """
    return NONE if value is None else display_points(value)


def rate(value: Decimal | None) -> str:
    """A rate per hundred, two places; a dash where there is nothing to divide by."""
    return NONE if value is None else display(value)


def share(earned: Decimal, possible: Decimal) -> Decimal | None:
    """Earned per hundred possible; None where nothing is possible."""
    return earned * 100 / possible if possible else None


def lost(value: Decimal) -> str:
    """Lost points with their sign; nothing lost has none.

    >>> [lost(Decimal("0.5")), lost(Decimal(0))]
    ['−0.50', '0.00']
    """
    return f"−{points(value)}" if value > ZERO else points(ZERO)
