"""二次验证: a code after the password, once, by the same lock; recovery codes; who may take it away."""

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pyotp
import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.units.people import PASSWORD, County, county
from units import cipher, second_factor
from units.accounts import reset_password, set_active
from units.models import AuditEvent, RecoveryCode, SecondFactor, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def body() -> County:
    return county()


@pytest.fixture
def clock() -> Iterator[Any]:
    """Time stands still until it is moved."""
    with time_machine.travel(timezone.now(), tick=False) as moved:
        yield moved


def _user(body: County, role: str = "office") -> User:
    return body.accounts[role].user


def _code(secret: str, steps: int = 0) -> str:
    return str(pyotp.TOTP(secret).at(timezone.now(), counter_offset=steps))


def _password(user: User, password: str = PASSWORD, **more: Any) -> Client:
    """A browser in which the password was given."""
    client = Client()
    client.post("/login/", {"username": user.username, "password": password} | more)
    return client


def _is_in(client: Client) -> bool:
    return client.get("/notices/").status_code == 200


def _shown_key(client: Client) -> str:
    found = re.search(r'class="enrol-key">([^<]+)<', client.get("/second-factor/").content.decode())
    assert found
    return found[1].replace(" ", "")


def _enrolled(user: User, clock: Any) -> tuple[str, list[str]]:
    """The authenticator's secret and the recovery codes; the next code is a fresh one."""
    client = _password(user)
    secret = _shown_key(client)
    codes = client.post("/second-factor/", {"code": _code(secret)}).context["codes"]
    clock.shift(timedelta(seconds=60))
    user.refresh_from_db()
    return secret, codes


# ---- setting it up -----------------------------------------------------------------------------------


def test_a_person_scans_or_types_the_key_and_confirms_it_by_a_code(body: County, clock: Any) -> None:
    client, other = _password(_user(body)), _password(_user(body))
    page = client.get("/second-factor/").content.decode()
    assert 'src="data:image/svg+xml' in page
    assert _shown_key(client) == _shown_key(client), "loading the page again keeps what was scanned"
    secret = _shown_key(client)
    wrong = client.post("/second-factor/", {"code": "000000"})
    assert "动态码不对" in wrong.content.decode()
    assert not SecondFactor.objects.exists()
    # as an input method leaves it
    typed = _code(secret).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    done = client.post("/second-factor/", {"code": f" {typed[:3]} {typed[3:]}"})
    assert len(set(done.context["codes"])) == 10
    assert all(re.fullmatch(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", one) for one in done.context["codes"])
    assert _is_in(client)
    assert not _is_in(other), "a session without the second factor ends"
    assert AuditEvent.objects.filter(action="开启二次验证", actor=_user(body)).count() == 1
    again = client.post("/second-factor/", {"code": _code(secret, 1)})
    assert "已作废" not in again.content.decode()
    assert SecondFactor.objects.count() == 1


def test_neither_secret_nor_codes_can_be_read_in_the_database(body: County, clock: Any) -> None:
    client = _password(_user(body))
    secret = _shown_key(client)
    stored = [str(Session.objects.get(pk=client.session.session_key).get_decoded())]
    codes = client.post("/second-factor/", {"code": _code(secret)}).context["codes"]
    stored += [SecondFactor.objects.get().secret, *RecoveryCode.objects.values_list("digest", flat=True)]
    told = " ".join(stored)
    assert secret not in told
    assert not any(code in told or code.replace("-", "") in told for code in codes)


def test_a_secret_stays_readable_under_a_former_secret_key_and_under_no_other(
    body: County, clock: Any, settings: Any
) -> None:
    secret, codes = _enrolled(_user(body), clock)
    former = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key", [former]
    assert second_factor.accept(_user(body), _code(secret)) == "动态码"
    assert second_factor.accept(_user(body), codes[0]) == "恢复码"
    settings.SECRET_KEY_FALLBACKS = []
    clock.shift(timedelta(seconds=60))
    assert [second_factor.accept(_user(body), one) for one in (_code(secret), codes[1])] == ["", ""]
    with pytest.raises(cipher.Unreadable):
        cipher.decrypt(SecondFactor.objects.get().secret, "units.second_factor")


def test_a_role_it_is_not_offered_to_finds_no_way_to_it(body: County, settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = ["leader"]
    leader, office = body.client("leader"), body.client("office")
    assert '"/second-factor/"' in leader.get("/notices/").content.decode()
    assert '"/second-factor/"' not in office.get("/notices/").content.decode()
    assert office.get("/second-factor/").status_code == 403


# ---- signing in --------------------------------------------------------------------------------------


def test_the_password_alone_opens_nothing_and_the_code_opens_all(body: County, clock: Any) -> None:
    secret, _ = _enrolled(_user(body), clock)
    client = _password(_user(body), next="/units/?q=a")
    key = client.session.session_key
    assert not _is_in(client)
    page = client.get("/login/code/")
    assert page.status_code == 200
    assert "no-store" in page.headers["Cache-Control"]
    assert 'autocomplete="one-time-code"' in page.content.decode()
    assert client.post("/units/add/", {"name": "新局"}).headers["Location"].startswith("/login/")
    led = client.post("/login/code/", {"code": _code(secret)})
    assert led.headers["Location"] == "/units/?q=a"
    assert client.session.session_key != key
    assert _is_in(client)
    line = AuditEvent.objects.filter(action="登录").latest("id")
    assert (line.result, line.detail) == ("成功", {"二次验证": "动态码"})


@pytest.mark.parametrize(("steps", "opens"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_off_and_no_more(body: County, clock: Any, steps: int, opens: bool) -> None:
    secret, _ = _enrolled(_user(body), clock)
    clock.shift(timedelta(minutes=5))
    client = _password(_user(body))
    client.post("/login/code/", {"code": _code(secret, steps)})
    assert _is_in(client) is opens


def test_no_code_is_taken_twice_nor_one_before_it(body: County, clock: Any) -> None:
    secret, _ = _enrolled(_user(body), clock)
    seen, earlier = _code(secret), _code(secret, -1)
    assert _is_in(_after_code(body, seen))
    for used in (seen, earlier):
        assert not _is_in(_after_code(body, used))
    clock.shift(timedelta(seconds=30))
    assert _is_in(_after_code(body, _code(secret)))


def _after_code(body: County, code: str) -> Client:
    client = _password(_user(body))
    client.post("/login/code/", {"code": code})
    return client


def test_the_code_that_enrolled_is_used(body: County) -> None:
    client = _password(_user(body))
    secret = _shown_key(client)
    code = _code(secret)
    client.post("/second-factor/", {"code": code})
    assert not _is_in(_after_code(body, code))


def test_a_recovery_code_opens_once_and_says_so(body: County, clock: Any) -> None:
    _, codes = _enrolled(_user(body), clock)
    client = _password(_user(body))
    client.post("/login/code/", {"code": codes[3].lower().replace("-", " ")})
    page = client.get("/second-factor/").content.decode()
    assert "用了一个恢复码，它已作废" in page
    assert "还有 9 个恢复码" in page
    assert AuditEvent.objects.filter(action="登录").latest("id").detail == {"二次验证": "恢复码"}
    assert not _is_in(_after_code(body, codes[3]))
    assert _is_in(_after_code(body, codes[4]))


def test_wrong_codes_and_wrong_passwords_lock_the_account_together(body: County, clock: Any) -> None:
    secret, _ = _enrolled(_user(body), clock)
    _password(_user(body), "wrong")
    client = _password(_user(body))
    for _ in range(3):
        assert client.post("/login/code/", {"code": "000000"}).status_code == 200
    fifth = client.post("/login/code/", {"code": "000000"})
    assert fifth.status_code == 429
    assert "15 分钟后再试" in fifth.content.decode()
    assert client.post("/login/code/", {"code": _code(secret)}).status_code == 429
    assert _password(_user(body)).get("/login/code/").status_code == 302
    lines = AuditEvent.objects.filter(action="登录", actor=None).order_by("-id").values_list("result", "detail")[:4]
    assert lines[1] == ("已锁定", {"原因": "二次验证没有通过"})
    assert "000000" not in "".join(AccessAttempt.objects.values_list("post_data", flat=True))
    clock.shift(timedelta(minutes=15, seconds=1))
    assert _is_in(_after_code(body, _code(secret)))


def test_the_right_password_in_between_does_not_begin_the_count_anew(body: County, clock: Any) -> None:
    _enrolled(_user(body), clock)
    said = [_password(_user(body)).post("/login/code/", {"code": "000000"}).status_code for _ in range(5)]
    assert said == [200] * 4 + [429]


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda body, clock: clock.shift(timedelta(minutes=5)),
        lambda body, clock: set_active(body.accounts["office"], False, by=body.accounts["admin"].user),
        lambda body, clock: reset_password(body.accounts["office"], by=body.accounts["admin"].user),
    ],
    ids=["too late", "disabled", "password reset"],
)
def test_what_happens_between_password_and_code_counts(body: County, clock: Any, meanwhile: Any) -> None:
    secret, _ = _enrolled(_user(body), clock)
    client = _password(_user(body))
    meanwhile(body, clock)
    assert client.post("/login/code/", {"code": _code(secret)}).headers["Location"] == "/login/"
    assert not _is_in(client)


def test_without_a_password_there_is_no_field_for_a_code(body: County) -> None:
    assert Client().get("/login/code/").headers["Location"] == "/login/"
    assert Client().post("/login/code/", {"code": "000000"}).headers["Location"] == "/login/"


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite in memory has one connection")
def test_ten_guesses_at_once_are_five() -> None:
    body = county()
    user = _user(body)
    second_factor.enable(user, sealed := second_factor.new_secret(), _code(cipher.decrypt(sealed, _PURPOSE)))
    clients = [_password(user) for _ in range(10)]
    start, said = threading.Barrier(10), []

    def guess(client: Client) -> None:
        start.wait()
        try:
            said.append(client.post("/login/code/", {"code": "000000"}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=guess, args=(client,)) for client in clients]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(said) == [200] * 4 + [429] * 6


_PURPOSE = "units.second_factor"


# ---- the administrators ------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["admin", "auditor"])
def test_by_the_switch_an_administrator_sets_it_up_before_anything_else(
    body: County, clock: Any, settings: Any, role: str
) -> None:
    settings.SECOND_FACTOR_FOR_ADMINISTRATORS = True
    settings.SECOND_FACTOR_ROLES = []
    client = _password(_user(body, role))
    assert client.get("/permissions/").headers["Location"] == "/second-factor/"
    page = client.get("/second-factor/")
    assert "管理员账号必须使用二次验证" in page.content.decode()
    assert page.context["places"] == []
    client.post("/second-factor/", {"code": _code(_shown_key(client))})
    assert client.get("/permissions/").status_code == 200
    assert _is_in(_password(_user(body, "office"))), "others are not concerned"


def test_an_old_password_is_changed_first_and_the_factor_set_up_next(body: County, clock: Any, settings: Any) -> None:
    settings.SECOND_FACTOR_FOR_ADMINISTRATORS = True
    clock.shift(timedelta(days=90))
    client = _password(_user(body, "admin"))
    assert client.get("/second-factor/").headers["Location"] == "/password/"
    fresh = {"new_password1": "Xin-mima-2026", "new_password2": "Xin-mima-2026"}
    client.post("/password/", {"old_password": PASSWORD} | fresh)
    assert client.get("/accounts/").headers["Location"] == "/second-factor/"


def test_who_has_to_have_it_cannot_turn_it_off(body: County, clock: Any, settings: Any) -> None:
    settings.SECOND_FACTOR_FOR_ADMINISTRATORS = True
    secret, _ = _enrolled(_user(body, "admin"), clock)
    client = _password(_user(body, "admin"))
    client.post("/login/code/", {"code": _code(secret)})
    assert "/second-factor/off/" not in client.get("/second-factor/").content.decode()
    clock.shift(timedelta(seconds=30))
    answer = client.post("/second-factor/off/", {"code": _code(secret)}, follow=True)
    assert "不能关闭" in answer.content.decode()
    assert SecondFactor.objects.exists()


# ---- afterwards --------------------------------------------------------------------------------------


def test_new_recovery_codes_and_turning_it_off_take_a_code(body: County, clock: Any) -> None:
    secret, old = _enrolled(_user(body), clock)
    client = body.client("office")
    for path in ("/second-factor/codes/", "/second-factor/off/"):
        # neither a wrong code nor a recovery code: who found the paper shall not make it worthless for its owner
        for code in ("000000", old[0]):
            assert "动态码不对" in client.post(path, {"code": code}, follow=True).content.decode()
    fresh = client.post("/second-factor/codes/", {"code": _code(secret)}).context["codes"]
    assert not set(fresh) & set(old)
    assert [second_factor.accept(_user(body), one) for one in (old[1], fresh[1])] == ["", "恢复码"]
    clock.shift(timedelta(seconds=30))
    other = body.client("office")
    client.post("/second-factor/off/", {"code": _code(secret)})
    assert (_is_in(client), _is_in(other), SecondFactor.objects.count()) == (True, False, 0)
    assert _is_in(_password(_user(body)))
    actions = AuditEvent.objects.order_by("-id").values_list("action", flat=True)
    assert {"重新生成恢复码", "关闭二次验证"} <= set(actions)


def test_guessing_in_an_open_session_locks_the_account_as_well(body: County, clock: Any) -> None:
    secret, _ = _enrolled(_user(body), clock)
    client = body.client("office")
    said = [client.post("/second-factor/off/", {"code": "000000"}).status_code for _ in range(5)]
    assert said == [302] * 4 + [429]
    assert client.post("/second-factor/off/", {"code": _code(secret)}).status_code == 429
    assert SecondFactor.objects.exists()
    assert AuditEvent.objects.filter(action="关闭二次验证").exclude(result="成功").count() == 6


def test_an_administrator_takes_it_away_from_who_lost_phone_and_codes(body: County, clock: Any) -> None:
    _enrolled(_user(body), clock)
    theirs, admin = body.client("office"), body.client("admin")
    pk = body.accounts["office"].pk
    assert "重置二次验证" in admin.get(f"/accounts/{pk}/").content.decode()
    admin.post(f"/accounts/{pk}/second-factor/")
    assert (SecondFactor.objects.count(), _is_in(theirs), _is_in(_password(_user(body)))) == (0, False, True)
    line = AuditEvent.objects.get(action="重置二次验证")
    assert (line.actor, line.target) == (_user(body, "admin"), _user(body).username)
    assert "没有开启" in admin.post(f"/accounts/{pk}/second-factor/", follow=True).content.decode()
    assert AuditEvent.objects.filter(action="重置二次验证").count() == 1


def test_nobody_resets_their_own_without_a_code(body: County, clock: Any) -> None:
    _enrolled(_user(body, "admin"), clock)
    client = body.client("admin")
    client.post(f"/accounts/{body.accounts['admin'].pk}/second-factor/")
    assert SecondFactor.objects.exists()


@pytest.mark.parametrize("role", ["office", "leader", "auditor", "filler"])
def test_others_take_it_from_nobody(body: County, clock: Any, role: str) -> None:
    _enrolled(_user(body, "reviewer"), clock)
    answer = body.client(role).post(f"/accounts/{body.accounts['reviewer'].pk}/second-factor/")
    assert answer.status_code == 403
    assert SecondFactor.objects.exists()
