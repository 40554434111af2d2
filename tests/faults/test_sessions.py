"""Who is signed in, how long and from where, beyond the entrance's own tests; and starts that are refused."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from tests.units.people import PASSWORD, County, county
from units.accounts import change_role, set_active
from units.models import AuditEvent, Role

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db


@pytest.fixture
def body() -> County:
    return county()


def _name(body: County, role: str) -> str:
    return str(body.accounts[role].user.username)


def _login(client: Client, username: str, password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/login/", {"username": username, "password": password}, **more)


def test_a_session_that_somebody_planted_is_not_the_one_that_is_signed_in(body: County) -> None:
    planted = Client()
    planted.get("/login/")
    planted.session.save()
    store = planted.session
    store["planted"] = "1"
    store.save()
    key = store.session_key
    victim = Client()
    victim.cookies["sessionid"] = str(key)
    _login(victim, _name(body, "office"))
    assert victim.cookies["sessionid"].value != key
    thief = Client()
    thief.cookies["sessionid"] = str(key)
    assert thief.get("/units/").headers["Location"].startswith("/login/")
    assert not Session.objects.filter(session_key=key).exists()


def test_another_person_on_the_same_browser_finds_nothing_of_the_first(body: County) -> None:
    client = Client()
    _login(client, _name(body, "office"))
    first = client.session.session_key
    client.post("/logout/")
    _login(client, _name(body, "filler"))
    assert client.session.session_key != first
    assert client.get("/units/").status_code == 403
    old = Client()
    old.cookies["sessionid"] = str(first)
    assert old.get("/units/").status_code == 302


def test_a_write_after_being_disabled_or_given_another_role_is_refused_at_once(body: County) -> None:
    by = body.accounts["admin"].user
    for act in (
        lambda: set_active(body.accounts["office"], False, by=by),
        lambda: change_role(body.accounts["reviewer"], role=Role.LEADER, unit=None, by=by),
    ):
        role = "office" if body.accounts["office"].user.is_active else "reviewer"
        client = body.client(role)
        assert client.get("/ledgers/").status_code == 200
        act()
        body.accounts["office"].user.refresh_from_db()
        assert client.post("/ledgers/new/", {"title": "新台账"}).headers["Location"].startswith("/login/")
    assert not body.organisation.ledgers.exists()


def test_one_password_tried_on_everybody_locks_nobody_out_and_leaves_a_line_each(body: County) -> None:
    for role in Role.values:
        assert _login(Client(), _name(body, role), "Zhengwu-2024", REMOTE_ADDR="10.6.6.6").status_code == 200
    for at in range(60):
        assert _login(Client(), f"nobody{at}", "Zhengwu-2024", REMOTE_ADDR="10.6.6.6").status_code == 200
    lines = AuditEvent.objects.filter(action="登录", result="失败", address="10.6.6.6")
    assert lines.count() == len(Role.values) + 60
    # the office behind the same address goes on working
    assert _login(Client(), _name(body, "leader"), REMOTE_ADDR="10.6.6.6").status_code == 302


def test_a_forged_forwarding_header_neither_hides_the_address_nor_resets_the_count(body: County) -> None:
    for at in range(5):
        last = _login(
            Client(), _name(body, "office"), "wrong", REMOTE_ADDR="10.6.6.6", HTTP_X_FORWARDED_FOR=f"1.2.3.{at}"
        )
    assert last.status_code == 429
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {"10.6.6.6"}
    assert set(AuditEvent.objects.filter(result="失败").values_list("address", flat=True)) == {"10.6.6.6"}


def test_the_name_in_other_letters_is_not_another_account_to_guess_at(body: County) -> None:
    name = _name(body, "office")
    for _ in range(5):
        _login(Client(), name, "wrong")
    for spelled in (name.upper(), f" {name}", f"{name} ", name.replace("office", "ｏｆｆｉｃｅ")):
        assert _login(Client(), spelled).status_code != 302


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite in memory has one connection")
def test_signing_in_twice_at_once_gives_two_whole_sessions_and_no_fault() -> None:
    body = county()
    name, start, said = _name(body, "office"), threading.Barrier(6), []

    def enter() -> None:
        client = Client(raise_request_exception=False)
        start.wait()
        said.append((_login(client, name).status_code, client.get("/units/").status_code))
        connection.close()

    threads = [threading.Thread(target=enter) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert said == [(302, 200)] * 6


def test_signing_in_again_from_an_old_page_leads_on_and_ends_nothing(body: County) -> None:
    client = body.client("office")
    assert _login(client, _name(body, "office")).headers["Location"] == "/"
    assert client.get("/units/").status_code == 200


@pytest.mark.parametrize(
    "target",
    ["https:evil.example", "///evil.example", "http:///evil.example", "\thttps://evil.example", "https://a@evil.example",
     "//evil.example/%2f..", "javascript://%0aalert(1)", "data:text/html,x", "\\\\evil.example", "a\0b", "nowhere"],
)  # fmt: skip
def test_no_trick_leads_to_another_site(body: County, target: str) -> None:
    for path, data in (("/login/", {"username": _name(body, "office"), "password": PASSWORD}), ("/text-size/", {})):
        for way in ({"data": data | {"next": target}}, {"data": data, "QUERY_STRING": f"next={target}"}):
            answer = Client().post(path, **way)
            led = answer.headers["Location"]
            assert answer.status_code == 302
            assert led == "/" or (led == "nowhere" and target == "nowhere") or led.startswith("a%00b")


# ---- headers and cookies -----------------------------------------------------------------------------

_EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def test_pages_of_faults_and_of_strangers_carry_the_headers_of_all_others(body: County) -> None:
    client = body.client("filler")
    strict = Client(enforce_csrf_checks=True)
    answers = {
        200: client.get("/worklist/"),
        302: Client().get("/units/"),
        403: client.get("/units/"),
        404: client.get("/nowhere/"),
        405: client.get("/logout/"),
        413: Client().post("/login/", {"username": "x" * 6_000_000}),
    }
    for status, answer in {**answers, "token": strict.post("/login/")}.items():
        assert status in {answer.status_code, "token"}
        assert {name: answer.headers.get(name) for name in _EVERYWHERE} == _EVERYWHERE
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert "Server" not in answer.headers


@pytest.fixture(scope="module")
def in_service() -> dict[str, Any]:
    """What config.settings says once hosts are named and nothing is said against HTTPS."""
    names = ("SESSION_COOKIE", "CSRF_COOKIE", "SECURE", "ALLOWED", "DEBUG", "HTTPS")
    code = (
        "import json; from config import settings as s;"
        f"print(json.dumps({{n: getattr(s, n) for n in dir(s) if n.startswith({names})}}))"
    )
    done = _python("-c", code, ALLOWED_HOSTS="kaohe.example.gov.cn", SECRET_KEY="a key of its own", PROXY_COUNT="1")
    return dict(json.loads(done.stdout))


def _python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Python in a fresh environment that holds nothing of the tests' own settings."""
    keep = {"PATH", "HOME", "LANG", "TMPDIR"}
    env = {name: value for name, value in os.environ.items() if name in keep}
    env |= {"VAR_DIR": str(Path(os.environ["VAR_DIR"]) / "service"), **environment}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=60
    )


def test_in_service_cookies_travel_by_https_only_and_scripts_see_none(
    body: County, in_service: dict[str, Any], settings: Any
) -> None:
    assert in_service["DEBUG"] is False
    for name, value in in_service.items():
        setattr(settings, name, value)
    host = {"HTTP_HOST": "kaohe.example.gov.cn"}
    plain = Client().get("/login/", **host)
    assert (plain.status_code, plain.headers["Location"]) == (301, "https://kaohe.example.gov.cn/login/")
    client = Client()
    safe = {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_REFERER": "https://kaohe.example.gov.cn/login/", **host}
    page = client.get("/login/", **safe)
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
    client.post("/login/", {"username": _name(body, "office"), "password": PASSWORD}, **safe)
    for name, same_site in (("sessionid", "Lax"), ("csrftoken", "Lax")):
        cookie = client.cookies[name]
        assert (name, cookie["secure"], cookie["httponly"], cookie["samesite"]) == (name, True, True, same_site)
        assert not cookie["domain"]


def test_in_service_only_the_named_hosts_are_answered(in_service: dict[str, Any], settings: Any) -> None:
    settings.ALLOWED_HOSTS = in_service["ALLOWED_HOSTS"]
    settings.DEBUG = in_service["DEBUG"]
    client = Client(raise_request_exception=False)
    for host in ("evil.example", "localhost", "kaohe.example.gov.cn.evil.example", "kaohe.example.gov.cn:80@evil"):
        assert client.get("/login/", HTTP_HOST=host).status_code == 400
    assert client.get("/login/", HTTP_HOST="kaohe.example.gov.cn").status_code == 200


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"ALLOWED_HOSTS": "kaohe.example.gov.cn"}, "SECRET_KEY is not"),
        ({"HTTPS": "perhaps"}, "HTTPS='perhaps'"),
        ({"SESSION_IDLE_MINUTES": "0"}, "SESSION_IDLE_MINUTES"),
        ({"REQUEST_MAX_MIB": "-5"}, "REQUEST_MAX_MIB"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_start_that_lacks_something_is_refused_and_says_what(environment: dict[str, str], named: str) -> None:
    done = _python("manage.py", "check", **environment)
    assert done.returncode != 0
    assert named in done.stderr


@pytest.mark.parametrize("bind", ["--bind 0.0.0.0:0", "-b 0.0.0.0:0", "--bind=0.0.0.0:0", ""])
def test_a_server_for_others_without_host_names_is_refused(bind: str) -> None:
    env = {"PATH": os.environ["PATH"]}
    command = [str(ROOT / "deploy" / "web"), *bind.split()]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 1
    assert "ALLOWED_HOSTS is not set" in done.stderr
