"""An item's words → the checkpoints and rules they propose (得分点、评分细则), unsaved; asks the database nothing."""

from collections.abc import Iterable
from typing import Any

from indicators.models import Indicator, ScoringRule
from indicators.reading.drafts import CheckpointDraft, RuleDraft
from indicators.reading.report import plain
from indicators.reading.rules import checkpoints, rules
from indicators.reading.text import fold


def said(item: Indicator) -> str:
    """The words that may hold rules: the criteria, or the name where there are none; empty for what is no item."""
    return (item.criteria or item.name) if item.is_item else ""


def as_kept(found: Iterable[CheckpointDraft]) -> list[dict[str, str]]:
    """Checkpoints as an indicator keeps them."""
    return [{"text": one.text, "points": plain(one.points)} for one in found]


def proposal(item: Indicator, draft: RuleDraft, parts: list[dict[str, str]]) -> ScoringRule:
    """A rule nobody has accepted. parts: the item's checkpoints as kept."""
    found: dict[str, Any] = {}
    if draft.deduct is not None:
        found["deduct"] = plain(draft.deduct)
    if draft.cap is not None:
        found["cap"] = plain(draft.cap)
    if draft.tiers:
        found["tiers"] = [{"at_least": plain(one.at_least), "points": plain(one.points)} for one in draft.tiers]
    if draft.kind == "checklist":
        found["parts"] = parts
    return ScoringRule(indicator=item, kind=draft.kind, source=draft.source, parameters=found)


def proposals(item: Indicator) -> list[ScoringRule]:
    """What the item's words propose as they stand."""
    words = said(item)
    parts = checkpoints(words)
    return [proposal(item, draft, as_kept(parts)) for draft in rules(words, parts)]


def tells(words: str) -> bool:
    """Whether words hold anything to propose."""
    parts = checkpoints(words)
    return bool(parts or rules(words, parts))


def stands(rule: ScoringRule, words: str) -> bool:
    """Whether the words a rule was read from stand there still; one set by hand comes from none.

    >>> from indicators.models import ScoringRule
    >>> rule = ScoringRule(source="每次扣0.5分")
    >>> stands(rule, "未公开的，每次扣 ０.５分"), stands(rule, "未公开的，每次扣1分")
    (True, False)
    """
    return fold(rule.source) in fold(words)
