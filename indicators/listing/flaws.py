"""What is wrong with a ledger now: reckoned from its tree, plus what only the reader could see. Repairs nothing."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from indicators.listing.outline import Node, Outline
from indicators.reading import reconcile
from indicators.reading.drafts import Finding, Tally
from indicators.reading.findings import called
from indicators.reading.notes import is_bonus

# What the stored tree shows again by itself; the reader's word on it is not kept.
RECKONED = frozenset(
    {
        *("points-mismatch", "points-missing", "blank-item", "checkpoint-mismatch", "total-mismatch", "unit-unknown"),
        *("move-proposed", "points-per-unit"),
    }
)
_TOTAL = "total-mismatch"
# These point at a level's cell, not at the items beside it.
_ABOUT_LEVELS = frozenset({"points-conflict", "too-deep"})
SEVERITIES = {"error": "错误", "warning": "需核对", "info": "说明"}
TONES = {"error": "wrong", "warning": "attention", "info": "quiet"}
WORDS = {
    "points-mismatch": "处标注分值与下级合计不符",
    "points-conflict": "处重复打印的分值不一致",
    "points-missing": "项没有分值",
    "points-unreadable": "处分值不是数字",
    "blank-item": "项名称空缺",
    "checkpoint-mismatch": "项得分点合计与分值不符",
    "total-mismatch": "处总分对不上",
    "unit-unknown": "处责任单位未匹配",
    "unit-inferred": "项责任单位由上一行推定",
    "method-inferred": "项评估方式由上一行推定",
    "number-gap": "处序号不连续",
    "number-repeated": "处序号重复",
    "rule-exceeds-points": "项细则扣分超过分值",
    "score-exceeds-points": "项得分超过分值",
    "points-weighted": "级按权重折算分值",
    "points-from-scores": "列得分按分值读取",
    "points-second-column": "列分值未采用",
    "points-negative": "项负分按扣分项读取",
    "points-range": "处分值是一个范围",
    "points-shared": "处分值合并在几项上",
}


@dataclass(frozen=True, slots=True)
class Flaw:
    """One finding as it stands now. node: the indicator it is about, None for the ledger as a whole."""

    code: str
    severity: str
    message: str
    place: str
    node: int | None

    @property
    def severity_word(self) -> str:
        return SEVERITIES.get(self.severity, self.severity)

    @property
    def tone(self) -> str:
        return TONES.get(self.severity, "quiet")


@dataclass(frozen=True, slots=True)
class Kept:
    """A reader's finding that is kept beside a stored ledger. identity: of the indicator, empty for none."""

    code: str
    severity: str
    message: str
    place: str
    identity: str = ""


def of(outline: Outline, kept: Iterable[Kept] = (), reckoned: Sequence[Tally] | None = None) -> list[Flaw]:
    """Every flaw, in the ledger's order, those of the whole ledger last. reckoned: its `tallies`, if they are made."""
    nodes = {node.id: node for node in outline.nodes}
    living = tallies(outline) if reckoned is None else reckoned
    found = [_reckoned(one, nodes) for one in reconcile.check(living, stated=outline.stated)]
    found.extend(_unmatched(outline, nodes))
    by_identity = {node.identity: node for node in outline.nodes if node.identity}
    for one in kept:
        node = by_identity.get(one.identity)
        if (node or not one.identity) and _still_true(one, node, outline):
            found.append(Flaw(one.code, one.severity, one.message, one.place, node.id if node else None))
    position = {node.id: place for place, node in enumerate(outline.nodes)}
    return sorted(found, key=lambda flaw: len(position) if flaw.node is None else position[flaw.node])


def tallies(outline: Outline) -> list[Tally]:
    """The living nodes for reckoning, with who leads them and whether they stand under bonuses."""
    bonus: dict[int | None, bool] = {}
    found = []
    for node in outline.nodes:
        bonus[node.id] = bonus.get(node.parent, False) or is_bonus(node.name)
        if not node.retired:
            lead = next((duty.name for duty in outline.duties.get(node.id, ()) if duty.role == "lead"), "")
            found.append(node.tally(lead, bonus=bonus[node.id]))
    return found


def _reckoned(finding: Finding, nodes: Mapping[int, Node]) -> Flaw:
    node = nodes[int(finding.cells)] if finding.cells else None
    return Flaw(finding.code, finding.severity, finding.message, node.place if node else "", node.id if node else None)


def _unmatched(outline: Outline, nodes: Mapping[int, Node]) -> Iterable[Flaw]:
    for indicator, duties in outline.duties.items():
        node = nodes.get(indicator)
        for duty in duties:
            if node and not duty.key:
                message = f"{called(node.name)}的责任单位“{duty.name}”不在单位名录中，未匹配"
                yield Flaw("unit-unknown", "warning", message, node.place, node.id)


def _still_true(one: Kept, node: Node | None, outline: Outline) -> bool:
    """Whether nobody has mended it since."""
    if node is None:
        return True
    if one.code == "unit-inferred":
        return any(duty.inferred for duty in outline.duties.get(node.id, ()))
    if one.code == "method-inferred":
        return any(means.inferred for means in outline.means.get(node.id, ()))
    if one.code in {"points-unreadable", "points-shared"}:
        return node.declared is None
    return True


def summary(flaws: Sequence[Flaw]) -> str:
    """`16 处标注分值与下级合计不符，2 项名称空缺`; empty where nothing needs a look."""
    counts = Counter(flaw.code for flaw in flaws if flaw.severity != "info")
    if counts["points-mismatch"]:
        # the total is off because parts of it are
        del counts["total-mismatch"]
    known = [f"{counts[code]} {words}" for code, words in WORDS.items() if counts[code]]
    others = sum(count for code, count in counts.items() if code not in WORDS)
    if others:
        known.append(f"{others} 处其他问题")
    shown, rest = known[:4], known[4:]
    return "，".join(shown) + ("等" if rest else "")


def kept_from(stored: Iterable[Mapping[str, Any]]) -> list[Kept]:
    """The findings that stand in `Ledger.findings`."""
    return [
        Kept(one["code"], one["severity"], one["message"], one["cells"], one.get("indicator", "")) for one in stored
    ]


_ADDRESS = re.compile(r"^(.*)!([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?$")
Block = tuple[str, int, int, int, int]


Rows = Mapping[tuple[str, int], Sequence[tuple[Block, Node]]]
"""Sheet and row → the blocks that reach into it, with their nodes, in the ledger's order."""


def may_stay(finding: Finding) -> bool:
    """Whether `locate` may keep it; for all others no tree is needed."""
    return finding.code not in RECKONED or finding.code == _TOTAL


def locate(findings: Sequence[Finding], outline: Outline) -> list[Kept]:
    """The reader's findings that the tree cannot show again, each with the indicator whose cells it points into."""
    staying = [one for one in findings if may_stay(one)]
    if any(one.code == _TOTAL for one in staying):
        again = {one.message for one in reconcile.check(tallies(outline), stated=outline.stated)}
        staying = [one for one in staying if one.code != _TOTAL or one.message not in again]
    rows = _by_row(outline.nodes) if staying else {}
    return [Kept(one.code, one.severity, one.message, one.cells, _home(one, rows)) for one in staying]


def _by_row(nodes: Iterable[Node]) -> Rows:
    rows: dict[tuple[str, int], list[tuple[Block, Node]]] = defaultdict(list)
    for node in nodes:
        if block := _block(node.place):
            for row in range(block[1], block[3] + 1):
                rows[block[0], row].append((block, node))
    return rows


def _home(finding: Finding, rows: Rows) -> str:
    place = _block(finding.cells)
    if place is None:
        return ""
    around = [(block, node) for block, node in rows.get(place[:2], ()) if block[2] <= place[2] <= block[4]]
    if not around:
        return ""
    levels = finding.code in _ABOUT_LEVELS
    return min(around, key=lambda pair: (pair[1].is_item is levels, _area(pair[0])))[1].identity


def _block(place: str) -> Block | None:
    """`台账!B4:C6` as sheet, top, left, bottom, right.

    >>> _block("台账!B4"), _block("台账!A4:H5"), _block("")
    (('台账', 4, 2, 4, 2), ('台账', 4, 1, 5, 8), None)
    """
    found = _ADDRESS.match(place)
    if not found:
        return None
    sheet, left, top, right, bottom = found.groups()
    return sheet, int(top), _column(left), int(bottom or top), _column(right or left)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _area(block: Block) -> int:
    return (block[3] - block[1] + 1) * (block[4] - block[2] + 1)
