"""What the environment says, typed and loud; settings.py asks nothing else about the machine."""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent
environ.Env.read_env(ROOT / ".env")
_env = environ.Env()


def text(name: str, default: str | None = None) -> str:
    """The variable's words; raises ImproperlyConfigured with its name where it is missing without a default."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"The environment variable {name} is not set.")
    return value


def flag(name: str, *, default: bool) -> bool:
    """1/0, true/false, on/off, yes/no; anything else is refused."""
    value = os.environ.get(name, "1" if default else "0").strip().lower()
    if value in {"1", "true", "on", "yes"}:
        return True
    if value in {"0", "false", "off", "no", ""}:
        return False
    raise ImproperlyConfigured(f"{name}={value!r} is neither 1 nor 0.")


def number(name: str, default: int, *, least: int = 0) -> int:
    """A whole number not below `least`."""
    value = os.environ.get(name, str(default))
    if not value.isdecimal() or int(value) < least:
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number of at least {least}.")
    return int(value)


def names(name: str, default: list[str]) -> list[str]:
    """A list separated by commas."""
    value = os.environ.get(name)
    return default if value is None else [part.strip() for part in value.split(",") if part.strip()]


def choices(name: str, known: list[str]) -> list[str]:
    """Some of the known words, separated by commas; all of them where nothing is said, any other is refused."""
    chosen = names(name, known)
    if unknown := [word for word in chosen if word not in known]:
        raise ImproperlyConfigured(f"{name}: {', '.join(unknown)} is none of {', '.join(known)}.")
    return chosen


def mail_sender(name: str, *, needed: bool) -> str:
    """The address e-mails come from; raises ImproperlyConfigured where a mail server is named without one."""
    value = os.environ.get(name, "").strip()
    if needed and "@" not in value:
        raise ImproperlyConfigured(f"EMAIL_HOST is set, but {name}={value!r} is no address to send from.")
    return value or "nobody@localhost"


def database(url: str) -> dict[str, Any]:
    """Django's dictionary for a database URL."""
    return dict(_env.db_url_config(url))


def secret_key(var: Path, *, local: bool) -> str:
    """SECRET_KEY; where only this machine is answered, else a random one made once, readable to its owner only."""
    if value := os.environ.get("SECRET_KEY"):
        return value
    if not local:
        raise ImproperlyConfigured("ALLOWED_HOSTS is set, but SECRET_KEY is not. Set a long random text of your own.")
    path = var / "secret-key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
    return path.read_text()


def broker(var: Path, redis_url: str, *, local: bool) -> tuple[str, dict[str, Any]]:
    """The broker's address and options: Redis, or folders below `var` that are made here.

    Raises ImproperlyConfigured, in service, for a Redis of another machine that anybody may write to.
    """
    if redis_url:
        where = urlsplit(redis_url)
        if not local and not where.password and where.hostname not in {"localhost", "127.0.0.1", "::1"}:
            raise ImproperlyConfigured(
                "REDIS_URL names another machine without a password: redis://:password@host:6379/0"
            )
        # one try only: a page waits for the broker at most two seconds, the sweeper sends again
        once = {"max_retries": 0, "interval_start": 0, "connect_retries_timeout": 2}
        return redis_url, {"visibility_timeout": 1800, "socket_timeout": 2, "socket_connect_timeout": 2, **once}
    queue = var / "queue"
    folders = {name: queue / name for name in ("messages", "control", "processed")}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    return "filesystem://localhost", {
        "data_folder_in": str(folders["messages"]),
        "data_folder_out": str(folders["messages"]),
        "control_folder": str(folders["control"]),
        "processed_folder": str(folders["processed"]),
        "store_processed": False,
        "polling_interval": 0.1,
    }
