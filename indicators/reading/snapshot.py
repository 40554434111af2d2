"""A sheet's cells as JSON that an upload keeps, and back; so that a sheet is shown and read anew without its file."""

from dataclasses import fields
from typing import Any

from indicators.reading.formats.grid import Block, Grid, Merges

MOST_ROWS = 3000
_OWN = {"sheet", "rows", "merged"}


def as_json(grid: Grid, most: int = MOST_ROWS) -> dict[str, Any]:
    """The first `most` rows; `whole` says whether those are all."""
    blocks = [block for block in grid.merged.blocks if block.top < most]
    return {
        "sheet": grid.sheet,
        "width": grid.width,
        "whole": grid.height <= most,
        "rows": [_trimmed(row) for row in grid.rows[:most]],
        "merged": [[top, left, min(bottom, most - 1), right] for top, left, bottom, right in blocks],
        "more": {one.name: getattr(grid, one.name) for one in fields(Grid) if one.name not in _OWN},
    }


def _trimmed(row: Any) -> list[str]:
    """The row without the blanks behind its last words."""
    end = len(row)
    while end and not row[end - 1]:
        end -= 1
    return list(row[:end])


def from_json(obj: Any) -> Grid:
    """The grid that `as_json` made this object from."""
    width = obj["width"]
    merged = Merges.of(Block(*bounds) for bounds in obj["merged"])
    kept = obj["more"].items()
    more: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in kept}
    rows = [row + [""] * (width - len(row)) for row in obj["rows"]]
    return Grid(sheet=obj["sheet"], rows=rows, merged=merged, **more)
