"""A file becomes ledgers: all of it or nothing, and never twice."""

from collections import Counter
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook

from indicators import importing, listing
from indicators.importing import Choices, LedgerChoice
from indicators.models import (
    Indicator,
    IndicatorMethod,
    Ledger,
    Responsibility,
    ResponsibilityRole,
    ScoringRule,
    Upload,
    UploadState,
)
from indicators.reading import Refused
from tests.indicators.conftest import COUNTY, SHANDONG, tree_faults, workbook
from units import jobs, offices
from units.models import AuditEvent, Job, JobState, Organisation, Unit, UnitGroup


def stored(organisation: Organisation, path: Path) -> Ledger:
    (ledger,) = importing.import_file(path.name, path.read_bytes(), organisation=organisation, by=None)
    return ledger


def uploaded(organisation: Organisation, content: bytes, name: str = "台账.xlsx") -> Upload:
    """Received, and read by the worker's own call."""
    upload = importing.receive(BytesIO(content), name, organisation=organisation, by=None)
    if upload.job is not None:
        jobs.run(upload.job.pk, importing.read_upload, before=importing.parse)
    return Upload.objects.get(pk=upload.pk)


def confirmed(upload: Upload, **names: str) -> Job:
    drafts = importing.unpack(upload.reading or {}).ledgers
    return importing.confirm(
        upload, Choices(tuple(importing.heading(draft, upload.name) for draft in drafts), names), by=None
    )


def run_store(job: Job) -> Job:
    jobs.run(job.pk, importing.store_upload)
    return Job.objects.get(pk=job.pk)


def test_the_shandong_ledger_is_stored_as_it_is_printed(organisation: Organisation) -> None:
    ledger = stored(organisation, SHANDONG)
    nodes = Indicator.objects.filter(ledger=ledger)
    assert Counter(nodes.values_list("level", flat=True)) == {0: 1, 1: 5, 2: 13, 3: 31, 4: 63, 5: 100}
    assert nodes.filter(is_item=True).count() == 100
    assert nodes.filter(is_item=False, level__gt=0, points__isnull=False).count() == 112
    firsts = nodes.filter(level=1).order_by("lft").values_list("points", flat=True)
    assert list(firsts) == [20, 30, 10, 20, 20]
    assert (ledger.title, ledger.issuer, ledger.year) == (
        "2019年政务公开考核任务分工台账",
        "山东省人力资源和社会保障厅",
        2019,
    )
    assert tree_faults(ledger) == []


def test_the_shandong_units_are_made_once_each_and_every_item_has_its_own(organisation: Organisation) -> None:
    ledger = stored(organisation, SHANDONG)
    names = {
        *("办公室", "政策法规处", "监察处", "监察局", "规财处", "社保中心"),
        *("就业人才中心", "就业失业处", "养老处", "工伤处", "事管处"),
    }
    assert set(organisation.units.offices().values_list("name", flat=True)) == names
    items = Indicator.objects.filter(ledger=ledger, is_item=True)
    assert items.annotate(n=Count("responsibilities")).filter(n=0).count() == 0
    assert not Responsibility.objects.filter(indicator__ledger=ledger, unit__isnull=True).exists()
    together = items.filter(responsibilities__unit__name="监察局", responsibilities__role=ResponsibilityRole.JOINT)
    assert together
    assert all(item.responsibilities.filter(role=ResponsibilityRole.LEAD).count() == 1 for item in together)


def test_the_shandong_methods_stand_on_their_items(organisation: Organisation) -> None:
    ledger = stored(organisation, SHANDONG)
    links = IndicatorMethod.objects.filter(indicator__ledger=ledger).values_list("method__name", flat=True)
    assert Counter(links) == {"网站采集": 88, "模拟暗访": 12, "报送材料": 8}


def test_the_county_sheet_keeps_numbers_weights_checkpoints_and_its_penalty(organisation: Organisation) -> None:
    ledger = stored(organisation, COUNTY)
    items = Indicator.objects.filter(ledger=ledger).items()
    assert [int(one.number) for one in items] == list(range(1, 37))
    assert sum((one.points or Decimal(0)) for one in items) == 100
    assert sum(Decimal(one["points"]) for one in items[0].checkpoints) == 10
    (penalty,) = ledger.adjustments.all()
    assert (penalty.kind, penalty.points) == ("penalty", -1)
    assert not ScoringRule.objects.filter(indicator__ledger=ledger, accepted_at__isnull=False).exists()
    assert "number-gap" in {one["code"] for one in ledger.findings}


def test_each_node_of_the_file_leads_to_its_indicator_even_in_a_later_version(organisation: Organisation) -> None:
    ledger = stored(organisation, COUNTY)
    found = importing.drafted(ledger)
    assert found is not None
    draft, ids = found
    names = dict(Indicator.objects.filter(ledger=ledger).values_list("pk", "name"))
    assert {node.id: node.name for node in draft.nodes} == {node: names[pk] for node, pk in ids.items()}


def test_a_file_goes_from_upload_through_the_worker_to_a_ledger(organisation: Organisation) -> None:
    upload = uploaded(organisation, SHANDONG.read_bytes(), SHANDONG.name)
    assert upload.state == UploadState.READ
    assert Ledger.objects.count() == 0
    job = run_store(confirmed(upload, 办公室="unit"))
    assert job.state == JobState.DONE
    ledger = Ledger.objects.get()
    assert job.report["url"] == f"/ledgers/{ledger.pk}/"
    assert list(organisation.units.offices().values_list("name", flat=True)) == ["办公室"]
    unmatched = Responsibility.objects.filter(indicator__ledger=ledger, unit__isnull=True, group__isnull=True)
    assert "监察局" in set(unmatched.values_list("written", flat=True))


def test_a_name_can_become_an_alias_or_a_group(organisation: Organisation) -> None:
    unit = offices.add_unit(organisation, "执法监察局", by=None)
    upload = uploaded(organisation, SHANDONG.read_bytes())
    run_store(confirmed(upload, 监察局=f"alias:{unit.pk}", 规财处="group"))
    assert Responsibility.objects.filter(unit=unit, written="监察局").exists()
    assert UnitGroup.objects.get().name == "规财处"
    assert organisation.aliases.get().name == "监察局"


def test_another_organisations_unit_cannot_be_given_an_alias(organisation: Organisation) -> None:
    foreign = offices.add_unit(offices.found(name="外县"), "外局", by=None)
    upload = uploaded(organisation, SHANDONG.read_bytes())
    run_store(confirmed(upload, 监察局=f"alias:{foreign.pk}"))
    assert not foreign.responsibilities.exists()
    assert not organisation.aliases.exists()


def test_a_second_delivery_of_either_job_changes_nothing(organisation: Organisation) -> None:
    upload = uploaded(organisation, SHANDONG.read_bytes())
    job = run_store(confirmed(upload, 办公室="unit"))
    Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED, finished_at=None)
    before = (Indicator.objects.count(), Responsibility.objects.count(), Unit.objects.count())
    assert run_store(job).state == JobState.DONE
    assert (Indicator.objects.count(), Responsibility.objects.count(), Unit.objects.count()) == before
    assert Ledger.objects.count() == 1


def test_confirming_twice_gives_one_job(organisation: Organisation) -> None:
    upload = uploaded(organisation, SHANDONG.read_bytes())
    assert confirmed(upload) == confirmed(upload)
    assert Job.objects.filter(task="indicators.tasks.store_upload").count() == 1


def test_scores_in_the_file_ask_for_a_round_once(organisation: Organisation) -> None:
    upload = uploaded(organisation, COUNTY.read_bytes())
    job = run_store(confirmed(upload))
    asked = Job.objects.get(task="assessments.tasks.round_from_scores")
    assert asked.arguments == {"ledger": Ledger.objects.get().pk}
    Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED, finished_at=None)
    run_store(job)
    assert Job.objects.filter(task="assessments.tasks.round_from_scores").count() == 1


def test_nothing_is_stored_before_somebody_confirmed(organisation: Organisation) -> None:
    upload = uploaded(organisation, SHANDONG.read_bytes())
    with pytest.raises(importing.ImportRefused, match="还没有确认"):
        importing.store(upload, by=None)
    with pytest.raises(importing.ImportRefused, match="至少选一张"):
        importing.confirm(upload, Choices((LedgerChoice(False, "x", "", None),)), by=None)
    assert Ledger.objects.count() == 0


def test_the_same_bytes_lead_to_the_first_upload(organisation: Organisation) -> None:
    first = importing.receive(BytesIO(SHANDONG.read_bytes()), "一.xlsx", organisation=organisation, by=None)
    second = importing.receive(BytesIO(SHANDONG.read_bytes()), "二.xlsx", organisation=organisation, by=None)
    assert (second.pk, second.name, first.is_repeat, second.is_repeat) == (first.pk, "一.xlsx", False, True)
    assert Upload.objects.count() == 1
    elsewhere = importing.receive(
        BytesIO(SHANDONG.read_bytes()), "一.xlsx", organisation=offices.found(name="外县"), by=None
    )
    assert elsewhere.pk != first.pk


def test_a_file_imported_again_by_command_gives_the_ledgers_of_then(organisation: Organisation) -> None:
    assert stored(organisation, SHANDONG) == stored(organisation, SHANDONG)
    assert Ledger.objects.count() == 1


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.4 scan", b"PK\x03\x04 cut off", b"<html><table></table></html>", b"\xd0\xcf\x11\xe0old"]
)
def test_a_file_that_is_no_ledger_is_refused_with_a_sentence_and_leaves_nothing(
    organisation: Organisation, content: bytes
) -> None:
    upload = uploaded(organisation, content, "坏.xlsx")
    assert upload.state == UploadState.REFUSED
    assert upload.refusal
    assert upload.reading is None
    assert not upload.content
    assert Ledger.objects.count() == 0
    with pytest.raises(Refused):
        importing.import_file("坏.xlsx", content, organisation=organisation, by=None)


def test_a_workbook_without_a_ledger_is_refused_by_the_worker_and_its_job_says_why(
    organisation: Organisation,
) -> None:
    upload = uploaded(organisation, _empty_book(), "空.xlsx")
    assert upload.state == UploadState.REFUSED
    job = Job.objects.get(pk=upload.job_id)
    assert (job.state, job.reason) == (JobState.FAILED, upload.refusal)


def _empty_book() -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["随便", "写写"])
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def test_an_unconfirmed_upload_can_be_deleted_and_a_stored_one_cannot(organisation: Organisation) -> None:
    upload = uploaded(organisation, SHANDONG.read_bytes())
    importing.discard(upload, by=None)
    assert Upload.objects.count() == 0
    ledger = stored(organisation, SHANDONG)
    assert ledger.upload is not None
    with pytest.raises(importing.ImportRefused, match="不能删除"):
        importing.discard(ledger.upload, by=None)


def test_every_step_of_an_import_stands_in_the_audit(organisation: Organisation) -> None:
    run_store(confirmed(uploaded(organisation, SHANDONG.read_bytes())))
    actions = list(AuditEvent.objects.filter(organisation=organisation).values_list("action", flat=True))
    assert {"上传台账文件", "确认导入", "导入台账"} <= set(actions)


def _tables(queries: CaptureQueriesContext) -> Counter[tuple[str, str]]:
    """How often each table is read or written; SQLite splits one insert into several, they count once."""
    seen: Counter[tuple[str, str]] = Counter()
    for query in queries.captured_queries:
        words = query["sql"].replace('"', "").split()
        verb = words[0].upper()
        if verb in {"SAVEPOINT", "RELEASE"}:
            continue
        table = words[words.index("FROM") + 1] if verb == "SELECT" and "FROM" in words else " ".join(words[1:3])
        seen[verb, table] = 1 if verb == "INSERT" else seen[verb, table] + 1
    return seen


def test_queries_of_an_import_do_not_grow_with_its_rows(organisation: Organisation) -> None:
    # from here on both find the units they name
    importing.import_file("first.xlsx", workbook(5), organisation=organisation, by=None)
    counts = []
    for rows in (10, 100):
        with CaptureQueriesContext(connection) as queries:
            importing.import_file(f"{rows}.xlsx", workbook(rows), organisation=organisation, by=None)
        counts.append(_tables(queries))
    assert counts[0] == counts[1]


def test_a_stored_ledger_shows_the_findings_of_its_preview(organisation: Organisation) -> None:
    page = listing.page(stored(organisation, SHANDONG), listing.Filters())
    counts = Counter(flaw.code for flaw in page.flaws)
    assert counts["points-mismatch"] == 16
    assert counts["blank-item"] == 2
    assert page.attention.startswith("16 处标注分值与下级合计不符，2 项名称空缺")
