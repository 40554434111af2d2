"""A ledger without a sheet of its own → a page in the layout offices know; reads no file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from indicators.reading.columns import LEVELS
from indicators.reading.drafts import LedgerDraft, NodeDraft, ResponsibilityDraft
from indicators.writing import words
from indicators.writing.page import Canvas, Page, Slot

_UNIT_HEADINGS = {"lead": "牵头单位", "joint": "会同单位", "support": "配合单位", "assessor": "考核单位"}
_UNIT_ROLES = {"lead": "unit-lead", "joint": "unit-joint", "support": "unit-support", "assessor": "assessor"}


@dataclass(frozen=True, slots=True)
class _Column:
    """role: as the reader calls it; `level-2`, `unit-lead`, `extra`."""

    heading: str
    role: str


def fresh(ledger: LedgerDraft) -> Page:
    """Issuer and title above, a row for each item, levels merged downwards, notes below."""
    columns = _columns(ledger.nodes)
    canvas = Canvas(len(columns))
    for line in filter(None, (ledger.issuer, ledger.title)):
        _across(canvas, line)
    header = canvas.add({at: Slot(("h", at), one.heading) for at, one in enumerate(columns)})
    by_id = {node.id: node for node in ledger.nodes}
    parents = {node.parent for node in ledger.nodes}
    for node in ledger.nodes:
        if node.id not in parents:
            canvas.add(_line(node, by_id, columns))
    last = len(canvas.lines) - 1
    for note in (*ledger.notes, *(one.text for one in ledger.adjustments if not _inside(one.text, ledger))):
        _across(canvas, f"备注：{note}")
    rows, merged = canvas.cells()
    roles = {at: one.role for at, one in enumerate(columns)}
    return Page(ledger.sheet or "台账", rows, merged, (header,), last, roles)


def _inside(text: str, ledger: LedgerDraft) -> bool:
    """Whether a rule on the total stands in an item's own words, where the reader finds it again."""
    said = (*(node.name for node in ledger.nodes), *(node.criteria or "" for node in ledger.nodes), *ledger.notes)
    return any(text in one for one in said)


def _across(canvas: Canvas, text: str) -> None:
    number = len(canvas.lines)
    canvas.add({column: Slot(("across", number), text) for column in range(canvas.width)})


def _columns(nodes: Sequence[NodeDraft]) -> list[_Column]:
    depth = max((node.level for node in nodes), default=1)
    parted = any(one.role != "lead" for node in nodes for one in node.responsibilities)
    roles = {one.role for node in nodes for one in node.responsibilities}
    extras = dict.fromkeys(heading for node in nodes for heading, text in node.extra.items() if text)
    asked = [
        (any(node.number for node in nodes), _Column("序号", "number")),
        *((True, _Column(f"{LEVELS[level]}级指标", f"level-{level + 1}")) for level in range(depth)),
        (any(node.is_item and node.declared is not None for node in nodes), _Column("分值", "points")),
        (any(node.criteria for node in nodes), _Column("评分标准", "criteria")),
        (any(node.methods for node in nodes), _Column("评估方式", "method")),
        (not parted, _Column("责任单位", "unit")),
        *((parted and role in roles, _Column(word, _UNIT_ROLES[role])) for role, word in _UNIT_HEADINGS.items()),
        (any(node.leaders for node in nodes), _Column("责任领导", "leader")),
        (any(node.deadlines for node in nodes), _Column("完成时限", "deadline")),
        *((True, _Column(heading, "extra")) for heading in extras),
    ]
    return [column for wanted, column in asked if wanted]


def _line(leaf: NodeDraft, nodes: Mapping[int, NodeDraft], columns: Sequence[_Column]) -> dict[int, Slot]:
    path = [leaf]
    while (parent := path[0].parent) is not None:
        path.insert(0, nodes[parent])
    pointed = any(one.role == "points" for one in columns)
    slots: dict[int, Slot] = {}
    for at, column in enumerate(columns):
        if column.role.startswith("level-"):
            node = path[min(int(column.role[-1]), len(path)) - 1]
            in_name = not (node.is_item and pointed)
            slots[at] = Slot(("n", node.id), words.named(node, with_points=in_name))
        else:
            slots[at] = Slot(("v", leaf.id, at), value(leaf, column.role, column.heading))
    return slots


def value(node: NodeDraft, role: str, heading: str) -> str:
    """What one of the plain columns says of an item."""
    if role.startswith("unit") or role == "assessor":
        wanted = {known: name for name, known in _UNIT_ROLES.items()}.get(role)
        duties = [one for one in node.responsibilities if wanted is None or one.role == wanted]
        return words.units(duties if wanted is None else _as_leading(duties)) or words.NOTHING
    if role == "method":
        return "、".join(node.methods) or words.NOTHING
    plain = {
        "number": node.number or "",
        "points": words.points(node.declared) if node.is_item else "",
        "criteria": node.criteria or "",
        "content": node.criteria or "",
        "leader": "、".join(node.leaders),
        "deadline": "\n".join(node.deadlines),
    }
    return plain.get(role, node.extra.get(heading, ""))


def _as_leading(duties: Iterable[ResponsibilityDraft]) -> list[ResponsibilityDraft]:
    """Names alone: the column says the role."""
    return [ResponsibilityDraft(one.name, "lead", one.kind, one.open_ended, one.inferred) for one in duties]
