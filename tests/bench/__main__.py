"""`make bench`: every bench, each in a process of its own, on PostgreSQL where it answers."""

import os
import subprocess
import sys

from tests.bench.measure import noise
from tests.run import DATABASE_URL, REDIS_URL

BENCHES = ("bench_reading", "bench_import", "bench_pages", "bench_grid", "bench_rollup", "bench_save", "bench_memory")


def main() -> int:
    """The worst exit code; a figure over its goal is printed, not failed."""
    print(noise(), flush=True)
    print(f"{'':<58}{'median':>9} {'p95':>9} {'goal':>8}", flush=True)
    services = {"DATABASE_URL": DATABASE_URL, "REDIS_URL": REDIS_URL, "SECRET_KEY": "bench", "HTTPS": "0"}
    env = os.environ | services | {"LOG_LEVEL": "ERROR"}
    return max(subprocess.call([sys.executable, "-m", f"tests.bench.{name}"], env=env) for name in BENCHES)


if __name__ == "__main__":
    sys.exit(main())
