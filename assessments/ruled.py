"""The accepted scoring rules of a round's items, ready to be answered; `scoring.answers` reckons."""

from collections import defaultdict
from collections.abc import Mapping

from assessments.models import Entry
from assessments.scoring.answers import Asked, Outcome, Stored, read, reckon, worded
from assessments.scoring.rules import from_json
from indicators.models import RuleKind, ScoringRule

Rules = Mapping[int, tuple[Asked, ...]]


def of_ledger(ledger_id: int) -> Rules:
    """Item → its accepted rules. One query."""
    return _rules(indicator__ledger_id=ledger_id)


def of_entry(entry: Entry) -> tuple[Asked, ...]:
    """The rules one entry is scored by. One query."""
    return asked(entry, _rules(indicator_id=entry.indicator_id))


def asked(entry: Entry, rules: Rules) -> tuple[Asked, ...]:
    """The same out of the ledger's rules; an item without points, or under a shared score, is scored by hand."""
    alone = entry.shared_home_id is None and entry.maximum == entry.points
    return rules.get(entry.indicator_id, ()) if alone and entry.points else ()


def sentence(entry: Entry, rules: tuple[Asked, ...], stored: Mapping[str, object]) -> str:
    """What the rules said of an answer; empty where they said nothing."""
    outcome = reckon(rules, entry.maximum, stored)
    return outcome.sentence if outcome else ""


def answered(entry: Entry, typed: Mapping[str, str], reason: str) -> tuple[Stored, Outcome | None, str]:
    """The answer as it is stored, what it comes to, and the reason with the rules' sentence in it.

    typed: fields by name. Raises BadAnswer. One query.
    """
    rules = of_entry(entry)
    stored = read(rules, typed)
    outcome = reckon(rules, entry.maximum, stored)
    before = sentence(entry, rules, entry.rule_answer)
    return stored, outcome, worded(reason, before, outcome.sentence if outcome else "")


def _rules(**of: int) -> Rules:
    found: defaultdict[int, tuple[Asked, ...]] = defaultdict(tuple)
    accepted = ScoringRule.objects.accepted().exclude(kind=RuleKind.MANUAL).filter(**of)
    rows = accepted.order_by("indicator_id", "pk").values_list("pk", "indicator_id", "kind", "parameters")
    for pk, item, kind, parameters in rows:
        found[item] += (Asked(pk, from_json(kind, parameters)),)
    return found
