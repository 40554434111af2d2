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
from indicators.reading.prose import read_prose
from indicators.reading.refusal import Refused

__all__ = ["Limits", "Reading", "Refused", "read"]

DEFAULT = Limits()


def read(filename: str, content: bytes, limits: Limits = DEFAULT) -> Reading:
    """Every ledger in a file, one for each sheet or table with a header of indicators, or one of prose.

    Raises Refused, with a sentence for the clerk, when the file is hostile, damaged, of a kind that is not
    read, or holds no ledger. Trouble in single cells is in the findings of each ledger.
    """
    kind = guard.check(filename, BytesIO(content), limits)
    grids = READERS[kind](content)
    ledgers = _ledgers(grids)
    read_ = {ledger.sheet for ledger in ledgers}
    sheets = tuple(grid.sheet for grid in grids if grid.sheet in read_ or not grid.prose)
    return Reading(Source(filename, hashlib.sha256(content).hexdigest(), kind, sheets), ledgers)


def _ledgers(grids: list[Grid]) -> tuple[LedgerDraft, ...]:
    read_ = [(grid, _ledger(grid)) for grid in grids]
    ledgers = [ledger for _, ledger in read_ if ledger is not None]
    if not ledgers:
        raise Refused(
            "no-ledger",
            "没有找到指标表：表头要有“一级指标”或“评估点”等列名，以及“分值”“责任单位”等列；改好表头后再上传",
        )
    missed = [findings.sheet_skipped(grid.sheet) for grid, ledger in read_ if ledger is None and not grid.prose]
    ledgers[0] = replace(ledgers[0], findings=(*ledgers[0].findings, *missed))
    return tuple(ledgers)


def _ledger(grid: Grid) -> LedgerDraft | None:
    ledger = read_prose(grid) if grid.prose else read_sheet(grid)
    return ledger if ledger is not None and ledger.nodes else None
