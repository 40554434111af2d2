"""Whether the product lives, for the machines that watch it. It answers within two seconds whatever hangs."""

import os
import shutil
from collections.abc import Callable
from threading import Thread
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from redis import Redis
from redis.exceptions import RedisError

from units import jobs
from units.access import for_everyone

OK, SILENT = "ok", "does not answer"
PATIENCE_SECONDS = 1.8
WORKER_LATE_SECONDS = 120


@for_everyone
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while this process serves."""
    return JsonResponse({"ok": True})


@for_everyone
def readyz(request: HttpRequest) -> JsonResponse:
    """200 only while database, migrations and broker are fine; the object says which is not.

    A late worker or an old job is told but does not take the pages away: they can still be read and filled in.
    """
    found: dict[str, Any] = {"database": SILENT, "migrations": "unknown", "broker": SILENT}
    checks = [Thread(target=_look, args=(check, found), daemon=True) for check in (_database, _broker)]
    for check in checks:
        check.start()
    until = monotonic() + PATIENCE_SECONDS
    for check in checks:
        check.join(max(0, until - monotonic()))
    answer = dict(found)
    ready = all(answer[name] == OK for name in ("database", "migrations", "broker"))
    free = shutil.disk_usage(settings.VAR).free // 2**20
    return JsonResponse({"ok": ready, **answer, "disk_free_mib": free}, status=200 if ready else 503)


def _look(check: Callable[[], dict[str, Any]], found: dict[str, Any]) -> None:
    found.update(check())


def _database() -> dict[str, Any]:
    """Runs in a thread of its own, on a connection of its own."""
    try:
        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        if missing:
            return {"database": OK, "migrations": f"{missing} not applied"}
        return {"database": OK, "migrations": OK, **_background()}
    except DatabaseError as problem:
        return {"database": str(problem).strip() or SILENT}
    finally:
        connection.close()


def _background() -> dict[str, Any]:
    pulse = jobs.seconds_since_sweep()
    state = "unknown" if pulse is None else OK if pulse <= WORKER_LATE_SECONDS else "late"
    return {"worker": state, "worker_silent_seconds": pulse, "oldest_job_seconds": jobs.oldest_waiting_seconds()}


def _broker() -> dict[str, Any]:
    if settings.REDIS_URL:
        try:
            Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1).ping()
        except RedisError as problem:
            return {"broker": type(problem).__name__}
        return {"broker": OK}
    folder = settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_out"]
    return {"broker": OK if os.access(folder, os.W_OK) else f"{folder} cannot be written"}
