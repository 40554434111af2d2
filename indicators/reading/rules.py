"""Criteria in words → checkpoints and proposed scoring rules (得分点、评分细则); reckons no score."""

import re
from decimal import Decimal

from indicators.reading.drafts import CheckpointDraft, RuleDraft, TierDraft
from indicators.reading.text import narrow

_N = r"(\d{1,4}(?:\.\d{1,4})?)"
_MARK = re.compile(
    rf"[【(\[〔]\s*(?:满分|共|计|分值)?\s*[:：]?\s*{_N}\s*分\s*(/\s*项)?\s*(?:[,，;；:：。]([^】)\]〕]{{0,160}}))?[】)\]〕]"
)
_BARE = re.compile(rf"[(\[【〔]{_N}[)\]】〕]\s*[;；。,，]?\s*$")
_EARNS = re.compile(rf"(?<![不可])得{_N}分")
_POINTED = re.compile(r"[0-9０-９]\s*分")
_NUMBERED = re.compile(r"(?:^|(?<=[\s;；。,，:：】)）、]))\d{1,2}[.、](?!\d)")
_TELLING = re.compile(r"[扣得%％]|给分|比例")
_CLAUSE = re.compile(r"[。；;\n()（）【】,，]+")
_EACH = re.compile(
    rf"(?:每|一[次项处条件例个篇家人]|少[一1]|多1).{{0,30}}?扣(?:除)?{_N}分|扣(?:除)?{_N}分\s*[/／]\s*[次项处条件例]"
)
_ONCE = re.compile(rf"扣(?:除)?{_N}分")
_CAP = re.compile(rf"(?:上限|最多扣|最高扣|累计不超过|扣分不超过){_N}分")
_TIER = re.compile(rf"{_N}%\s*(?:\(含\))?(?:及)?以上[^%;；。]{{0,6}}?得?{_N}分")
_TIER_BELOW = re.compile(rf"{_N}%\s*[—–~～-]+\s*{_N}%(?:以上)?得{_N}分")


def checkpoints(text: str) -> tuple[CheckpointDraft, ...]:
    """The parts of the criteria that carry points of their own, in their order.

    >>> [(one.text, str(one.points)) for one in checkpoints("公布: 1.决策草案【2分】; 4.反馈渠道【2分】(含信件)")]
    [('决策草案', '2'), ('反馈渠道(含信件)', '2')]
    >>> [str(one.points) for one in checkpoints("建立机制；明确领导；听取汇报 (1分/项)")]
    ['1', '1', '1']
    >>> [str(one.points) for one in checkpoints("1.按月上报，得5分\\n2.省级1篇，得3分；市级1篇，得2分")]
    ['5', '3']
    """
    if "分" not in text or not _POINTED.search(text):
        return ()
    flat = narrow(text)
    parts = _parts(flat)
    marked = bool(_MARK.search(flat))
    found: list[CheckpointDraft] = []
    for start, end in parts:
        found.extend(_marked(text[start:end], flat[start:end], numbered=len(parts) > 1, marked=marked))
    return tuple(found) if marked or len(found) > 1 else ()


def _parts(flat: str) -> list[tuple[int, int]]:
    """Where each numbered part stands, without its number; the whole text where nothing is numbered."""
    marks = list(_NUMBERED.finditer(flat))
    if not marks:
        return [(0, len(flat))]
    ends = [mark.start() for mark in marks[1:]] + [len(flat)]
    parts = [(mark.end(), end) for mark, end in zip(marks, ends, strict=True)]
    head = (0, marks[0].start())
    return [head, *parts] if _MARK.search(flat[: head[1]]) else parts


def _marked(text: str, flat: str, *, numbered: bool, marked: bool) -> list[CheckpointDraft]:
    """The points of one part. numbered: it is one of several; marked: some part carries a mark in brackets."""
    marks = list(_MARK.finditer(flat))
    earned = _earned(text, flat) if numbered else []
    if not marks:
        bare = _BARE.search(flat) if numbered and marked else None
        return [CheckpointDraft(_trim(text[: bare.start()]), Decimal(bare[1]))] if bare else earned
    if len(marks) == 1 and not earned:
        return _one(text, marks[0])
    starts = [0] + [mark.end() for mark in marks[:-1]]
    found = [
        CheckpointDraft(_trim(text[start : mark.start()] + _aside(text, mark)), Decimal(mark[1]))
        for start, mark in zip(starts, marks, strict=True)
    ]
    return earned + found


def _one(text: str, mark: re.Match[str]) -> list[CheckpointDraft]:
    points = Decimal(mark[1])
    words = text[: mark.start()] + _aside(text, mark) + text[mark.end() :]
    if mark[2]:
        return [CheckpointDraft(_trim(part), points) for part in re.split(r"[；;]", words) if _trim(part)]
    return [CheckpointDraft(_trim(words), points)]


def _aside(text: str, mark: re.Match[str]) -> str:
    """What a mark says beside its points (少一次扣1分), kept in brackets."""
    return f"（{text[mark.start(3) : mark.end(3)]}）" if mark[3] else ""


def _earned(text: str, flat: str) -> list[CheckpointDraft]:
    """`得2分` in a numbered part; several that rise or fall are alternatives of which the highest counts."""
    open_ = _MARK.sub(lambda mark: " " * len(mark[0]), flat)
    marks = list(_EARNS.finditer(open_))
    values = [Decimal(mark[1]) for mark in marks]
    if not values:
        return []
    if len(values) > 1 and len(set(values)) == len(values) and values in (sorted(values), sorted(values)[::-1]):
        return [CheckpointDraft(_trim(text), max(values))]
    starts = [0] + [mark.end() for mark in marks[:-1]]
    return [
        CheckpointDraft(_trim(text[start : mark.start()]), value)
        for start, mark, value in zip(starts, marks, values, strict=True)
    ]


def _trim(text: str) -> str:
    return text.strip(" \t\n;；,，。、")


def rules(text: str, points: tuple[CheckpointDraft, ...] = ()) -> tuple[RuleDraft, ...]:
    """What the words of an item propose as rules; nothing found means the office scores by hand.

    >>> [(rule.kind, str(rule.deduct), str(rule.cap)) for rule in rules("每多1家网站扣0.5分，上限2分")]
    [('per_occurrence', '0.5', '2')]
    >>> [rule.kind for rule in rules("发现一条未更新的扣5分;全部未更新的不得分")]
    ['per_occurrence', 'all_or_nothing']
    """
    found: list[RuleDraft] = []
    if len(points) > 1:
        found.append(RuleDraft("checklist", text))
    if _TELLING.search(text):
        found.extend(_worded(text))
    return tuple(found)


def _worded(text: str) -> list[RuleDraft]:
    flat = narrow(text)
    found = _tiers(flat)
    cap = _CAP.search(flat)
    for clause in _clauses(text):
        rule = _clause(clause, Decimal(cap[1]) if cap else None)
        if rule:
            found.append(rule)
    return found


def _clauses(text: str) -> list[str]:
    return [part.strip() for part in _CLAUSE.split(text) if part.strip()]


def _clause(clause: str, cap: Decimal | None) -> RuleDraft | None:
    flat = narrow(clause)
    each = _EACH.search(flat)
    if each:
        return RuleDraft("per_occurrence", clause, Decimal(each[1] or each[2]), cap)
    if flat.endswith(("不得分", "得0分", "不给分")):
        return RuleDraft("all_or_nothing", clause)
    if "按比例" in flat and ("纳入" in flat or "折算" in flat or "计分" in flat):
        return RuleDraft("rate", clause)
    once = _ONCE.search(flat)
    return RuleDraft("per_occurrence", clause, Decimal(once[1]), cap) if once else None


def _tiers(flat: str) -> list[RuleDraft]:
    """A scale of rates (80%以上6分, 80%—70%得5分), steps from the top down."""
    steps = {Decimal(m[1]): Decimal(m[2]) for m in _TIER.finditer(flat)}
    steps |= {min(Decimal(m[1]), Decimal(m[2])): Decimal(m[3]) for m in _TIER_BELOW.finditer(flat)}
    if len(steps) < 2:
        return []
    tiers = tuple(TierDraft(rate, steps[rate]) for rate in sorted(steps, reverse=True))
    return [RuleDraft("tiers", flat, tiers=tiers)]
