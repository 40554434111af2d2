"""One sheet → one ledger: puts header, tree, items, notes and totals together; opens no file."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise

from indicators.reading import findings, points, reconcile
from indicators.reading.body import fill, first_leading
from indicators.reading.bonuses import bonuses
from indicators.reading.branches import Branch, Outline
from indicators.reading.chapters import lead
from indicators.reading.columns import Header, find, role_of
from indicators.reading.desk import Filled
from indicators.reading.drafts import AdjustmentDraft, CheckpointDraft, Finding, LedgerDraft, NodeDraft, Tally
from indicators.reading.formats.grid import Block, Grid, letters
from indicators.reading.notes import adjustments, stated_total, without_label
from indicators.reading.outline import build
from indicators.reading.pieces import pieces
from indicators.reading.rows import Body, Note
from indicators.reading.rules import checkpoints, rules
from indicators.reading.text import narrow, squeeze
from indicators.reading.titles import Titles, titles
from units import naming

# What the heading says of all points together: （总分100分）.
_FULL = re.compile(r"[(（]((?:总分值?|满分|共计)(?:为|[:：])?\s*\d{1,4}(?:\.\d{1,2})?\s*分)[)）]")


@dataclass(slots=True)
class _Table:
    """A table of a sheet while it is read: the whole of it, or one chapter under headings of its own."""

    grid: Grid
    header: Header
    body: Body
    outline: Outline
    filled: dict[int, Filled] = field(default_factory=dict)
    found: list[Finding] = field(default_factory=list)
    parts: dict[int, tuple[CheckpointDraft, ...]] = field(default_factory=dict)


def read_sheet(grid: Grid, told: Header | None = None) -> LedgerDraft | None:
    """The ledger a sheet holds, or None when no header is found on it.

    told: the header as a person names it; then nothing is guessed from the cells of its columns.
    """
    header = told or find(grid)
    if header is None:
        return None
    found = pieces(grid, header, told=told is not None)
    tables = [_Table(one.grid, one.header, one.body, build(one.grid, one.header, one.body.lines)) for one in found]
    every = [one for table in tables for one in table.outline.branches]
    for number, branch in enumerate(every, 1):
        branch.id = number
    for table in tables:
        _fill(table)
    return _ledger(grid, tables, every, told=told is not None)


def _fill(table: _Table) -> None:
    """What the columns of a table say of its branches, whose ids are set."""
    filled, found = fill(table.grid, table.header, table.outline, table.body.headers[1:])
    if _first_leads(table.grid, table.header, table.body):
        for one in filled.values():
            one.responsibilities = first_leading(one.responsibilities)
    table.filled, table.found = filled, found
    table.parts = {
        branch.id: tuple(filled[branch.id].parts) or checkpoints(_words(branch, filled[branch.id]))
        for branch in table.outline.branches
        if branch.item
    }


def _ledger(grid: Grid, tables: Sequence[_Table], branches: Sequence[Branch], *, told: bool) -> LedgerDraft:
    """The draft that the tables of a sheet make together. branches: those of all of them, in order."""
    first = tables[0]
    bonus = _under_bonus(branches)
    tallies = [
        _tally(table.grid, b, table.parts.get(b.id, ()), table.filled[b.id], bonus=b.id in bonus)
        for table in tables
        for b in table.outline.branches
    ]
    sums = reconcile.reckon(tallies)
    nodes = [
        _node(table.grid, table.header, b, table.filled[b.id], table.parts.get(b.id, ()), sums.listed.get(b.id))
        for table in tables
        for b in table.outline.branches
    ]
    stated = _stated_by(tables, "points")
    heading: Titles = titles(grid, first.header, _under(first.header, first.body), _above(first))
    on_total, notes = _notes([note for table in tables for note in table.body.notes])
    penalties = {id_: one.penalty for table in tables for id_, one in table.filled.items() if one.penalty is not None}
    on_total.extend(bonuses(nodes, penalties, reconcile.apart(tallies)))
    return LedgerDraft(
        title=heading.title or grid.sheet,
        issuer=heading.issuer,
        year=heading.year,
        sheet=grid.sheet,
        header_rows=tuple(row + 1 for row in first.header.rows),
        columns={column.heading: column.role for table in tables for column in table.header.columns},
        depth=max((node.level for node in nodes), default=0),
        declared_total=sums.declared_total,
        listed_total=sums.listed_total,
        stated_total=stated if stated is not None else _stated_by(tables, "score"),
        nodes=tuple(nodes),
        adjustments=tuple(on_total),
        notes=tuple(note for note in (*heading.notes, *notes) if note != heading.title),
        findings=(
            *(one for table in tables for one in _columns(table.grid, table.header)),
            *(() if told else (one for table in tables for one in _as_points(table.grid, table.header))),
            *_unseen(grid),
            *(one for table in tables for one in (*table.outline.findings, *table.found)),
            *reconcile.check(tallies, sums, stated=stated, place=grid.sheet),
            *(one for table in tables for one in _score_total(table)),
            *_rules(nodes),
            *(one for table in tables for one in _gaps(_numbers(table.grid, table.header, table.body))),
            *(
                findings.row_skipped(grid.place(note.row, 0), note.text)
                for table in tables
                for note in table.body.skipped
            ),
        ),
    )


def _above(table: _Table) -> int:
    """The row at which the lines above a table end: its first chapter or its header."""
    first = table.body.lines[0].row if table.body.lines else table.header.rows[0]
    return min(first, table.header.rows[0])


def _stated_by(tables: Sequence[_Table], role: str) -> Decimal | None:
    """The total that the sheet states; that of one chapter among several is not it."""
    if len(tables) == 1:
        return _stated(tables[0].grid, tables[0].header, tables[0].body, role)
    bare = (_stated(one.grid, one.header, replace(one.body, totals=()), role) for one in tables)
    return next((value for value in bare if value is not None), None)


def _words(branch: Branch, filled: Filled) -> str:
    """The words of an item that may hold rules: its criteria, or its name where it has none."""
    return filled.criteria or branch.name


def _node(
    grid: Grid,
    header: Header,
    branch: Branch,
    filled: Filled,
    parts: tuple[CheckpointDraft, ...],
    listed: Decimal | None,
) -> NodeDraft:
    return NodeDraft(
        id=branch.id,
        parent=branch.parent.id if branch.parent else None,
        level=branch.level,
        name=branch.name,
        declared=branch.declared,
        listed=listed,
        is_item=branch.item is not None,
        number=filled.number,
        criteria=filled.criteria,
        checkpoints=parts,
        methods=filled.methods,
        responsibilities=filled.responsibilities,
        leaders=filled.leaders,
        deadlines=filled.deadlines,
        score=filled.score,
        score_shared_with=filled.shared_with,
        deduction_reason=filled.deduction_reason,
        rectified=filled.rectified,
        rules=rules(_words(branch, filled), parts) if branch.item else (),
        extra=filled.extra,
        cells=_cells(grid, header, branch),
    )


def _cells(grid: Grid, header: Header, branch: Branch) -> str:
    """An item is its rows from the first to the last column; a node is its column over the rows it covers."""
    if branch.item:
        first, last = header.columns[0].index, header.columns[-1].index
    else:
        first = last = branch.block.left
    return grid.span(Block(branch.first, first, branch.last, last))


def _tally(grid: Grid, branch: Branch, parts: tuple[CheckpointDraft, ...], filled: Filled, *, bonus: bool) -> Tally:
    block = branch.block
    if branch.item and not branch.name and filled.points_block:
        block = filled.points_block
    return Tally(
        id=branch.id,
        parent=branch.parent.id if branch.parent else None,
        name=branch.name,
        declared=branch.declared,
        is_item=branch.item is not None,
        checkpoints=points.total(one.points for one in parts) if parts else None,
        place=grid.place(block.top, block.left),
        unit=_leader(filled),
        bonus=bonus,
    )


def _leader(filled: Filled) -> str:
    for one in filled.responsibilities:
        if one.role == "lead":
            return one.name
    return ""


def _first_leads(grid: Grid, header: Header, body: Body) -> bool:
    """Whether the document states once for all that the unit named first leads."""
    above = (text for row in grid.rows[: header.rows[-1] + 1] for text in row if "牵头" in text)
    return any(naming.first_leads(text) for text in (*above, *(note.text for note in body.notes)))


def _under(header: Header, body: Body) -> list[str]:
    """The lines between the header and the first row of the table, without those that are filled in."""
    first = body.lines[0].row if body.lines else 0
    return [note.text for note in body.notes if header.rows[-1] < note.row < first and "：" not in note.text]


def _under_bonus(branches: Sequence[Branch]) -> set[int]:
    """The branches of chapters of bonuses and penalties. branches: parents before children."""
    found: set[int] = set()
    for branch in branches:
        if branch.bonus or (branch.parent is not None and branch.parent.id in found):
            found.add(branch.id)
    return found


def _columns(grid: Grid, header: Header) -> Iterator[Finding]:
    for column in header.of("extra"):
        yield findings.unknown_column(grid.place(header.rows[-1], column.index), column.heading)


def _as_points(grid: Grid, header: Header) -> Iterator[Finding]:
    """Columns of scores that were read as points, because nothing else says what the items are worth."""
    for column in header.of("points"):
        if role_of(column.heading) == "score":
            yield findings.points_from_scores(grid.place(header.rows[-1], column.index), column.heading)


def _unseen(grid: Grid) -> Iterator[Finding]:
    """What the file holds and a clerk does not see, or sees and the file does not hold."""
    if grid.hidden:
        yield findings.sheet_hidden(grid.sheet)
    if grid.hidden_rows:
        yield findings.rows_hidden(grid.place(grid.hidden_rows[0], 0), [row + 1 for row in grid.hidden_rows])
    if grid.hidden_columns:
        names = [letters(column) for column in grid.hidden_columns]
        yield findings.columns_hidden(grid.place(0, grid.hidden_columns[0]), names)
    if grid.unreckoned:
        yield findings.formula_unreckoned(grid.unreckoned)
    if grid.shorn:
        yield findings.control_characters(grid.shorn)


def _notes(said: Sequence[Note]) -> tuple[list[AdjustmentDraft], list[str]]:
    """Notes that carry points on the total become adjustments, the others stay notes."""
    on_total: list[AdjustmentDraft] = []
    kept: list[str] = []
    for note in said:
        found = adjustments(note.text)
        on_total.extend(found)
        if not found and without_label(note.text):
            kept.append(without_label(note.text))
    return on_total, kept


def _stated(grid: Grid, header: Header, body: Body, role: str) -> Decimal | None:
    """The last total that the table prints in a points or score column, or that a line or note states for points."""
    for row in reversed(body.totals):
        for column in reversed(header.of(role)) if role == "score" else header.of(role):
            value = points.parse(grid.text(row, column.index))
            if value is not None:
                return points.settle(value)
    return next(_said(grid, header, body), None) if role == "points" else None


def _said(grid: Grid, header: Header, body: Body) -> Iterator[Decimal]:
    """Totals of points that stand in no column of points: beside 合计, above the header, in notes."""
    rows = [(one, grid.rows[row][one.index]) for row in body.totals for one in header.columns]
    if not header.of("points"):
        numbers = (points.parse(text) for one, text in rows if one.role != "score")
        yield from (points.settle(value) for value in numbers if value is not None)
    above = lead(grid, header.rows[0])
    if above is not None and not any(line.row == above for line in body.lines):
        # A chapter above the only table under it says what that is worth.
        worth = points.split_name(squeeze(next(text for text in grid.rows[above] if text)))[1]
        yield from () if worth is None else (worth,)
    lines = (found[1] for row in range(header.rows[0]) for text in grid.rows[row] for found in _FULL.finditer(text))
    said = (stated_total(text) for text in (*(text for _, text in rows), *(note.text for note in body.notes), *lines))
    yield from (value for value in said if value is not None)


def _score_total(table: _Table) -> Iterator[Finding]:
    stated = _stated(table.grid, table.header, table.body, "score")
    scores = points.total(one.score for one in table.filled.values())
    if stated is not None and scores is not None and stated != scores:
        yield findings.total_mismatch(table.grid.sheet, "表中写明得分合计", stated, "各项得分合计", scores)


def _rules(nodes: Sequence[NodeDraft]) -> Iterator[Finding]:
    for node in nodes:
        for rule in node.rules:
            if rule.deduct is None or node.declared is None:
                continue
            place = node.cells
            if rule.deduct > node.declared:
                yield findings.rule_exceeds(node.name, place, rule.deduct, node.declared)
            elif rule.deduct == node.declared:
                yield findings.rule_takes_all(node.name, place, rule.deduct)


def _numbers(grid: Grid, header: Header, body: Body) -> list[tuple[str, int]]:
    """Place and value of every arabic serial number, of items and of notes, top to bottom."""
    found = []
    for column in header.of("number")[:1]:
        for row in sorted({line.row for line in body.lines} | {note.row for note in body.notes}):
            text = narrow(grid.rows[row][column.index]).strip().rstrip(".、")
            if re.fullmatch(r"\d{1,4}", text):
                found.append((grid.place(row, column.index), int(text)))
    return found


def _gaps(numbers: Sequence[tuple[str, int]]) -> Iterator[Finding]:
    """Serial numbers that jump or come twice; a new start at 1 is a new chapter."""
    for (_, before), (place, after) in pairwise(numbers):
        if after > before + 1:
            yield findings.number_gap(place, before, after)
        elif after == before and after != 1:
            yield findings.number_repeated(place, after)
