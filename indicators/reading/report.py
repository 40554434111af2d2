"""A reading as the JSON object that outside programs rely on, and back; decides nothing about the ledger."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from indicators.reading.drafts import (
    AdjustmentDraft,
    CheckpointDraft,
    Finding,
    LedgerDraft,
    NodeDraft,
    Reading,
    ResponsibilityDraft,
    RuleDraft,
    Source,
    TierDraft,
)

Json = dict[str, Any]


def plain(value: Decimal) -> str:
    """The exact decimal without exponent or trailing zeros.

    >>> plain(Decimal("20.00")), plain(Decimal("0.250")), plain(Decimal("-3"))
    ('20', '0.25', '-3')
    """
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def as_json(reading: Reading) -> Json:
    """The object that `import_ledger --json` prints; points are strings of the exact decimal."""
    source = reading.source
    return {
        "source": {
            "file": source.file,
            "sha256": source.sha256,
            "format": source.format,
            "sheets": list(source.sheets),
        },
        "ledgers": [_ledger(ledger) for ledger in reading.ledgers],
    }


def from_json(obj: Mapping[str, Any]) -> Reading:
    """The reading that `as_json` made this object from. Raises KeyError where a field is missing."""
    source = obj["source"]
    return Reading(
        Source(source["file"], source["sha256"], source["format"], tuple(source["sheets"])),
        tuple(_ledger_back(ledger) for ledger in obj["ledgers"]),
    )


def _ledger(ledger: LedgerDraft) -> Json:
    return {
        "title": ledger.title,
        "issuer": ledger.issuer,
        "year": ledger.year,
        "sheet": ledger.sheet,
        "header_rows": list(ledger.header_rows),
        "columns": dict(ledger.columns),
        "depth": ledger.depth,
        "declared_total": _text(ledger.declared_total),
        "listed_total": _text(ledger.listed_total),
        "stated_total": _text(ledger.stated_total),
        "nodes": [_node(node) for node in ledger.nodes],
        "adjustments": [
            {"text": one.text, "points": _text(one.points), "kind": one.kind} for one in ledger.adjustments
        ],
        "notes": list(ledger.notes),
        "findings": [finding_as_json(finding) for finding in ledger.findings],
    }


def _ledger_back(obj: Json) -> LedgerDraft:
    return LedgerDraft(
        title=obj["title"],
        issuer=obj["issuer"],
        year=obj["year"],
        sheet=obj["sheet"],
        header_rows=tuple(obj["header_rows"]),
        columns=dict(obj["columns"]),
        depth=obj["depth"],
        declared_total=_decimal(obj["declared_total"]),
        listed_total=_decimal(obj["listed_total"]),
        stated_total=_decimal(obj["stated_total"]),
        nodes=tuple(_node_back(node) for node in obj["nodes"]),
        adjustments=tuple(
            AdjustmentDraft(one["text"], _decimal(one["points"]), one["kind"]) for one in obj["adjustments"]
        ),
        notes=tuple(obj["notes"]),
        findings=tuple(_finding_back(finding) for finding in obj["findings"]),
    )


def finding_as_json(finding: Finding) -> Json:
    """One finding as an object, for callers that keep findings beside a stored ledger."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "cells": finding.cells,
        "message": finding.message,
        "data": dict(finding.data),
    }


def _finding_back(obj: Json) -> Finding:
    return Finding(obj["code"], obj["severity"], obj["cells"], obj["message"], dict(obj["data"]))


def _node(node: NodeDraft) -> Json:
    return {
        "id": node.id,
        "parent": node.parent,
        "level": node.level,
        "name": node.name,
        "declared": _text(node.declared),
        "listed": _text(node.listed),
        "is_item": node.is_item,
        "number": node.number,
        "criteria": node.criteria,
        "checkpoints": [{"text": one.text, "points": plain(one.points)} for one in node.checkpoints],
        "methods": list(node.methods),
        "responsibilities": [_responsibility(one) for one in node.responsibilities],
        "leaders": list(node.leaders),
        "deadlines": list(node.deadlines),
        "score": _text(node.score),
        "score_shared_with": list(node.score_shared_with),
        "deduction_reason": node.deduction_reason,
        "rectified": node.rectified,
        "rules": [_rule(rule) for rule in node.rules],
        "extra": dict(node.extra),
        "cells": node.cells,
    }


def _node_back(obj: Json) -> NodeDraft:
    return NodeDraft(
        id=obj["id"],
        parent=obj["parent"],
        level=obj["level"],
        name=obj["name"],
        declared=_decimal(obj["declared"]),
        listed=_decimal(obj["listed"]),
        is_item=obj["is_item"],
        number=obj["number"],
        criteria=obj["criteria"],
        checkpoints=tuple(CheckpointDraft(one["text"], Decimal(one["points"])) for one in obj["checkpoints"]),
        methods=tuple(obj["methods"]),
        responsibilities=_responsibilities_back(obj["responsibilities"]),
        leaders=tuple(obj["leaders"]),
        deadlines=tuple(obj["deadlines"]),
        score=_decimal(obj["score"]),
        score_shared_with=tuple(obj["score_shared_with"]),
        deduction_reason=obj["deduction_reason"],
        rectified=obj["rectified"],
        rules=tuple(_rule_back(rule) for rule in obj["rules"]),
        extra=dict(obj["extra"]),
        cells=obj["cells"],
    )


def _responsibility(one: ResponsibilityDraft) -> Json:
    return {
        "name": one.name,
        "role": one.role,
        "kind": one.kind,
        "open_ended": one.open_ended,
        "inferred": one.inferred,
    }


def _responsibilities_back(objs: Sequence[Json]) -> tuple[ResponsibilityDraft, ...]:
    return tuple(
        _responsible(one["name"], one["role"], one["kind"], one["open_ended"], one["inferred"]) for one in objs
    )


@lru_cache(maxsize=1024)
def _responsible(name: str, role: str, kind: str, open_ended: bool, inferred: bool) -> ResponsibilityDraft:
    """One for all rows that name the same: a ledger names few units often."""
    return ResponsibilityDraft(name, role, kind, open_ended, inferred)


def _rule(rule: RuleDraft) -> Json:
    obj: Json = {
        "kind": rule.kind,
        "source": rule.source,
        "deduct": _text(rule.deduct),
        "cap": _text(rule.cap),
    }
    if rule.tiers:
        obj["tiers"] = [{"at_least": plain(one.at_least), "points": plain(one.points)} for one in rule.tiers]
    return obj


def _rule_back(obj: Json) -> RuleDraft:
    tiers = tuple(TierDraft(Decimal(one["at_least"]), Decimal(one["points"])) for one in obj.get("tiers", ()))
    return RuleDraft(obj["kind"], obj["source"], _decimal(obj["deduct"]), _decimal(obj["cap"]), tiers)
