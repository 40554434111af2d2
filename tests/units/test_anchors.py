"""Anchors: what was kept outside the database finds a trail that was made anew as a whole."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.units.people import County, county
from units import anchors, audit, backup
from units.models import AuditEvent

pytestmark = pytest.mark.django_db

MONDAY, TUESDAY = date(2031, 11, 24), date(2031, 11, 25)


@pytest.fixture
def body(settings: Any, tmp_path: Path) -> County:
    settings.AUDIT_ANCHORS = tmp_path / "var" / "audit-anchors.jsonl"
    return county()


def _lines(body: County, *targets: str) -> None:
    for target in targets:
        audit.record(organisation=body.organisation, actor=None, action="测试", target=target)


def _past_the_trigger() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE units_auditevent DISABLE TRIGGER USER")
        else:
            for event in ("update", "delete"):
                cursor.execute(f"DROP TRIGGER IF EXISTS units_auditevent_no_{event}")


def _chain_anew(body: County) -> None:
    """What somebody with the code and the database can do: every digest reckoned again."""
    before = ""
    for event in AuditEvent.objects.filter(organisation=body.organisation).order_by("pk"):
        before = audit._digest(before, event)
        AuditEvent.objects.filter(pk=event.pk).update(digest=before)


def test_a_trail_that_only_grew_meets_its_anchors(body: County) -> None:
    _lines(body, "甲", "乙")
    assert anchors.cast(MONDAY) >= 1
    assert anchors.cast(MONDAY) == 0
    _lines(body, "丙")
    assert anchors.cast(TUESDAY) >= 1
    _lines(body, "丁")
    assert anchors.parted(body.organisation) is None


@pytest.mark.parametrize("gone", ["last", "first", "changed"])
def test_a_trail_made_anew_no_longer_meets_the_anchor_of_that_day(body: County, gone: str) -> None:
    _lines(body, "甲", "乙", "丙")
    anchors.cast(MONDAY)
    _past_the_trigger()
    rows = AuditEvent.objects.filter(organisation=body.organisation)
    if gone == "changed":
        rows.filter(target="乙").update(target="别人")
    else:
        rows.filter(target={"last": "丙", "first": "甲"}[gone]).delete()
    _chain_anew(body)
    assert audit.verify(body.organisation) is None
    found = anchors.parted(body.organisation)
    assert found is not None
    assert found.day == "2031-11-24"


def test_after_a_restore_the_trail_has_a_new_beginning_and_is_still_watched(body: County, tmp_path: Path) -> None:
    kept = tmp_path / "office.backup"
    _lines(body, "甲", "乙")
    anchors.cast(MONDAY)
    backup.save(kept)
    _lines(body, "丙")
    anchors.cast(TUESDAY)
    backup.restore(kept, force=True)
    assert anchors.parted(body.organisation) is None
    assert anchors.parted(None) is None
    (said,) = anchors.restored()
    assert said.backup == "office.backup"
    monday = [number for number, one in anchors._holding().items() if one.day == "2031-11-24"]
    assert monday
    assert not set(monday) & set(said.set_aside)
    assert "2031-11-25" not in {one.day for one in anchors._holding().values()}
    _lines(body, "丁")
    assert anchors.parted(body.organisation) is None
    _past_the_trigger()
    AuditEvent.objects.filter(organisation=body.organisation, target="乙").delete()
    _chain_anew(body)
    assert anchors.parted(body.organisation) is not None


def test_what_is_cast_after_a_restore_is_set_aside_by_none_but_the_next(body: County) -> None:
    _lines(body, "甲")
    anchors.cast(MONDAY)
    before = set(anchors._holding())
    said = anchors.begin_anew(timezone.localtime(), "a")
    assert said.set_aside == []
    assert before < set(anchors._holding())


def test_the_auditor_is_told_of_a_restore(body: County) -> None:
    _lines(body, "甲")
    anchors.begin_anew(timezone.localtime(), "a")
    client = Client()
    client.force_login(body.accounts["auditor"].user)
    page = client.post("/audit/check/", follow=True).content.decode()
    assert "没有被改动过" in page
    assert "系统从备份恢复过" in page


def test_the_auditor_is_told_the_day(body: County) -> None:
    _lines(body, "甲", "乙")
    anchors.cast(MONDAY)
    _past_the_trigger()
    AuditEvent.objects.filter(organisation=body.organisation, target="乙").delete()
    client = Client()
    client.force_login(body.accounts["auditor"].user)
    page = client.post("/audit/check/", follow=True).content.decode()
    assert "与 2031-11-24 留存的校验值不符" in page
