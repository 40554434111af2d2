"""Screenshots of the running product with its demo data, 1366×768: `python -m tests.screens FOLDER`."""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.site import Site

PASSWORD = "Screens-2026-demo"
VIEWPORT = {"width": 1366, "height": 768}
# file name: who looks, at what
SCREENS = {
    "ledger": ("office", "/ledgers/3/"),
    "worksheet": ("bgs-filler", "/worklist/4/"),
    "review": ("reviewer", "/reviews/4/"),
    "board": ("leader", "/boards/4/"),
    "desk": ("office", "/desk/"),
    "sheet": ("office", "/sheets/1/"),
    "import": ("admin", "/imports/"),
}


def sign_in(page: Page, address: str, username: str, password: str = PASSWORD) -> None:
    """Through the login form, as a person does."""
    page.goto(f"{address}/login/")
    page.fill("#id_username", username)
    page.fill("#id_password", password)
    page.click("main button[type=submit]")
    page.wait_for_url(lambda url: not url.endswith("/login/"))


def _take(browser: Browser, site: Site, folder: Path) -> None:
    for name, (username, path) in SCREENS.items():
        context = browser.new_context(viewport=VIEWPORT, locale="zh-CN")  # type: ignore[arg-type]
        page = context.new_page()
        sign_in(page, site.address, username)
        page.goto(site.address + path)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=str(folder / f"{name}.png"))
        context.close()


def main() -> None:
    """One site, one browser, every screen."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as var, sync_playwright() as playwright:
        site = Site(Path(var), DEMO_PASSWORD=PASSWORD)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        try:
            site.manage("load_demo")
            site.start_web()
            _take(browser, site, folder)
        finally:
            browser.close()
            site.stop()


if __name__ == "__main__":
    main()
