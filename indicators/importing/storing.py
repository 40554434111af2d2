"""A confirmed reading → ledgers, all of them in one transaction and none twice; decides nothing about a name."""

from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction
from django.urls import reverse

from indicators.importing import remembering, rows, sheets
from indicators.importing.choices import ALIAS, GROUP, UNIT, Choices, LedgerChoice, from_json
from indicators.importing.kept import unpack
from indicators.importing.receiving import ImportRefused
from indicators.listing.flaws import Kept
from indicators.listing.outline import stated_points
from indicators.models import (
    Adjustment,
    EvaluationMethod,
    Indicator,
    IndicatorMethod,
    Ledger,
    Responsibility,
    ScoringRule,
    Upload,
    UploadState,
)
from indicators.planting import plant
from indicators.reading.drafts import LedgerDraft
from indicators.reading.pause import uncollected
from indicators.reading.repairs import applied
from indicators.reading.weighing import weighed
from units import audit, jobs, matching, offices
from units.models import Job, Organisation, User

LONGEST_NAME = 100
ROUND_TASK = "assessments.tasks.round_from_scores"


@transaction.atomic
def store(upload: Upload, *, by: User | None) -> list[Ledger]:
    """The ledgers of a confirmed upload, and for each that came with scores a job that makes its round.

    Queries do not grow with the rows. Delivered twice, the second finds the ledgers there and returns them.
    """
    ledgers, is_new = write(upload, by=by)
    for ledger, scored in ledgers:
        if scored and is_new:
            jobs.create(
                organisation=upload.organisation,
                task=ROUND_TASK,
                title=f"由表内得分建立考核轮次：{ledger.title}",
                arguments={"ledger": ledger.pk},
                by=by,
            )
    return [ledger for ledger, _ in ledgers]


@uncollected()
@transaction.atomic
def write(upload: Upload, *, by: User | None) -> tuple[list[tuple[Ledger, bool]], bool]:
    """Each stored ledger with whether its file holds scores, and whether it was stored just now.

    Raises ImportRefused for an upload that nobody confirmed.
    """
    current = Upload.objects.select_for_update().get(pk=upload.pk)
    if current.state == UploadState.STORED:
        return [(ledger, False) for ledger in current.ledgers.filter(previous__isnull=True).order_by("pk")], False
    if current.state != UploadState.STORING or current.reading is None:
        raise ImportRefused("这个文件还没有确认入库")
    choices = from_json(current.choices)
    updated = set(current.updates.values_list("sheet", flat=True))
    drafts = [
        (weighed(applied(draft, choices.repairs.get(draft.sheet, ()))), choice)
        for draft, choice in zip(unpack(current.reading).ledgers, choices.ledgers, strict=True)
        if choice.store and draft.sheet[:100] not in updated
    ]
    known = settle_names(current.organisation, [draft for draft, _ in drafts], choices, by)
    found = [(_ledger(current, draft, choice, known, by), is_scored(draft)) for draft, choice in drafts]
    Upload.objects.filter(pk=current.pk).update(state=UploadState.STORED)
    remembering.learn(current, sheets.kept_book(current) if current.corrections else None, by=by)
    audit.record(
        organisation=current.organisation,
        actor=by,
        action="导入台账",
        target=current.name,
        detail={"upload": current.pk, "ledgers": [ledger.pk for ledger, _ in found]},
    )
    return found, True


def is_scored(draft: LedgerDraft) -> bool:
    """Whether the sheet was filled in already (表内已有得分)."""
    return any(node.score is not None for node in draft.nodes)


def names(drafts: Iterable[LedgerDraft]) -> dict[str, str]:
    """Every unit or group named → `unit` or `group`, in the order first named."""
    found: dict[str, str] = {}
    for draft in drafts:
        for node in draft.nodes:
            for one in node.responsibilities:
                found.setdefault(one.name, one.kind)
    return found


def settle_names(
    organisation: Organisation, drafts: Sequence[LedgerDraft], choices: Choices, by: User | None
) -> rows.Named:
    """Name → unit or group; new ones and aliases are made only where the person said so."""
    # two imports that bring the same new unit take turns
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    wanted = names(drafts)
    known = matching.match(organisation, wanted)
    unknown = [name for name in wanted if known[name] is None and len(name) <= LONGEST_NAME]
    # spellings that differ only in blanks or width are one name
    new = {matching.fold(name): name for name in unknown if choices.names.get(name) == UNIT}
    made = dict(zip(new, offices.add_units(organisation, list(new.values()), by=by), strict=True))
    known.update((name, made[folded]) for name in unknown if (folded := matching.fold(name)) in made)
    for name in unknown:
        choice = choices.names.get(name, "")
        if choice == GROUP:
            known[name] = offices.add_group(organisation, name, by=by)
        elif choice.startswith(ALIAS):
            unit = organisation.units.active().filter(pk=choice.removeprefix(ALIAS)).first()
            if unit is not None:
                offices.add_alias(unit, name, by=by)
                known[name] = unit
    return known


def _ledger(upload: Upload, draft: LedgerDraft, choice: LedgerChoice, known: rows.Named, by: User | None) -> Ledger:
    ledger = Ledger.objects.create(
        organisation=upload.organisation,
        title=choice.title,
        issuer=choice.issuer,
        year=choice.year,
        declared_total=draft.declared_total,
        stated_total=stated_points(draft),
        notes=list(draft.notes),
        layout=_layout(draft),
        upload=upload,
        sheet=draft.sheet,
        created_by=by,
    )
    planted = plant(ledger, rows.seeds(draft, upload))
    found = rows.located(draft)
    ledger.findings = rows.findings(found, planted)
    ledger.save(update_fields=["findings"])
    Responsibility.objects.bulk_create(rows.responsibilities(draft, planted, known))
    IndicatorMethod.objects.bulk_create(method_rows(upload.organisation, draft, planted, found))
    ScoringRule.objects.bulk_create(rows.rules(draft, planted))
    Adjustment.objects.bulk_create(rows.adjustments(draft, ledger))
    return ledger


def _layout(draft: LedgerDraft) -> dict[str, object]:
    """Columns stand as pairs: PostgreSQL forgets the order of an object's keys."""
    return {"columns": [list(pair) for pair in draft.columns.items()], "header_rows": list(draft.header_rows)}


def method_rows(
    organisation: Organisation, draft: LedgerDraft, planted: Mapping[int, Indicator], found: Iterable[Kept] = ()
) -> list[IndicatorMethod]:
    """The unsaved links of a draft's methods; methods nobody knows are added to the organisation's list."""
    return list(rows.methods(draft, planted, _methods(organisation, draft), found))


def _methods(organisation: Organisation, draft: LedgerDraft) -> Mapping[str, EvaluationMethod]:
    wanted = dict.fromkeys(rows.method_name(name) for node in draft.nodes for name in node.methods)
    EvaluationMethod.objects.bulk_create(
        [EvaluationMethod(organisation=organisation, name=name) for name in wanted], ignore_conflicts=True
    )
    return {method.name: method for method in organisation.methods.filter(name__in=wanted)}


def store_upload(job: Job) -> dict[str, object]:
    """The report of a storing job: where its ledgers stand. Raises JobRefused where the upload is not confirmed."""
    upload = Upload.objects.filter(pk=job.arguments["upload"]).select_related("organisation").defer("reading").first()
    if upload is None:
        raise jobs.JobRefused("这个文件已被删除")
    try:
        ledgers = store(upload, by=job.created_by)
    except ImportRefused as refused:
        raise jobs.JobRefused(refused.message) from refused
    url = reverse("ledger", args=[ledgers[0].pk]) if len(ledgers) == 1 else reverse("import", args=[upload.pk])
    return {"url": url, "ledgers": [ledger.pk for ledger in ledgers]}
