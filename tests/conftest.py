"""What every test may ask for: the browser, and what is missing on this machine said once."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db.backends.sqlite3.base import DatabaseOperations
from playwright.sync_api import Browser, sync_playwright

REQUIRED = os.environ.get("REQUIRE_SERVICES") == "1"
# what a test asks for where its outcome may hang on the database or the broker
ON_SERVICES = {"db", "transactional_db", "django_db_setup"}


def missing(sentence: str) -> None:
    """Skip with the sentence, or fail where everything is required."""
    if REQUIRED:
        pytest.fail(sentence)
    pytest.skip(sentence)


@pytest.fixture(scope="session")
def whole(request: pytest.FixtureRequest) -> bool:
    """Whether crowds come at their whole size."""
    return bool(request.config.getoption("--whole"))


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


@pytest.fixture(autouse=True)
def _anchors(settings: pytest.FixtureRequest, tmp_path: Path) -> None:
    """What a test casts or restores anchors no other test's audit trail."""
    settings.AUDIT_ANCHORS = tmp_path / "audit-anchors.jsonl"  # type: ignore[attr-defined]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--on-services`: leave out what an earlier run on another database has already shown. `--whole`: whole crowds."""
    parser.addoption("--whole", action="store_true", help="crowds of people at their whole size, on PostgreSQL")
    parser.addoption("--on-services", action="store_true", help="only what touches database, broker or processes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What starts browsers and processes of its own takes longest and comes first, so that no worker ends alone."""
    if config.getoption("--on-services"):
        pure = [item for item in items if not _on_services(item)]
        config.hook.pytest_deselected(items=pure)
        items[:] = [item for item in items if _on_services(item)]
    items.sort(key=lambda item: not any(item.iter_markers("browser")) and not any(item.iter_markers("processes")))


def _on_services(item: pytest.Item) -> bool:
    """Whether the test's outcome may hang on which database and broker there are."""
    marked = any(item.get_closest_marker(name) for name in ("django_db", "browser", "processes"))
    return marked or not ON_SERVICES.isdisjoint(getattr(item, "fixturenames", ()))
