"""A tree as the rows of a table that looks like the ledger: merged level cells, words already formatted. No HTML."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby

from indicators.editing import texts
from indicators.listing import frame as frame_
from indicators.listing.filters import Filters, passing
from indicators.listing.flaws import Flaw
from indicators.listing.frame import Col, Frame, View
from indicators.listing.outline import Duty, Means, Node, Outline, bodies
from indicators.reading import points, reconcile
from indicators.reading.drafts import Tally
from indicators.reading.findings import called
from indicators.reading.report import plain

_PLAIN = View()
ROLE_WORDS = {"joint": "会同", "support": "配合", "assessor": "考核"}


@dataclass(frozen=True, slots=True)
class Chip:
    """A unit in a cell. style: the class behind `chip`; word: 会同 and the like."""

    name: str
    style: str
    word: str
    title: str


@dataclass(frozen=True, slots=True)
class LevelCell:
    """A merged cell of a level column. declared, listed, difference: words; difference empty where they agree.

    remainder: what is left to give its parts, as words; empty where nothing is, negative where they have too much.
    """

    id: int
    name: str
    level: int
    rowspan: int
    declared: str
    listed: str
    difference: str
    retired: bool = False
    blank: bool = False
    remainder: str = ""


@dataclass(frozen=True, slots=True)
class Extra:
    """One cell of a column of the ledger's own."""

    heading: str
    words: str


@dataclass(frozen=True, slots=True)
class Row:
    """One printed row: the merged cells that begin in it, then the indicator it is about.

    own: the indicator's cell; its `rowspan` is 1. span: level columns that cell covers. units: the cell as text.
    above: the indicators it stands under, the uppermost first. place: counts the table's rows from 1.
    """

    id: int
    levels: tuple[LevelCell, ...]
    own: LevelCell
    span: int
    is_item: bool
    number: str
    points: str
    criteria: str
    chips: tuple[Chip, ...]
    units: str
    methods: str
    method_inferred: bool
    extras: tuple[Extra, ...]
    flaws: tuple[str, ...]
    above: tuple[int, ...] = ()
    chapter: int = 0
    place: int = 0


@dataclass(frozen=True, slots=True)
class Chapter:
    """The rows of one level-1 indicator; no merged cell reaches beyond them."""

    id: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The table: which columns it has and its rows. items: how many items stand in all; shown: how many here.

    cells: merged cells that were asked for by themselves.
    """

    frame: Frame
    cols: tuple[Col, ...]
    rows: tuple[Row, ...]
    items: int
    shown: int
    declared: str
    listed: str
    editing: bool = False
    cells: tuple[LevelCell, ...] = ()

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """The rows, chapter by chapter."""
        groups = groupby(self.rows, key=lambda row: row.chapter)
        return tuple(Chapter(chapter, tuple(rows)) for chapter, rows in groups)

    @property
    def headings(self) -> tuple[str, ...]:
        return self.frame.headings

    @property
    def columns(self) -> int:
        return len(self.cols)

    def beside(self, row: Row) -> int:
        """Columns from the row's own cell to the last one: as wide as its form may be."""
        return self.columns - self.editing - self.frame.number - len(self.frame.headings) + row.span


def fixed(value: Decimal | None) -> str:
    """Points in a column: two decimals, more only where there are more.

    >>> fixed(Decimal("0.5000")), fixed(Decimal("0.125")), fixed(None)
    ('0.50', '0.125', '')
    """
    if value is None:
        return ""
    words = plain(value)
    whole, _, part = words.partition(".")
    return f"{whole}.{part:0<2}"


def lay_out(
    outline: Outline,
    filters: Filters,
    flaws: Sequence[Flaw] = (),
    *,
    view: View = _PLAIN,
    frame: Frame | None = None,
    only: Collection[int] | None = None,
    cells: Collection[int] = (),
    reckoned: Sequence[Tally] = (),
) -> Sheet:
    """The table of the part that is asked for; sums and merged cells are always those of the whole outline.

    frame: of the table that these rows go into, where it is there already. only: no other rows than these; the rest of
    the outline need then not be filled. cells: merged cells wanted by themselves. reckoned: the living nodes' tallies,
    where they are made already.
    """
    living = reckoned or [node.tally() for node in outline.nodes if not node.retired]
    listed = reconcile.listed(living)
    seen = _folded(outline, filters.level)
    if filters.narrows:
        flawed = {flaw.node for flaw in flaws if flaw.node is not None}
        seen = _with_ancestors(seen, passing(outline, filters, flawed))
    frame = frame or frame_.of(outline, filters.level, view)
    items = [node for node in outline.nodes if node.is_item and not node.retired]
    shown = {node.id for node in seen.nodes}
    rows = _Rows(seen, frame, listed, flaws)
    return Sheet(
        frame=frame,
        cols=frame.columns(view),
        rows=rows.all(only),
        items=len(items),
        shown=sum(1 for item in items if item.id in shown) if filters.narrows else len(items),
        declared=_words(reconcile.declared_total(living)),
        listed=_words(points.total(listed.get(one.id) for one in living if one.parent is None)),
        editing=view.editing,
        cells=rows.cells(cells),
    )


def _words(value: Decimal | None) -> str:
    return "" if value is None else plain(value)


def _folded(outline: Outline, level: int) -> Outline:
    """The tree without anything deeper than `level`; what is cut leaves its units and methods to the node above."""
    if not level:
        return outline
    holder: dict[int, int] = {}
    duties: dict[int, dict[str, Duty]] = {}
    means: dict[int, dict[str, Means]] = {}
    for node in outline.nodes:
        above = holder.get(node.parent) if node.parent is not None else None
        home = node.id if node.level <= level or above is None else above
        holder[node.id] = home
        for duty in outline.duties.get(node.id, ()):
            # seen from above it matters that a unit has a part, not which
            duties.setdefault(home, {}).setdefault(duty.key or duty.name, replace(duty, role="lead", inferred=False))
        for one in outline.means.get(node.id, ()):
            means.setdefault(home, {}).setdefault(one.name, one)
    return replace(
        outline,
        nodes=tuple(node for node in outline.nodes if node.level <= level),
        duties={home: tuple(found.values()) for home, found in duties.items()},
        means={home: tuple(found.values()) for home, found in means.items()},
    )


def _with_ancestors(outline: Outline, wanted: set[int]) -> Outline:
    parent_of = {node.id: node.parent for node in outline.nodes}
    kept: set[int] = set()
    for one in wanted & parent_of.keys():
        current: int | None = one
        while current is not None and current not in kept:
            kept.add(current)
            current = parent_of[current]
    return replace(outline, nodes=tuple(node for node in outline.nodes if node.id in kept))


class _Rows:
    """The rows of one table; knows the spans of its merged cells before it writes the first."""

    def __init__(self, outline: Outline, frame: Frame, listed: Mapping[int, Decimal], flaws: Iterable[Flaw]) -> None:
        self.outline = outline
        self.frame = frame
        self.listed = listed
        self.by_id = {node.id: node for node in outline.nodes}
        self.flaws: dict[int, list[str]] = {}
        for flaw in flaws:
            node = self.by_id.get(flaw.node or 0)
            if node is not None and flaw.code != "points-mismatch":
                # the row says the name already
                words = flaw.message.removeprefix(called(node.name)) if node.name else flaw.message
                self.flaws.setdefault(node.id, []).append(words)
        self.remainders = _remainders(outline.nodes)
        self.bodies = bodies(outline.nodes)
        self.spans: dict[int, int] = {}
        for node in self.bodies:
            for above in self._above(node):
                self.spans[above.id] = self.spans.get(above.id, 0) + 1

    def _above(self, node: Node) -> list[Node]:
        path: list[Node] = []
        while node.parent is not None:
            node = self.by_id[node.parent]
            path.append(node)
        return path[::-1]

    def all(self, only: Collection[int] | None) -> tuple[Row, ...]:
        printed: set[int] = set()
        rows: list[Row] = []
        for place, node in enumerate(self.bodies, 1):
            path = self._above(node)
            begins = [above for above in path if above.id not in printed]
            printed.update(above.id for above in begins)
            if only is None or node.id in only:
                levels = tuple(self._cell(above) for above in begins)
                rows.append(self._row(node, levels, tuple(above.id for above in path), place))
        return tuple(rows)

    def cells(self, ids: Collection[int]) -> tuple[LevelCell, ...]:
        return tuple(self._cell(self.by_id[one]) for one in ids if one in self.spans)

    def _cell(self, node: Node) -> LevelCell:
        listed = self.listed.get(node.id)
        off = None
        if not node.is_item and node.declared is not None and listed is not None:
            off = abs(node.declared - listed) or None
        return LevelCell(
            id=node.id,
            name=node.name or "（名称空缺）",
            level=node.level,
            rowspan=self.spans.get(node.id, 1),
            declared=_words(node.declared),
            listed=_words(listed),
            difference=_words(off),
            retired=node.retired,
            blank=not node.name,
            remainder=_words(self.remainders.get(node.id) or None),
        )

    def _row(self, node: Node, begins: tuple[LevelCell, ...], above: tuple[int, ...], place: int) -> Row:
        means = self.outline.means.get(node.id, ())
        duties = self.outline.duties.get(node.id, ())
        return Row(
            id=node.id,
            levels=begins,
            own=replace(self._cell(node), rowspan=1),
            span=max(1, len(self.frame.headings) - node.level + 1),
            is_item=node.is_item,
            number=node.number,
            points=fixed(node.declared),
            criteria=node.criteria,
            chips=tuple(_chip(duty) for duty in duties),
            units=texts.units_text((duty.name, duty.role, duty.open_ended) for duty in duties),
            methods="、".join(one.name for one in means),
            method_inferred=any(one.inferred for one in means),
            extras=tuple(Extra(heading, str(node.extra.get(heading, ""))) for heading in self.frame.extras),
            flaws=tuple(self.flaws.get(node.id, ())),
            above=above,
            chapter=above[0] if above else node.id,
            place=place,
        )


def _remainders(nodes: Iterable[Node]) -> dict[int, Decimal]:
    """Indicator → its declared points less those of its living parts, however deep they stand; none without parts."""
    holder: dict[int | None, int | None] = {None: None}
    declared: dict[int, Decimal] = {}
    left: dict[int, Decimal] = {}
    for node in nodes:
        if node.retired:
            continue
        above = holder.get(node.parent)
        if above is not None and (node.is_item or node.declared is not None):
            left[above] = left.get(above, declared[above]) - (node.declared or Decimal(0))
        has = node.declared is not None
        if node.declared is not None:
            declared[node.id] = node.declared
        holder[node.id] = node.id if has else above
    return left


def _chip(duty: Duty) -> Chip:
    style = "" if duty.role == "lead" else f" chip--{duty.role}"
    title = ""
    if not duty.key:
        style, title = f"{style} chip--unknown", "单位名录中没有这个名称，未匹配"
    elif duty.inferred:
        style, title = f"{style} chip--inferred", "本行未写单位，按上一行推定"
    return Chip(f"{duty.name}等" if duty.open_ended else duty.name, style, ROLE_WORDS.get(duty.role, ""), title)
