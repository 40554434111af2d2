"""The accepted scoring rules of a round's items, ready to be answered; `scoring.answers` reckons."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Exists, F, OuterRef, Q

from assessments.models import Entry
from assessments.models.rounds import SEALED
from assessments.scoring.amounts import display_points
from assessments.scoring.answers import Asked, Outcome, Stored, read, reckon, worded
from assessments.scoring.rules import from_json
from indicators.models import RuleKind, ScoringRule

Rules = Mapping[int, tuple[Asked, ...]]


def of_ledger(ledger_id: int) -> Rules:
    """Item → its accepted rules. One query."""
    return _rules(indicator__ledger_id=ledger_id)


def of_item(item_id: int) -> tuple[Asked, ...]:
    """One item's accepted rules. One query."""
    return _rules(indicator_id=item_id).get(item_id, ())


def of_entry(entry: Entry) -> tuple[Asked, ...]:
    """The rules one entry is scored by. One query."""
    return asked(entry, {entry.indicator_id: of_item(entry.indicator_id)})


def asked(entry: Entry, rules: Rules) -> tuple[Asked, ...]:
    """The same out of the ledger's rules; an item without points, or under a shared score, is scored by hand."""
    alone = entry.shared_home_id is None and entry.maximum == entry.points
    return rules.get(entry.indicator_id, ()) if alone and entry.points else ()


@dataclass(frozen=True, slots=True)
class Answers:
    """What was entered for one item's rules, by the unit and by the office."""

    unit: Stored
    office: Stored

    @classmethod
    def of(cls, entry: Entry) -> "Answers":
        """As the entry has them."""
        return cls(dict(entry.rule_answer), dict(entry.review_answer))

    def __len__(self) -> int:
        return len(self.unit) + len(self.office)

    def carried(self, was: Sequence[Asked], now: Sequence[Asked]) -> "Answers":
        """The same under the rules of a new version, as far as those ask the same; the rest falls away."""
        pairs = paired(was, now)
        return Answers(*({pairs[key]: said[key] for key in said if key in pairs} for said in (self.unit, self.office)))

    def dropped(self, one: Asked, was: Sequence[Asked], now: Sequence[Asked]) -> bool:
        """Whether this rule was answered and is not asked any more."""
        key = str(one.id)
        return (key in self.unit or key in self.office) and key not in paired(was, now)


NO_ANSWERS = Answers({}, {})


def paired(was: Sequence[Asked], now: Sequence[Asked]) -> dict[str, str]:
    """Rule → the one of the new version that asks the same, each taken once; by the keys of stored answers."""
    left, found = list(now), {}
    for one in was:
        same = next((other for other in left if other.rule == one.rule), None)
        if same is not None:
            left.remove(same)
            found[str(one.id)] = str(same.id)
    return found


@dataclass(frozen=True, slots=True)
class Taken:
    """What a unit's row comes to. by_rules: what its answer gives, None while that is not whole."""

    score: Decimal | None
    by_rules: Decimal | None
    answer: Stored
    reason: str


def taken(
    entry: Entry,
    score: Decimal | None,
    answers: Mapping[str, str] | None,
    reason: str,
    rules: tuple[Asked, ...] | None = None,
) -> Taken:
    """The row as it is stored, whether it came from form, grid, paste, file or program.

    The answer gives the score. Another score typed in its place stands as typed, without the rules' sentence: who typed
    it writes the reason (`entries.obstacle`), and the reviewer sees both.
    score: of the score's cell, None where it is blank; a cell that still says what is stored was not typed into.
    answers: by field; None where the row came without them. rules: of the entry; without, one query where they are
    asked. Raises BadAnswer.
    """
    if answers is None and (score is None or not entry.rule_answer):
        return Taken(score, None, {}, reason)
    rules = of_entry(entry) if rules is None else rules
    answer = dict(entry.rule_answer) if answers is None else read(rules, answers)
    outcome = reckon(rules, entry.maximum, answer)
    said = sentence(entry, rules, entry.rule_answer)
    score = _standing(entry, score, answer, outcome)
    if outcome is None:
        return Taken(score, None, answer, worded(reason, said, ""))
    if score == outcome.score:
        return Taken(score, score, answer, worded(reason, said, outcome.sentence))
    own = worded(worded(reason, said, ""), outcome.sentence, "")
    return Taken(score, outcome.score, answer, own)


def _standing(entry: Entry, score: Decimal | None, answer: Stored, outcome: Outcome | None) -> Decimal | None:
    """The score that stands: the one typed just now, else the rules' where the answer is new, else what stood."""
    typed, same = score is not None and score != entry.self_score, answer == entry.rule_answer
    if typed or (same and score is not None):
        return score
    if outcome is not None:
        return outcome.score
    # an answer that was taken back takes along what it came to, and nothing else
    return None if entry.rule_answer and not entry.is_off_rules else score


def unanswered() -> Q:
    """Entries of open rounds with a score though nobody answered the accepted rules of their item whole."""
    known = ScoringRule.objects.accepted().exclude(kind=RuleKind.MANUAL).filter(indicator=OuterRef("indicator"))
    alone = Q(shared_home__isnull=True, maximum=F("points"), points__gt=0) & ~Q(sheet__round__phase__in=SEALED)
    return alone & Q(self_score__isnull=False, rule_score__isnull=True) & Q(Exists(known))


def besides(entry: Entry, rules: tuple[Asked, ...], *, sealed: bool) -> str:
    """What a reviewer is told of a self score that is not the rules' own; empty where it is, or nothing is asked.

    sealed: the round was published; before answers were kept with their score, nothing is known of them.
    """
    if entry.rule_score is not None and entry.is_off_rules:
        return f"按细则得 {display_points(entry.rule_score)} 分，自评与细则不符"
    typed = rules and entry.self_score is not None and entry.rule_score is None
    return "没有按细则填写" if typed and not sealed else ""


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
