"""The terms of a scoring rule (评分细则): typed fields → parameters as they are stored, and the words that say them.

Pure; what a rule makes of an answer, `assessments.scoring.rules` reckons.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from indicators.reading import points as points_
from indicators.reading.report import plain

Parameters = dict[str, Any]

MEASURES = ("次", "项", "处", "条", "件", "家", "个", "篇", "人", "天")
MOST_ROWS = 40
LONGEST_WORDS = 2000
HUNDRED = Decimal(100)
_MOST = Decimal(10) ** 8


class BadTerms(ValueError):
    """Terms that cannot be a rule's. field: the typed field it is about; message: what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


@dataclass(frozen=True, slots=True)
class Typed:
    """The fields of a rule as a person types them; those of other kinds stay empty.

    tiers: a line each, rate and points (`80 6`). parts: a line each, points and words (`2 公布决策草案`).
    """

    kind: str
    deduct: str = ""
    cap: str = ""
    measure: str = "次"
    tiers: str = ""
    parts: str = ""


def read(typed: Typed) -> Parameters:
    """The parameters of a rule, amounts as strings.

    >>> read(Typed("per_occurrence", deduct="０.5", cap="2", measure="家"))
    {'deduct': '0.5', 'cap': '2', 'measure': '家'}
    >>> read(Typed("tiers", tiers="70 5\\n80% 6分"))
    {'tiers': [{'at_least': '80', 'points': '6'}, {'at_least': '70', 'points': '5'}]}
    """
    match typed.kind:
        case "per_occurrence":
            return _per_occurrence(typed)
        case "tiers":
            return {"tiers": _tiers(_lines(typed.tiers))}
        case "checklist":
            return {"parts": _parts(_lines(typed.parts))}
        case "all_or_nothing" | "rate" | "manual":
            return {}
    raise BadTerms("kind", "选择一种细则类型")


def written(kind: str, parameters: Mapping[str, Any]) -> Typed:
    """The fields of a form that holds these parameters; `read` gives them back."""
    return Typed(
        kind,
        deduct=str(parameters.get("deduct", "")),
        cap=str(parameters.get("cap") or ""),
        measure=str(parameters.get("measure", "次")),
        tiers="\n".join(f"{one['at_least']} {one['points']}" for one in parameters.get("tiers", ())),
        parts="\n".join(f"{one['points']} {' '.join(one['text'].split())}" for one in parameters.get("parts", ())),
    )


def words(kind: str, parameters: Mapping[str, Any]) -> str:
    """The rule in one sentence, as the office checks it.

    >>> words("per_occurrence", {"deduct": "0.1", "cap": "2"})
    '每次扣 0.1 分，最多扣 2 分'
    """
    match kind:
        case "per_occurrence":
            cap = f"，最多扣 {parameters['cap']} 分" if parameters.get("cap") else ""
            return f"每{parameters.get('measure', '次')}扣 {parameters.get('deduct', '？')} 分{cap}"
        case "tiers":
            steps = (f"{one['at_least']}% 以上 {one['points']} 分" for one in parameters.get("tiers", ()))
            return f"{'，'.join(steps)}，不到的不得分"
        case "checklist":
            return "；".join(f"{one['text']}（{one['points']} 分）" for one in parameters.get("parts", ()))
    return {"all_or_nothing": "达不到要求不得分", "rate": "按成绩（百分制）折算", "manual": "人工评分"}.get(kind, kind)


def faults(kind: str, parameters: Mapping[str, Any]) -> str:
    """Why these stored parameters compute nothing; empty for a rule that may be accepted as it stands."""
    try:
        read(written(kind, parameters))
    except (BadTerms, KeyError, TypeError, AttributeError):
        return "细则的参数不完整，先修改再确认"
    return ""


def doubts(kind: str, parameters: Mapping[str, Any], points: Decimal | None) -> tuple[str, ...]:
    """What about a rule should be looked at beside the item's points, a sentence each; none of it forbids the rule."""
    if points is None:
        return ("本项还没有分值",)
    worth = plain(points)
    if kind == "per_occurrence" and Decimal(parameters["deduct"]) > points:
        return (f"一次就扣 {parameters['deduct']} 分，超过本项 {worth} 分，扣完为止",)
    if kind == "checklist":
        whole = sum((Decimal(one["points"]) for one in parameters["parts"]), Decimal(0))
        return () if whole == points else (f"得分点合计 {plain(whole)} 分，本项 {worth} 分",)
    if kind == "tiers":
        best = max(Decimal(one["points"]) for one in parameters["tiers"])
        return () if best == points else (f"最高一档 {plain(best)} 分，本项 {worth} 分",)
    return ()


def _per_occurrence(typed: Typed) -> Parameters:
    deduct = _amount("deduct", typed.deduct, "每次扣分填大于 0 的数字，例如 0.5")
    if not deduct:
        raise BadTerms("deduct", "每次扣分填大于 0 的数字，例如 0.5")
    found: Parameters = {"deduct": plain(deduct)}
    if typed.cap.strip():
        cap = _amount("cap", typed.cap, "最多扣分填数字，例如 2；不限就空着")
        if cap < deduct:
            raise BadTerms("cap", f"最多扣分不能少于一次扣的 {plain(deduct)} 分")
        found["cap"] = plain(cap)
    if typed.measure not in MEASURES:
        raise BadTerms("measure", f"计量单位从{'、'.join(MEASURES)}中选择")
    return found | {"measure": typed.measure}


def _tiers(lines: Sequence[str]) -> list[dict[str, str]]:
    sentence = "每行写比例、空格、得分，例如“80 6”"
    steps: dict[Decimal, Decimal] = {}
    for line in lines:
        cells = line.replace("%", " ").replace("％", " ").replace("分", " ").split()
        if len(cells) != 2:
            raise BadTerms("tiers", sentence)
        rate, worth = (_amount("tiers", cell, sentence) for cell in cells)
        if rate > HUNDRED or rate in steps:
            raise BadTerms("tiers", "比例在 0 到 100 之间，每个比例一行")
        steps[rate] = worth
    if not 1 < len(steps) <= MOST_ROWS:
        raise BadTerms("tiers", f"至少写两档；{sentence}")
    ordered = sorted(steps, reverse=True)
    if [steps[rate] for rate in ordered] != sorted(steps.values(), reverse=True):
        raise BadTerms("tiers", "比例高的一档得分不能比低的少")
    return [{"at_least": plain(rate), "points": plain(steps[rate])} for rate in ordered]


def _parts(lines: Sequence[str]) -> list[dict[str, str]]:
    sentence = "每行写分值、空格、得分点，例如“2 公布决策草案”"
    found = []
    for line in lines:
        worth, _, text = line.strip().partition(" ")
        if not text.strip() or len(text) > LONGEST_WORDS:
            raise BadTerms("parts", sentence)
        points = _amount("parts", worth.rstrip("分"), sentence)
        if not points:
            raise BadTerms("parts", "每个得分点的分值大于 0")
        found.append({"text": text.strip(), "points": plain(points)})
    if not 0 < len(found) <= MOST_ROWS:
        raise BadTerms("parts", f"写 1 到 {MOST_ROWS} 个得分点；{sentence}")
    return found


def _lines(text: str) -> list[str]:
    return [line.replace("\u3000", " ").replace("\t", " ") for line in text.splitlines() if line.strip()]


def _amount(field: str, text: str, sentence: str) -> Decimal:
    number = points_.parse(text)
    exponent = number.as_tuple().exponent if number is not None else 0
    if number is None or not isinstance(exponent, int) or exponent < -4 or not 0 <= number < _MOST:
        raise BadTerms(field, sentence)
    return number
