"""One installation with demo data and web server for all tests here, and windows that let no fault go unseen."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, StorageState

from tests.site import Site

PASSWORD = "Browser-2026-demo"
VIEWPORT = {"width": 1366, "height": 768}
# what a browser says by itself when it cannot reach the server, or when the server refuses a value
EXPECTED = ("net::ERR_", "status of 4", "status of 5")

Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo organisation and what `seed` adds, served."""
    made = Site(tmp_path_factory.mktemp("browser"), DEMO_PASSWORD=PASSWORD)
    made.manage("load_demo")
    made.shell("from tests.browser.seed import seed; seed()")
    made.start_web()
    yield made
    made.stop()


@pytest.fixture(scope="session")
def _cookies() -> dict[str, StorageState]:
    """User name → cookies, beyond one browser's life."""
    return {}


@pytest.fixture(scope="module")
def signed_in(site: Site, browser: Browser, _cookies: dict[str, StorageState]) -> Callable[[str], StorageState]:
    """User name → the cookies of somebody who has signed in by the form; once for each name."""
    known = _cookies

    def cookies(username: str) -> StorageState:
        if username not in known:
            context = browser.new_context()
            page = context.new_page()
            page.goto(f"{site.address}/login/")
            page.get_by_label("用户名").fill(username)
            page.get_by_label("密码", exact=True).fill(PASSWORD)
            page.get_by_role("button", name="登录").click()
            page.wait_for_url(lambda url: not url.endswith("/login/"))
            known[username] = context.storage_state()
            context.close()
        return known[username]

    return cookies


@pytest.fixture
def visit(site: Site, browser: Browser, signed_in: Callable[[str], StorageState]) -> Iterator[Visit]:
    """`visit(username, path)`: that person's new window; a fault of its scripts or content policy fails the test."""
    contexts = []
    faults: list[str] = []

    def note(text: str) -> None:
        if not any(word in text for word in EXPECTED):
            faults.append(text)

    def opened(username: str, path: str, **options: Any) -> Page:
        state = signed_in(username) if username else None
        given = {"viewport": VIEWPORT, "locale": "zh-CN", "timezone_id": "Asia/Shanghai", "storage_state": state}
        context = browser.new_context(**{**given, **options})
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: note(line.text) if line.type == "error" else None)
        page.goto(site.address + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture(scope="session")
def numbers(site: Site) -> Callable[[str], int]:
    """Name of a round → its number."""
    known = {str(name): int(pk) for pk, name in site.rows("SELECT id, name FROM assessments_round")}
    return known.__getitem__


@pytest.fixture(scope="session")
def _fresh(numbers: Callable[[str], int]) -> Iterator[int]:
    from tests.browser.seed import FILLING

    return iter([numbers(f"填报第 {number} 轮") for number in range(1, FILLING + 1)])


@pytest.fixture
def round_(_fresh: Iterator[int]) -> int:
    """A round nobody has filled yet: six items of 办公室 in two groups."""
    return next(_fresh)
