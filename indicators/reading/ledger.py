"""One sheet → one ledger: puts header, tree, items, notes and totals together; opens no file."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

from indicators.reading import findings, points, reconcile
from indicators.reading.body import fill, first_leading
from indicators.reading.branches import Branch
from indicators.reading.columns import Header, find, role_of
from indicators.reading.desk import Filled
from indicators.reading.drafts import AdjustmentDraft, CheckpointDraft, Finding, LedgerDraft, NodeDraft, Tally
from indicators.reading.fitting import fit
from indicators.reading.formats.grid import Grid, letters
from indicators.reading.notes import adjustments, is_bonus, is_penalty, stated_total, without_label
from indicators.reading.outline import build
from indicators.reading.rows import Body, sort
from indicators.reading.rules import checkpoints, rules
from indicators.reading.text import narrow
from indicators.reading.titles import Titles, titles
from units import naming


def read_sheet(grid: Grid, told: Header | None = None) -> LedgerDraft | None:
    """The ledger a sheet holds, or None when no header is found on it.

    told: the header as a person names it; then nothing is guessed from the cells of its columns.
    """
    found_header = told or find(grid)
    if found_header is None:
        return None
    header = told or fit(grid, found_header)
    body = sort(grid, header)
    outline = build(grid, header, body.lines)
    for number, branch in enumerate(outline.branches, 1):
        branch.id = number
    filled, found = fill(grid, header, outline, body.headers[1:])
    if _first_leads(grid, header, body):
        for one in filled.values():
            one.responsibilities = first_leading(one.responsibilities)
    parts = {
        b.id: tuple(filled[b.id].parts) or checkpoints(_words(b, filled[b.id])) for b in outline.branches if b.item
    }
    bonus = _under_bonus(outline.branches)
    tallies = [_tally(grid, b, parts.get(b.id, ()), filled[b.id], bonus=b.id in bonus) for b in outline.branches]
    listed = reconcile.listed(tallies)
    nodes = [_node(grid, header, b, filled[b.id], parts.get(b.id, ()), listed.get(b.id)) for b in outline.branches]
    numbers = _numbers(grid, header, body)
    every = [
        *_columns(grid, header),
        *(() if told else _as_points(grid, header)),
        *_unseen(grid),
        *outline.findings,
        *found,
        *reconcile.check(tallies, stated=_stated(grid, header, body, "points"), place=grid.sheet),
        *_score_total(grid, header, body, filled),
        *_rules(nodes),
        *_gaps(numbers),
        *(findings.row_skipped(grid.place(note.row, 0), note.text) for note in body.skipped),
    ]
    totals = reconcile.declared_total(tallies), reconcile.listed_total(tallies)
    penalties = {id_: one.penalty for id_, one in filled.items() if one.penalty is not None}
    return _ledger(grid, header, body, nodes, totals, every, penalties)


def _ledger(
    grid: Grid,
    header: Header,
    body: Body,
    nodes: Sequence[NodeDraft],
    totals: tuple[Decimal | None, Decimal | None],
    found: Sequence[Finding],
    penalties: Mapping[int, Decimal],
) -> LedgerDraft:
    heading: Titles = titles(grid, header, _under(header, body))
    on_total, notes = _notes(body)
    on_total.extend(_bonuses(nodes, penalties))
    stated = _stated(grid, header, body, "points")
    return LedgerDraft(
        title=heading.title or grid.sheet,
        issuer=heading.issuer,
        year=heading.year,
        sheet=grid.sheet,
        header_rows=tuple(row + 1 for row in header.rows),
        columns={column.heading: column.role for column in header.columns},
        depth=max((node.level for node in nodes), default=0),
        declared_total=totals[0],
        listed_total=totals[1],
        stated_total=stated if stated is not None else _stated(grid, header, body, "score"),
        nodes=tuple(nodes),
        adjustments=tuple(on_total),
        notes=tuple(note for note in (*heading.notes, *notes) if note != heading.title),
        findings=tuple(found),
    )


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
    start = f"{grid.sheet}!{letters(first)}{branch.first + 1}"
    end = f"{letters(last)}{branch.last + 1}"
    return start if start.endswith(f"!{end}") else f"{start}:{end}"


def _tally(grid: Grid, branch: Branch, parts: tuple[CheckpointDraft, ...], filled: Filled, *, bonus: bool) -> Tally:
    place = grid.place(branch.block.top, branch.block.left)
    if branch.item and not branch.name and filled.points_place:
        place = filled.points_place
    return Tally(
        id=branch.id,
        parent=branch.parent.id if branch.parent else None,
        name=branch.name,
        declared=branch.declared,
        is_item=branch.item is not None,
        checkpoints=points.total(one.points for one in parts) if parts else None,
        place=place,
        unit=next((one.name for one in filled.responsibilities if one.role == "lead"), ""),
        bonus=bonus,
    )


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
        if (branch.parent is not None and branch.parent.id in found) or is_bonus(branch.name):
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


def _notes(body: Body) -> tuple[list[AdjustmentDraft], list[str]]:
    """Notes that carry points on the total become adjustments, the others stay notes."""
    on_total: list[AdjustmentDraft] = []
    kept: list[str] = []
    for note in body.notes:
        found = adjustments(note.text)
        on_total.extend(found)
        if not found and without_label(note.text):
            kept.append(without_label(note.text))
    return on_total, kept


def _bonuses(nodes: Sequence[NodeDraft], penalties: Mapping[int, Decimal]) -> Iterator[AdjustmentDraft]:
    """The rules on the total that stand in chapters of bonuses and penalties, or have points below zero.

    penalties: node → those points. Where the words name no points, those of the points column hold.
    """
    under: dict[int, NodeDraft] = {}
    for node in nodes:
        if node.id in penalties and not _is_under(node, under):
            yield AdjustmentDraft(_clause(node), penalties[node.id], "penalty")
        if not (is_bonus(node.name) or node.parent in under):
            continue
        under[node.id] = under.get(node.parent or 0, node)
        if not node.is_item:
            continue
        told = adjustments(node.criteria or node.name)
        yield from told
        if not told and (node.declared is not None or node.id in penalties):
            yield _by_column(node, under[node.id], penalties.get(node.id))


def _is_under(node: NodeDraft, chapters: Mapping[int, NodeDraft]) -> bool:
    return is_bonus(node.name) or node.parent in chapters


def _by_column(node: NodeDraft, chapter: NodeDraft, penalty: Decimal | None) -> AdjustmentDraft:
    """What a row of such a chapter is worth by its points column."""
    value = penalty if penalty is not None else node.declared or Decimal(0)
    loses = penalty is not None or is_penalty(chapter.name)
    return AdjustmentDraft(_clause(node), -abs(value) if loses else value, "penalty" if loses else "bonus")


def _clause(node: NodeDraft) -> str:
    return "：".join(dict.fromkeys(filter(None, (node.name, node.criteria))))


def _stated(grid: Grid, header: Header, body: Body, role: str) -> Decimal | None:
    """The last total that the table prints in a points or score column, or that a note states for points."""
    for row in reversed(body.totals):
        for column in reversed(header.of(role)) if role == "score" else header.of(role):
            value = points.parse(grid.text(row, column.index))
            if value is not None:
                return points.settle(value)
    said = (stated_total(note.text) for note in body.notes) if role == "points" else ()
    return next((value for value in said if value is not None), None)


def _score_total(grid: Grid, header: Header, body: Body, filled: dict[int, Filled]) -> Iterator[Finding]:
    stated = _stated(grid, header, body, "score")
    scores = points.total(one.score for one in filled.values())
    if stated is not None and scores is not None and stated != scores:
        yield findings.total_mismatch(grid.sheet, "表中写明得分合计", stated, "各项得分合计", scores)


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
    rows = sorted({line.row for line in body.lines} | {note.row for note in body.notes})
    found = []
    for column in header.of("number")[:1]:
        for row in rows:
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
