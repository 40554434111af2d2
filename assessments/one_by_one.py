"""逐项填报: one item of a unit's sheet at a time, for long criteria; what stands in it, `worksheet` knows."""

from dataclasses import dataclass, replace

from assessments.worksheet import Worksheet


@dataclass(frozen=True, slots=True)
class Single:
    """The sheet with one item left, and its neighbours' numbers. place: from 1."""

    sheet: Worksheet
    place: int
    total: int
    before: str
    after: str


def single(sheet: Worksheet, ref: str) -> Single | None:
    """The item with this number, the first one where it is not on the sheet; None for a sheet without items."""
    refs = [row.ref for group in sheet.groups for row in group.rows]
    if not refs:
        return None
    at = refs.index(ref) if ref in refs else 0
    groups = (replace(group, rows=tuple(row for row in group.rows if row.ref == refs[at])) for group in sheet.groups)
    left = replace(sheet, groups=tuple(group for group in groups if group.rows))
    before = refs[at - 1] if at else ""
    after = refs[at + 1] if at + 1 < len(refs) else ""
    return Single(left, at + 1, len(refs), before, after)
