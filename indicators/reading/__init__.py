"""Ledger file → plain data and findings; knows neither Django nor a database."""

import hashlib
from dataclasses import replace
from io import BytesIO

from indicators.reading import findings, guard
from indicators.reading.drafts import LedgerDraft, Reading, Source
from indicators.reading.formats import READERS
from indicators.reading.formats.grid import Grid
from indicators.reading.guard import Limits
from indicators.reading.ledger import read_sheet
from indicators.reading.refusal import Refused

__all__ = ["Limits", "Reading", "Refused", "read"]

DEFAULT = Limits()


def read(filename: str, content: bytes, limits: Limits = DEFAULT) -> Reading:
    """Every ledger in a file, one for each sheet with a header of indicators.

    Raises Refused, with a sentence for the clerk, when the file is hostile, damaged, of a kind that is not
    read, or holds no ledger. Trouble in single cells is in the findings of each ledger.
    """
    kind = "xlsx"
    guard.check(filename, BytesIO(content), limits)
    grids = READERS[kind](content)
    source = Source(filename, hashlib.sha256(content).hexdigest(), kind, tuple(grid.sheet for grid in grids))
    return Reading(source, _ledgers(grids))


def _ledgers(grids: list[Grid]) -> tuple[LedgerDraft, ...]:
    read_ = [(grid, read_sheet(grid)) for grid in grids]
    ledgers = [ledger for _, ledger in read_ if ledger is not None and ledger.nodes]
    if not ledgers:
        raise Refused(
            "no-ledger",
            "没有找到指标表：表头要有“一级指标”或“评估点”等列名，以及“分值”“责任单位”等列；改好表头后再上传",
        )
    missed = [findings.sheet_skipped(grid.sheet) for grid, ledger in read_ if ledger not in ledgers]
    ledgers[0] = replace(ledgers[0], findings=(*ledgers[0].findings, *missed))
    return tuple(ledgers)
