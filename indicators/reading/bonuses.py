"""Rows of chapters of bonuses, penalties and vetoes → rules on the total; adds nothing up."""

from collections.abc import Iterator, Mapping, Sequence, Set
from decimal import Decimal

from indicators.reading.drafts import AdjustmentDraft, NodeDraft
from indicators.reading.notes import adjustments, is_bonus, is_penalty


def bonuses(
    nodes: Sequence[NodeDraft], penalties: Mapping[int, Decimal], beside: Set[int]
) -> Iterator[AdjustmentDraft]:
    """The rules on the total that stand in chapters of bonuses and penalties, or have points below zero.

    penalties: node → those points. beside: nodes that stand beside the full score. Where the words name no points,
    those of the points column hold. A chapter of deductions that makes up the full score holds none.
    """
    under: dict[int, NodeDraft] = {}
    whole = {node.id for node in nodes if is_penalty(node.name) and node.listed and node.id not in beside}
    for node in nodes:
        if node.id in penalties and not _is_under(node, under):
            yield AdjustmentDraft(_clause(node), penalties[node.id], "penalty")
        if not (is_bonus(node.name) or node.parent in under) or node.id in whole:
            continue
        under[node.id] = under.get(node.parent or 0, node)
        if not node.is_item:
            continue
        told = adjustments(node.criteria or "") or adjustments(node.name)
        yield from told
        if not told and (node.declared is not None or node.id in penalties):
            yield _by_column(node, under[node.id], penalties.get(node.id))
        elif not told and "否决" in under[node.id].name:
            yield AdjustmentDraft(_clause(node), None, "veto")


def _is_under(node: NodeDraft, chapters: Mapping[int, NodeDraft]) -> bool:
    return is_bonus(node.name) or node.parent in chapters


def _by_column(node: NodeDraft, chapter: NodeDraft, penalty: Decimal | None) -> AdjustmentDraft:
    """What a row of such a chapter is worth by its points column."""
    value = penalty if penalty is not None else node.declared or Decimal(0)
    loses = penalty is not None or is_penalty(chapter.name)
    return AdjustmentDraft(_clause(node), -abs(value) if loses else value, "penalty" if loses else "bonus")


def _clause(node: NodeDraft) -> str:
    return "：".join(dict.fromkeys(filter(None, (node.name, node.criteria))))
