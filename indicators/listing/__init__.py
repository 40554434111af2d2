"""A ledger as its page shows it: frozen dataclasses, a constant number of queries, no HTML and no writing."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from indicators.listing import flaws as flaws_
from indicators.listing.filters import Filters, asked
from indicators.listing.flaws import Flaw
from indicators.listing.frame import Frame, View
from indicators.listing.outline import Node, Outline, filled, from_ledger
from indicators.listing.sheet import Chapter, Row, Sheet, lay_out
from indicators.models import Indicator, Ledger

__all__ = ["Chapter", "Choice", "Filters", "Flaw", "Frame", "Outline", "Page", "Row", "Sheet", "View"]
__all__ += ["asked", "hideable", "levels", "page", "part"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a filter."""

    value: str
    name: str


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the ledger's page shows. attention: the yellow strip's words, empty where all is well.

    after: the row behind which others are sent after the page, None where all are there.
    checked: whether flaws and attention are those of the whole ledger.
    """

    sheet: Sheet
    flaws: tuple[Flaw, ...]
    attention: str
    units: tuple[Choice, ...]
    methods: tuple[Choice, ...]
    levels: tuple[Choice, ...]
    after: int | None = None
    checked: bool = True

    def row(self, indicator_id: int) -> Row | None:
        """The row of one indicator, None where the filters leave it out or it is a level cell."""
        return next((row for row in self.sheet.rows if row.id == indicator_id), None)

    def anchor(self, flaw: Flaw) -> str:
        """Where on the page the flaw's indicator stands: a row, or a merged cell."""
        if flaw.node is None:
            return ""
        return f"i{flaw.node}" if self.row(flaw.node) else f"n{flaw.node}"


_PLAIN = View()


def page(ledger: Ledger, filters: Filters, view: View = _PLAIN, *, rows: bool = True) -> Page:
    """The ledger as asked for, in two queries, three where it is narrowed by initials.

    rows: whether its rows are wanted, beside the sums of all of them.
    """
    outline = from_ledger(ledger, retired=filters.retired, sound=filters.sound)
    found = flaws_.of(outline, flaws_.kept_from(ledger.findings))
    sheet = lay_out(outline, filters, found, view=view, only=None if rows else ())
    return Page(
        sheet=sheet,
        flaws=tuple(found),
        attention=flaws_.summary(found),
        units=_units(outline),
        methods=_methods(outline),
        levels=_levels(outline),
    )


def part(
    ledger: Ledger,
    filters: Filters,
    nodes: Sequence[Node],
    rows: Collection[int],
    *,
    frame: Frame | None = None,
    view: View = _PLAIN,
    cells: Collection[int] = (),
    read: Iterable[Indicator] = (),
) -> Sheet:
    """Some rows of a tree, in two queries however many; flaws are those that the tree shows.

    nodes: the skeleton of all chapters the rows stand in. cells, read: as in `lay_out` and `filled`.
    """
    outline = filled(ledger, nodes, rows, read, sound=filters.sound)
    living = flaws_.tallies(outline)
    found = flaws_.of(outline, flaws_.kept_from(ledger.findings), living)
    return lay_out(outline, filters, found, view=view, frame=frame, only=set(rows), cells=cells, reckoned=living)


def _units(outline: Outline) -> tuple[Choice, ...]:
    names = {duty.key: duty.name for duties in outline.duties.values() for duty in duties if duty.key}
    living = {node.id for node in outline.nodes if node.is_item}
    choices = [Choice(key, name) for key, name in names.items()]
    if any(not any(duty.key for duty in outline.duties.get(item, ())) for item in living):
        choices.append(Choice("none", "（没有责任单位）"))
    return tuple(choices)


def _methods(outline: Outline) -> tuple[Choice, ...]:
    names = {means.id: means.name for found in outline.means.values() for means in found}
    return tuple(Choice(str(key), name) for key, name in names.items())


def _levels(outline: Outline) -> tuple[Choice, ...]:
    depth = max((node.level for node in outline.nodes), default=1)
    return levels(depth)


def levels(depth: int) -> tuple[Choice, ...]:
    """The levels a table of that depth can be folded to."""
    return tuple(Choice(str(level), f"只到{'一二三四五'[level - 1]}级") for level in range(1, depth))


def hideable(ledger: Ledger) -> list[tuple[str, str]]:
    """The columns a person may leave out, as (key, heading): all but the levels' and the points'."""
    outline = from_ledger(ledger)
    found = [("number", "序号")] if any(node.number for node in outline.nodes) else []
    found += [("criteria", outline.criteria), ("parts", "责任单位"), ("methods", "评估方式")]
    return found + [(f"x:{heading}", heading) for heading in outline.extras]
