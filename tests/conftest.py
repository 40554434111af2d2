"""What every test may ask for: the browser, and what is missing on this machine said once."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db.backends.sqlite3.base import DatabaseOperations
from playwright.sync_api import Browser, sync_playwright

REQUIRED = os.environ.get("REQUIRE_SERVICES") == "1"


def missing(sentence: str) -> None:
    """Skip with the sentence, or fail where everything is required."""
    if REQUIRED:
        pytest.fail(sentence)
    pytest.skip(sentence)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Debian's Chromium."""
    path = shutil.which("chromium") or ""
    if not path:
        missing("Chromium is missing: apt-get install chromium fonts-noto-cjk")
    return path


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    """One headless Chromium for a file, since its event loop shuts other files' tests out of the database."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium_path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        )
        yield started
        started.close()


@pytest.fixture(scope="session", autouse=True)
def _emptied_tables() -> Iterator[None]:
    """Tests empty the tables between them. PostgreSQL's TRUNCATE meets no trigger; SQLite has only DELETE."""
    emptied = DatabaseOperations.execute_sql_flush

    def without_triggers(self: DatabaseOperations, statements: list[str]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
        emptied(self, statements)  # what follows a flush puts them back

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", without_triggers)
        yield


@pytest.fixture(autouse=True)
def _media(settings: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Uploaded files of a test stay in the test's own folder."""
    settings.MEDIA_ROOT = tmp_path / "media"  # type: ignore[attr-defined]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts browsers and processes of its own takes longest and comes first, so that no worker ends alone."""
    items.sort(key=lambda item: not any(item.iter_markers("browser")) and not any(item.iter_markers("processes")))
