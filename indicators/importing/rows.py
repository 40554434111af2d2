"""A draft → unsaved rows, once its units and methods are known; asks the database nothing."""

from collections.abc import Iterable, Mapping

from indicators.importing.kept import identity
from indicators.listing.flaws import Kept, locate, may_stay
from indicators.listing.outline import from_draft
from indicators.models import (
    Adjustment,
    EvaluationMethod,
    Indicator,
    IndicatorMethod,
    Ledger,
    Responsibility,
    ScoringRule,
    Upload,
)
from indicators.planting import Seed
from indicators.proposing import as_kept, proposal
from indicators.reading.drafts import LedgerDraft
from units.models import Unit, UnitGroup

Named = Mapping[str, Unit | UnitGroup | None]


def seeds(draft: LedgerDraft, upload: Upload) -> list[Seed]:
    """One for each node, parents before children."""
    return [
        Seed(
            node.id,
            node.parent,
            Indicator(
                identity=identity(upload, draft.sheet, node.id),
                name=node.name,
                number=(node.number or "")[:20],
                is_item=node.is_item,
                points=node.declared,
                criteria=node.criteria or "",
                checkpoints=as_kept(node.checkpoints),
                leaders=list(node.leaders),
                deadlines=list(node.deadlines),
                extra=dict(node.extra),
                cells=node.cells[:100],
            ),
        )
        for node in draft.nodes
    ]


def key_of(body: Unit | UnitGroup | None) -> str:
    """`u12`, `g3`, or empty for a name nobody knows: as the ledger's pages name who is responsible."""
    if body is None:
        return ""
    return f"{'u' if isinstance(body, Unit) else 'g'}{body.pk}"


def responsibilities(draft: LedgerDraft, planted: Mapping[int, Indicator], known: Named) -> Iterable[Responsibility]:
    """A unit named twice in one cell, by its name and by an alias, is responsible once."""
    for node in draft.nodes:
        seen: set[tuple[str, str]] = set()
        for one in node.responsibilities:
            body = known.get(one.name)
            key = (f"{type(body).__name__}{body.pk}" if body else one.name, one.role)
            if key in seen:
                continue
            seen.add(key)
            yield Responsibility(
                indicator_id=planted[node.id].pk,
                unit_id=body.pk if isinstance(body, Unit) else None,
                group_id=body.pk if isinstance(body, UnitGroup) else None,
                written=one.name[:200],
                role=one.role,
                open_ended=one.open_ended,
                inferred=one.inferred,
            )


def methods(
    draft: LedgerDraft,
    planted: Mapping[int, Indicator],
    known: Mapping[str, EvaluationMethod],
    found: Iterable[Kept],
) -> Iterable[IndicatorMethod]:
    """The methods' links; where the reader took one from the row above, all of that cell's are inferred.

    found: what `located` gave for this draft.
    """
    inferred = {one.identity for one in found if one.code == "method-inferred"}
    for node in draft.nodes:
        for name in dict.fromkeys(method_name(one) for one in node.methods):
            yield IndicatorMethod(
                indicator_id=planted[node.id].pk, method_id=known[name].pk, inferred=str(node.id) in inferred
            )


def method_name(name: str) -> str:
    """A method's name as it is stored."""
    return name[:50]


def rules(draft: LedgerDraft, planted: Mapping[int, Indicator]) -> Iterable[ScoringRule]:
    """Proposals: nobody has accepted them."""
    for node in draft.nodes:
        for rule in node.rules:
            yield proposal(planted[node.id], rule, as_kept(node.checkpoints))


def located(draft: LedgerDraft) -> list[Kept]:
    """The reader's findings that the stored tree cannot show again, each with the id of its node as identity."""
    told = [one for one in draft.findings if may_stay(one)]
    return locate(told, from_draft(draft, str)) if told else []


def findings(found: Iterable[Kept], planted: Mapping[int, Indicator]) -> list[dict[str, str]]:
    """The same as `Ledger.findings` keeps them, with the identity of the indicator each is about."""
    return [
        {
            "code": one.code,
            "severity": one.severity,
            "message": one.message,
            "cells": one.place,
            "indicator": str(planted[int(one.identity)].identity) if one.identity else "",
        }
        for one in found
    ]


def adjustments(draft: LedgerDraft, ledger: Ledger) -> Iterable[Adjustment]:
    for one in draft.adjustments:
        yield Adjustment(ledger=ledger, text=one.text, kind=one.kind, points=one.points)
