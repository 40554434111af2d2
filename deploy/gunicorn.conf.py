"""How the web server runs: what is loaded once is shared by all its workers."""

import gc
import os

from django.urls import get_resolver

workers = int(os.environ.get("WEB_WORKERS", "2"))
preload_app = True
timeout = 60
max_requests = 5000
max_requests_jitter = 500
accesslog = None
loglevel = "warning"


def when_ready(server: object) -> None:
    """Load every page's module before the workers split off, and take what is loaded out of the collector's sight.

    A collector that walks shared objects writes to their pages, and each worker would get its own copy of them.
    """
    get_resolver().url_patterns  # noqa: B018 - reading it imports the views
    gc.collect()
    gc.freeze()
