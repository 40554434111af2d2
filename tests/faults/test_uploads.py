"""Uploads on a full disk, with files that are gone, and of a size nobody may send: a sentence, no half file, no row."""

import gc
import logging
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from assessments.models import Evidence
from indicators.models import Upload
from tests.assessments import office as o
from tests.faults.world import PDF, workbook
from units.models import Job

pytestmark = pytest.mark.django_db

MIB = 1024 * 1024
LARGE = PDF + b" " * (3 * MIB)  # Django keeps such a file on the disk while it arrives
SMALL = PDF + b" " * (200 * 1024)


@contextmanager
def full_disk(most: int = 64 * 1024) -> Iterator[None]:
    """No file of this process grows beyond `most` bytes, as on a disk without room: writing fails in the middle."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    logging.disable(logging.CRITICAL)  # pytest would keep the log's line, with it the fault, and with it the file
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        logging.disable(logging.NOTSET)


@pytest.fixture(autouse=True)
def temporary(settings: Any, tmp_path: Path) -> Path:
    """Where Django puts what is arriving."""
    folder = tmp_path / "arriving"
    folder.mkdir()
    settings.FILE_UPLOAD_TEMP_DIR = str(folder)
    return folder


def _left(temporary: Path) -> list[Path]:
    """Every file that is stored or was arriving."""
    gc.collect()
    folders = (Path(default_storage.location), temporary)  # type: ignore[attr-defined]
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def _browser(user: Any) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


@pytest.mark.parametrize(("content", "words"), [(SMALL, "没有保存成功"), (LARGE, "服务器存储空间不足")])
def test_evidence_on_a_full_disk_is_refused_in_words_and_leaves_nothing(
    content: bytes, words: str, temporary: Path
) -> None:
    who = o.office()
    one = o.entry(o.opened(who), "主动公开")
    client = _browser(who.fillers[0])
    with full_disk():
        answer = client.post(
            f"/entries/{one.pk}/evidence/", {"files": SimpleUploadedFile("材料.pdf", content)}, follow=True
        )
    assert words in answer.content.decode()
    assert answer.status_code in {200, 507}
    assert not Evidence.objects.exists()
    del answer  # which keeps the fault, and with it what had arrived
    assert _left(temporary) == []
    again = client.post(f"/entries/{one.pk}/evidence/", {"files": SimpleUploadedFile("材料.pdf", content)}, follow=True)
    assert "已添加 1 份" in again.content.decode()


@pytest.mark.parametrize("size", [200 * 1024, 3 * MIB])
def test_a_ledger_on_a_full_disk_is_refused_in_words_and_leaves_nothing(size: int, temporary: Path) -> None:
    who = o.office()
    client = _browser(who.office)
    content = workbook(lambda label: label, "x" * 10)
    content += b"\0" * max(0, size - len(content)) if size > MIB else b""
    with full_disk(4096 if size < MIB else 64 * 1024):
        answer = client.post("/imports/receive/", {"file": SimpleUploadedFile("台账.xlsx", content)}, follow=True)
    assert (answer.status_code, "服务器存储空间不足" in answer.content.decode()) == (507, True)
    assert (Upload.objects.count(), Job.objects.count()) == (0, 0)
    del answer
    assert _left(temporary) == []
    again = client.post("/imports/receive/", {"file": SimpleUploadedFile("台账.xlsx", content)}, follow=True)
    assert again.status_code == 200
    assert Upload.objects.count() == 1


def test_a_file_that_is_gone_from_the_disk_is_missing_and_breaks_nothing() -> None:
    who = o.office()
    one = o.entry(o.opened(who), "主动公开")
    client = _browser(who.fillers[0])
    client.post(f"/entries/{one.pk}/evidence/", {"files": SimpleUploadedFile("材料.pdf", PDF)})
    row = Evidence.objects.get()
    Path(row.content.path).unlink()
    assert client.get(f"/evidence/{row.pk}/").status_code == 404
    assert client.get(f"/entries/{one.pk}/").status_code == 200


class _Unread:
    """A body that tells whether anybody reads it."""

    def __init__(self) -> None:
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        """What is asked for, at most a MiB at a time."""
        taken = min(size, MIB) if size > 0 else MIB
        self.taken += taken
        return b"x" * taken

    readline = read


def _announced(client: Client, path: str, length: int) -> tuple[Any, int]:
    body = _Unread()
    request = {"wsgi.input": body, "CONTENT_LENGTH": str(length), "CONTENT_TYPE": "multipart/form-data; boundary=b"}
    return client.generic("POST", path, **request), body.taken


def test_a_gigabyte_is_refused_in_words_before_a_byte_of_it_is_read() -> None:
    who = o.office()
    one = o.entry(o.opened(who), "主动公开")
    for user, path in ((who.office, "/imports/receive/"), (who.fillers[0], f"/entries/{one.pk}/evidence/")):
        answer, taken = _announced(_browser(user), path, 1024 * MIB)
        assert (answer.status_code, "上传的内容太大" in answer.content.decode(), taken) == (413, True, 0)


def test_without_an_account_nobody_fills_the_disk() -> None:
    for path in ("/login/", "/imports/receive/", "/text-size/", "/nowhere/"):
        answer, taken = _announced(Client(), path, 6 * MIB)
        assert (answer.status_code, taken) == (413, 0)
