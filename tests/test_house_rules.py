"""The rules of the house that a machine can hold: where the ORM may be used, what names its rule, what is complete."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver

from tests import sizes

ROOT = Path(__file__).resolve().parent.parent
APPS = ("units", "indicators", "assessments")


def _view_files() -> list[Path]:
    found = []
    for app in APPS:
        found += [ROOT / app / "views.py", *(ROOT / app / "views").glob("*.py")]
    return [path for path in found if path.exists()]


def _routes(patterns: list[Any]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns)
        else:
            yield pattern


def test_views_reach_rows_through_their_owner_and_never_through_a_manager() -> None:
    guilty = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in _view_files()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_tree_manager", "_default_manager"}
    ]
    assert _view_files()
    assert guilty == []


def test_every_route_names_its_rule() -> None:
    routes = list(_routes(get_resolver().url_patterns))
    unruled = [str(route.pattern) for route in routes if not getattr(route.callback, "rule", None)]
    assert len(routes) > 30
    assert unruled == []


def test_no_file_and_no_function_is_longer_than_the_house_allows() -> None:
    assert len(sizes.sources()) > 50
    assert sizes.faults() == []


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_no_source_names_a_path_of_a_machine_or_an_outside_script() -> None:
    machine = ("/" + "work/", "/" + "tmp/", "/" + "root/")
    guilty = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in sizes.sources()
        for word in machine
        if word in path.read_text() and "tests" not in path.parts
    ]
    assert guilty == []
