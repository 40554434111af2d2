"""A person's word on rows and columns of a sheet, in place of the reader's guess; opens no file."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from indicators.reading import findings
from indicators.reading.columns import SEARCHED_ROWS, Column, Header, at, find
from indicators.reading.drafts import Finding
from indicators.reading.fitting import fit
from indicators.reading.formats.grid import Grid, letters
from indicators.reading.text import fold

IGNORED = "ignored"
ROLE_WORDS: Mapping[str, str] = {
    "level-1": "一级指标",
    "level-2": "二级指标",
    "level-3": "三级指标",
    "level-4": "四级指标",
    "level-5": "五级指标",
    "content": "评估点内容",
    "criteria": "评分标准",
    "points": "分值",
    "number": "序号",
    "unit": "责任单位",
    "unit-lead": "牵头单位",
    "unit-joint": "会同单位",
    "unit-support": "配合单位",
    "assessor": "考核单位",
    "method": "评估方式",
    "leader": "责任领导",
    "deadline": "时限",
    "process": "环节",
    "score": "得分",
    "deduction": "扣分原因",
    "remark": "备注",
    "extra": "其他栏目，原样保留",
    IGNORED: "不导入这一列",
}
_FILLED = frozenset({"unit", "unit-lead", "method"})
_MAY_FILL = _FILLED | {"unit-joint", "unit-support", "assessor", "leader", "deadline", "process"}


def may_fill(role: str) -> bool:
    """Whether blanks of such a column can stand for the words above; never those of points and scores."""
    return role in _MAY_FILL or role.startswith("level-")


def fills(role: str) -> bool:
    """Whether the reader fills such a column's blanks from above when nobody says otherwise."""
    return role in _FILLED or role.startswith("level-")


@dataclass(frozen=True, slots=True)
class Layout:
    """What a person said of one sheet (更正); whatever is left out stays the reader's guess.

    ledger: whether the sheet is one. header_rows, skipped, kept: row numbers as the spreadsheet shows them; kept rows
    are read as data whatever they look like. roles: column from 0 → role. fill: column from 0 → fill blanks or not.
    """

    ledger: bool | None = None
    header_rows: tuple[int, ...] = ()
    roles: Mapping[int, str] = field(default_factory=dict)
    fill: Mapping[int, bool] = field(default_factory=dict)
    skipped: tuple[int, ...] = ()
    kept: tuple[int, ...] = ()

    @property
    def says_nothing(self) -> bool:
        return self == Layout()


Corrections = Mapping[str, Layout]
"""Sheet → what a person said of it."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A layout that holds for every sheet with these headings, wherever on the sheet they stand.

    fingerprint: of the header's words. height: how many rows the header has. The layout names no row.
    """

    fingerprint: str
    height: int
    layout: Layout


def as_json(layout: Layout) -> dict[str, Any]:
    return {
        "ledger": layout.ledger,
        "header_rows": list(layout.header_rows),
        "roles": {str(column): role for column, role in layout.roles.items()},
        "fill": {str(column): filled for column, filled in layout.fill.items()},
        "skipped": list(layout.skipped),
        "kept": list(layout.kept),
    }


def from_json(obj: Mapping[str, Any]) -> Layout:
    """The layout that `as_json` made this object from."""
    return Layout(
        ledger=obj["ledger"],
        header_rows=tuple(obj["header_rows"]),
        roles={int(column): role for column, role in obj["roles"].items()},
        fill={int(column): filled for column, filled in obj["fill"].items()},
        skipped=tuple(obj["skipped"]),
        kept=tuple(obj["kept"]),
    )


def guessed(grid: Grid, layout: Layout) -> Header | None:
    """The header as the reader sees it, in the rows a person named or in those it finds itself."""
    found = None if grid.prose else _own_or_told(grid, layout)
    return fit(grid, found) if found is not None else None


def _own_or_told(grid: Grid, layout: Layout) -> Header | None:
    rows = tuple(row - 1 for row in layout.header_rows if 0 < row <= grid.height)
    return at(grid, rows) if rows else find(grid)


def header(grid: Grid, layout: Layout) -> Header | None:
    """The header with everything a person said of it; None where there is none or the sheet is no ledger."""
    found = guessed(grid, layout) if layout.ledger is not False else None
    if found is None or layout.says_nothing:
        return found
    named = (Column(one.index, one.heading, layout.roles.get(one.index, one.role)) for one in found.columns)
    return replace(
        found,
        columns=tuple(one for one in named if one.role != IGNORED),
        filled=frozenset(column for column, yes in layout.fill.items() if yes),
        unfilled=frozenset(column for column, yes in layout.fill.items() if not yes),
        skipped=frozenset(row - 1 for row in layout.skipped),
        kept=frozenset(row - 1 for row in layout.kept),
        units_inside=None if found.units_inside in layout.roles else found.units_inside,
    )


def settled(grid: Grid, layout: Layout) -> Layout:
    """The layout without what the reader would have guessed anyway, so that only true corrections remain."""
    own = guessed(grid, Layout())
    own_rows = tuple(row + 1 for row in own.rows) if own else ()
    layout = replace(layout, header_rows=() if layout.header_rows == own_rows else layout.header_rows)
    found = guessed(grid, layout)
    if found is None:
        return Layout(ledger=layout.ledger)
    guesses = {one.index: one.role for one in found.columns}
    roles = {
        column: role
        for column, role in layout.roles.items()
        if column in guesses and role in ROLE_WORDS and role != guesses[column]
    }
    now = guesses | roles
    fill = {
        column: filled
        for column, filled in layout.fill.items()
        if column in now and may_fill(now[column]) and filled != fills(now[column])
    }
    below = range(1, grid.height + 1)
    return replace(
        layout,
        roles=roles,
        fill=fill,
        skipped=tuple(sorted({row for row in layout.skipped if row in below})),
        kept=tuple(sorted({row for row in layout.kept if row in below} - set(layout.skipped))),
    )


def fingerprint(grid: Grid, rows: Sequence[int]) -> str:
    """What headings have in common with the same ones printed elsewhere. rows: from 0."""
    words = ["|".join(dict.fromkeys(fold(grid.text(row, column)) for row in rows)) for column in range(grid.width)]
    while words and not words[-1]:
        words.pop()
    return sha256(json.dumps(words, ensure_ascii=False).encode()).hexdigest()


def remember(grid: Grid, layout: Layout) -> Remembered | None:
    """What of a layout holds for the issuer's next file; None where nothing does."""
    found = guessed(grid, layout)
    lasting = Layout(roles=layout.roles, fill=layout.fill)
    if found is None or (lasting.says_nothing and not layout.header_rows):
        return None
    return Remembered(fingerprint(grid, found.rows), len(found.rows), lasting)


def recall(grid: Grid, known: Sequence[Remembered]) -> tuple[Remembered, Layout] | None:
    """The first remembered layout whose headings stand on this sheet, with the rows they stand in."""
    if grid.prose:
        return None
    for one in known:
        for first in range(min(grid.height, SEARCHED_ROWS) - one.height + 1):
            rows = range(first, first + one.height)
            if fingerprint(grid, rows) == one.fingerprint:
                told = replace(one.layout, header_rows=tuple(row + 1 for row in rows))
                return one, settled(grid, told)
    return None


def used(grid: Grid, layout: Layout) -> Iterator[Finding]:
    """What was read by a person's word, for the report."""
    found = guessed(grid, layout)
    if found is None:
        return
    if layout.header_rows:
        rows = _rows(row + 1 for row in found.rows)
        yield findings.corrected(grid.place(found.rows[0], 0), f"表头按更正取第 {rows} 行")
    by_index = {one.index: one for one in found.columns}
    for column, words in sorted(_said(layout, by_index), key=lambda said: said[0]):
        yield findings.corrected(grid.place(found.rows[-1], column), words)
    if layout.skipped:
        yield findings.corrected(grid.place(layout.skipped[0] - 1, 0), f"第 {_rows(layout.skipped)} 行按更正不读取")
    if layout.kept:
        yield findings.corrected(grid.place(layout.kept[0] - 1, 0), f"第 {_rows(layout.kept)} 行按更正作为评估点读取")


def _said(layout: Layout, columns: Mapping[int, Column]) -> Iterator[tuple[int, str]]:
    """Column and sentence for each word on one."""
    for column, role in layout.roles.items():
        if column in columns:
            yield column, f"{_named(columns[column])}按更正读作“{ROLE_WORDS[role]}”"
    for column, filled in layout.fill.items():
        if column in columns:
            how = "按更正用上一行的内容填充" if filled else "按更正不向下填充"
            yield column, f"{_named(columns[column])}的空白{how}"


def _named(column: Column) -> str:
    return f"{letters(column.index)} 列“{findings.short(column.heading)}”"


def _rows(rows: Any) -> str:
    numbers = [str(row) for row in rows]
    return "、".join(numbers[:10]) + (f" 等 {len(numbers)} " if len(numbers) > 10 else "")
