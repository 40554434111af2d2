"""Paragraphs → one ledger: a notice whose tasks name their units in brackets; reads no table."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from indicators.reading import findings, points, reconcile
from indicators.reading.body import first_leading
from indicators.reading.bonuses import bonuses
from indicators.reading.drafts import CheckpointDraft, LedgerDraft, NodeDraft, ResponsibilityDraft
from indicators.reading.formats.grid import Grid
from indicators.reading.repairs import tallies as tallied
from indicators.reading.rules import checkpoints, rules
from indicators.reading.text import narrow, squeeze
from indicators.reading.titles import of_lines
from units import naming

_NUMBER = "[一二三四五六七八九十]{1,3}"
_MARKS = (
    re.compile(rf"(?:{_NUMBER}[、.．]|第{_NUMBER}[章部](?:分)?)\s*"),
    re.compile(rf"[（(]{_NUMBER}[）)]\s*[、.．]?"),
    re.compile(r"\d{1,2}[.．、](?!\d)\s*"),
    re.compile(r"[（(]\d{1,2}[）)]\s*[、.．]?"),
)
_LABEL = r"(?:责任|牵头|主办|承办|落实|配合|协办|参加|参与)(?:单位|部门|处室|科室|股室)"
_STATED = re.compile(
    rf"[（(【\[〔]\s*({_LABEL}\s*[:：][^（）()【】〔〕]*(?:[（(][^（）()]*[）)][^（）()〔〕]*)*)[）)】\]〕]\s*[。；;]?"
)
_ROLES = re.compile(
    r"[（(〔]([^（）()。〔〕]*(?:牵头|负责|配合|会同|共同|落实|参加|参与)(?:落实)?)[）)〕]\s*[。；;]?\s*$"
)
_LINE = re.compile(rf"^\s*{_LABEL}\s*[:：].{{1,400}}$", re.DOTALL)
_INLINE = re.compile(rf"(?<=[。；;\n])\s*({_LABEL}\s*[:：][^\n]{{1,200}})$")
_TIME = re.compile(r"(?:完成)?(?:时限|时间|期限)\s*[:：]\s*([^；;。）)]+)")
_DATE = r"(?:20\d\d年)?(?:\d{1,2}月(?:\d{1,2}日|底|份|上旬|中旬|下旬)?|年)(?:底)?(?:之?前|以前)"
_DUE = re.compile(rf"[^，,。；;]*?({_DATE}[^，,。；;]*)")
_WORTH = re.compile(r"\d\s*分\s*[）)】\]]\s*[。；;.]*\s*$")
_SHORT = 45
_NAME = 60
MIN_TOLD = 3


@dataclass(slots=True)
class _Part:
    """A paragraph that names its units, or the words of a task that names none."""

    text: str
    units: str = ""
    row: int = 0


@dataclass(slots=True)
class _Head:
    """A marked heading or task: its level, its name with the mark, and its parts in their order."""

    level: int
    name: str
    declared: Decimal | None
    row: int
    parts: list[_Part] = field(default_factory=list)
    tail: list[str] = field(default_factory=list)


def read_prose(grid: Grid) -> LedgerDraft | None:
    """The ledger that paragraphs make, or None where too few of them name units or points."""
    lines = [row[0] for row in grid.rows]
    heads, before, closing = _heads(lines)
    told = sum(bool(part.units) for head in heads for part in head.parts)
    if told < MIN_TOLD and sum(map(_says_worth, heads)) < MIN_TOLD:
        return None
    due = tuple(squeeze(found[1]) for line in closing for found in _DUE.finditer(line))
    nodes = _numbered(grid, heads, due)
    if any("牵头" in line and naming.first_leads(line) for line in lines):
        nodes = [node._replace(responsibilities=first_leading(node.responsibilities)) for node in nodes]
    tallies = tallied(nodes)
    listed = reconcile.listed(tallies)
    nodes = [node._replace(listed=listed.get(node.id)) for node in nodes]
    heading = of_lines(before)
    return LedgerDraft(
        title=heading.title or grid.sheet,
        issuer=heading.issuer,
        year=heading.year,
        sheet=grid.sheet,
        header_rows=(),
        columns={},
        depth=max(node.level for node in nodes),
        declared_total=reconcile.declared_total(tallies),
        listed_total=points.total(listed.get(node.id) for node in nodes if node.parent is None),
        stated_total=None,
        nodes=tuple(nodes),
        adjustments=tuple(bonuses(nodes, {}, reconcile.apart(tallies))),
        notes=tuple(closing),
        findings=(
            *(findings.control_characters(grid.shorn) for _ in grid.shorn[:1]),
            *(findings.unit_missing(node.name, node.cells) for node in nodes if told and _silent(node)),
            *reconcile.check(tallies, place=grid.sheet),
        ),
    )


def _says_worth(head: _Head) -> bool:
    return head.declared is not None or any(_WORTH.search(part.text) for part in head.parts)


def _silent(node: NodeDraft) -> bool:
    return node.is_item and not node.responsibilities


def _heads(lines: Sequence[str]) -> tuple[list[_Head], list[str], list[str]]:
    """Headings and tasks in their order, the lines before the first, and the paragraphs behind the last task."""
    heads: list[_Head] = []
    before: list[str] = []
    for row, line in enumerate(lines):
        if not line.strip():
            continue
        level = _level(lines, row)
        if level is None and not heads:
            before.append(line)
        elif level is None:
            _go_on(heads[-1], line, row)
        else:
            heads.append(_begin(line, level, row))
    closing = heads[-1].tail if heads else []
    for head in heads[:-1]:
        if head.tail and head.parts:
            head.parts[-1].text = "\n".join([head.parts[-1].text, *head.tail])
    return heads, before, closing


def _level(lines: Sequence[str], row: int) -> int | None:
    """The level a line's mark announces, 1 for `一、`; None where it has none."""
    line = lines[row].lstrip()
    level = next((number for number, mark in enumerate(_MARKS, 1) if mark.match(line)), None)
    following = lines[row + 1].lstrip() if row + 1 < len(lines) else ""
    if level == 3 and len(line) <= _SHORT and "。" not in line and re.match(r"[（(]一[）)]", following):
        # A chapter whose `二、` was typed as `2、`: its parts start again at （一） below it.
        return 1
    return level


def _begin(line: str, level: int, row: int) -> _Head:
    words = line.strip()
    stop = re.search(r"[。：:；;]|(?<=[^\d])\n", words)
    name = words if len(words) <= _SHORT and not stop else words[: stop.start()] if stop else words
    if len(name) > _NAME * 2:
        name = re.split(r"[，,]", name)[0]
    bare, units = _stated(name)
    name, declared = points.split_name(squeeze(bare))
    head = _Head(level, name, declared, row)
    rest = words[len(words) if not stop else stop.end() :] if len(words) > len(bare) or stop else ""
    if units and not rest:
        head.parts.append(_Part("", units, row))
    elif rest.strip():
        _go_on(head, rest, row)
    return head


def _go_on(head: _Head, line: str, row: int) -> None:
    """A paragraph of a task: with units of its own it is a part, without any it goes with what stands around it."""
    if _LINE.match(line):
        if head.parts and (not head.parts[-1].units or head.parts[-1].row == row - 1):
            head.parts[-1].units = "；".join(filter(None, [head.parts[-1].units, line.strip()]))
            head.parts[-1].row = row
        else:
            head.parts.append(_Part("", line.strip(), row))
        return
    words, units = _stated(line)
    words = words.strip()
    if head.parts and not head.parts[-1].units:
        last = head.parts[-1]
        last.text, last.units = "\n".join(filter(None, [last.text, words])), units
    elif units or not head.parts:
        head.parts.append(_Part(words, units, row))
    elif words:
        head.tail.append(words)


def _stated(text: str) -> tuple[str, str]:
    """A paragraph without the brackets that name its units, and what they say."""
    found = [match[1] for match in _STATED.finditer(text)]
    if found:
        return _STATED.sub("", text), "；".join(found)
    ending = _ROLES.search(text) or _INLINE.search(text)
    if ending:
        return text[: ending.start()], ending[1]
    return text, ""


def _numbered(grid: Grid, heads: Sequence[_Head], due: tuple[str, ...]) -> list[NodeDraft]:
    """Nodes in document order; a task with several parts holds each as an item of its own."""
    nodes: list[NodeDraft] = []
    path: list[tuple[int, int]] = []
    for index, head in enumerate(heads):
        while path and path[-1][0] >= head.level:
            path.pop()
        parent, level = (path[-1][1] if path else None), len(path) + 1
        below = index + 1 < len(heads) and heads[index + 1].level > head.level
        single = len(head.parts) <= 1 and not below
        number = len(nodes) + 1
        place = f"{grid.sheet}!A{head.row + 1}"
        node = NodeDraft(number, parent, level, head.name, head.declared, cells=place)
        nodes.append(_item(node, head.parts[0] if head.parts else _Part(""), due) if single else node)
        path.append((head.level, number))
        if not single:
            nodes.extend(_parts(grid, head, number, level + 1, due, below=below))
    return nodes


def _parts(
    grid: Grid, head: _Head, parent: int, level: int, due: tuple[str, ...], *, below: bool
) -> Iterator[NodeDraft]:
    parts = [part for part in head.parts if part.units or not below]
    for number, part in enumerate(parts, parent + 1):
        name = squeeze(re.split(r"[。；;\n]", part.text.strip())[0])[:_NAME] or head.name
        node = NodeDraft(number, parent, level, name, cells=f"{grid.sheet}!A{part.row + 1}")
        yield _item(node, part, due)


def _worth(text: str, parted: Sequence[CheckpointDraft]) -> Decimal | None:
    """What a task's own words say that it is worth: its parts together, else the points in brackets at its end."""
    if len(parted) > 1:
        return points.total(one.points for one in parted)
    return points.split_name(text)[1] if _WORTH.search(text) else None


def _item(node: NodeDraft, part: _Part, due: tuple[str, ...]) -> NodeDraft:
    text = part.text.strip()
    time = _TIME.search(part.units)
    units = _TIME.sub("", part.units).strip("；;，, ")
    own = tuple(squeeze(found[1]) for found in _DUE.finditer(narrow(text)))
    parted = checkpoints(text)
    return node._replace(
        declared=node.declared if node.declared is not None else _worth(text, parted),
        is_item=True,
        criteria=text or None,
        checkpoints=parted,
        rules=rules(text or node.name, parted),
        responsibilities=tuple(
            ResponsibilityDraft(one.name, one.role, one.kind, one.open_ended) for one in naming.parse(units)
        ),
        deadlines=tuple(dict.fromkeys([*([squeeze(time[1])] if time else []), *own, *due])),
    )
