"""Words that want to be more: stored in every text there is, and nothing but text on every page and in every file."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pytest
from django.core.management import call_command

from tests.faults import probing
from tests.faults.conftest import ROLES
from tests.faults.probing import Forms
from tests.faults.world import World, build
from units.models import User

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


@dataclass(slots=True)
class Shown:
    """What one role was shown: pages by address, files by address."""

    pages: dict[str, str] = field(default_factory=dict)
    files: dict[str, Any] = field(default_factory=dict)


@pytest.fixture(scope="module")
def shown(world: World, django_db_blocker: Any) -> dict[str, Shown]:
    """Every page and every file of each role, asked for once."""
    with django_db_blocker.unblock():
        return {role: _look(world.users[role], role) for role in ROLES}


def _look(user: User, role: str) -> Shown:
    client, found, links, lists = probing.browser(user), Shown(), set(), set()
    for name, path in probing.own_pages(role, 3):
        answer = client.get(path)
        if answer.status_code == 200 and not _kept(found, path, answer):
            links |= {link for link in Forms(found.pages[path], path).links if "?" in link}
            if name not in lists:
                lists.add(name)
                # a list becomes a file when asked, whether a page offers it or not
                links |= {f"{path}?format=csv", f"{path}?format=xlsx"}
    for link in probing.few_of_each(links, 2):
        answer = client.get(link)
        if answer.status_code == 200:
            _kept(found, link, answer)
    return found


def _kept(found: Shown, path: str, answer: Any) -> bool:
    """Whether it was no page but a file, or what a script asks for: JSON, which no browser takes for HTML."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if "attachment" in answer.headers.get("Content-Disposition", ""):
        found.files[path] = (answer.headers, content)
        return True
    if answer.headers["Content-Type"] == "application/json":
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        return True
    found.pages[path] = content.decode("utf-8", "replace")
    return False


@pytest.mark.parametrize("role", ROLES)
def test_a_stored_script_is_text_on_every_page(shown: dict[str, Shown], role: str) -> None:
    wrong = []
    for path, page in shown[role].pages.items():
        for live in ("<script>alert", "<img src=x", '"><img'):
            wrong += [f"{path}: {live}"] if live in page else []
        # an attribute that a word has broken out of
        wrong += [f"{path}: {found}" for found in re.findall(r'="[^"]*<(?:script|img)[^"]*"', page)]
    assert wrong == []
    assert any("&lt;script&gt;" in page for page in shown[role].pages.values())


NAMED = re.compile(r"attachment; filename(\*=utf-8''[\w%.\-~!*'()&+;$^`|#]+|=\"[^\"<>\r\n]+\")")


@pytest.mark.parametrize("role", ROLES)
def test_no_file_holds_a_live_formula_and_no_name_of_one_a_stored_quote(shown: dict[str, Shown], role: str) -> None:
    live, cells = [], 0
    for path, (headers, content) in shown[role].files.items():
        assert NAMED.fullmatch(headers["Content-Disposition"]), headers["Content-Disposition"]
        for cell, runs in _cells(headers["Content-Type"], content):
            cells += 1
            live += [f"{path}: {cell[:40]}"] if runs else []
    assert live == []
    assert cells > 50 or not (probing.may(role, "board_items") or probing.may(role, "audit_export"))


def _cells(kind: str, content: bytes) -> Iterator[tuple[str, bool]]:
    """Every cell of a table, and whether a spreadsheet would run it."""
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
