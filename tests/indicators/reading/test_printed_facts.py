"""What the command prints of a real ledger is what the reader read, so that the facts hold of both."""

import json

import pytest

from indicators.reading.report import as_json
from tests.indicators.reading import books


@pytest.mark.parametrize("name", books.ALL)
def test_the_command_line_prints_what_was_read_and_nothing_else(name: str) -> None:
    assert books.report(name) == json.loads(json.dumps(as_json(books.reading(name))))
