"""The import desk: a file is refused with a sentence, or shown, confirmed and stored."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from indicators import importing
from indicators.models import Ledger, Upload, UploadState
from tests.indicators.conftest import COUNTY, SHANDONG
from units import jobs, offices
from units.models import Job, JobState, Organisation, Unit


def send(client: Client, content: bytes, name: str = "台账.xlsx") -> Any:
    return client.post("/imports/receive/", {"file": SimpleUploadedFile(name, content)}, follow=True)


def work() -> None:
    """The worker, once over everything that waits."""
    for job in Job.objects.unfinished():
        if job.task == "indicators.tasks.read_upload":
            jobs.run(job.pk, importing.read_upload, before=importing.parse)
        elif job.task == "indicators.tasks.store_upload":
            jobs.run(job.pk, importing.store_upload)


def fields(page: Any) -> dict[str, Any]:
    """What the preview's form sends as it stands."""
    forms = [one["form"] for one in page.context["ledgers"]] + list(page.context["names"])
    sent = {bound.html_name: bound.value() for form in forms for bound in form}
    return {name: "on" if value is True else "" if value is None else value for name, value in sent.items()}


def test_a_file_is_uploaded_shown_confirmed_and_stands_as_a_ledger(client: Client) -> None:
    page = send(client, SHANDONG.read_bytes(), SHANDONG.name)
    upload = Upload.objects.get()
    assert page.redirect_chain[-1][0] == f"/imports/{upload.pk}/"
    assert "排队中" in page.content.decode()
    work()
    preview = client.get(f"/imports/{upload.pk}/")
    words = preview.content.decode()
    assert "一级 5 · 二级 13 · 三级 31 · 四级 63 · 评估点 100" in words
    assert "标注 100 分，下级合计 75.25 分" in words
    assert "16 处标注分值与下级合计不符" in words
    assert '<td id="c-A4" class="g-level is-doubtful" rowspan="31"' in words
    answer = client.post(f"/imports/{upload.pk}/confirm/", fields(preview) | {"sheet-0-title": "改过的名称"})
    assert answer.status_code == 302
    work()
    ledger = Ledger.objects.get()
    assert (ledger.title, ledger.year) == ("改过的名称", 2019)
    assert Unit.objects.filter(name="就业人才中心").exists()
    assert f"/ledgers/{ledger.pk}/" in client.get(f"/imports/{upload.pk}/").content.decode()


def test_the_waiting_page_asks_again_and_is_led_on_when_the_job_is_done(client: Client) -> None:
    send(client, SHANDONG.read_bytes())
    url = f"/imports/{Upload.objects.get().pk}/"
    assert 'http-equiv="refresh"' in client.get(url).content.decode()
    waiting = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert 'hx-trigger="every 1s"' in waiting
    assert "<html" not in waiting
    work()
    assert client.get(url, headers={"HX-Request": "true"})["HX-Redirect"] == url


def test_names_already_known_are_matched_and_likely_ones_suggested(client: Client, organisation: Organisation) -> None:
    offices.add_unit(organisation, "办公室", by=None)
    near = offices.add_unit(organisation, "执法监察局", by=None)
    send(client, SHANDONG.read_bytes())
    work()
    page = client.get(f"/imports/{Upload.objects.get().pk}/")
    unknown = {form.unknown.name: [value for value, _ in form.unknown.options] for form in page.context["names"]}
    assert "办公室" not in unknown
    assert f"alias:{near.pk}" in unknown["监察局"]
    assert unknown["监察局"][0] == "unit"


def test_a_filled_in_sheet_says_that_a_round_will_follow(client: Client) -> None:
    send(client, COUNTY.read_bytes())
    work()
    page = client.get(f"/imports/{Upload.objects.get().pk}/")
    assert "表内已有得分（34 处，合计 63.5 分），入库后自动建立考核轮次" in page.content.decode()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"%PDF-1.4", "扫描.pdf"),
        (b"\x89PNG\r\n\x1a\n", "照片.xlsx"),
        (b"PK\x03\x04broken", "坏.xlsx"),
        (b"a,b\n", "x.exe"),
    ],
)
def test_a_wrong_file_gets_a_page_with_the_sentence_and_what_to_do(client: Client, content: bytes, name: str) -> None:
    send(client, content, name)
    work()
    upload = Upload.objects.get()
    words = client.get(f"/imports/{upload.pk}/").content.decode()
    assert upload.state == UploadState.REFUSED
    assert upload.refusal in words
    assert "怎么办" in words
    assert Ledger.objects.count() == 0
    assert upload.refusal[:20] in client.get("/imports/").content.decode()


def test_an_empty_form_and_an_empty_file_are_told_apart(client: Client) -> None:
    assert "先选择文件，再上传" in client.post("/imports/receive/", {}).content.decode()
    assert "文件是空的" in send(client, b"").content.decode()
    assert Upload.objects.count() == 0


def test_a_file_over_the_limit_is_not_kept_and_the_page_says_how_large_it_may_be(client: Client, settings: Any) -> None:
    settings.LEDGER_MAX_BYTES = 1024 * 1024
    words = send(client, b"PK\x03\x04" + bytes(3 * 1024 * 1024)).content.decode()
    assert "文件超过 1 MB，没有保存" in words
    assert Upload.objects.count() == 0


def test_an_upload_without_the_forms_token_is_turned_away(client: Client, office: Any) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(office, backend="django.contrib.auth.backends.ModelBackend")
    answer = strict.post("/imports/receive/", {"file": BytesIO(b"x")})
    assert answer.status_code == 403
    assert Upload.objects.count() == 0


def test_the_same_file_again_leads_to_the_first_upload_with_a_word(client: Client) -> None:
    send(client, SHANDONG.read_bytes())
    first = Upload.objects.get()
    page = send(client, SHANDONG.read_bytes(), "另一个名字.xlsx")
    assert page.redirect_chain[-1][0] == f"/imports/{first.pk}/"
    assert "这个文件已上传过" in page.content.decode()
    work()
    preview = client.get(f"/imports/{first.pk}/")
    client.post(f"/imports/{first.pk}/confirm/", fields(preview))
    work()
    assert "这个文件已导入过" in send(client, SHANDONG.read_bytes()).content.decode()
    assert Ledger.objects.count() == 1


def test_a_preview_sent_with_a_mistake_comes_back_with_what_was_typed(client: Client) -> None:
    send(client, SHANDONG.read_bytes())
    work()
    upload = Upload.objects.get()
    sent = fields(client.get(f"/imports/{upload.pk}/")) | {"sheet-0-title": "", "sheet-0-issuer": "某某办"}
    words = client.post(f"/imports/{upload.pk}/confirm/", sent).content.decode()
    assert "填写台账名称" in words
    assert "某某办" in words
    upload.refresh_from_db()
    assert upload.state == UploadState.READ


def test_a_failed_reading_can_be_tried_again(client: Client) -> None:
    send(client, SHANDONG.read_bytes())
    upload = Upload.objects.get()
    Job.objects.filter(pk=upload.job_id).update(state=JobState.FAILED, reason="中断了", finished_at=upload.uploaded_at)
    assert "重新读取" in client.get(f"/imports/{upload.pk}/").content.decode()
    client.post(f"/imports/{upload.pk}/again/")
    work()
    upload.refresh_from_db()
    assert upload.state == UploadState.READ


def test_an_unconfirmed_upload_is_deleted_with_its_file_after_one_more_question(
    client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    send(client, SHANDONG.read_bytes())
    upload = Upload.objects.get()
    path = Path(upload.content.path)
    assert path.exists()
    assert "将会发生" in client.get(f"/imports/{upload.pk}/discard/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/imports/{upload.pk}/discard/")
    assert Upload.objects.count() == 0
    assert not path.exists()


def test_another_organisations_upload_does_not_exist(client: Client) -> None:
    foreign = importing.receive(
        BytesIO(SHANDONG.read_bytes()), "外.xlsx", organisation=offices.found(name="外县"), by=None
    )
    urls = [f"/imports/{foreign.pk}/", f"/imports/{foreign.pk}/discard/"]
    assert {client.get(url).status_code for url in urls} == {404}
    posts = [f"/imports/{foreign.pk}/{verb}/" for verb in ("confirm", "again", "discard")]
    assert {client.post(url).status_code for url in posts} == {404}
