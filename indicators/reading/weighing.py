"""Points as they are stored: weights multiplied out, bonuses beside the full score; changes no printed words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from indicators.reading import points, reconcile
from indicators.reading.drafts import CheckpointDraft, LedgerDraft, NodeDraft, RuleDraft
from indicators.reading.points import PLACES
from indicators.reading.repairs import tallies
from indicators.reading.report import plain

PRINTED = "原表分值"
"""The extra column that keeps what is printed where something else is stored."""

_STEP = Fraction(PLACES)


def weighed(draft: LedgerDraft) -> LedgerDraft:
    """The draft with every node worth its share of the whole: the product of the weights above it and its own.

    Shares have four places and add up exactly: what a rounding leaves goes to the largest remainders. Scores,
    checkpoints and rules of an item are converted like its points. A row of a chapter of bonuses has no points of its
    own: what it is worth stands in the adjustments. What is printed stays in an extra column.
    """
    found = tallies(draft.nodes)
    weights = reconcile.weighted(found)
    beside = reconcile.apart(found)
    if not weights and not any(node.id in beside and node.declared is not None for node in draft.nodes):
        return draft
    shares = _shares(draft.nodes, weights) if weights else {}
    nodes = [_settled(node, shares.get(node.id), beside=node.id in beside) for node in draft.nodes]
    listed = reconcile.listed(tallies(nodes))
    return replace(draft, nodes=tuple(node._replace(listed=listed.get(node.id)) for node in nodes))


def as_printed(draft: LedgerDraft) -> LedgerDraft:
    """The stored tree with the points its document prints, the reverse of `weighed`.

    Where points were changed since, what is printed no longer makes them: then the draft stays as it is.
    """
    if not any(PRINTED in node.extra for node in draft.nodes):
        return draft
    nodes = tuple(_printed(node) for node in draft.nodes)
    again = weighed(replace(draft, nodes=nodes))
    same = all(one.declared == other.declared for one, other in zip(draft.nodes, again.nodes, strict=True))
    return replace(draft, nodes=nodes) if same else draft


def _printed(node: NodeDraft) -> NodeDraft:
    value = points.parse(str(node.extra.get(PRINTED, "")))
    if value is None:
        return node
    factor = Fraction(value) / Fraction(node.declared) if node.declared else Fraction(1)
    parts = tuple(CheckpointDraft(one.text, _times(one.points, factor)) for one in node.checkpoints)
    extra = {heading: words for heading, words in node.extra.items() if heading != PRINTED}
    return node._replace(declared=value, checkpoints=parts, extra=extra)


def _shares(nodes: Sequence[NodeDraft], weights: Mapping[int, int]) -> dict[int, Decimal]:
    """Node → its share, for nodes with points."""
    families: dict[int | None, list[NodeDraft]] = {}
    for node in nodes:
        if node.declared is not None:
            families.setdefault(node.parent, []).append(node)
    full = Fraction(reconcile.full(node.declared for node in nodes))
    shares = {node.id: node.declared for node in families.get(None, ()) if node.declared is not None}
    for node in nodes:
        if node.id not in shares or node.declared is None:
            continue
        whole = full if node.id in weights else Fraction(node.declared)
        factor = Fraction(shares[node.id]) / whole if whole else Fraction(0)
        below = families.get(node.id, [])
        shares.update(zip((one.id for one in below), _parted(below, factor), strict=True))
    return shares


def _parted(family: Sequence[NodeDraft], factor: Fraction) -> Iterator[Decimal]:
    """The family's points times the factor, in steps of four places that add up to the rounded whole."""
    exact = [Fraction(one.declared or 0) * factor / _STEP for one in family]
    steps = [int(one) for one in exact]
    left = round(sum(exact)) - sum(steps)
    by_remainder = sorted(range(len(family)), key=lambda at: (steps[at] - exact[at], at))
    for at in by_remainder[: max(left, 0)]:
        steps[at] += 1
    return (step * PLACES for step in steps)


def _settled(node: NodeDraft, share: Decimal | None, *, beside: bool) -> NodeDraft:
    if node.declared is None:
        return node
    printed = {**node.extra, PRINTED: plain(node.declared)}
    if beside:
        return node._replace(declared=None, extra=printed)
    if share is None or share == node.declared:
        return node
    factor = Fraction(share) / Fraction(node.declared) if node.declared else Fraction(0)
    return node._replace(
        declared=share,
        score=_maybe(node.score, factor),
        checkpoints=tuple(CheckpointDraft(one.text, _times(one.points, factor)) for one in node.checkpoints),
        rules=tuple(_rule(one, factor) for one in node.rules),
        extra=printed,
    )


def _rule(rule: RuleDraft, factor: Fraction) -> RuleDraft:
    tiers = tuple(replace(one, points=_times(one.points, factor)) for one in rule.tiers)
    return replace(rule, deduct=_maybe(rule.deduct, factor), cap=_maybe(rule.cap, factor), tiers=tiers)


def _times(value: Decimal, factor: Fraction) -> Decimal:
    return round(Fraction(value) * factor / _STEP) * PLACES


def _maybe(value: Decimal | None, factor: Fraction) -> Decimal | None:
    return None if value is None else _times(value, factor)
