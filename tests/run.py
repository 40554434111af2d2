"""`make test`: the suite on SQLite and, where PostgreSQL and Redis answer, once more what stands on them."""

import os
import subprocess
import sys

import psycopg2
import redis

DATABASE_URL = os.environ.get("DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/15")


def services() -> str:
    """Empty when both answer, else which does not."""
    try:
        psycopg2.connect(DATABASE_URL, connect_timeout=3).close()
    except psycopg2.OperationalError:
        return "PostgreSQL does not answer (DATABASE_URL, else localhost)."
    try:
        redis.Redis.from_url(REDIS_URL, socket_connect_timeout=3).ping()
    except redis.RedisError:
        return "Redis does not answer (REDIS_URL, else localhost)."
    return ""


def suite(title: str, extra: dict[str, str], *options: str) -> int:
    """pytest's exit code for one run."""
    print(f"\n== {title}", flush=True)
    cleared = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    # browsers and killed workers mostly wait: with one process a core, a third of each core stands idle
    processes = os.environ.get("TEST_PROCESSES") or str((os.cpu_count() or 1) + 1)
    # the chapters of a journey stand in one file and go on where the one before stopped; tests/conftest.py puts the
    # longest files first, and by the number of its tests a browser's file would come last
    spread = ["-n", processes, "--dist", "loadfile", "--no-loadscope-reorder"]
    command = [sys.executable, "-m", "pytest", "-q", *spread, *options, *sys.argv[1:]]
    return subprocess.call(command, env=cleared | extra)


def main() -> int:
    """Exit code of the whole: 0 only when each run passed and nothing required was missing."""
    worst = suite("SQLite and the filesystem broker", {})
    if missing := services():
        print(f"\n{missing} The suite did not run on PostgreSQL and Redis.", flush=True)
        return worst or (1 if os.environ.get("REQUIRE_SERVICES") == "1" else 0)
    full = {
        "DATABASE_URL": DATABASE_URL,
        "REDIS_URL": REDIS_URL,
        "SECRET_KEY": "only for the test run",
        "HTTPS": "0",
        "TEST_DATABASE": f"test_assessment_{os.getpid()}",
    }
    return worst or suite("PostgreSQL and Redis", full, "--on-services")


if __name__ == "__main__":
    sys.exit(main())
