"""Scoring rules (评分细则) as data: a count, a rate or ticks → the score and the sentence for 扣分依据.

Where rules come from (the text of a ledger) and who accepted them is not known here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from assessments.scoring.amounts import FOUR_PLACES, ZERO, display_points, from_text, plain

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Part:
    """A checkpoint (得分点): its words and what it is worth."""

    text: str
    points: Decimal


@dataclass(frozen=True, slots=True)
class Tier:
    """A step of a scale: from this rate on (of a hundred, the bound included) these points."""

    at_least: Decimal
    points: Decimal


@dataclass(frozen=True, slots=True)
class Checklist:
    """得分点逐项计分. Answer: the positions of the parts that are met, from 0, as a frozenset.

    What is missed comes off the item's points; all met is full, none met is 0, also where the parts do not sum
    to the item's points (the county sheet's items 3 and 30: parts of 10 on 8 points).
    """

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class PerOccurrence:
    """每次扣 0.1 分. Answer: how often, as an int. cap: the most it takes (上限 2 分); measure: 次, 家, 项 …"""

    deduct: Decimal
    cap: Decimal | None = None
    measure: str = "次"


@dataclass(frozen=True, slots=True)
class Tiers:
    """80%以上 6 分，80%–70% 得 5 分. Answer: the rate of a hundred, as a Decimal. tiers: highest first."""

    tiers: tuple[Tier, ...]


@dataclass(frozen=True, slots=True)
class AllOrNothing:
    """未…不得分. Answer: whether it is met, as a bool."""


@dataclass(frozen=True, slots=True)
class Rate:
    """按比例计分 (将专项评估成绩直接按比例纳入). Answer: the result of a hundred, as a Decimal."""


@dataclass(frozen=True, slots=True)
class Manual:
    """人工评分. Answer: the score itself, as a Decimal; the reason has to be written by a person."""


Rule = Checklist | PerOccurrence | Tiers | AllOrNothing | Rate | Manual
Answer = int | bool | Decimal | frozenset[int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The score, from 0 to the item's points and of at most four places, and the sentence for 扣分依据."""

    score: Decimal
    sentence: str


def apply(rule: Rule, points: Decimal, answer: Answer) -> Outcome:
    """What a rule makes of an answer on an item worth `points`.

    The score is never below 0 nor above the points; the sentence says where the item's points were the limit.
    Raises ValueError, with a sentence for the clerk, for an answer the rule cannot have: of the wrong kind, a
    negative count, a rate outside 0–100, a part that does not exist, a manual score above the points.

    >>> apply(PerOccurrence(Decimal("0.1")), Decimal(2), 3)
    Outcome(score=Decimal('1.7'), sentence='每次扣 0.1 分，发生 3 次，扣 0.3 分')
    """
    match rule:
        case Checklist():
            return _checklist(rule, points, _ticks(answer, len(rule.parts)))
        case PerOccurrence():
            return _per_occurrence(rule, points, _count(answer))
        case Tiers():
            return _tiers(rule, points, _percent(answer))
        case AllOrNothing():
            return _all_or_nothing(points, answer)
        case Rate():
            return _rate(points, _percent(answer))
        case Manual():
            return _manual(points, answer)


def from_json(kind: str, parameters: Mapping[str, object]) -> Rule:
    """The rule stored under a kind, with its parameters as JSON values, amounts as strings.

    `checklist` has `parts`, each `text` and `points`; `per_occurrence` `deduct`, and if wanted `cap` and `measure`;
    `tiers` has `tiers`, each `at_least` and `points`, in any order; the others have none.
    Raises ValueError for an unknown kind, a missing parameter or an amount that is no string.

    >>> from_json("per_occurrence", {"deduct": "0.5", "cap": "2", "measure": "家"})
    PerOccurrence(deduct=Decimal('0.5'), cap=Decimal('2'), measure='家')
    """
    match kind:
        case "checklist":
            parts = _rows(parameters, "parts")
            return Checklist(tuple(Part(str(part.get("text", "")), from_text(part.get("points"))) for part in parts))
        case "per_occurrence":
            cap = parameters.get("cap")
            measure = str(parameters.get("measure", "次"))
            return PerOccurrence(from_text(parameters.get("deduct")), None if cap is None else from_text(cap), measure)
        case "tiers":
            rows = _rows(parameters, "tiers")
            tiers = [Tier(from_text(row.get("at_least")), from_text(row.get("points"))) for row in rows]
            return Tiers(tuple(sorted(tiers, key=lambda tier: tier.at_least, reverse=True)))
    plain_rules: dict[str, Rule] = {"all_or_nothing": AllOrNothing(), "rate": Rate(), "manual": Manual()}
    if kind not in plain_rules:
        raise ValueError(f"unknown kind of rule: {kind}")
    return plain_rules[kind]


def _rows(parameters: Mapping[str, object], name: str) -> list[dict[str, object]]:
    rows = parameters.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError(f"{name} are a list of objects")
    return rows


def _checklist(rule: Checklist, points: Decimal, ticks: frozenset[int]) -> Outcome:
    missed = [part for place, part in enumerate(rule.parts) if place not in ticks]
    if not missed:
        return Outcome(points, "得分点全部达到，不扣分")
    asked = sum((part.points for part in missed), ZERO)
    taken = min(asked, points) if ticks else points
    named = "；".join(f"{part.text}（{display_points(part.points)} 分）" for part in missed)
    limited = f"应扣 {display_points(asked)} 分，本项 {display_points(points)} 分，" if taken != asked else ""
    return Outcome(points - taken, f"未达到：{named}；{limited}扣 {display_points(taken)} 分")


def _per_occurrence(rule: PerOccurrence, points: Decimal, times: int) -> Outcome:
    rule_said = f"每{rule.measure}扣 {display_points(rule.deduct)} 分"
    if not times:
        return Outcome(points, f"{rule_said}，未发生，不扣分")
    asked = rule.deduct * times
    limits = [f"，应扣 {display_points(asked)} 分"]
    taken = asked
    if rule.cap is not None and taken > rule.cap:
        taken = rule.cap
        limits.append(f"，上限 {display_points(rule.cap)} 分")
    if taken > points:
        taken = points
        limits.append(f"，本项 {display_points(points)} 分")
    limited = "".join(limits) if taken != asked else ""
    happened = f"发生 {times} {rule.measure}"
    return Outcome(points - taken, f"{rule_said}，{happened}{limited}，扣 {display_points(taken)} 分")


def _tiers(rule: Tiers, points: Decimal, percent: Decimal) -> Outcome:
    tier = next((tier for tier in rule.tiers if percent >= tier.at_least), None)
    score = min(tier.points, points) if tier else ZERO
    reached = f"在“{plain(tier.at_least)}% 以上”一档" if tier else "未达到最低一档"
    return Outcome(score, f"完成 {plain(percent)}%，{reached}，{_lost(score, points)}")


def _all_or_nothing(points: Decimal, answer: Answer) -> Outcome:
    if not isinstance(answer, bool):
        raise ValueError("这项规则要填“达到”或“未达到”")
    if answer:
        return Outcome(points, "达到要求，不扣分")
    return Outcome(ZERO, f"未达到要求，不得分，扣 {display_points(points)} 分")


def _rate(points: Decimal, percent: Decimal) -> Outcome:
    score = (points * percent / HUNDRED).quantize(FOUR_PLACES, rounding=ROUND_HALF_UP)
    return Outcome(score, f"成绩 {plain(percent)}%，按比例{_lost(score, points)}")


def _manual(points: Decimal, answer: Answer) -> Outcome:
    score = _number(answer, "得分")
    if score < 0:
        raise ValueError("得分不能是负数")
    if score > points:
        raise ValueError(f"得分不能超过 {display_points(points)}")
    if score != score.quantize(FOUR_PLACES):
        raise ValueError("分数最多四位小数")
    return Outcome(score, f"评审{_lost(score, points)}")


def _lost(score: Decimal, points: Decimal) -> str:
    got = f"得 {plain(score)} 分"
    return f"{got}，扣 {plain(points - score)} 分" if score < points else f"{got}，不扣分"


def _ticks(answer: Answer, parts: int) -> frozenset[int]:
    if not isinstance(answer, frozenset):
        raise ValueError("这项规则要勾选得分点")
    if any(not 0 <= place < parts for place in answer):
        raise ValueError(f"得分点只有 {parts} 个")
    return answer


def _count(answer: Answer) -> int:
    if not isinstance(answer, int) or isinstance(answer, bool):
        raise ValueError("发生次数要填整数")
    if answer < 0:
        raise ValueError("发生次数不能是负数")
    return answer


def _percent(answer: Answer) -> Decimal:
    percent = _number(answer, "比例")
    if not 0 <= percent <= HUNDRED:
        raise ValueError("比例要在 0 到 100 之间")
    return percent


def _number(answer: Answer, label: str) -> Decimal:
    if not isinstance(answer, Decimal) or not answer.is_finite():
        raise ValueError(f"{label}要填数字")
    return answer
