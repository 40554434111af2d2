"""Words that want to be more: stored in every text there is, and nothing but text on every page and in every file."""

import csv
import re
from collections.abc import Iterator
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pytest
from django.core.management import call_command
from django.test import Client

from tests.faults import probing
from tests.faults.conftest import ROLES
from tests.faults.probing import Forms
from tests.faults.world import World, build

pytestmark = pytest.mark.django_db

SCRIPT = '<script>alert("x")\'"><img src=x>'
STARTS = "=+-@＝"


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """An organisation whose every text begins like a formula and holds a script."""
    starts: dict[str, str] = {}

    def mark(label: str) -> str:
        return f"{starts.setdefault(label, STARTS[len(starts) % len(STARTS)])}{label}{SCRIPT}"

    with django_db_blocker.unblock():
        try:
            yield build(mark, "乙")
        finally:
            call_command("flush", interactive=False, verbosity=0)


@pytest.fixture(autouse=True)
def _media() -> None:
    """The world's files stay where they were stored."""


def _pages(world: World, role: str) -> Iterator[tuple[str, Any]]:
    """Every page of the role, and what its links with questions lead to."""
    client = probing.browser(world.users[role])
    links: set[str] = set()
    for _, path in probing.own_pages(role):
        answer = client.get(path)
        if answer.status_code == 200:
            yield path, answer
        if answer.status_code == 200 and "html" in answer.headers["Content-Type"]:
            links |= set(Forms(answer.content.decode(), path).links)
    for link in probing.few_of_each({link for link in links if "?" in link}):
        yield link, client.get(link)


@pytest.mark.parametrize("role", ROLES)
def test_a_stored_script_is_text_on_every_page(world: World, role: str) -> None:
    wrong, shown = [], 0
    for path, answer in _pages(world, role):
        if "html" not in answer.headers["Content-Type"]:
            continue
        page = answer.content.decode()
        for live in ("<script>alert", "<img src=x", '"><img'):
            wrong += [f"{path}: {live}"] if live in page else []
        shown += "&lt;script&gt;" in page
        # an attribute that a word has broken out of
        wrong += [f"{path}: {found}" for found in re.findall(r'="[^"]*<(?:script|img)[^"]*"', page)]
    assert wrong == []
    assert shown >= 1


@pytest.mark.parametrize("role", ROLES)
def test_no_file_holds_a_live_formula(world: World, role: str) -> None:
    live, cells = [], 0
    client = probing.browser(world.users[role])
    for path in _files(world, role):
        answer = client.get(path)
        for cell, runs in _cells(answer):
            cells += 1
            live += [f"{path}: {cell[:40]}"] if runs else []
    assert live == []
    assert cells > 50 or (not probing.may(role, "board_items") and not probing.may(role, "audit_export"))


def _files(world: World, role: str) -> Iterator[str]:
    """The address of every file that a page offers, and of every list that becomes one when asked."""
    client = probing.browser(world.users[role])
    for _, path in probing.own_pages(role, 3):
        for asked in ("format=csv", "format=xlsx"):
            answer = client.get(f"{path}?{asked}")
            if answer.status_code == 200 and "attachment" in answer.headers.get("Content-Disposition", ""):
                yield f"{path}?{asked}"


def _cells(answer: Any) -> Iterator[tuple[str, bool]]:
    """Every cell of a table, and whether a spreadsheet would run it."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    kind = answer.headers["Content-Type"]
    if "csv" in kind:
        for row in csv.reader(StringIO(content.decode("utf-8-sig"))):
            for cell in row:
                number = re.fullmatch(r"-?\d+(\.\d+)?", cell)
                yield cell, number is None and cell.lstrip()[:1] in set("=+-@＝＋－＠")
    elif "spreadsheet" in kind:
        for sheet in openpyxl.load_workbook(BytesIO(content)):
            for cells in sheet.iter_rows():
                for one in cells:
                    yield str(one.value), one.data_type == "f"


def test_a_files_name_carries_no_line_and_no_quote_of_a_stored_word(world: World) -> None:
    client: Client = probing.browser(world.users["office"])
    for path in _files(world, "office"):
        named = client.get(path).headers["Content-Disposition"]
        assert re.fullmatch(r"attachment; filename(\*=utf-8''[\w%.\-~!*'()&+;$^`|#]+|=\"[^\"<>\r\n]+\")", named), named
