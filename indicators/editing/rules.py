"""Scoring rules and proposed points of a draft, decided by a person: accepted, changed, refused; an amendment each."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from indicators import terms
from indicators.editing.fields import NAMES
from indicators.editing.locking import EditRefused, fresh, locked, note
from indicators.models import Amendment, Indicator, Ledger, RuleKind, ScoringRule
from indicators.reading.report import plain
from indicators.terms import Typed
from units import audit
from units.models import User

FIELD = "评分细则"
MOST_RULES = 6


@transaction.atomic
def accept(ledger: Ledger, rules: Iterable[int], points: Iterable[tuple[int, Decimal]] = (), *, by: User) -> int:
    """How many proposals were accepted: rules by id, points by item; what is decided already is passed over.

    Raises EditRefused, and accepts nothing, where one of the rules cannot compute.
    """
    ledger = locked(ledger.pk)
    done = _accept_rules(ledger, rules, by) + _accept_points(ledger, points, by)
    Amendment.objects.bulk_create(done)
    if done:
        _record(ledger, "确认评分细则和建议分值", by, len(done))
    return len(done)


def _accept_rules(ledger: Ledger, wanted: Iterable[int], by: User) -> list[Amendment]:
    waiting = ScoringRule.objects.proposed().of_living().filter(indicator__ledger=ledger, pk__in=list(wanted))
    chosen = list(waiting.select_related("indicator").select_for_update(of=("self",)))
    now = timezone.now()
    for rule in chosen:
        problem = terms.faults(rule.kind, rule.parameters)
        if problem:
            raise EditRefused(f"“{rule.indicator}”：{problem}")
        rule.parameters = terms.read(terms.written(rule.kind, rule.parameters))
        rule.accepted_by, rule.accepted_at = by, now
    _check_together(ledger, chosen)
    ScoringRule.objects.bulk_update(chosen, ["parameters", "accepted_by", "accepted_at"])
    return [_noted(ledger, rule.indicator, by, None, f"确认 {rule.words}") for rule in chosen]


def _check_together(ledger: Ledger, chosen: Sequence[ScoringRule]) -> None:
    """Raises EditRefused where an item would be scored by hand and by rules at once."""
    items = {rule.indicator_id for rule in chosen}
    standing = ScoringRule.objects.accepted().filter(indicator__in=items)
    kinds: dict[int, list[str]] = {}
    for item, kind in standing.values_list("indicator_id", "kind"):
        kinds.setdefault(item, []).append(kind)
    for rule in chosen:
        kinds.setdefault(rule.indicator_id, []).append(rule.kind)
    for rule in chosen:
        together = kinds[rule.indicator_id]
        if RuleKind.MANUAL in together and len(together) > 1:
            raise EditRefused(f"“{rule.indicator}”已有其他细则，不能同时人工评分；先不采用其中一种")
        if len(together) > MOST_RULES:
            raise EditRefused(f"“{rule.indicator}”最多 {MOST_RULES} 条细则")


def _accept_points(ledger: Ledger, wanted: Iterable[tuple[int, Decimal]], by: User) -> list[Amendment]:
    proposed = dict(wanted)
    items = list(Indicator.objects.filter(ledger=ledger, pk__in=proposed, points__isnull=True).items())
    for item in items:
        item.points = proposed[item.pk]
        item.edits += 1
    Indicator.objects.bulk_update(items, ["points", "edits"])
    return [
        note(
            ledger,
            one,
            Amendment.Action.EDITED,
            by,
            field=NAMES["points"],
            new=f"{plain(proposed[one.pk])}（建议分值）",
        )
        for one in items
    ]


@transaction.atomic
def set_rule(indicator: Indicator, typed: Typed, *, rule: ScoringRule | None = None, by: User) -> ScoringRule:
    """The rule with these terms, accepted by who set it: a new one of the item, or `rule` changed.

    Raises terms.BadTerms, and EditRefused for what is no item, a manual rule beside others, or a published ledger.
    """
    ledger, current = fresh(indicator)
    if not current.is_item or current.retired_at is not None:
        raise EditRefused("评分细则只设在评估点上")
    parameters = terms.read(typed)
    if rule is None:
        kept, before = ScoringRule(indicator=current), None
    else:
        kept = ScoringRule.objects.select_for_update().get(pk=rule.pk, indicator=current)
        before = _words(kept)
    if kept.accepted_at is None:
        kept.kind = typed.kind
        _check_together(ledger, [kept])
    elif kept.kind != typed.kind:
        raise EditRefused("换类型时另增一条细则，再停用这一条")
    kept.kind, kept.parameters = typed.kind, parameters
    kept.accepted_by, kept.accepted_at, kept.refused_by, kept.refused_at = by, timezone.now(), None, None
    kept.source_gone = False
    kept.save()
    _noted(ledger, current, by, before, f"确认 {kept.words}").save()
    _record(ledger, "确认评分细则", by, 1)
    return kept


@transaction.atomic
def refuse(rule: ScoringRule, *, by: User) -> bool:
    """Whether the rule was refused just now; an accepted one stops computing, its words stay to be taken up again."""
    ledger, current = fresh(rule.indicator)
    moved = ScoringRule.objects.filter(pk=rule.pk, indicator=current, refused_at__isnull=True).update(
        accepted_by=None, accepted_at=None, refused_by=by, refused_at=timezone.now()
    )
    if moved:
        _noted(ledger, current, by, _words(rule), "不采用").save()
        _record(ledger, "不采用评分细则", by, 1)
    return bool(moved)


def _words(rule: ScoringRule) -> str:
    """A rule may come from its text without all it needs."""
    return str(rule) if terms.faults(rule.kind, rule.parameters) else rule.words


def _noted(ledger: Ledger, indicator: Indicator, by: User, old: str | None, new: str) -> Amendment:
    return note(ledger, indicator, Amendment.Action.EDITED, by, field=FIELD, old=old, new=new)


def _record(ledger: Ledger, action: str, by: User, count: int) -> None:
    target = f"{ledger.title} 第 {ledger.version} 版"
    audit.record(organisation=ledger.organisation, actor=by, action=action, target=target, detail={"count": count})
