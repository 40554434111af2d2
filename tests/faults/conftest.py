"""What the fault tests share: two organisations beside each other, committed once for a file's tests."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.faults.probing import FIRST, LATER, SECOND, start_ids_at
from tests.faults.world import World, build

CANARY, SECRET = "金丝雀", "乙局机密"
ROLES = ("admin", "office", "reviewer", "leader", "auditor", "filler", "signer")


@dataclass(frozen=True, slots=True)
class Worlds:
    """ours: who asks. theirs: whose words and rows nobody of ours may meet."""

    ours: World
    theirs: World


@pytest.fixture(autouse=True)
def _media(request: pytest.FixtureRequest, settings: Any, tmp_path: Path) -> None:
    """Uploaded files of a test stay in the test's own folder; those of the two organisations where they are."""
    if "worlds" not in request.fixturenames:
        settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(scope="module")
def worlds(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Worlds]:
    """Two organisations whose ids never meet; the tests of the file see them and leave them as they are."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        try:
            start_ids_at(FIRST + 1)
            ours = build(lambda label: f"本县{label}", SECRET)
            start_ids_at(SECOND)
            theirs = build(lambda label: f"{CANARY}{label}", SECRET)
            start_ids_at(LATER)
            yield Worlds(ours, theirs)
        finally:
            call_command("flush", interactive=False, verbosity=0)
