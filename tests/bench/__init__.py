"""Figures, not tests: each bench prints medians and 95th percentiles; `make bench` runs all of them."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("SECRET_KEY", "bench")
django.setup()
