"""A wrong guess is corrected by a person, read anew at once, and remembered for the issuer's next file."""

from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook

from indicators import importing
from indicators.importing import Choices
from indicators.models import Indicator, Ledger, RememberedLayout, Upload, UploadState
from indicators.reading import Layout, snapshot
from indicators.reading.drafts import LedgerDraft
from units import jobs, offices
from units.models import AuditEvent, Organisation

HEADINGS = ["大类", "事项", "要点说明", "分数栏", "谁来办"]
BODY = [
    ["公开", "决策公开", "过程", 5, "办公室"],
    ["", "结果公开", "结果", 3, ""],
    ["解读", "政策解读", "材料", 2, "法规科"],
]
TOLD = Layout(header_rows=(3,), roles={0: "level-1", 1: "level-2", 2: "content", 3: "points", 4: "unit"})


def strange(year: int = 2024, *, issuer: str = "某市人民政府办公室", above: int = 0) -> bytes:
    """A table whose headings no reader knows."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [[issuer], *[["附"]] * above, [f"{year}年公开事项表"], HEADINGS, *BODY]:
        sheet.append(row)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def uploaded(organisation: Organisation, content: bytes, name: str = "事项表.xlsx") -> Upload:
    upload = importing.receive(BytesIO(content), name, organisation=organisation, by=None)
    jobs.run(upload.job_id or 0, importing.read_upload, before=importing.parse)
    return Upload.objects.get(pk=upload.pk)


def drafts(upload: Upload) -> tuple[LedgerDraft, ...]:
    return importing.unpack(upload.reading or {}).ledgers


def confirmed(upload: Upload) -> Ledger:
    headings = tuple(importing.heading(draft, upload.name) for draft in drafts(upload))
    job = importing.confirm(upload, Choices(headings, dict.fromkeys(importing.names(drafts(upload)), "unit")), by=None)
    jobs.run(job.pk, importing.store_upload)
    return Ledger.objects.order_by("-pk")[0]


def test_a_table_nobody_could_read_becomes_a_ledger_once_its_header_is_named(organisation: Organisation) -> None:
    upload = uploaded(organisation, strange())
    assert (upload.state, upload.reading) == (UploadState.REFUSED, None)
    importing.correct(upload, "Sheet", TOLD, by=None)
    upload.refresh_from_db()
    assert upload.state == UploadState.READ
    ledger = confirmed(upload)
    items = Indicator.objects.filter(ledger=ledger).items()
    assert list(items.values_list("name", "points")) == [("决策公开", 5), ("结果公开", 3), ("政策解读", 2)]
    assert "correction-used" in {one["code"] for one in ledger.findings}
    assert AuditEvent.objects.filter(organisation=organisation, action="更正读取设置").count() == 1


def test_a_column_taken_for_the_wrong_thing_is_corrected_and_taken_back(organisation: Organisation) -> None:
    upload = importing.correct(uploaded(organisation, strange()), "Sheet", TOLD, by=None)
    wrong = Layout(header_rows=(3,), roles={**TOLD.roles, 3: "score"})
    upload = importing.correct(upload, "Sheet", wrong, by=None)
    assert [node.declared for node in drafts(upload)[0].nodes if node.is_item] == [None] * 3
    assert [str(node.score) for node in drafts(upload)[0].nodes if node.is_item] == ["5", "3", "2"]
    upload = importing.correct(upload, "Sheet", TOLD, by=None)
    assert [str(node.declared) for node in drafts(upload)[0].nodes if node.is_item] == ["5", "3", "2"]
    assert upload.turn == 3


def test_a_correction_that_leaves_nothing_is_refused_and_changes_nothing(organisation: Organisation) -> None:
    upload = importing.correct(uploaded(organisation, strange()), "Sheet", TOLD, by=None)
    with pytest.raises(importing.ImportRefused, match="读不出来"):
        importing.correct(upload, "Sheet", Layout(ledger=False), by=None)
    upload.refresh_from_db()
    assert (upload.turn, len(drafts(upload))) == (1, 1)


def test_a_confirmed_file_is_not_corrected_any_more(organisation: Organisation) -> None:
    upload = importing.correct(uploaded(organisation, strange()), "Sheet", TOLD, by=None)
    confirmed(upload)
    with pytest.raises(importing.ImportRefused, match="现在不能更正"):
        importing.correct(upload, "Sheet", Layout(), by=None)


def test_next_years_file_of_the_same_issuer_is_read_by_the_layout_of_last_time(organisation: Organisation) -> None:
    confirmed(importing.correct(uploaded(organisation, strange()), "Sheet", TOLD, by=None))
    assert RememberedLayout.objects.get().issuer == "某市人民政府办公室"
    later = uploaded(organisation, strange(2025, above=2))
    assert later.state == UploadState.READ
    assert later.recalled == {"Sheet": RememberedLayout.objects.get().pk}
    assert drafts(later)[0].header_rows == (5,)
    assert drafts(later)[0].year == 2025


def test_another_issuers_or_organisations_file_is_not_read_by_it(organisation: Organisation) -> None:
    confirmed(importing.correct(uploaded(organisation, strange()), "Sheet", TOLD, by=None))
    assert uploaded(organisation, strange(issuer="另一市人民政府")).state == UploadState.REFUSED
    assert uploaded(offices.found(name="外县"), strange()).state == UploadState.REFUSED


def test_a_remembered_layout_is_left_aside_for_one_file_or_forgotten_for_good(organisation: Organisation) -> None:
    confirmed(importing.correct(uploaded(organisation, strange()), "Sheet", TOLD, by=None))
    later = uploaded(organisation, strange(2025))
    other = Layout(header_rows=(3,), roles={1: "level-1", 2: "content", 3: "points"})
    later = importing.correct(later, "Sheet", other, by=None)
    assert later.recalled == {}
    assert RememberedLayout.objects.count() == 1
    again = uploaded(organisation, strange(2026))
    with pytest.raises(importing.ImportRefused):
        # without it nothing is left of this sheet
        importing.forget(again, "Sheet", by=None)
    assert RememberedLayout.objects.count() == 1


def test_forgetting_gives_the_sheet_back_to_the_reader(organisation: Organisation) -> None:
    def readable(year: int) -> bytes:
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        for row in [[f"{year}年台账"], ["一级指标", "评估点", "分值"], ["公开", "甲", 1], ["公开", "乙", 2]]:
            sheet.append(row)
        file = BytesIO()
        book.save(file)
        return file.getvalue()

    confirmed(importing.correct(uploaded(organisation, readable(2024)), "Sheet", Layout(roles={2: "score"}), by=None))
    later = uploaded(organisation, readable(2025))
    assert drafts(later)[0].columns["分值"] == "score"
    later = importing.forget(later, "Sheet", by=None)
    assert drafts(later)[0].columns["分值"] == "points"
    assert not RememberedLayout.objects.exists()


def test_a_sheet_too_long_to_be_kept_is_read_anew_by_the_worker(organisation: Organisation, monkeypatch: Any) -> None:
    monkeypatch.setattr(snapshot.as_json, "__defaults__", (4,))
    upload = uploaded(organisation, strange())
    assert not upload.sheets.get().whole
    upload = importing.correct(upload, "Sheet", TOLD, by=None)
    assert upload.state == UploadState.WAITING
    jobs.run(upload.job_id or 0, importing.read_upload, before=importing.parse)
    upload.refresh_from_db()
    assert upload.state == UploadState.READ
    assert len([node for node in drafts(upload)[0].nodes if node.is_item]) == 3
