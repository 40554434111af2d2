"""What is entered for an item's accepted rules (细则填写): typed words → a stored answer → score and sentence.

Several rules of one item take from its points one after the other; together they never take more than there is.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from assessments.scoring.amounts import ZERO, display_points, from_text, plain
from assessments.scoring.points import BadScore, parse_score
from assessments.scoring.rules import AllOrNothing, Answer, Checklist, Outcome, PerOccurrence, Rule, Tiers, apply

__all__ = ["Asked", "BadAnswer", "Field", "Outcome", "Stored", "fields", "read", "reckon", "told", "worded"]

# rule id → a count, "85.5", true, or [true, null, false]: a checkpoint nobody has looked at is null
Stored = dict[str, object]

PREFIX = "rule-"
MET, MISSED = "1", "0"
# a choice as a person reads it
CHOICES = {MET: "达到", MISSED: "未达到"}
MOST_TIMES = 9999
HUNDRED = Decimal(100)


class BadAnswer(BadScore):
    """An entry that cannot be one for its rule. field: its name, as in `Field`."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Asked:
    """One accepted rule of an item."""

    id: int
    rule: Rule


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to enter: a count or a percentage, typed, or whether something is met, chosen. unit: 次, 家, %."""

    name: str
    label: str
    value: str
    is_choice: bool
    unit: str = ""


def read(asked: Sequence[Asked], typed: Mapping[str, str]) -> Stored:
    """The answer out of typed fields, by their names; what is left blank is not in it. Raises BadAnswer.

    >>> read([Asked(7, PerOccurrence(Decimal("0.1")))], {"rule-7": " ３ "})
    {'7': 3}
    """
    found: Stored = {}
    for one in asked:
        value = _read(one, typed)
        if value is not None:
            found[str(one.id)] = value
    return found


def reckon(asked: Sequence[Asked], points: Decimal, stored: Mapping[str, object]) -> Outcome | None:
    """What the rules make of the answer together; None while one of them is not answered whole.

    The sentence names the rules that took something; it is empty where none did.
    """
    answers = [_answer(one.rule, stored.get(str(one.id))) for one in asked]
    if not asked or any(answer is None for answer in answers):
        return None
    pairs = zip(asked, answers, strict=True)
    outcomes = [apply(one.rule, points, answer) for one, answer in pairs if answer is not None]
    losing = [outcome for outcome in outcomes if outcome.score < points]
    lost = sum((points - outcome.score for outcome in losing), ZERO)
    sentence = "；".join(outcome.sentence for outcome in losing)
    if len(losing) > 1:
        more = f"，超过本项 {display_points(points)} 分，扣完为止" if lost > points else ""
        sentence += f"；共扣 {display_points(lost)} 分{more}"
    return Outcome(max(points - lost, ZERO), sentence)


def worded(typed: str, before: str, now: str) -> str:
    """The reason with the sentence of the rules in it; what a person wrote beside it stays.

    before: the sentence as it was, which gives way; now: empty where nothing is lost.

    >>> worded("每次扣 0.1 分，发生 1 次，扣 0.1 分\\n已约谈", "每次扣 0.1 分，发生 1 次，扣 0.1 分", "")
    '已约谈'
    """
    if now and now in typed:
        return typed
    if before and before in typed:
        return typed.replace(before, now, 1).strip()
    return f"{now}\n{typed}".strip() if now else typed


def fields(asked: Iterable[Asked], stored: Mapping[str, object]) -> tuple[Field, ...]:
    """What a page asks for, filled with the stored answer."""
    found: list[Field] = []
    for one in asked:
        value = stored.get(str(one.id))
        name = f"{PREFIX}{one.id}"
        match one.rule:
            case Checklist(parts):
                met = value if isinstance(value, list) else [None] * len(parts)
                found += (
                    Field(f"{name}-{at}", f"{part.text}（{display_points(part.points)} 分）", _chosen(met[at]), True)
                    for at, part in enumerate(parts)
                )
            case PerOccurrence(deduct, cap, measure):
                most = f"，最多扣 {display_points(cap)} 分" if cap is not None else ""
                label = f"每{measure}扣 {display_points(deduct)} 分{most}"
                found.append(Field(name, label, "" if value is None else str(value), False, measure))
            case AllOrNothing():
                found.append(Field(name, "达不到要求不得分", _chosen(value), True))
            case _:
                found.append(Field(name, _rate_label(one.rule), str(value or ""), False, "%"))
    return tuple(found)


def told(asked: Iterable[Asked], stored: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """What was asked and what was entered, in words; blanks are left out."""
    return tuple(
        (one.label, CHOICES[one.value] if one.is_choice else f"{one.value} {one.unit}".replace(" %", "%"))
        for one in fields(asked, stored)
        if one.value
    )


def _rate_label(rule: Rule) -> str:
    if not isinstance(rule, Tiers):
        return "成绩（百分制），按比例计分"
    return "，".join(f"{plain(one.at_least)}% 以上 {display_points(one.points)} 分" for one in rule.tiers)


def _chosen(value: object) -> str:
    return "" if value is None else MET if value else MISSED


def _read(one: Asked, typed: Mapping[str, str]) -> object:
    name = f"{PREFIX}{one.id}"
    if isinstance(one.rule, Checklist):
        ticks = [_choice(f"{name}-{at}", typed) for at in range(len(one.rule.parts))]
        return None if all(tick is None for tick in ticks) else ticks
    if isinstance(one.rule, AllOrNothing):
        return _choice(name, typed)
    text = unicodedata.normalize("NFKC", typed.get(name, "")).strip()
    if not text:
        return None
    if isinstance(one.rule, PerOccurrence):
        return _times(name, text)
    return _percent(name, text)


def _choice(name: str, typed: Mapping[str, str]) -> bool | None:
    value = typed.get(name, "").strip()
    if value not in ("", MET, MISSED):
        raise BadAnswer(name, "选择“达到”或“未达到”")
    return None if not value else value == MET


def _times(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_TIMES))):
        raise BadAnswer(name, f"次数填 0 到 {MOST_TIMES} 的整数")
    return int(text)


def _percent(name: str, text: str) -> str:
    try:
        return plain(parse_score(text.removesuffix("%"), HUNDRED, "比例"))
    except BadScore as refusal:
        raise BadAnswer(name, refusal.message) from refusal


def _answer(rule: Rule, value: object) -> Answer | None:
    """A stored value as the rule takes it; None where it is missing, not whole, or of another kind."""
    match rule, value:
        case Checklist(parts), list() if len(value) == len(parts) and all(isinstance(one, bool) for one in value):
            return frozenset(at for at, met in enumerate(value) if met)
        case AllOrNothing(), bool():
            return value
        case PerOccurrence(), int() if not isinstance(value, bool):
            return value
        case _, str():
            return from_text(value)
    return None
