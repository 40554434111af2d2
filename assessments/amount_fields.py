"""Amounts and bands (等次) as people type them into forms of rounds and composed results."""

import re
import unicodedata
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from assessments.scoring.policy import DEFAULT_BANDS, Band, Policy

LONGEST_BAND = 20
_NUMBER = re.compile(r"[0-9０-９]{1,12}(?:[.．][0-9０-９]{1,6})?")


def written_bands() -> str:
    """The usual bands as a form shows them."""
    return "\n".join(f"{band.name} {band.least}" for band in DEFAULT_BANDS)


def _number(text: str) -> Decimal:
    """A plain number, full-width digits too; raises ValueError for all else that Decimal would take (1e1, 1_0, NaN)."""
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return Decimal(unicodedata.normalize("NFKC", text))


class AmountField(forms.DecimalField):
    """Digits and a point, nothing else."""

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # so in the stubs only
        """The amount; None for a blank."""
        typed = str(value or "").strip()
        try:
            return _number(typed) if typed else None
        except ValueError as failure:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from failure


def clean_bands(text: str) -> tuple[Band, ...]:
    """The bands out of lines as `written_bands` writes them, highest first. Raises ValidationError."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    try:
        bands = tuple(Band(name, _number(least)) for name, least in lines)
        if any(len(band.name) > LONGEST_BAND for band in bands):
            raise ValidationError(f"等次名称最多 {LONGEST_BAND} 个字")
        return Policy(bands=bands).bands
    except (ValueError, ArithmeticError) as failure:
        raise ValidationError("每行写名称、空格、最低得分率，从高到低，例如“优秀 90”") from failure
