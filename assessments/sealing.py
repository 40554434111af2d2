"""What is sealed when a round is published, and the proof that it still stands; changes no row.

The seal is a SHA-256 over canonical JSON of the ledger version with its items, the policy, the version of the scoring
program, and every sheet with its entries, its sums and the end of its history's chain. What is amended afterwards
leaves all that as it is: it stands in rows of its own, on events that go on from the sealed end of the chain.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from assessments import chain, rollup
from assessments.models import Entry, Matter, Round, RoundAdjustment, ScoreAmendment, ScoreEvent
from assessments.scoring import ENGINE_VERSION
from assessments.scoring.amounts import plain
from assessments.sheet_sums import SheetSums
from assessments.transitions import Action
from indicators.models import Indicator

Json = dict[str, Any]

_SCORES = ("self_score", "reviewed_score", "objection_score", "rectified_score", "final_score", "earned")
_ENTRY = ("indicator_id", "unit_id", "state", "stage", "points", "maximum", "shared_home_id", *_SCORES, "self_reason")
_ANSWERS = ("rule_answer", "review_answer", "rule_score")
_MATTER = ("state", "measures_due", "result_due", "measures", "measures_at", "result", "result_at", "remark")
_WORDS = {
    "rule_answer": "细则填写",
    "rule_score": "按细则得分",
    "review_answer": "审核细则填写",
    "state": "状态",
    "stage": "进度",
    "points": "满分",
    "maximum": "最高得分",
    "self_score": "自评得分",
    "reviewed_score": "审核得分",
    "objection_score": "复核得分",
    "rectified_score": "整改得分",
    "final_score": "最终得分",
    "earned": "现得分",
    "self_reason": "扣分原因",
    "total": "总分",
    "band": "等次",
    "rank": "名次",
    "entries": "填报项",
    "nodes": "指标得分",
    "adjustments": "加扣分",
    "history": "得分记录",
    "ledger": "台账",
    "items": "指标",
    "policy": "计分办法",
    "engine": "计分程序版本",
    "sheets": "评分表",
    "matters": "督办事项",
    "measures": "措施",
    "result": "落实情况",
    "remark": "办理意见",
    "measures_due": "措施期限",
    "result_due": "结果期限",
    "measures_at": "报措施时间",
    "result_at": "报结果时间",
}


def snapshot(round_: Round) -> Json:
    """The round as it stands in its rows, sums made anew from the entries; amounts as exact strings."""
    ledger = round_.ledger
    chains = dict(round_.sheets.values_list("pk", "chain"))
    entries, adjustments, matters = _entries(round_), _adjustments(round_), _matters(round_)
    return {
        "engine": round_.engine or ENGINE_VERSION,
        "policy": round_.policy,
        "ledger": {"id": ledger.pk, "version": ledger.version, "title": ledger.title, "items": _tree(ledger.pk)},
        "sheets": {
            str(one.sheet_id): _sheet(one)
            | {"entries": entries[one.sheet_id], "adjustments": adjustments[one.sheet_id]}
            | {"history": chains[one.sheet_id]}
            | ({"matters": matters[one.sheet_id]} if round_.is_tracked else {})
            for one in rollup.computed(round_)
        },
    }


def digest(sealed: Mapping[str, Any]) -> str:
    """The SHA-256 over the canonical JSON: keys sorted, no blanks, UTF-8."""
    text = json.dumps(sealed, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def verify(round_: Round) -> list[str]:
    """Every difference between the seal, the snapshot and the rows now, a sentence each; empty when all agree.

    The first bad row of each sheet's history comes first, also while the round is not published yet.
    """
    found = [one.sentence for one in chain.walk(round_)]
    if not round_.is_sealed or round_.snapshot is None:
        return [*found, f"“{round_.name}”还没有公布，没有可以核对的结果。"]
    if digest(round_.snapshot) != round_.seal:
        found.append("公布时保存的结果与校验值不符。")
    if round_.engine != ENGINE_VERSION:
        found.append(f"公布时的计分程序是第 {round_.engine} 版，现在是第 {ENGINE_VERSION} 版。")
    found.extend(_differences(round_.snapshot, _as_sealed(round_, round_.snapshot), _names(round_)))
    found.extend(_amended_otherwise(round_))
    found.extend(_copies(round_))
    return found


def _as_sealed(round_: Round, sealed: Mapping[str, Any]) -> Json:
    """The rows now; a chain that only grew by what may follow publishing ends where it did when it was sealed."""
    now = snapshot(round_)
    ends = {int(pk): sheet["history"] for pk, sheet in sealed["sheets"].items()}
    for sheet in chain.grown(round_, ends):
        if str(sheet) in now["sheets"]:
            now["sheets"][str(sheet)]["history"] = ends[sheet]
    return now


def _amended_otherwise(round_: Round) -> Iterable[str]:
    """Amendments (更正) that do not say what their row in the history says, and such rows without an amendment."""
    rows = ScoreEvent.objects.filter(entry__sheet__round=round_, action=Action.AMEND).order_by("id")
    counts: defaultdict[int, int] = defaultdict(int)
    for event in rows.select_related("amendment", "entry__indicator"):
        one = getattr(event, "amendment", None)
        counts[event.entry_id] += 1
        if one is None or _said(one) != _told(event, counts[event.entry_id]):
            yield f"“{event.entry.indicator}”的第 {counts[event.entry_id]} 次更正与得分记录不符。"


def _said(one: ScoreAmendment) -> tuple[object, ...]:
    scores = [None if score is None else plain(score) for score in (one.sealed_score, one.score)]
    return (one.entry_id, one.number, one.by_id, one.at, one.reason, one.code, *scores)


def _told(event: ScoreEvent, number: int) -> tuple[object, ...]:
    score, code = (event.changes.get(name, [None, None])[1] for name in ("amended_score", "amendment_code"))
    sealed = None if event.entry.earned is None else plain(event.entry.earned)
    return (event.entry_id, number, event.actor_id, event.at, event.reason, code, sealed, score)


def _text(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return plain(value) if isinstance(value, Decimal) else value


def _tree(ledger_id: int) -> dict[str, Json]:
    nodes = Indicator.objects.filter(ledger_id=ledger_id).printed().living()
    fields = ("parent_id", "name", "is_item", "points")
    return {
        str(pk): {name: _text(value) for name, value in zip(fields, values, strict=True)}
        for pk, *values in nodes.values_list("pk", *fields)
    }


def _entries(round_: Round) -> defaultdict[int, dict[str, Json]]:
    found: defaultdict[int, dict[str, Json]] = defaultdict(dict)
    for sheet_id, pk, *values in Entry.objects.filter(sheet__round=round_).values_list("sheet_id", "pk", *_ENTRY):
        found[sheet_id][str(pk)] = {name: _text(value) for name, value in zip(_ENTRY, values, strict=True)}
    # only where there are any: rounds sealed before rules could be answered stay as they are
    answered = Entry.objects.filter(sheet__round=round_).exclude(rule_answer={}, review_answer={})
    for sheet_id, pk, *answers in answered.values_list("sheet_id", "pk", *_ANSWERS):
        given = {name: _text(value) for name, value in zip(_ANSWERS, answers, strict=True)}
        found[sheet_id][str(pk)] |= {name: value for name, value in given.items() if value}
    return found


def _matters(round_: Round) -> defaultdict[int, dict[str, Json]]:
    """What was asked for beside each entry of a tracked round, and what was answered; empty for every other."""
    found: defaultdict[int, dict[str, Json]] = defaultdict(dict)
    rows = Matter.objects.filter(entry__sheet__round=round_) if round_.is_tracked else Matter.objects.none()
    for sheet_id, pk, *values in rows.values_list("entry__sheet_id", "entry_id", *_MATTER):
        found[sheet_id][str(pk)] = {name: _text(value) for name, value in zip(_MATTER, values, strict=True)}
    return found


def _adjustments(round_: Round) -> defaultdict[int, dict[str, Json]]:
    found: defaultdict[int, dict[str, Json]] = defaultdict(dict)
    for one in RoundAdjustment.objects.filter(sheet__round=round_, times__gt=0).select_related("adjustment"):
        rule = one.adjustment
        told = {"text": rule.text, "kind": rule.kind, "points": rule.points, "cap": rule.cap, "times": one.times}
        found[one.sheet_id][str(rule.pk)] = {name: _text(value) for name, value in told.items()}
    return found


def _sheet(one: SheetSums) -> Json:
    figures = ("unit_id", "unit", "earned", "possible", "strict_possible", "pending", "total", "band", "rank")
    rates = ("so_far_rate", "strict_rate", "total_rate")
    nodes = {
        str(node): [*map(plain, (total.earned, total.possible, total.strict_possible)), total.pending, total.state]
        for node, total in one.nodes.items()
    }
    return {name: _text(getattr(one, name)) for name in (*figures, *rates)} | {"nodes": nodes}


def _names(round_: Round) -> dict[str, str]:
    """Keys of the snapshot → what a person calls them."""
    entries = Entry.objects.filter(sheet__round=round_).select_related("indicator", "member")
    named = {f"{group}/{entry.pk}": _entry_name(entry) for entry in entries for group in ("entries", "matters")}
    named |= {f"sheets/{sheet.pk}": f"“{sheet.unit}”" for sheet in round_.sheets.select_related("unit")}
    nodes = list(Indicator.objects.filter(ledger=round_.ledger_id).printed())
    return named | {f"{group}/{node.pk}": f"“{node}”" for node in nodes for group in ("items", "nodes")}


def _entry_name(entry: Entry) -> str:
    return f"“{entry.indicator}”" if entry.member is None else f"“{entry.indicator}”（{entry.member}）"


def _differences(before: object, now: object, names: Mapping[str, str], path: tuple[str, ...] = ()) -> Iterable[str]:
    """The leaves that differ, each named by its path."""
    if before == now:
        return
    if isinstance(before, dict) and isinstance(now, dict):
        for key in sorted({*before, *now}, key=str):
            yield from _differences(before.get(key), now.get(key), names, (*path, key))
        return
    yield f"{_called(path, names)}：公布时是 {_shown(before)}，现在是 {_shown(now)}。"


def _called(path: tuple[str, ...], names: Mapping[str, str]) -> str:
    pairs = zip(("", *path), path, strict=False)
    words = [names.get(f"{above}/{key}") or _WORDS.get(key, key) for above, key in pairs]
    return " ".join(words)


def _shown(value: object) -> str:
    if value is None:
        return "空"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)[:80]
    return str(value)


def _copies(round_: Round) -> Iterable[str]:
    """Stored sums that are not what the entries add up to."""
    stored = {one.sheet_id: one for one in rollup.current(round_)}
    for made in rollup.computed(round_):
        kept = stored[made.sheet_id]
        if (kept.total, kept.earned, kept.nodes) != (made.total, made.earned, made.nodes):
            yield f"“{made.unit}”保存的合计 {plain(kept.total)} 与填报项的合计 {plain(made.total)} 不符。"
