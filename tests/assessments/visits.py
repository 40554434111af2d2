"""People at the pages: signed in, reading, sending forms; and how many queries a page takes."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from units.models import User

FETCH = {"HTTP_ACCEPT": "application/json", "HTTP_X_REQUESTED_WITH": "XMLHttpRequest"}


def visit(user: User) -> Client:
    """The person's browser."""
    client = Client()
    client.force_login(user)
    return client


def text(client: Client, path: str, status: int = 200) -> str:
    """The page's source."""
    answer = client.get(path)
    assert answer.status_code == status, f"{path}: {answer.status_code}"
    return answer.content.decode()


def queries(client: Client, path: str) -> int:
    """How many queries the page takes, measured after a first visit."""
    client.get(path)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    return len(seen)


def wide(items: int, tops: int = 2) -> Mapping[str, Sequence[tuple[str, str]]]:
    """A ledger of this many items, evenly below its first-level indicators."""
    return {f"一级 {top}": [(f"评估点 {top}-{one}", "1") for one in range(items // tops)] for top in range(tops)}


def typed(page: str) -> dict[str, list[Any]]:
    """The fields of a sheet's form as a browser without scripts would send them, in order."""
    found: dict[str, list[Any]] = {"row": [], "score": [], "reason": []}
    for row in page.split('data-save-url="')[1:]:
        found["row"].append(row.split('name="row" value="', 1)[1].split('"', 1)[0])
        found["score"].append(row.split('name="score" value="', 1)[1].split('"', 1)[0])
        found["reason"].append(row.split("<textarea", 1)[1].split(">", 1)[1].split("</textarea>", 1)[0])
    return found
