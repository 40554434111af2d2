"""变更对照 in the browser's terms: offered where a ledger stands, everything unticked, one transaction."""

from typing import Any

import pytest
from django.test import Client

from indicators import importing
from indicators.models import Amendment, Ledger, LedgerUpdate, Upload, UploadState
from tests.indicators.conftest import named
from tests.indicators.test_changes import ROWS, changed, file
from tests.indicators.test_import_pages import send, work
from units import offices
from units.models import Organisation, Role


@pytest.fixture
def stored(organisation: Organisation) -> Ledger:
    (ledger,) = importing.import_file("一.xlsx", file(ROWS), organisation=organisation, by=None)
    return ledger


def second(client: Client, content: bytes) -> Upload:
    send(client, content, "二.xlsx")
    work()
    return Upload.objects.order_by("-pk")[0]


def url(upload: Upload, ledger: Ledger) -> str:
    return f"/imports/{upload.pk}/changes/0/{ledger.pk}/"


def test_a_file_of_the_same_issuer_and_year_is_offered_for_comparison(client: Client, stored: Ledger) -> None:
    upload = second(client, file(changed(at=0, column=3, to=9)))
    words = client.get(f"/imports/{upload.pk}/").content.decode()
    assert url(upload, stored) in words
    assert "作为新台账入库" in words
    compared = client.get(url(upload, stored)).content.decode()
    assert "2 分" in compared
    assert "9 分" in compared
    assert "checked" not in compared


def test_ticked_changes_are_written_and_the_report_stays_with_the_upload(client: Client, stored: Ledger) -> None:
    rows = changed(at=0, column=3, to=9)
    rows[1][4] = "气象局"
    upload = second(client, file(rows))
    page = client.get(url(upload, stored))
    points = next(one for one in page.context["changes"] if one.kind == "points")
    sent: dict[str, Any] = {"seen": page.context["seen"], "turn": "0", "change": points.key}
    sent |= {form["becomes"].html_name: "unit" for form in page.context["names"]}
    answer = client.post(url(upload, stored), sent, follow=True)
    assert "已导入 1 处变更" in answer.content.decode()
    assert named(stored, "公开决策草案").points == 9
    report = client.get(f"/imports/{upload.pk}/").content.decode()
    assert "已导入：改分 “公开决策草案”：2 分 → 9 分" in report
    assert "未勾选：改单位" in report
    assert client.get(url(upload, stored)).status_code == 404
    assert stored.title in client.get("/imports/").content.decode()


def test_a_refused_application_keeps_the_ticks_and_says_what_to_do(client: Client, stored: Ledger) -> None:
    upload = second(client, file([*ROWS[:4], ["公开", "结果公开", *ROWS[5][2:]]]))
    page = client.get(url(upload, stored))
    gone = next(one for one in page.context["changes"] if one.kind == "removed")
    sent = {"seen": page.context["seen"], "turn": "0", "change": gone.key}
    words = client.post(url(upload, stored), sent).content.decode()
    assert "一并勾选它的移动" in words
    assert f'value="{gone.key}" checked' in words
    assert not Amendment.objects.exists()


def test_an_old_page_writes_nothing(client: Client, stored: Ledger) -> None:
    upload = second(client, file(changed(at=0, column=3, to=9)))
    page = client.get(url(upload, stored))
    key = page.context["changes"][0].key
    for wrong in ({"seen": "0-0", "turn": "0"}, {"seen": page.context["seen"], "turn": "7"}, {}):
        assert "刚被改过" in client.post(url(upload, stored), {"change": key, **wrong}).content.decode()
    assert not LedgerUpdate.objects.exists()
    upload.refresh_from_db()
    assert upload.state == UploadState.READ


def test_nothing_of_a_foreign_organisation_can_be_compared(client: Client, stored: Ledger) -> None:
    upload = second(client, file(changed(at=0, column=3, to=9)))
    foreign = offices.found(name="外县")
    (theirs,) = importing.import_file("外.xlsx", file(ROWS), organisation=foreign, by=None)
    for method in (client.get, client.post):
        assert method(url(upload, theirs)).status_code == 404
        assert method(url(theirs.upload or upload, stored)).status_code == 404


@pytest.mark.parametrize("role", [Role.ADMIN, Role.LEADER])
def test_only_who_may_edit_ledgers_may_write_changes(client: Client, stored: Ledger, as_role: Any, role: str) -> None:
    upload = second(client, file(changed(at=0, column=3, to=9)))
    assert as_role(role).post(url(upload, stored), {}).status_code == 403
    assert not LedgerUpdate.objects.exists()
