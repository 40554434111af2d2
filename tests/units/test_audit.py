import csv
import io
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client, RequestFactory

from tests.units.people import County, county
from units import audit, tables
from units.models import AuditEvent
from units.offices import add_unit, found

pytestmark = pytest.mark.django_db

# one change by hand of each part of a line
TAMPERING = {
    "actor_name": "别人",
    "action": "别的",
    "target": "别处",
    "result": "失败",
    "detail": {"得分": "100"},
    "address": "10.0.0.9",
    "digest": "0" * 64,
}


@pytest.fixture
def body() -> County:
    return county()


def _past_the_trigger() -> None:
    """What only the owner of the database's tables can do."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE units_auditevent DISABLE TRIGGER USER")
        else:
            for event in ("update", "delete"):
                cursor.execute(f"DROP TRIGGER IF EXISTS units_auditevent_no_{event}")


def _by_hand(event: AuditEvent, **changes: Any) -> None:
    _past_the_trigger()
    AuditEvent.objects.filter(pk=event.pk).update(**changes)


@pytest.mark.parametrize("change", ["UPDATE units_auditevent SET target = 'x'", "DELETE FROM units_auditevent"])
def test_the_database_itself_refuses_to_change_a_line(body: County, change: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_the_chain_holds_over_every_kind_of_line(body: County) -> None:
    audit.record(
        organisation=body.organisation,
        actor=body.accounts["office"].user,
        action="测试\x00",
        target="目" * 400,
        detail={"成员": ["甲", "乙\u202e"], "数": 3, "无": None, "下": {"分": "0.25"}},
        address="2001:db8::1",
    )
    event = AuditEvent.objects.first()
    assert event is not None
    assert (event.action, len(event.target), event.detail["成员"]) == ("测试", 300, ["甲", "乙"])
    assert audit.verify(body.organisation) is None


@pytest.mark.parametrize("field", sorted(TAMPERING))
def test_a_line_changed_by_hand_is_named(body: County, field: str) -> None:
    audit.record(organisation=body.organisation, actor=None, action="评分", target="甲", address="10.0.0.1")
    for _ in range(3):
        audit.record(organisation=body.organisation, actor=None, action="评分", target="乙")
    event = AuditEvent.objects.get(target="甲")
    _by_hand(event, **{field: TAMPERING[field]})
    assert audit.verify(body.organisation) == event


def test_a_line_taken_out_is_found_at_the_line_after_it(body: County) -> None:
    for name in "甲乙丙":
        audit.record(organisation=body.organisation, actor=None, action="评分", target=name)
    _past_the_trigger()
    AuditEvent.objects.filter(target="乙").delete()
    bad = audit.verify(body.organisation)
    assert bad is not None
    assert bad.target == "丙"


def test_each_organisation_has_a_chain_of_its_own(body: County) -> None:
    other = found(name="乙县")
    for at in range(4):
        audit.record(organisation=body.organisation if at % 2 else other, actor=None, action="评分")
    audit.record(organisation=None, actor=None, action="登录", actor_name="谁")
    assert [audit.verify(one) for one in (body.organisation, other, None)] == [None, None, None]


def test_an_act_that_is_undone_leaves_no_line(body: County) -> None:
    before = AuditEvent.objects.count()

    @transaction.atomic
    def act_that_fails() -> None:
        add_unit(body.organisation, "新局", by=None)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        act_that_fails()
    assert AuditEvent.objects.count() == before


def test_a_line_says_from_where_it_was_asked(body: County) -> None:
    body.client("office").post("/units/add/", {"name": "新局", "parent": body.units[0].pk}, REMOTE_ADDR="10.1.2.3")
    event = AuditEvent.objects.get(action="新增单位", target="新局")
    assert (event.address, event.actor) == ("10.1.2.3", body.accounts["office"].user)
    assert audit.verify(body.organisation) is None


@pytest.mark.parametrize(
    ("seen", "stored"), [("::ffff:10.1.2.3", "10.1.2.3"), ("2001:DB8:0:0::1", "2001:db8::1"), ("", None)]
)
def test_an_address_is_written_as_both_databases_keep_it(seen: str, stored: str | None) -> None:
    assert audit.client_address(RequestFactory().get("/", REMOTE_ADDR=seen)) == stored


def test_a_forwarded_address_is_not_believed_without_a_proxy(body: County) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="10.1.2.3", HTTP_X_FORWARDED_FOR="8.8.8.8")
    assert audit.client_address(request) == "10.1.2.3"


def test_the_auditor_filters_by_person_action_and_whole_days(body: County) -> None:
    client = body.client("auditor")
    [event] = AuditEvent.objects.filter(action="新增账号", target__startswith="leader")
    day = f"{event.at.astimezone():%Y-%m-%d}"
    page = client.get("/audit/", {"q": "leader", "action": "新增", "since": day, "until": day}).content.decode()
    assert event.target in page
    assert "符合条件的 1 条" in page
    assert "没有符合条件的记录" in client.get("/audit/", {"since": "2030-01-01"}).content.decode()
    assert client.get("/audit/", {"since": "昨天", "page": "x"}).status_code == 200


def test_the_export_holds_the_same_lines_no_live_formula_and_is_itself_a_line(body: County) -> None:
    audit.record(organisation=body.organisation, actor=None, action="评分", target="=HYPERLINK(1)")
    other = found(name="乙县")
    audit.record(organisation=other, actor=None, action="外县的事")
    answer = body.client("auditor").get("/audit/export/")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    lines = list(csv.reader(io.StringIO(text)))
    assert lines[0][:2] == ["时间", "账号"]
    assert lines[1][3] == "导出审计"
    assert "'=HYPERLINK(1)" in lines[2]
    assert "外县" not in text
    assert len(lines) - 1 == AuditEvent.objects.filter(organisation=body.organisation).count()
    assert not [words for line in lines for words in line if words[:1] in {"=", "+", "-", "@"}]


def test_no_cell_of_an_export_is_a_formula() -> None:
    for words in ("=1+1", "+1", "-1", "@SUM", " =1", "\t=1", "\r=1", "＝1"):
        assert tables.safe_cell(words) == f"'{words}"
    assert tables.safe_cell("2019-11-22") == "2019-11-22"


def test_the_check_names_the_first_bad_line(body: County) -> None:
    client: Client = body.client("auditor")
    assert "前后一致" in client.post("/audit/check/", follow=True).content.decode()
    event = AuditEvent.objects.order_by("id").all()[1]
    _by_hand(event, target="改")
    assert f"从第 {event.pk} 号记录" in client.post("/audit/check/", follow=True).content.decode()
