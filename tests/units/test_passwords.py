"""How long a password opens an account, and which one may follow it."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from tests.units.people import PASSWORD, County, county
from units.accounts import change_password, reset_password
from units.models import AuditEvent, FormerPassword, SecondFactor, User

pytestmark = pytest.mark.django_db
FRESH = "Xin-mima-2026"


@pytest.fixture
def body() -> County:
    return county()


@pytest.fixture
def clock() -> Iterator[Any]:
    """Time stands still until it is moved."""
    with time_machine.travel(timezone.now(), tick=False) as moved:
        yield moved


def _name(body: County, role: str = "office") -> str:
    return str(body.accounts[role].user.username)


def _login(username: str, password: str = PASSWORD) -> tuple[Client, Any]:
    client = Client()
    return client, client.post("/login/", {"username": username, "password": password})


def _change(client: Client, old: str, new: str = FRESH) -> Any:
    return client.post("/password/", {"old_password": old, "new_password1": new, "new_password2": new})


# ---- first passwords ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("clock")
def test_a_new_accounts_first_password_is_shown_with_how_long_it_holds(body: County) -> None:
    data = {"username": "xin", "role": "filler", "unit": body.units[0].pk}
    page = body.client("admin").post("/accounts/add/", data).content.decode()
    assert "72 小时内有效" in page
    assert User.objects.get(username="xin").first_password_until == timezone.now() + timedelta(hours=72)


def test_a_first_password_opens_the_account_for_72_hours_and_then_says_whom_to_ask(body: County, clock: Any) -> None:
    word = reset_password(body.accounts["office"], by=body.accounts["admin"].user)
    clock.shift(timedelta(hours=72) - timedelta(seconds=1))
    assert _login(_name(body), word)[1].status_code == 302
    clock.shift(timedelta(seconds=1))
    client, answer = _login(_name(body), word)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "72 小时内有效，现在已过期" in page
    assert "与系统管理员联系，由其重置密码" in page
    assert client.get("/units/").headers["Location"].startswith("/login/")
    line = AuditEvent.objects.filter(action="登录").latest("id")
    assert (line.result, line.detail) == ("失败", {"原因": "初始密码已过期"})


def test_who_does_not_know_the_first_password_is_not_told_that_it_is_over(body: County, clock: Any) -> None:
    reset_password(body.accounts["office"], by=body.accounts["admin"].user)
    clock.shift(timedelta(hours=73))
    assert "过期" not in "".join(_login(_name(body), "wrong")[1].context["form"].non_field_errors())


def test_an_administrator_sees_whose_first_password_is_over_and_gives_another(body: County, clock: Any) -> None:
    reset_password(body.accounts["office"], by=body.accounts["admin"].user)
    clock.shift(timedelta(hours=73))
    client, pk = body.client("admin"), body.accounts["office"].pk
    for path in ("/accounts/", f"/accounts/{pk}/"):
        assert "初始密码已过期" in client.get(path).content.decode()
    word = client.post(f"/accounts/{pk}/reset/").context["password"]
    assert _login(_name(body), word)[1].headers["Location"] == "/"


def test_a_change_begun_in_time_may_end_later(body: County, clock: Any) -> None:
    word = reset_password(body.accounts["office"], by=body.accounts["admin"].user)
    clock.shift(timedelta(hours=71, minutes=50))
    client, _ = _login(_name(body), word)
    clock.shift(timedelta(minutes=20))
    assert _change(client, word).headers["Location"] == "/"
    clock.shift(timedelta(hours=100))
    assert _login(_name(body), FRESH)[1].headers["Location"] == "/"


def test_the_first_administrators_password_holds_as_long_and_the_command_says_so(clock: Any) -> None:
    said = StringIO()
    call_command("create_admin", "first", "--organisation", "会稽县", stdout=said)
    assert "72 小时内有效" in said.getvalue()
    word = said.getvalue().partition("初始密码 ")[2].partition("，")[0]
    assert _login("first", word)[1].status_code == 302
    clock.shift(timedelta(hours=72))
    assert "运维人员在服务器上重置" in _login("first", word)[1].content.decode()


def test_whom_no_administrator_can_help_is_helped_on_the_server(body: County) -> None:
    user = body.accounts["admin"].user
    client = body.client("admin")
    SecondFactor.objects.create(user=user, secret="sealed")
    said = StringIO()
    call_command("reset_password", user.username, "--second-factor", stdout=said)
    word = said.getvalue().partition("初始密码 ")[2].partition("，")[0]
    assert client.get("/accounts/").headers["Location"].startswith("/login/")
    assert _login(user.username)[1].status_code == 200
    assert _login(user.username, word)[0].get("/accounts/").headers["Location"] == "/password/"
    lines = AuditEvent.objects.filter(action__in=["重置密码", "重置二次验证"]).values_list("actor_name", flat=True)
    assert list(lines) == ["系统", "系统"]
    with pytest.raises(CommandError, match="没有账号"):
        call_command("reset_password", "nobody")


# ---- age ---------------------------------------------------------------------------------------------


def test_a_password_is_changed_at_the_first_login_after_90_days(body: County, clock: Any) -> None:
    clock.shift(timedelta(days=90) - timedelta(seconds=1))
    client, _ = _login(_name(body))
    assert client.get("/units/").status_code == 200
    clock.shift(timedelta(seconds=1))
    # who is at work is not stopped in the middle of it
    assert client.get("/units/").status_code == 200
    client, _ = _login(_name(body))
    assert client.get("/units/").headers["Location"] == "/password/"
    page = client.get("/password/")
    assert "密码已用满期限" in page.content.decode()
    assert page.context["places"] == []
    assert client.post("/ledgers/new/", {"title": "新台账"}).headers["Location"] == "/password/"
    assert _change(client, PASSWORD).headers["Location"] == "/"
    assert client.get("/units/").status_code == 200
    assert _login(_name(body), FRESH)[0].get("/units/").status_code == 200


@pytest.mark.parametrize(("day", "said"), [(82, ""), (83, "还有 7 天"), (84, "还有 6 天"), (89, "还有 1 天")])
def test_from_the_83rd_day_each_login_says_how_many_days_are_left(
    body: County, clock: Any, day: int, said: str
) -> None:
    clock.shift(timedelta(days=day))
    client, _ = _login(_name(body))
    page = client.get("/units/").content.decode()
    assert ("到期" in page) == bool(said)
    assert said in page


def test_an_office_may_let_its_passwords_not_age(body: County, clock: Any, settings: Any) -> None:
    settings.PASSWORD_MAX_DAYS = 0
    clock.shift(timedelta(days=900))
    page = _login(_name(body))[0].get("/units/")
    assert page.status_code == 200
    assert "到期" not in page.content.decode()


def test_the_rules_stand_before_the_field(client: Client) -> None:
    page = client.get("/login/").content.decode()
    assert "初始密码 72 小时内有效，首次登录时必须修改。" in page
    assert "密码满 90 天要更换，到期前 7 天起提醒。" in page


# ---- which one may follow ----------------------------------------------------------------------------


def test_none_of_the_last_five_comes_back_and_the_sixth_may(body: County) -> None:
    client, _ = _login(_name(body))
    words = [PASSWORD, *(f"Xin-mima-{at}-abcd" for at in range(5))]
    for old, new in pairwise(words):
        assert _change(client, old, new).status_code == 302
    for used in words[1:]:
        answer = _change(client, words[-1], used)
        assert answer.status_code == 200
        assert "不能用最近 5 次用过的密码" in answer.content.decode()
    assert _change(client, words[-1], PASSWORD).status_code == 302
    assert FormerPassword.objects.filter(user=body.accounts["office"].user).count() == 4


def test_a_password_before_a_reset_counts_too(body: County) -> None:
    word = reset_password(body.accounts["office"], by=body.accounts["admin"].user)
    client, _ = _login(_name(body), word)
    for used in (word, PASSWORD):
        assert "用过的密码" in _change(client, word, used).content.decode()


def test_anothers_passwords_are_no_hindrance(body: County) -> None:
    change_password(body.accounts["leader"].user, FRESH)
    assert _change(_login(_name(body))[0], PASSWORD, FRESH).status_code == 302


def test_former_passwords_are_kept_as_hashes_only(body: County) -> None:
    change_password(body.accounts["office"].user, FRESH)
    kept = FormerPassword.objects.get().password
    assert PASSWORD not in kept
    assert kept.count("$") >= 2


@pytest.mark.parametrize(
    "word",
    ["Zhengwu-2026", "zheng.WU.gong.1", "Kaohe@123456", "P@ssw0rd-2026x", "4dm1n-Xyz-99", "ＫＡＯＨＥ-2026x",
     "Zhangjianhua-88", "Xmzj-2026-ab", "Xianminzhengju1"],
)  # fmt: skip
def test_what_anybody_would_try_first_is_no_password(body: County, word: str) -> None:
    person = body.accounts["filler"].user
    User.objects.filter(pk=person.pk).update(display_name="张建华")
    answer = _change(_login(_name(body, "filler"))[0], PASSWORD, word)
    assert "密码里不能有系统名称、单位名称、姓名或用户名的拼音" in answer.content.decode()


@pytest.mark.parametrize("word", ["Qingfeng-2026", "Lüshan-77-xX", "wo-ai-Chifan1"])
def test_a_word_of_ones_own_is_one(body: County, word: str) -> None:
    assert _change(_login(_name(body, "filler"))[0], PASSWORD, word).status_code == 302
