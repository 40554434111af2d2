"""Redis and PostgreSQL that die, hang and come back, under people who go on working: nothing accepted is lost."""

import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import redis

from tests.conftest import missing
from tests.faults.visitors import OFFICE, Answer, Visitor
from tests.ledger_files import ledger_file
from tests.site import Site, free_port, wait_until

pytestmark = pytest.mark.processes
PATIENCE = 3.0


class Broker:
    """A Redis of this test's own, which it may kill, stop and start again."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.folder = folder
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Up and answering, with what it held before."""
        command = ["redis-server", "--port", str(self.port), "--dir", str(self.folder), "--appendonly", "yes"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_until(self._answers, what="Redis")

    def _answers(self) -> bool:
        try:
            return bool(redis.Redis.from_url(self.url, socket_timeout=1).ping())
        except redis.RedisError:
            return False

    def send(self, number: int) -> None:
        """A signal; after -9 it is gone, after SIGSTOP it takes connections and never answers."""
        assert self.process is not None
        self.process.send_signal(number)
        if number == signal.SIGKILL:
            self.process.wait()


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    if not shutil.which("redis-server"):
        missing("Redis is missing: apt-get install redis-server")
    made = Broker(tmp_path_factory.mktemp("redis"))
    made.start()
    yield made
    if made.process is not None and made.process.poll() is None:
        made.send(signal.SIGCONT)
        made.send(signal.SIGKILL)


@pytest.fixture(scope="module")
def site(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Web and worker on a broker of their own; DATABASE_URL says which database."""
    arriving = tmp_path_factory.mktemp("arriving")
    made = Site(tmp_path_factory.mktemp("site"), REDIS_URL=broker.url, TMPDIR=str(arriving), WEB_WORKERS="3")
    made.start_web()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def entries(site: Site) -> list[int]:
    """The ids of the round, first, and of its forty entries; all unscored."""
    return [int(number) for number in site.shell(OFFICE).split()]


@pytest.fixture(scope="module")
def office(site: Site, entries: list[int]) -> Visitor:
    return Visitor(site.address).sign_in("office")


@pytest.fixture(scope="module")
def filler(site: Site, entries: list[int]) -> Visitor:
    return Visitor(site.address).sign_in("filler")


def _save(who: Visitor, entry: int, score: str, version: int = 0) -> Answer:
    form = {"score": score, "reason": "材料不全", "version": version, "key": f"{entry}-{version}-{score}"}
    return who.post(f"/entries/{entry}/save/", form, script=True)


def _events(site: Site) -> list[tuple[int, str]]:
    return site.rows("SELECT entry_id, key FROM assessments_scoreevent ORDER BY id")  # type: ignore[return-value]


def _unfinished(site: Site) -> int:
    jobs = site.rows("SELECT count(*) FROM units_job WHERE state IN ('queued', 'running')")[0][0]
    return int(jobs) + int(site.rows("SELECT count(*) FROM assessments_scoresheet WHERE stale_since IS NOT NULL")[0][0])


@pytest.mark.parametrize("how", ["killed", "hanging"])
def test_while_the_broker_is_away_people_go_on_and_afterwards_everything_is_done(
    site: Site, broker: Broker, entries: list[int], office: Visitor, filler: Visitor, how: str
) -> None:
    first = 1 if how == "killed" else 5
    broker.send(signal.SIGKILL if how == "killed" else signal.SIGSTOP)
    said = [office.post("/imports/receive/", {}, [("file", f"{how}.xlsx", ledger_file(10 + first))])]
    saved = [_save(filler, entry, "3") for entry in entries[first : first + 3]]
    said += [office.get("/imports/"), filler.get("/worklist/"), office.get(f"/boards/{entries[0]}/")]
    assert [answer.status for answer in (*said, *saved)] == [200] * 7
    assert "排队中" in said[0].text
    assert [answer.json()["state"] for answer in saved] == ["saved"] * 3
    assert max(answer.seconds for answer in (*said, *saved)) <= PATIENCE
    ready = Visitor(site.address).get("/readyz")
    assert (ready.status, ready.json()["database"]) == (503, "ok")
    assert ready.seconds <= PATIENCE
    if how == "killed":
        broker.start()
    else:
        broker.send(signal.SIGCONT)
    worker = site.start_worker()
    wait_until(lambda: _unfinished(site) == 0, seconds=40, what="all that had waited")
    site.kill(worker)
    assert site.rows("SELECT count(*) FROM indicators_upload WHERE state <> 'read'") == [(0,)]
    assert {entry for entry, _ in _events(site)} >= set(entries[first : first + 3])


def test_an_upload_that_breaks_off_leaves_no_file_and_no_row(site: Site, office: Visitor) -> None:
    before = site.rows("SELECT count(*) FROM indicators_upload")
    for whole in (4 * 1024 * 1024, 1024 * 1024):
        with _begun(site, office, "/imports/receive/", whole) as line:
            line.sendall(b"x" * (whole // 2))
    time.sleep(0.5)
    assert Visitor(site.address).get("/healthz").status == 200
    assert site.rows("SELECT count(*) FROM indicators_upload") == before
    wait_until(lambda: not list(Path(site.env["TMPDIR"]).glob("*.upload*")), seconds=5, what="an empty folder")


def _begun(site: Site, who: Visitor, path: str, length: int) -> socket.socket:
    """A connection on which a form with a file has begun to arrive."""
    head = (
        f'--b\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{who.token()}\r\n'
        '--b\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\n'
    )
    line = socket.create_connection(("127.0.0.1", site.port), timeout=20)
    line.sendall(
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nCookie: {who.cookies()}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {length}\r\n\r\n{head}".encode()
    )
    return line


@pytest.mark.parametrize("signed_in", [True, False])
def test_a_gigabyte_is_answered_at_once_and_never_kept(site: Site, office: Visitor, signed_in: bool) -> None:
    who = office if signed_in else Visitor(site.address)
    began = time.monotonic()
    with _begun(site, who, "/imports/receive/" if signed_in else "/login/", 1024**3) as line:
        # what is on its way already when the answer comes
        try:
            for _ in range(3):
                line.sendall(b"x" * 1024 * 1024)
        except OSError:
            pass
        answer = line.recv(200)
    assert time.monotonic() - began <= 2
    assert b" 413 " in answer.split(b"\r\n")[0]
    kept = sum(path.stat().st_size for path in Path(site.env["TMPDIR"]).rglob("*") if path.is_file())
    assert kept <= 20 * 1024 * 1024


@pytest.mark.skipif(not os.environ.get("DATABASE_URL"), reason="SQLite has no connection to break; set DATABASE_URL")
def test_connections_that_break_under_writers_lose_no_accepted_score(
    site: Site, entries: list[int], filler: Visitor
) -> None:
    accepted: list[tuple[int, str]] = []
    others: set[int] = set()
    writers = [Visitor(site.address).sign_in("filler") for _ in range(4)]
    done = threading.Event()

    def write(at: int) -> None:
        version, entry = 0, entries[20 + at]
        while not done.is_set():
            key = f"{entry}-{version}-{3 if version % 2 else 2}"
            answer = _save(writers[at], entry, "3" if version % 2 else "2", version)
            if answer.status == 200:
                accepted.append((entry, key))
                version = int(answer.json()["version"])
            else:
                others.add(answer.status)

    threads = [threading.Thread(target=write, args=[at]) for at in range(len(writers))]
    for one in threads:
        one.start()
    ended, latest = 0, time.monotonic() + 60
    while (ended < 8 or len(accepted) <= 20) and time.monotonic() < latest:
        ended += _break_connections(site)
    done.set()
    for one in threads:
        one.join()
    assert ended >= 8
    assert len(accepted) > 20
    assert others <= {500, 503}, others
    assert 500 not in others, "a broken connection is no fault of ours"
    events = _events(site)
    assert set(accepted) <= set(events)
    assert len(events) == len(set(events))
    assert filler.get("/worklist/").status == 200


def _break_connections(site: Site) -> int:
    """How many connections of this site's own database were ended from outside."""
    time.sleep(0.25)
    with psycopg2.connect(site.database_url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])  # type: ignore[index]
