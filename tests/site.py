"""The product as real processes on a database of its own: what the process tests, journeys and benches start."""

import os
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import redis

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    """A port of this machine nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], Any], *, seconds: float = 30, what: str = "the condition") -> Any:
    """The condition's first true answer; raises TimeoutError naming what did not come."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := condition():
            return answer
        time.sleep(0.05)
    raise TimeoutError(f"{what} did not come true within {seconds} s")


class Site:
    """One installation: SQLite and the filesystem broker, or with DATABASE_URL and REDIS_URL a fresh database there."""

    def __init__(self, var: Path, **settings: str) -> None:
        self.var = var
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.processes: list[subprocess.Popen[bytes]] = []
        self.database_name = f"site_{secrets.token_hex(6)}"
        self.server_url = os.environ.get("DATABASE_URL", "")
        self.database_url = self._make_database() if self.server_url else ""
        self.redis_url = self._redis_url()
        self.env = self._environment(settings)
        self.manage("migrate", "--verbosity", "0")

    def _make_database(self) -> str:
        self._on_server(f'CREATE DATABASE "{self.database_name}"')
        return urlunsplit(urlsplit(self.server_url)._replace(path=f"/{self.database_name}"))

    def _on_server(self, statement: str) -> None:
        connection = psycopg2.connect(self.server_url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
        connection.close()

    def _redis_url(self) -> str:
        """A database of Redis for each test process, emptied first."""
        if not (base := os.environ.get("REDIS_URL", "")):
            return ""
        number = 8 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw") or 0) % 7
        url = urlunsplit(urlsplit(base)._replace(path=f"/{number}"))
        redis.Redis.from_url(url).flushdb()
        return url

    def _environment(self, settings: dict[str, str]) -> dict[str, str]:
        known = {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "VAR_DIR": str(self.var),
            "SECRET_KEY": "only for this test",
            "HTTPS": "0",
            "SWEEP_SECONDS": "1",
            "LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        return os.environ | known | settings

    def manage(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """One management command, finished."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True, check=False)
        if check and done.returncode:
            raise RuntimeError(f"manage.py {' '.join(arguments)}: {done.stdout}\n{done.stderr}")
        return done

    def shell(self, code: str) -> str:
        """What `code` prints inside the product."""
        return self.manage("shell", "--no-imports", "-c", code).stdout.strip()

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        log = (self.var / "processes.log").open("ab")
        process = subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True)
        self.processes.append(process)
        return process

    def start_worker(self, *, beat: bool = True) -> subprocess.Popen[bytes]:
        """A real worker process with its child."""
        extra = ["--beat"] if beat else []
        return self._start(str(ROOT / "deploy" / "worker"), *extra)

    def start_web(self) -> subprocess.Popen[bytes]:
        """A real web server, answering when this returns."""
        self.manage("collectstatic", "--noinput", "--verbosity", "0")
        self.web = self._start(str(ROOT / "deploy" / "web"), "--bind", f"127.0.0.1:{self.port}")
        wait_until(lambda: self.answers("/healthz"), what="the web server")
        return self.web

    def stop_web(self) -> None:
        """The web server gone, as during a deploy that goes wrong."""
        self.kill(self.web)

    def answers(self, path: str) -> bool:
        """Whether the path gives 200."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=2) as response:
                return bool(response.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of one SELECT, asked past the product."""
        if self.database_url:
            with psycopg2.connect(self.database_url) as connection, connection.cursor() as cursor:
                cursor.execute(query)
                return list(cursor.fetchall())
        with sqlite3.connect(self.var / "db.sqlite3", timeout=20) as connection:
            return connection.execute(query).fetchall()

    def lose_messages(self) -> None:
        """Empty the queue, as a broker without a disk does when it is restarted."""
        if self.redis_url:
            redis.Redis.from_url(self.redis_url).flushdb()
            return
        for message in (self.var / "queue" / "messages").glob("*"):
            message.unlink()

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """-9 for the process and its children, as a power cut would."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """End every process and drop the database."""
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if self.database_url:
            self._on_server(f'DROP DATABASE IF EXISTS "{self.database_name}" WITH (FORCE)')
