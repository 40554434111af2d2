from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.auth.hashers import identify_hasher, make_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from tests.units.people import PASSWORD, County, county
from units.accounts import add_account, change_role, reset_password, set_active, unlock
from units.models import AuditEvent, Role, User
from units.passwords import CharacterClassesValidator

pytestmark = pytest.mark.django_db


@pytest.fixture
def body() -> County:
    return county()


def _name(body: County, role: str) -> str:
    return body.accounts[role].user.username


def _login(client: Client, username: str, password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/login/", {"username": username, "password": password} | more.pop("also", {}), **more)


def _at_home(client: Client) -> bool:
    return client.get("/permissions/").status_code == 200


@pytest.mark.parametrize("role", Role.values)
def test_everybody_signs_in_and_begins_at_a_place_of_their_own(body: County, role: str) -> None:
    client = Client()
    assert _login(client, _name(body, role)).headers["Location"] == "/"
    first = client.get("/", follow=True)
    assert first.status_code == 200
    places = first.context["places"]
    assert len(places) <= 6
    assert next(current for _, _, current in places) is True


def test_five_wrong_passwords_lock_the_account_and_not_the_address(body: County) -> None:
    client, name = Client(), _name(body, "office")
    for _ in range(4):
        assert _login(client, name, "wrong").status_code == 200
    assert _login(client, name, "wrong").status_code == 429
    refused = _login(client, name)
    assert refused.status_code == 429
    words = refused.content.decode()
    assert "15 分钟后再试" in words
    assert "系统管理员" in words
    # the colleague at the same address is not concerned, nor is the account from elsewhere let in
    assert _login(Client(), _name(body, "leader")).status_code == 302
    assert _login(Client(), name, REMOTE_ADDR="10.9.9.9").status_code == 429


def test_the_lock_ends_after_a_quarter_of_an_hour_whoever_went_on_trying(body: County) -> None:
    name = _name(body, "office")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(5):
            _login(Client(), name, "wrong")
        clock.shift(timedelta(minutes=10))
        assert _login(Client(), name, "wrong").status_code == 429
        clock.shift(timedelta(minutes=5, seconds=1))
        assert _login(Client(), name).status_code == 302


def test_an_unknown_name_is_locked_alike_and_told_alike(body: County) -> None:
    known, unknown = _login(Client(), _name(body, "office"), "wrong"), _login(Client(), "nobody", "wrong")
    said = [answer.context["form"].non_field_errors() for answer in (known, unknown)]
    assert said[0] == said[1]
    assert len(said[0]) == 1
    for _ in range(4):
        last = _login(Client(), "nobody", "wrong")
    assert last.status_code == 429


def test_an_administrator_ends_a_lock(body: County) -> None:
    name = _name(body, "office")
    for _ in range(5):
        _login(Client(), name, "wrong")
    page = body.client("admin").get(f"/accounts/{body.accounts['office'].pk}/").content.decode()
    assert "解除锁定" in page
    unlock(body.accounts["office"], by=body.accounts["admin"].user)
    assert _login(Client(), name).status_code == 302


def test_every_coming_and_going_is_a_line_of_the_audit(body: County) -> None:
    client, name = Client(), _name(body, "office")
    _login(client, name, "wrong", REMOTE_ADDR="10.1.1.1")
    _login(client, name, REMOTE_ADDR="10.1.1.1")
    client.post("/logout/", REMOTE_ADDR="10.1.1.1")
    for _ in range(5):
        _login(client, "nobody\x07", "wrong")
    lines = AuditEvent.objects.filter(action__in=["登录", "退出"]).order_by("id")
    seen = [(line.action, line.result, line.address) for line in lines[:3]]
    assert seen == [("登录", "失败", "10.1.1.1"), ("登录", "成功", "10.1.1.1"), ("退出", "成功", "10.1.1.1")]
    assert [line.result for line in lines[3:]] == ["失败"] * 4 + ["已锁定"]
    assert {line.actor_name for line in lines[3:]} == {"nobody"}
    assert {line.organisation for line in lines} == {body.organisation}


def test_no_password_reaches_the_database(body: County) -> None:
    _login(Client(), _name(body, "office"), "geheim-Geheim-1")
    attempt = AccessAttempt.objects.get()
    stored = "".join(str(value) for value in attempt.__dict__.values())
    assert "geheim-Geheim-1" not in stored


def test_signing_in_gives_a_new_session(body: County) -> None:
    client = Client()
    client.cookies["sessionid"] = "a" * 32
    _login(client, _name(body, "office"))
    first = client.cookies["sessionid"].value
    assert first != "a" * 32
    client.post("/logout/")
    _login(client, _name(body, "office"))
    assert client.cookies["sessionid"].value != first


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
)
def test_nobody_is_led_to_another_site(body: County, target: str) -> None:
    client = Client()
    led = _login(client, _name(body, "office"), also={"next": target}).headers["Location"]
    assert led == "/"
    assert client.post("/text-size/", {"size": "large", "next": target}).headers["Location"] == "/"


def test_after_login_one_is_where_one_wanted_to_be(body: County) -> None:
    client = Client()
    asked = client.get("/audit/?q=a")
    assert asked.headers["Location"] == "/login/?next=/audit/%3Fq%3Da"
    led = _login(client, _name(body, "auditor"), also={"next": "/audit/?q=a"})
    assert led.headers["Location"] == "/audit/?q=a"


def test_signing_out_takes_a_click_and_ends_the_session(body: County) -> None:
    client = body.client("admin")
    assert client.get("/logout/").status_code == 405
    assert _at_home(client)
    client.post("/logout/")
    assert not _at_home(client)


@pytest.mark.parametrize(
    "ends",
    [
        lambda found, by: set_active(found, False, by=by),
        lambda found, by: reset_password(found, by=by),
        lambda found, by: change_role(found, role=Role.AUDITOR, unit=None, by=by),
    ],
    ids=["disabled", "password reset", "role changed"],
)
def test_a_changed_account_is_out_at_its_next_click(body: County, ends: Any) -> None:
    organisation = body.organisation
    second = county_admin(organisation)
    client = body.client("admin")
    assert _at_home(client)
    ends(body.accounts["admin"], second)
    assert client.get("/permissions/").headers["Location"] == "/login/?next=/permissions/"


def county_admin(organisation: Any) -> User:
    """A second administrator."""
    return add_account(organisation, "admin-two", role=Role.ADMIN, by=None)[0]


def test_a_disabled_account_cannot_sign_in_and_is_told_nothing_more(body: County) -> None:
    set_active(body.accounts["office"], False, by=body.accounts["admin"].user)
    wrong, right = (_login(Client(), _name(body, "office"), word) for word in ("wrong", PASSWORD))
    assert wrong.context["form"].non_field_errors() == right.context["form"].non_field_errors()


def test_enabling_again_does_not_wake_old_sessions(body: County) -> None:
    client, by = body.client("office"), body.accounts["admin"].user
    set_active(body.accounts["office"], False, by=by)
    set_active(body.accounts["office"], True, by=by)
    assert client.get("/units/").status_code == 302


def test_an_idle_session_ends_and_a_used_one_goes_on(body: County) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = body.client("office")
        for _ in range(4):
            assert client.get("/units/").status_code == 200
            clock.shift(timedelta(minutes=29))
        assert client.get("/units/").status_code == 200
        clock.shift(timedelta(minutes=31))
        assert client.get("/units/?q=a").headers["Location"] == "/login/?next=/units/%3Fq%3Da"


def test_an_administrators_session_ends_after_half_the_time_and_the_page_knows(body: County) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = body.client("admin")
        assert 'data-session-seconds="900"' in client.get("/accounts/").content.decode()
        clock.shift(timedelta(minutes=16))
        assert client.get("/accounts/").status_code == 302


def test_no_session_lasts_longer_than_a_working_day(body: County) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = Client()
        _login(client, _name(body, "office"))
        for _ in range(24):
            clock.shift(timedelta(minutes=20))
            last = client.get("/units/").status_code
            assert last in {200, 302}
        clock.shift(timedelta(minutes=1))
        assert client.get("/units/").status_code == 302


def test_a_fragment_is_told_so_and_not_given_the_login_page(body: County) -> None:
    assert Client().get("/jobs/1/", headers={"HX-Request": "true"}).status_code == 401
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = body.client("office")
        client.get("/units/")
        clock.shift(timedelta(minutes=31))
        assert client.get("/jobs/1/", headers={"HX-Request": "true"}).status_code == 401


def test_a_first_password_leads_nowhere_but_to_its_change(body: County) -> None:
    word = reset_password(body.accounts["office"], by=body.accounts["admin"].user)
    client = Client()
    _login(client, _name(body, "office"), word)
    assert client.get("/units/").headers["Location"] == "/password/"
    page = client.get("/password/")
    assert "初始密码" in page.content.decode()
    assert page.context["places"] == []
    fresh = {"new_password1": "Xin-mima-2026", "new_password2": "Xin-mima-2026"}
    refused = client.post("/password/", {"old_password": "wrong"} | fresh)
    assert refused.status_code == 200
    assert client.get("/units/").status_code == 302
    changed = client.post("/password/", {"old_password": word} | fresh)
    assert changed.headers["Location"] == "/"
    assert client.get("/units/").status_code == 200
    assert _login(Client(), _name(body, "office"), word).status_code == 200


def test_ones_own_new_password_ends_the_other_sessions(body: County) -> None:
    here, there = body.client("office"), body.client("office")
    fresh = {"new_password1": "Xin-mima-2026", "new_password2": "Xin-mima-2026"}
    here.post("/password/", {"old_password": PASSWORD} | fresh)
    assert (here.get("/units/").status_code, there.get("/units/").status_code) == (200, 302)


@pytest.mark.parametrize("word", ["abcdefghij", "ABCDEFGHIJ1", "1234567890", "abcdefghi1"])
def test_two_kinds_of_characters_are_too_few(word: str) -> None:
    with pytest.raises(ValidationError, match="三种"):
        CharacterClassesValidator().validate(word)


@pytest.mark.parametrize("word", ["Abcdefghi1", "abcdefg-1", "ABC-def", "政务Ab1"])
def test_three_kinds_are_enough(word: str) -> None:
    CharacterClassesValidator().validate(word)


def test_passwords_are_kept_by_argon2_outside_the_tests() -> None:
    hashers = import_module("config.settings").PASSWORD_HASHERS
    assert hashers[0] == "django.contrib.auth.hashers.Argon2PasswordHasher"


def test_argon2_works_here(settings: Any) -> None:
    settings.PASSWORD_HASHERS = import_module("config.settings").PASSWORD_HASHERS
    assert identify_hasher(make_password(PASSWORD)).algorithm == "argon2"


def test_text_size_and_contrast_are_kept_with_the_account_and_on_the_machine(body: County) -> None:
    client = body.client("admin")
    answer = client.post("/text-size/", {"size": "huge", "next": "/accounts/?q=a"})
    assert answer.headers["Location"] == "/accounts/?q=a"
    client.post("/text-size/", {"contrast": "high"})
    client.post("/text-size/", {"size": "<b>", "contrast": "pink"})
    assert (
        '<html lang="zh-Hans" data-text-size="huge" data-contrast="high">' in client.get("/accounts/").content.decode()
    )
    client.post("/logout/")
    assert 'data-text-size="huge"' in client.get("/login/").content.decode()
    assert 'data-text-size="huge"' in body.client("admin").get("/accounts/").content.decode()


def test_an_account_without_a_role_may_do_nothing(body: County) -> None:
    user = User.objects.create_user("stranger", password=PASSWORD)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert [client.get(path).status_code for path in ("/", "/units/", "/password/")] == [403] * 3
