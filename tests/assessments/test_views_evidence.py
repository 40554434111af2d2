"""佐证材料 and one entry's own page: what is taken, what is refused, who sees it."""

import io
import zipfile
from datetime import date
from pathlib import Path

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from assessments.evidence import clean_name
from assessments.models import Entry, Evidence
from tests.assessments import office as o
from tests.assessments.visits import FETCH, queries, text, visit
from units.models import AuditEvent, Role

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def _zip(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


DOCX = _zip("[Content_Types].xml", "word/document.xml")
XLSX = _zip("[Content_Types].xml", "xl/workbook.xml")


def _add(client: Client, one: Entry, *files: tuple[str, bytes], **link: str) -> str:
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    answer = client.post(f"/entries/{one.pk}/evidence/", {"files": sent, **link}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("通知.pdf", PDF),
        ("截图.PNG", PNG),
        ("说明.docx", DOCX),
        ("统计.xlsx", XLSX),
        ("说明.txt", "网址见正文".encode("gb18030")),
        ("材料.zip", _zip("a.txt")),
    ],
)
def test_files_of_an_offices_kinds_are_kept_with_their_sum_under_a_random_path(name: str, content: bytes) -> None:
    who = o.office()
    one = o.entry(o.opened(who), "主动公开")
    page = _add(visit(who.fillers[0]), one, (name, content))
    row = Evidence.objects.get()
    assert name in page
    assert len(row.sha256) == 64
    assert (row.size, row.name) == (len(content), name)
    assert name.split(".", maxsplit=1)[0] not in str(row.content.name)
    assert row.content.open("rb").read() == content


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("网页.pdf", b"<html><script>alert(1)</script></html>", "不是 pdf 文件"),
        ("图.svg", b"<svg onload='x()'/>", "不能作为佐证材料"),
        ("页.html", b"<html></html>", "不能作为佐证材料"),
        ("程序.exe", b"MZ\x90", "不能作为佐证材料"),
        ("没有后缀", PDF, "不能作为佐证材料"),
        ("图.pdf", PNG, "不是 pdf 文件"),
        ("压缩包.docx", _zip("a.txt"), "不是 docx 文件"),
        ("坏.xlsx", b"PK\x03\x04 broken", "不是 xlsx 文件"),
        ("二进制.txt", b"abc\0def", "不是 txt 文件"),
        ("图.txt", PNG, "不是 txt 文件"),
        ("空.pdf", b"", "是空文件"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused_and_nothing_of_it_is_kept(
    name: str, content: bytes, words: str, settings: pytest.FixtureRequest
) -> None:
    who = o.office()
    one = o.entry(o.opened(who), "主动公开")
    page = _add(visit(who.fillers[0]), one, (name, content))
    assert words in page
    assert not Evidence.objects.exists()
    kept = Path(settings.MEDIA_ROOT)  # type: ignore[attr-defined]
    assert not [path for path in kept.rglob("*") if path.is_file()]


def test_a_refused_file_does_not_hold_up_the_others() -> None:
    who = o.office()
    one = o.entry(o.opened(who), "主动公开")
    page = _add(visit(who.fillers[0]), one, ("假.pdf", b"x"), ("真.pdf", PDF))
    assert "已添加 1 份" in page
    assert Evidence.objects.get().name == "真.pdf"


def test_size_and_number_are_limited(settings: pytest.FixtureRequest) -> None:
    settings.EVIDENCE_MAX_BYTES = 100  # type: ignore[attr-defined]
    settings.EVIDENCE_MAX_PER_ENTRY = 2  # type: ignore[attr-defined]
    who = o.office()
    one = o.entry(o.opened(who), "主动公开")
    client = visit(who.fillers[0])
    assert "超过 0 MB" in _add(client, one, ("大.pdf", PDF + b" " * 100))
    for number in range(3):
        page = _add(client, one, (f"{number}.pdf", PDF + b" " * number))
    assert "最多 2 份" in page
    assert Evidence.objects.count() == 2


def test_one_unit_cannot_fill_the_disk(settings: pytest.FixtureRequest) -> None:
    settings.EVIDENCE_MAX_UNIT_BYTES = len(PDF) + 5  # type: ignore[attr-defined]
    who = o.office()
    round_ = o.opened(who)
    client = visit(who.fillers[0])
    _add(client, o.entry(round_, "主动公开"), ("一.pdf", PDF))
    assert "总量上限" in _add(client, o.entry(round_, "政策解读"), ("二.pdf", PDF + b" "))
    assert Evidence.objects.count() == 1


def test_the_same_file_is_kept_once() -> None:
    who = o.office()
    one = o.entry(o.opened(who), "主动公开")
    client = visit(who.fillers[0])
    _add(client, one, ("一.pdf", PDF))
    assert "没有重复保存" in _add(client, one, ("二.pdf", PDF))
    assert Evidence.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\我的文档\\会议 纪要.pdf", "会议 纪要.pdf"),
        ("a\u202efdp.exe.pdf", "afdp.exe.pdf"),
        ("名\x00称\r\nSet-Cookie: a.pdf", "名称Set-Cookie: a.pdf"),
        ("....pdf", "pdf"),
        ("长" * 200 + ".pdf", "长" * 146 + ".pdf"),
    ],
)
def test_a_file_name_carries_no_folder_and_no_hidden_character(given: str, kept: str) -> None:
    assert clean_name(given) == kept


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "ftp://a.cn/x", "//a.cn", "file:///etc/passwd", "http://", "a.cn"],
)
def test_a_link_that_is_no_web_address_is_refused(url: str) -> None:
    who = o.office()
    one = o.entry(o.opened(who), "主动公开")
    assert "网址要以 http" in _add(visit(who.fillers[0]), one, url=url)
    assert not Evidence.objects.exists()


def test_a_link_is_shown_as_text_that_opens_apart() -> None:
    who = o.office()
    one = o.entry(o.opened(who), "主动公开")
    page = _add(visit(who.fillers[0]), one, url="https://www.example.gov.cn/a?b=1&c=<x>", name="专栏<b>")
    assert 'rel="noopener noreferrer nofollow"' in page
    assert "专栏&lt;b&gt;" in page
    assert "<b>" not in page.split('id="evidence"')[1]


def test_a_file_comes_down_as_it_went_up_and_never_opens_in_the_browser() -> None:
    who = o.office()
    one = o.entry(o.opened(who), "主动公开")
    _add(visit(who.fillers[0]), one, ("通知.pdf", PDF))
    path = f"/evidence/{Evidence.objects.get().pk}/"
    for person in (who.fillers[0], who.office, who.reviewer):
        answer = visit(person).get(path)
        assert b"".join(answer.streaming_content) == PDF  # type: ignore[attr-defined]
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Type"] == "application/octet-stream"
    assert AuditEvent.objects.filter(action="下载佐证").count() == 3


def test_another_units_entry_and_evidence_do_not_exist() -> None:
    who = o.office()
    one = o.entry(o.opened(who), "主动公开")
    _add(visit(who.fillers[0]), one, ("通知.pdf", PDF))
    row = Evidence.objects.get()
    for person in (who.fillers[1], o.office("邻县人民政府").fillers[0], o.office("远县人民政府").reviewer):
        text(visit(person), f"/evidence/{row.pk}/", 404)
        text(visit(person), f"/entries/{one.pk}/", 404)
    for path in (f"/entries/{one.pk}/evidence/", f"/evidence/{row.pk}/remove/"):
        assert visit(who.fillers[1]).post(path).status_code == 404
        assert visit(who.office).post(path).status_code == 403
    row.refresh_from_db()
    assert row.removed_at is None


def test_leadership_opens_the_files_it_can_see_listed_and_changes_none() -> None:
    who = o.office()
    one = o.entry(o.opened(who), "主动公开")
    _add(visit(who.fillers[0]), one, ("通知.pdf", PDF))
    page = text(visit(who.leader), f"/entries/{one.pk}/")
    row = Evidence.objects.get()
    assert f'href="/evidence/{row.pk}/" download>通知.pdf' in page
    assert visit(who.leader).get(f"/evidence/{row.pk}/").getvalue() == PDF
    assert visit(who.leader).post(f"/evidence/{row.pk}/remove/").status_code == 403
    auditor = o.person(who.organisation, Role.AUDITOR)
    text(visit(auditor), f"/evidence/{row.pk}/", 403)


def test_what_is_taken_back_is_gone_for_everybody_and_stays_in_the_database() -> None:
    who = o.office()
    one = o.entry(o.opened(who), "主动公开")
    client = visit(who.fillers[0])
    _add(client, one, ("通知.pdf", PDF))
    row = Evidence.objects.get()
    page = client.post(f"/evidence/{row.pk}/remove/", follow=True).content.decode()
    assert "已撤回“通知.pdf”" in page
    text(client, f"/evidence/{row.pk}/", 404)
    row.refresh_from_db()
    assert row.removed_by == who.fillers[0]
    assert "已添加 1 份" in _add(client, one, ("通知.pdf", PDF))


def test_evidence_is_locked_with_its_entry() -> None:
    who = o.office()
    round_ = o.opened(who)
    one = o.entry(round_, "主动公开")
    client = visit(who.fillers[0])
    _add(client, one, ("通知.pdf", PDF))
    row = Evidence.objects.get()
    o.handed_in(who, round_, {"主动公开": "3"})
    assert "佐证材料不能再改" in _add(client, one, ("新.pdf", PDF + b" "))
    assert "佐证材料不能再改" in client.post(f"/evidence/{row.pk}/remove/", follow=True).content.decode()
    assert Evidence.objects.present().count() == 1


def test_after_the_last_day_nothing_is_added() -> None:
    who = o.office()
    with time_machine.travel("2026-07-30T15:59:00Z", tick=False):
        one = o.entry(o.opened(who, self_due=date(2026, 7, 30)), "主动公开")
    with time_machine.travel("2026-07-30T16:00:00Z", tick=False):
        assert "已截止" in _add(visit(who.fillers[0]), one, ("通知.pdf", PDF))
    assert not Evidence.objects.exists()


def test_an_entrys_page_shows_every_stage_and_every_write_with_its_reason() -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), {"主动公开": "3"})
    one = o.entry(round_, "主动公开")
    form = {"action": "adjust", "score": "2.5", "reason": "核查发现两处缺失", "version": one.version, "key": o.key()}
    visit(who.reviewer).post(f"/reviews/entries/{one.pk}/", form)
    for person in (who.fillers[0], who.office, who.leader):
        page = text(visit(person), f"/entries/{one.pk}/")
        for words in ("3.00", "2.50", "材料不全", "核查发现两处缺失", "自评得分 空白 → 3.00", "现得分 3.00 → 2.50"):
            assert words in page


def test_an_entrys_page_takes_as_many_queries_for_a_long_history_as_for_a_short_one() -> None:
    who = o.office()
    one = o.entry(o.opened(who), "主动公开")
    client = visit(who.fillers[0])
    o.fill(one, "1", who.fillers[0])
    _add(client, one, ("0.pdf", PDF))
    first = queries(client, f"/entries/{one.pk}/")
    for number in range(1, 6):
        o.fill(one, str(number / 2), who.signers[0])
        _add(client, one, (f"{number}.pdf", PDF + b" " * number))
    assert queries(client, f"/entries/{one.pk}/") == first


def test_files_dropped_on_a_row_are_answered_with_what_the_row_says_then() -> None:
    who = o.office()
    one = o.entry(o.opened(who), "主动公开")
    files = [SimpleUploadedFile("真.pdf", PDF), SimpleUploadedFile("假.pdf", b"x")]
    sent = {"files": files, "url": "https://www.example.gov.cn/"}
    told = visit(who.fillers[0]).post(f"/entries/{one.pk}/evidence/", sent, **FETCH).json()
    assert told["added"] == 2
    assert told["evidence"] == "网址 1 · 文件 1 ＋"
    assert len(told["refused"]) == 1
    assert "假.pdf" in told["refused"][0]
    assert "网址 1 · 文件 1 ＋" in text(visit(who.fillers[0]), f"/worklist/{one.sheet.round_id}/")
