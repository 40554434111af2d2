from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.units.people import PASSWORD, County, county
from units import jobs
from units.accounts import add_account
from units.models import AuditEvent, JobState, Membership, Role, Unit, User
from units.offices import add_alias, add_group, add_unit, add_units

pytestmark = pytest.mark.django_db


@pytest.fixture
def body() -> County:
    return county()


def _text(answer: Any) -> str:
    return str(answer.content.decode())


def _grow(body: County, count: int) -> None:
    """More units with aliases, groups and people."""
    start = Unit.objects.count()
    units = add_units(body.organisation, [f"增设单位{start + at}" for at in range(count)], by=None)
    group = add_group(body.organisation, f"组{start}", units, by=None)
    for unit in units:
        add_alias(unit, f"简{unit.pk}", by=None)
        add_account(body.organisation, f"u{unit.pk}", role=Role.FILLER, unit=unit, by=None)
    add_group(body.organisation, f"又一组{group.pk}", units, by=None)


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("admin", "/units/"),
        ("admin", "/groups/"),
        ("admin", "/accounts/"),
        ("auditor", "/audit/"),
        ("admin", "/groups/add/"),
        ("admin", "/accounts/add/"),
        ("auditor", "/audit/export/"),
    ],
)
def test_a_pages_queries_do_not_grow_with_its_rows(body: County, role: str, path: str) -> None:
    client = body.client(role)
    costs = []
    for more in (3, 12):
        _grow(body, more)
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1]
    assert costs[0] <= 12


def test_the_unit_list_is_the_tree_with_aliases_groups_and_accounts(body: County) -> None:
    below = add_unit(body.organisation, "就业中心", parent=body.units[1], by=None)
    add_alias(body.units[1], "县人社局", by=None)
    add_group(body.organisation, "各部门", body.units, by=None)
    answer = body.client("office").get("/units/")
    assert [row.name for row in answer.context["page"]] == ["县民政局", "县人力资源和社会保障局", "就业中心"]
    assert [row.accounts for row in answer.context["page"]] == [2, 0, 0]
    assert f'tree-name--2" href="/units/{below.pk}/"' in _text(answer)
    assert "县人社局" in _text(answer)
    assert "各部门" in _text(answer)


@pytest.mark.parametrize("words", ["人社", "xrlzy", "人力资源"])
def test_a_unit_is_found_by_name_alias_and_pinyin(body: County, words: str) -> None:
    add_alias(body.units[1], "县人社局", by=None)
    answer = body.client("office").get("/units/", {"q": words})
    assert [row.name for row in answer.context["page"]] == ["县人力资源和社会保障局"]
    assert f'value="{words}"' in _text(answer)


def test_an_empty_list_says_what_will_stand_there_and_a_fruitless_search_how_to_go_on() -> None:
    empty = county("空县", ("唯一的局",))
    client = empty.client("admin")
    assert "没有符合条件的单位" in _text(client.get("/units/?q=zzz"))
    assert "这里列出单位组" in _text(client.get("/groups/"))
    assert "没有符合条件的账号" in _text(client.get("/accounts/?q=zzz"))
    Unit.objects.filter(pk=empty.units[0].pk).update(abolished_at="2026-01-01T00:00Z")
    assert "这里列出全部责任单位" in _text(client.get("/units/"))
    assert [row.name for row in client.get("/units/?abolished=on").context["page"]] == ["唯一的局"]


def test_a_list_longer_than_a_page_is_turned_and_keeps_its_filter(body: County) -> None:
    _grow(body, 60)
    first = body.client("admin").get("/accounts/", {"role": "filler"})
    assert len(first.context["page"]) == 50
    assert "role=filler&amp;page=2" in _text(first)
    second = body.client("admin").get("/accounts/", {"role": "filler", "page": "2"})
    assert len(second.context["page"]) == 11


def test_a_unit_is_added_renamed_classed_moved_and_abolished_in_the_browser(body: County) -> None:
    client, root = body.client("office"), Unit.objects.get(organisation=body.organisation, parent=None)
    client.post("/units/add/", {"name": " 县 \u200b审计局 ", "parent": root.pk})
    unit = Unit.objects.get(name="县 审计局")
    client.post(f"/units/{unit.pk}/rename/", {"name": "县审计局"})
    client.post(f"/units/{unit.pk}/class/", {"unit_class": "县直部门"})
    client.post(f"/units/{unit.pk}/aliases/", {"alias-name": "审计"})
    client.post(f"/units/{unit.pk}/move/", {"to": body.units[0].pk})
    unit.refresh_from_db()
    assert (unit.name, unit.parent, str(unit.unit_class)) == ("县审计局", body.units[0], "县直部门")
    assert [alias.name for alias in unit.aliases.all()] == ["县 审计局", "审计"]
    client.post(f"/units/aliases/{unit.aliases.get(name='审计').pk}/remove/")
    client.post(f"/units/{unit.pk}/move/", {"to": root.pk})
    client.post(f"/units/{unit.pk}/shift/", {"way": "up"})
    order = list(Unit.objects.filter(organisation=body.organisation).offices().values_list("name", flat=True))
    assert order == ["县民政局", "县审计局", "县人力资源和社会保障局"]
    assert "撤销错了可以恢复" in _text(client.get(f"/units/{unit.pk}/abolish/"))
    client.post(f"/units/{unit.pk}/abolish/")
    unit.refresh_from_db()
    assert unit.abolished_at is not None
    client.post(f"/units/{unit.pk}/restore/")
    actions = (
        AuditEvent.objects.filter(actor=body.accounts["office"].user).order_by("id").values_list("action", flat=True)
    )
    assert list(actions) == [
        "新增单位", "单位改名", "调整类别", "增加别名", "移动单位",
        "删除别名", "移动单位", "上移单位", "撤销单位", "恢复单位",
    ]  # fmt: skip


def test_a_taken_name_is_said_at_the_field_and_what_was_typed_stays(body: County) -> None:
    client, unit = body.client("office"), body.units[0]
    for path, values in (
        ("/units/add/", {"name": body.units[1].name, "parent": unit.pk}),
        (f"/units/{unit.pk}/rename/", {"name": body.units[1].name}),
        (f"/units/{unit.pk}/aliases/", {"alias-name": body.units[1].name}),
        ("/groups/add/", {"name": body.units[1].name}),
    ):
        page = _text(client.post(path, values))
        assert "已有名为“县人力资源和社会保障局”的单位" in page
        assert f'value="{body.units[1].name}"' in page
        assert "<title>错误：" in page


def test_a_unit_with_accounts_says_so_before_it_is_abolished(body: County) -> None:
    client, unit = body.client("office"), body.units[0]
    assert "还有 2 个账号在用" in _text(client.get(f"/units/{unit.pk}/abolish/"))
    assert "还有 2 个账号在用" in _text(client.post(f"/units/{unit.pk}/abolish/", follow=True))
    unit.refresh_from_db()
    assert unit.abolished_at is None


def test_a_group_is_made_changed_and_removed_in_the_browser(body: County) -> None:
    client = body.client("office")
    client.post("/groups/add/", {"name": "各部门", "members": [one.pk for one in body.units]})
    group = body.organisation.groups.get()
    client.post(f"/groups/{group.pk}/", {"name": "县政府各部门", "members": [body.units[1].pk]})
    group.refresh_from_db()
    assert (group.name, list(group.members.all())) == ("县政府各部门", [body.units[1]])
    client.post(f"/groups/{group.pk}/remove/")
    assert body.organisation.groups.count() == 0


def test_a_new_account_gets_a_random_password_that_is_shown_once_and_stored_nowhere(body: County) -> None:
    client = body.client("admin")
    page = client.post("/accounts/add/", {"username": "ＬＩＳＩ", "role": "signer", "unit": body.units[1].pk})
    password = page.context["password"]
    assert password in _text(page)
    person = User.objects.get(username="LISI")
    assert person.check_password(password)
    assert person.must_change_password
    assert person.membership.unit == body.units[1]
    assert password not in _text(client.get(f"/accounts/{person.membership.pk}/"))
    assert not AuditEvent.objects.filter(detail__icontains=password).exists()
    again = client.post("/accounts/add/", {"username": "LISI", "role": "leader"})
    assert "已经有人用了" in _text(again)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"role": "filler"}, "要选一个单位"),
        ({"role": "leader", "unit": "1"}, "不属于某个单位"),
        ({"role": "emperor"}, "emperor"),
        ({"role": "leader", "username": "a b"}, "用户名"),
    ],
)
def test_an_account_that_fits_no_role_is_refused_at_the_field(body: County, values: dict[str, str], words: str) -> None:
    if "unit" in values:
        values = values | {"unit": str(body.units[0].pk)}
    before = Membership.objects.count()
    page = body.client("admin").post("/accounts/add/", {"username": "new"} | values)
    assert words in _text(page)
    assert Membership.objects.count() == before


def test_an_account_is_disabled_enabled_reset_and_moved_in_the_browser(body: County) -> None:
    client, found = body.client("admin"), body.accounts["filler"]
    client.post(f"/accounts/{found.pk}/disable/")
    assert "已停用" in _text(client.get("/accounts/?state=disabled"))
    client.post(f"/accounts/{found.pk}/enable/")
    password = client.post(f"/accounts/{found.pk}/reset/").context["password"]
    client.post(f"/accounts/{found.pk}/role/", {"role": "signer", "unit": body.units[1].pk})
    person = User.objects.get(pk=found.user_id)
    assert (person.is_active, person.check_password(password), person.check_password(PASSWORD)) == (True, True, False)
    assert (person.membership.role, person.membership.unit) == ("signer", body.units[1])


def test_nobody_disables_or_promotes_the_account_they_are_using(body: County) -> None:
    client, own = body.client("admin"), body.accounts["admin"]
    assert "不能停用自己" in _text(client.post(f"/accounts/{own.pk}/disable/", follow=True))
    assert "不能修改自己的角色" in _text(client.post(f"/accounts/{own.pk}/role/", {"role": "auditor"}))
    own.refresh_from_db()
    assert (own.role, own.user.is_active) == ("admin", True)


def test_a_jobs_page_tells_how_far_it_is_and_stops_asking_at_its_end(body: County) -> None:
    job = jobs.create(organisation=body.organisation, task="units.nothing", title="导入台账", arguments={}, by=None)
    client, fragment = body.client("office"), {"HX-Request": "true"}
    assert "排队中" in _text(client.get(f"/jobs/{job.pk}/"))
    asked = client.get(f"/jobs/{job.pk}/", headers=fragment)
    assert (asked.status_code, 'hx-trigger="every 1s"' in _text(asked)) == (200, True)
    assert "<html" not in _text(asked)
    jobs.run(job.pk, lambda held: {"url": "/units/"})
    ended = client.get(f"/jobs/{job.pk}/", headers=fragment)
    assert (ended.status_code, "hx-trigger" in _text(ended), 'href="/units/"' in _text(ended)) == (286, False, True)
    job.refresh_from_db()
    assert job.state == JobState.DONE


def test_create_admin_founds_the_organisation_and_prints_the_password_once(capsys: Any) -> None:
    call_command("create_admin", "root", "--organisation", "新县人民政府")
    password = capsys.readouterr().out.split("初始密码 ")[1].split("，")[0]
    client = Client()
    client.post("/login/", {"username": "root", "password": password})
    assert client.get("/accounts/").headers["Location"] == "/password/"
    call_command("create_admin", "root2", "--organisation", "新县人民政府")
    assert Membership.objects.filter(organisation__name="新县人民政府", role="admin").count() == 2
    with pytest.raises(CommandError, match="已经有人用了"):
        call_command("create_admin", "root", "--organisation", "新县人民政府")
