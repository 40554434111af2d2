"""常用意见: reasons the office wrote before, those of the same item first. Nothing is written."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping

from django.db.models import Count, Q, QuerySet

from assessments.models import Entry, EntryStage, Round
from assessments.outlines import Outline
from assessments.signing import HANDED_BACK

# each has a digit as its key, the item's own first
MOST, MOST_OF_ITEM = 9, 5


def of_organisation(round_: Round, hidden: QuerySet[Entry]) -> list[str]:
    """The reasons written most, of this round and those before it. One query.

    hidden: what the person is to score a second time (`blind`).
    """
    rows = _said(round_, hidden).values_list("review_reason").annotate(times=Count("pk"))
    return [words for words, _ in rows.order_by("-times", "review_reason")[:MOST]]


def of_items(
    round_: Round, tree: Outline, items: Collection[int], hidden: QuerySet[Entry]
) -> Mapping[int, tuple[str, ...]]:
    """Item → the reasons written most for what the same item was scored, of whatever unit and year. One query.

    The same item is the one of the same identity (a ledger carried on keeps it), else of the same name below the same.
    tree: of the round's ledger.
    """
    nodes = [tree.nodes[item] for item in set(items)]
    by_identity = {node.identity: node.id for node in nodes}
    by_name = {(_parent(tree, node.id), node.name): node.id for node in nodes}
    same = Q(indicator__identity__in=by_identity) | Q(indicator__name__in={name for _, name in by_name})
    rows = (
        _said(round_, hidden)
        .filter(same, stage=EntryStage.ACCEPTED)
        .values_list("indicator__identity", "indicator__parent__name", "indicator__name", "review_reason")
    )
    found: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for identity, parent, name, words, times in rows.annotate(times=Count("pk")):
        item = by_identity.get(identity) or by_name.get((parent, name))
        if item is not None:
            found[item][words] += times
    return {item: _most(said) for item, said in found.items()}


def _said(round_: Round, hidden: QuerySet[Entry]) -> QuerySet[Entry]:
    said = Entry.objects.filter(sheet__round__organisation=round_.organisation_id).exclude(review_reason="")
    return said.exclude(pk__in=hidden).exclude(review_reason__startswith=HANDED_BACK).order_by()


def _parent(tree: Outline, item: int) -> str:
    above = tree.above(item)
    return above[-1].name if above else ""


def _most(said: Counter[str]) -> tuple[str, ...]:
    return tuple(sorted(said, key=lambda words: (-said[words], words))[:MOST_OF_ITEM])
