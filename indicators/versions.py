"""A ledger's life: begun empty, published, continued in a new version. Edits no indicator."""

from django.db import transaction
from django.utils import timezone

from indicators.editing import EditRefused
from indicators.editing.locking import locked
from indicators.models import (
    Adjustment,
    Amendment,
    Indicator,
    IndicatorMethod,
    Ledger,
    LedgerStatus,
    Responsibility,
    ScoringRule,
)
from indicators.planting import Seed, plant
from units import audit
from units.models import Organisation, User
from units.pinyin import initials


@transaction.atomic
def begin(organisation: Organisation, *, title: str, issuer: str, year: int | None, by: User | None) -> Ledger:
    """A draft without an indicator, to be filled by hand."""
    ledger = Ledger.objects.create(organisation=organisation, title=title, issuer=issuer, year=year, created_by=by)
    plant(ledger, [])
    audit.record(organisation=organisation, actor=by, action="新建台账", target=title)
    return ledger


HEADING = {"title": "台账名称", "issuer": "发文单位", "year": "年度"}


@transaction.atomic
def retitle(ledger: Ledger, *, title: str, issuer: str, year: int | None, by: User | None) -> int:
    """How many parts of a draft's heading changed, an amendment for each. Raises EditRefused unless it is a draft."""
    current = locked(ledger.pk)
    wanted = {"title": title, "issuer": issuer, "year": year}
    changed = [field for field, value in wanted.items() if getattr(current, field) != value]
    Amendment.objects.bulk_create(
        Amendment(
            ledger=current,
            actor=by,
            action=Amendment.Action.EDITED,
            field=HEADING[field],
            old=getattr(current, field),
            new=wanted[field],
        )
        for field in changed
    )
    for field in changed:
        setattr(current, field, wanted[field])
    if changed:
        current.save(update_fields=changed)
        Indicator.objects.filter(ledger=current, parent__isnull=True).update(name=title, pinyin=initials(title))
        _audit(current, "修改台账抬头", by)
    return len(changed)


@transaction.atomic
def publish(ledger: Ledger, *, by: User | None) -> Ledger:
    """The ledger, published: rounds may open on it and nothing in it changes any more.

    The version before it is archived. Publishing what is published already changes nothing.
    Raises EditRefused for a ledger without an item.
    """
    current = Ledger.objects.select_for_update().get(pk=ledger.pk)
    if current.status != LedgerStatus.DRAFT:
        return current
    if not current.indicators.filter(is_item=True, retired_at__isnull=True).exists():
        raise EditRefused("台账里还没有评估点，增加后再发布")
    current.status = LedgerStatus.PUBLISHED
    current.published_at = timezone.now()
    current.save(update_fields=["status", "published_at"])
    Ledger.objects.filter(next_versions=current, status=LedgerStatus.PUBLISHED).update(status=LedgerStatus.ARCHIVED)
    _audit(current, "发布台账", by)
    return current


@transaction.atomic
def new_version(ledger: Ledger, *, by: User | None) -> Ledger:
    """A draft copy with the same identities, without what was retired; asked twice, the same draft.

    Raises EditRefused while the ledger is itself a draft.
    """
    old = Ledger.objects.select_for_update().get(pk=ledger.pk)
    if old.status == LedgerStatus.DRAFT:
        raise EditRefused("草稿可以直接修改，不用建立新版本")
    existing = old.next_versions.first()
    if existing is not None:
        return existing
    copy = Ledger.objects.create(
        organisation=old.organisation,
        title=old.title,
        issuer=old.issuer,
        year=old.year,
        version=old.version + 1,
        previous=old,
        declared_total=old.declared_total,
        stated_total=old.stated_total,
        notes=old.notes,
        layout=old.layout,
        findings=old.findings,
        upload=old.upload,
        sheet=old.sheet,
        created_by=by,
    )
    _copy_tree(old, copy)
    _audit(copy, "建立台账新版本", by)
    return copy


@transaction.atomic
def copy_to_year(ledger: Ledger, *, title: str, issuer: str, year: int | None, by: User | None) -> Ledger:
    """A draft for another year with the same indicators, responsibilities, rules and methods; identities stay.

    Raises EditRefused where such a ledger of that year stands already.
    """
    old = Ledger.objects.select_for_update().get(pk=ledger.pk)
    if old.organisation.ledgers.filter(title=title, year=year).exists():
        raise EditRefused(f"{year or ''} 年已有名为“{title}”的台账；改名后再建立")
    copy = Ledger.objects.create(
        organisation=old.organisation,
        title=title,
        issuer=issuer,
        year=year,
        copied_from=old,
        declared_total=old.declared_total,
        stated_total=old.stated_total,
        notes=old.notes,
        layout=old.layout,
        findings=old.findings,
        upload=old.upload,
        sheet=old.sheet,
        created_by=by,
    )
    _copy_tree(old, copy)
    _audit(copy, "复制为新年度台账", by)
    return copy


@transaction.atomic
def archive(ledger: Ledger, *, by: User | None) -> None:
    """A published ledger of a past year goes out of use; rounds on it stay. Raises EditRefused for any other."""
    moved = Ledger.objects.filter(pk=ledger.pk, status=LedgerStatus.PUBLISHED).update(status=LedgerStatus.ARCHIVED)
    if not moved:
        raise EditRefused("只有已发布的台账可以归档")
    _audit(ledger, "归档台账", by)


def next_title(ledger: Ledger) -> str:
    """The title with the next year in place of its own."""
    if ledger.year is None:
        return ledger.title
    return ledger.title.replace(str(ledger.year), str(ledger.year + 1))


def _audit(ledger: Ledger, action: str, by: User | None) -> None:
    target = f"{ledger.title} 第 {ledger.version} 版"
    audit.record(organisation=ledger.organisation, actor=by, action=action, target=target)


_COPIED = (
    *("identity", "name", "number", "is_item", "points", "criteria"),
    *("checkpoints", "leaders", "deadlines", "extra", "cells"),
)


def _copy_tree(old: Ledger, copy: Ledger) -> None:
    """All living indicators with what hangs on them, in a number of queries that does not grow with them."""
    living = list(Indicator.objects.filter(ledger=old).printed().living())
    seeds = [
        Seed(
            one.pk,
            one.parent_id if one.level > 1 else None,
            Indicator(**{field: getattr(one, field) for field in _COPIED}),
        )
        for one in living
    ]
    new = plant(copy, seeds)
    kept = {"indicator__ledger": old, "indicator__retired_at__isnull": True}
    IndicatorMethod.objects.bulk_create(
        IndicatorMethod(indicator=new[one.indicator_id], method_id=one.method_id, inferred=one.inferred)
        for one in IndicatorMethod.objects.filter(**kept).order_by("id")
    )
    Responsibility.objects.bulk_create(
        Responsibility(
            indicator=new[one.indicator_id],
            unit_id=one.unit_id,
            group_id=one.group_id,
            written=one.written,
            role=one.role,
            open_ended=one.open_ended,
            inferred=one.inferred,
        )
        for one in Responsibility.objects.filter(**kept).order_by("id")
    )
    ScoringRule.objects.bulk_create(
        ScoringRule(
            indicator=new[one.indicator_id],
            kind=one.kind,
            source=one.source,
            parameters=one.parameters,
            accepted_by_id=one.accepted_by_id,
            accepted_at=one.accepted_at,
            refused_by_id=one.refused_by_id,
            refused_at=one.refused_at,
            source_gone=one.source_gone,
        )
        for one in ScoringRule.objects.filter(**kept).order_by("id")
    )
    Adjustment.objects.bulk_create(
        Adjustment(ledger=copy, text=one.text, kind=one.kind, points=one.points, cap=one.cap)
        for one in old.adjustments.order_by("id")
    )
