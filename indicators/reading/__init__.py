"""Ledger file → plain data and findings; knows neither Django nor a database."""

from indicators.reading.book import Book, open_book, read_book
from indicators.reading.corrections import Corrections, Layout
from indicators.reading.drafts import Reading
from indicators.reading.guard import Limits
from indicators.reading.refusal import Refused

__all__ = ["Book", "Corrections", "Layout", "Limits", "Reading", "Refused", "open_book", "read", "read_book"]

DEFAULT = Limits()


def read(filename: str, content: bytes, limits: Limits = DEFAULT, *, corrections: Corrections | None = None) -> Reading:
    """Every ledger in a file, one for each sheet or table with a header of indicators, or one of prose.

    corrections: what a person said of single sheets, in place of the reader's guess.
    Raises Refused, with a sentence for the clerk, when the file is hostile, damaged, of a kind that is not
    read, or holds no ledger. Trouble in single cells is in the findings of each ledger.
    """
    return read_book(open_book(filename, content, limits), corrections)
