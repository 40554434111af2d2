"""Items whose words changed are read anew: what they propose is offered, nothing is applied (重新识别细则).

Proposals nobody decided on give way to those of the new words. A decided rule stays as it is, and is not offered a
second time; an accepted one whose words are gone is marked 原文已改.
"""

from collections.abc import Iterable, Mapping, Sequence

from indicators.models import Indicator, ScoringRule
from indicators.proposing import as_kept, proposals, said, stands, tells
from indicators.reading.rules import checkpoints
from indicators.reading.text import fold


def take_in(item: Indicator, before: str) -> bool:
    """Whether `settle` has to look at the item, for its words are not those of before; sets its checkpoints, unsaved.

    Checkpoints that were not read from the words of before, such as those of a column, stay.
    """
    now = said(item)
    if now == before or not (tells(before) or tells(now)):
        return False
    if item.checkpoints == as_kept(checkpoints(before)):
        item.checkpoints = as_kept(checkpoints(now))
    return True


def read_anew(items: Sequence[Indicator]) -> None:
    """The proposals of items whose words changed. No query for none, at most four for any number."""
    if items:
        settle({one.pk: said(one) for one in items}, [rule for one in items for rule in proposals(one)])


def settle(words: Mapping[int, str], fresh: Iterable[ScoringRule]) -> None:
    """Put proposals, unsaved, in place of those that nobody decided on. words: item → what it says now."""
    offered = {_key(rule): rule for rule in fresh}
    gone: list[int] = []
    marked: list[ScoringRule] = []
    for rule in ScoringRule.objects.filter(indicator__in=words):
        same = offered.get(_key(rule))
        if rule.accepted_at is None and rule.refused_at is None:
            if same is None or same.parameters != rule.parameters:
                gone.append(rule.pk)
                continue
        elif rule.source_gone == stands(rule, words[rule.indicator_id]):
            rule.source_gone = not rule.source_gone
            marked.append(rule)
        offered.pop(_key(rule), None)
    ScoringRule.objects.filter(pk__in=gone).delete()
    ScoringRule.objects.bulk_update(marked, ["source_gone"])
    ScoringRule.objects.bulk_create(offered.values())


def _key(rule: ScoringRule) -> tuple[int, str, str]:
    return (rule.indicator_id, rule.kind, fold(rule.source))
