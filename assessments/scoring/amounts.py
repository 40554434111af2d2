"""Exact amounts and how they are written; nothing here knows what is being scored.

Points have four places. They are summed as whole ten-thousandths, and divided once, at the end.
"""

import re
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import lru_cache

TEN_THOUSANDTHS = 10_000
FOUR_PLACES = Decimal("0.0001")
TWO_PLACES = Decimal("0.01")
ZERO = Decimal(0)

# Not the thread's context: a sealed round must come out the same whatever the process has set.
_CONTEXT = Context(prec=28, rounding=ROUND_HALF_EVEN)
_WRITTEN = re.compile(r"[0-9]{1,12}(\.[0-9]{1,4})?")


def divide(numerator: int, denominator: Decimal) -> Decimal:
    """The quotient, exact where 28 digits hold it, without trailing zeros: 635000 / 10000 is 63.5."""
    return _CONTEXT.divide(Decimal(numerator), denominator)


def as_decimal(amount: Fraction) -> Decimal:
    """The nearest decimal of 28 digits; equal fractions always give equal decimals."""
    return divide(amount.numerator, Decimal(amount.denominator))


def ten_thousandths(points: Decimal) -> int:
    """Points as a whole number of ten-thousandths.

    Raises ValueError when they are no number, negative, or finer than four places.
    """
    if not points.is_finite():
        raise ValueError(f"not a number of points: {points}")
    return _whole(points)


@lru_cache(maxsize=4096)
def _whole(points: Decimal) -> int:
    """Kept: a round has a hundred thousand scores and a few dozen different ones."""
    scaled = points * TEN_THOUSANDTHS
    whole = int(scaled)
    if whole != scaled:
        raise ValueError(f"finer than four places: {points}")
    if whole < 0:
        raise ValueError(f"negative points: {points}")
    return whole


def from_text(text: object) -> Decimal:
    """A decimal, 0 or more, out of stored JSON, where amounts are strings. Raises ValueError for anything else.

    >>> from_text("0.25")
    Decimal('0.25')
    """
    if not isinstance(text, str) or not _WRITTEN.fullmatch(text):
        raise ValueError(f"not an exact decimal: {text!r}")
    return Decimal(text)


def display(value: Decimal | Fraction) -> str:
    """Two places, rounded once, half up: how a rate is shown.

    >>> display(Decimal("81.335"))
    '81.34'
    """
    exact = as_decimal(value) if isinstance(value, Fraction) else value
    return f"{exact.quantize(TWO_PLACES, rounding=ROUND_HALF_UP):f}"


def display_points(value: Decimal | Fraction) -> str:
    """Points as a person writes them: all of up to four places, else rounded half up to two.

    >>> [display_points(Decimal(text)) for text in ("0.2500", "5.00", "63.5", "100")]
    ['0.25', '5', '63.5', '100']
    >>> display_points(Fraction(50, 3))
    '16.67'
    """
    exact = as_decimal(value) if isinstance(value, Fraction) else value
    if exact != exact.quantize(FOUR_PLACES):
        return display(exact)
    return plain(exact)


def plain(value: Decimal) -> str:
    """Every digit there is, without exponent or trailing zeros: the form of JSON and of seals."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
