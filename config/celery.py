"""The background worker's application; which tasks exist is the apps' own matter."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings
from django.utils.log import configure_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("config")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _use_djangos_logging(**_: Any) -> None:
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
