"""The desk shows a file in its own layout, follows a person's corrections at once and keeps what was typed."""

from typing import Any

import pytest
from django.test import Client

from indicators.models import Indicator, Ledger, RememberedLayout, Upload, UploadState
from tests.indicators.conftest import FILES, SHANDONG
from tests.indicators.test_correcting import strange
from tests.indicators.test_import_pages import fields, send, work
from units.models import Organisation

HEBEI = FILES / "hebei-statistics-2018.xlsx"
HTMX = {"HX-Request": "true"}
ROLES = {"role-0": "level-1", "role-1": "level-2", "role-2": "content", "role-3": "points", "role-4": "unit"}


def read(client: Client, content: bytes, name: str = "台账.xlsx") -> Upload:
    send(client, content, name)
    work()
    return Upload.objects.order_by("-pk")[0]


def correct(client: Client, upload: Upload, told: dict[str, Any], **extra: Any) -> Any:
    return client.post(f"/imports/{upload.pk}/correct/", {"sheet": 0, **told}, **extra)


def desk(client: Client, upload: Upload, query: str = "") -> Any:
    return client.get(f"/imports/{upload.pk}/{query}")


def test_each_finding_leads_to_its_cell_and_each_marked_cell_to_its_findings(client: Client) -> None:
    page = desk(client, read(client, SHANDONG.read_bytes()))
    words = page.content.decode()
    first = page.context["desk"].spotted[0]
    assert first.message.startswith("“行政权力运行公开”标注 20 分")
    assert f'href="#c-{first.cell}" data-cell="{first.cell}"' in words
    assert f'id="c-{first.cell}"' in words
    assert f'data-findings="{first.number}"' in words


def test_a_file_without_a_known_header_is_shown_and_its_header_can_be_named(client: Client) -> None:
    upload = read(client, strange(), "事项表.xlsx")
    words = desk(client, upload).content.decode()
    assert upload.refusal in words
    assert "公开事项表" in words
    assert "确认入库" not in words
    named = correct(client, upload, {"act": "header", "row": 3}, headers=HTMX)
    # one known column is not enough: nothing could be read yet, and the page says so
    assert named.status_code in {200, 302}
    done = correct(client, upload, {"act": "columns", **ROLES}, follow=True)
    assert "一级 2 · 评估点 3" in done.content.decode()
    assert "确认入库" in done.content.decode()


def test_a_wrong_column_is_corrected_in_place_and_what_was_typed_stays(client: Client) -> None:
    upload = read(client, SHANDONG.read_bytes())
    typed = {"sheet-0-title": "改过的名称", "sheet-0-issuer": "某某厅"}
    part = correct(client, upload, {"act": "columns", "role-7": "remark", **typed}, headers=HTMX)
    words = part.content.decode()
    assert "<html" not in words
    assert "H 列“评估方式”按更正读作“备注”" in words
    assert "改过的名称" in words
    assert 'hx-swap-oob="true"' in words
    upload.refresh_from_db()
    assert upload.corrections["台账"]["roles"] == {"7": "remark"}


def test_a_row_is_left_out_and_taken_back(client: Client) -> None:
    upload = read(client, SHANDONG.read_bytes())
    correct(client, upload, {"act": "skip", "row": 4})
    assert "评估点 99" in desk(client, upload).content.decode()
    correct(client, upload, {"act": "restore", "row": 4})
    assert "评估点 100" in desk(client, upload).content.decode()


def test_without_scripts_a_row_number_opens_what_can_be_said_of_the_row(client: Client) -> None:
    upload = read(client, SHANDONG.read_bytes())
    words = desk(client, upload, "?sheet=0&row=12").content.decode()
    assert "第 12 行：" in words
    assert '<input type="hidden" name="row" value="12">' in words


def test_blanks_are_not_filled_where_the_box_was_cleared(client: Client) -> None:
    upload = read(client, SHANDONG.read_bytes())
    correct(client, upload, {"act": "columns", "may-fill-6": "1"})
    upload.refresh_from_db()
    assert upload.corrections["台账"]["fill"] == {"6": False}
    correct(client, upload, {"act": "columns", "may-fill-6": "1", "fill-6": "1"})
    upload.refresh_from_db()
    assert upload.corrections == {}


def test_a_sheet_can_be_said_to_be_no_ledger(client: Client) -> None:
    upload = read(client, (FILES / "shicheng-river-chief.xlsx").read_bytes())
    assert len(desk(client, upload).context["ledgers"]) == 2
    correct(client, upload, {"act": "ledger", "ledger": "no"})
    page = desk(client, upload)
    assert [one["seen"].place for one in page.context["ledgers"]] == ["乡镇"]
    assert "（不导入）" in page.content.decode()


def test_a_correction_that_leaves_nothing_says_so_and_changes_nothing(client: Client) -> None:
    upload = read(client, SHANDONG.read_bytes())
    words = correct(client, upload, {"act": "ledger", "ledger": "no"}, headers=HTMX).content.decode()
    assert "一张指标表也读不出来" in words
    assert "评估点 100" in words


def test_confirming_an_older_reading_is_refused(client: Client) -> None:
    upload = read(client, SHANDONG.read_bytes())
    sent = fields(desk(client, upload)) | {"turn": "0"}
    correct(client, upload, {"act": "skip", "row": 4})
    words = client.post(f"/imports/{upload.pk}/confirm/", sent, follow=True).content.decode()
    assert "读取设置刚被改过" in words
    assert not Ledger.objects.exists()


def test_next_years_file_is_read_by_the_remembered_layout_and_says_so(client: Client) -> None:
    upload = read(client, strange())
    correct(client, upload, {"act": "header", "row": 3})
    correct(client, upload, {"act": "columns", **ROLES})
    client.post(f"/imports/{upload.pk}/confirm/", fields(desk(client, upload)))
    work()
    later = read(client, strange(2025), "明年.xlsx")
    assert later.state == UploadState.READ
    assert "按上次更正的列设置读取（来自“台账.xlsx”）" in desk(client, later).content.decode()
    assert RememberedLayout.objects.count() == 1


@pytest.mark.parametrize("ticked", [True, False])
def test_a_proposed_repair_is_done_only_when_ticked_and_stands_in_the_report(client: Client, ticked: bool) -> None:
    upload = read(client, HEBEI.read_bytes())
    page = desk(client, upload)
    move = next(one for one in page.context["desk"].repairs if one.to is not None)
    sent = fields(page) | ({"repair": f"0:{move.key}"} if ticked else {})
    client.post(f"/imports/{upload.pk}/confirm/", sent)
    work()
    ledger = Ledger.objects.get()
    moved = Indicator.objects.get(ledger=ledger, name="新媒体平台")
    assert moved.parent is not None
    assert moved.parent.name == ("公开平台和载体建设" if ticked else "互联网+政务服务")
    report = client.get(f"/imports/{upload.pk}/").content.decode()
    assert ("按确认的建议：把“新媒体平台、政府公报”" in report) is ticked


def test_a_long_sheet_is_shown_in_parts(client: Client, organisation: Organisation) -> None:
    from tests.indicators.conftest import workbook

    upload = read(client, workbook(900))
    page = desk(client, upload, "?rows=400")
    assert page.context["desk"].starts == (0, 400, 800)
    assert page.context["desk"].shown.rows[0].number == 401


def test_the_desk_asks_the_database_no_more_for_longer_files(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    from tests.indicators.conftest import workbook

    for rows in (10, 300):
        upload = read(client, workbook(rows))
        with django_assert_max_num_queries(16):
            desk(client, upload)


def test_corrections_of_a_foreign_upload_do_not_exist(client: Client) -> None:
    from io import BytesIO

    from indicators import importing
    from units import offices

    foreign = importing.receive(
        BytesIO(SHANDONG.read_bytes()), "外.xlsx", organisation=offices.found(name="外县"), by=None
    )
    assert correct(client, foreign, {"act": "skip", "row": 4}).status_code == 404
