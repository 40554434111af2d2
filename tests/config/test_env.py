"""What the environment may say, and what is refused with the name of what is wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config import env
from tests.site import ROOT
from units.models import Role


def _start(tmp_path: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c"]
    code = "from django.conf import settings as s; print(s.LOCAL, s.HTTPS, s.SESSION_COOKIE_SECURE, s.ALLOWED_HOSTS)"
    known = kept | {"VAR_DIR": str(tmp_path)} | settings
    return subprocess.run([*command, code], cwd=ROOT, env=known, capture_output=True, text=True, check=False)


def test_without_named_hosts_only_this_machine_is_answered(tmp_path: Path) -> None:
    assert _start(tmp_path).stdout.strip() == "True False False ['localhost', '127.0.0.1', '[::1]']"


def test_going_into_service_without_a_secret_key_is_refused_by_its_name(tmp_path: Path) -> None:
    done = _start(tmp_path, ALLOWED_HOSTS="kaohe.example")
    assert done.returncode != 0
    assert "SECRET_KEY" in done.stderr


def test_in_service_cookies_travel_by_https_only(tmp_path: Path) -> None:
    done = _start(tmp_path, ALLOWED_HOSTS="kaohe.example", SECRET_KEY="long and random")
    assert done.stdout.strip() == "False True True ['kaohe.example']"


def test_a_server_that_listens_beyond_this_machine_needs_host_names(tmp_path: Path) -> None:
    command = [str(ROOT / "deploy" / "web"), "--bind", "0.0.0.0:0"]
    done = subprocess.run(
        command, cwd=ROOT, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False, timeout=20
    )
    assert done.returncode == 1
    assert "ALLOWED_HOSTS" in done.stderr


def test_the_secret_key_of_this_machine_is_made_once_and_readable_to_its_owner_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    first = env.secret_key(tmp_path, local=True)
    assert env.secret_key(tmp_path, local=True) == first
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("off", False), ("TRUE", True), ("", False)])
def test_a_switch_is_on_or_off(value: str, expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SWITCH", value)
    assert env.flag("A_SWITCH", default=not expected) is expected


def test_a_switch_that_is_neither_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SWITCH", "perhaps")
    with pytest.raises(ImproperlyConfigured, match="A_SWITCH"):
        env.flag("A_SWITCH", default=True)


@pytest.mark.parametrize("value", ["-1", "ten", "0", "1.5"])
def test_a_number_below_its_least_or_no_number_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_NUMBER", value)
    with pytest.raises(ImproperlyConfigured, match="A_NUMBER"):
        env.number("A_NUMBER", 5, least=1)


def test_in_service_a_redis_of_another_machine_needs_a_password(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="REDIS_URL"):
        env.broker(tmp_path, "redis://10.0.0.7:6379/0", local=False)
    url, _ = env.broker(tmp_path, "redis://:secret@10.0.0.7:6379/0", local=False)
    assert url == "redis://:secret@10.0.0.7:6379/0"


def test_a_choice_that_nobody_knows_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_ROLES", "admin, leader")
    assert env.choices("SOME_ROLES", ["admin", "office", "leader"]) == ["admin", "leader"]
    monkeypatch.setenv("SOME_ROLES", "admin, leaders")
    with pytest.raises(ImproperlyConfigured, match="SOME_ROLES: leaders"):
        env.choices("SOME_ROLES", ["admin", "office", "leader"])
    assert Role.values == settings.SECOND_FACTOR_ROLES, "unless told otherwise, it is every role there is"
