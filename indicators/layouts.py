"""What a person said of a sheet on the import desk → the layout to read it by; writes nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from indicators.reading import Layout
from indicators.reading.corrections import ROLE_WORDS

MOST_COLUMNS = 64


def posted(data: Mapping[str, Any], layout: Layout) -> Layout:
    """The layout with what the form changes: columns by `role-3` and `fill-3`, one row by `act` and `row`.

    Boxes that were not on the page (no `may-fill-3`) say nothing.
    """
    if data.get("act") == "ledger":
        return replace(layout, ledger={"yes": True, "no": False}.get(data.get("ledger", "")))
    roles = dict(layout.roles)
    fill = dict(layout.fill)
    for column in range(MOST_COLUMNS):
        role = str(data.get(f"role-{column}", ""))
        if role in ROLE_WORDS:
            roles[column] = role
        if f"may-fill-{column}" in data:
            fill[column] = f"fill-{column}" in data
    told = replace(layout, roles=roles, fill=fill)
    row = str(data.get("row", ""))
    return _row(told, data.get("act", ""), int(row)) if row.isascii() and row.isdecimal() and len(row) < 7 else told


def _row(layout: Layout, act: str, row: int) -> Layout:
    """The layout with one row said to be header, left out, kept, or given back to the reader."""
    if act == "header":
        # other headings: what was said of the columns under the old ones does not hold
        return Layout(header_rows=(row,), skipped=_without(layout.skipped, row), kept=_without(layout.kept, row))
    if act == "header-too":
        rows = tuple(sorted({*layout.header_rows, row}))
        return replace(layout, header_rows=tuple(range(rows[0], rows[-1] + 1))[:3], roles={}, fill={})
    bare = replace(layout, skipped=_without(layout.skipped, row), kept=_without(layout.kept, row))
    if act == "skip":
        return replace(bare, skipped=(*bare.skipped, row))
    if act == "keep":
        return replace(bare, kept=(*bare.kept, row))
    return replace(bare, header_rows=()) if row in layout.header_rows else bare


def _without(rows: Iterable[int], row: int) -> tuple[int, ...]:
    return tuple(one for one in rows if one != row)
