"""Turns hostile and oversized files away before anything is parsed; understands no ledger."""

from typing import BinaryIO

from indicators.reading.guard.limits import Limits

__all__ = ["Limits", "check"]


def check(filename: str, stream: BinaryIO, limits: Limits) -> None:
    """Pass a file that is safe to parse. Raises Refused otherwise."""
