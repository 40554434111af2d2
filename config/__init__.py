"""The project: settings, routes, the worker's application and static files."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
