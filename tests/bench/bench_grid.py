"""The ledger's grid: its page, one cell saved, one row moved, the question for changes; and it all in a browser."""

import os
import sys
from collections.abc import Callable
from itertools import count, cycle
from pathlib import Path
from tempfile import mkdtemp
from uuid import uuid4

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from playwright.sync_api import Page, sync_playwright

from indicators import importing, listing
from indicators.models import Indicator
from tests.bench.database import own_database
from tests.bench.measure import Figure, figure, measure, show
from tests.ledger_files import ledger_file
from tests.site import Site
from units import offices
from units.models import Membership, Organisation, Role, User

# items, rows of one chapter, milliseconds of the first screen, milliseconds until it can be used
SIZES = ((150, 50, 60, 500), (2000, 50, 150, 1500), (2000, 2000, 150, 1500))
PASSWORD = "Bench-2026-demo"
SMOOTH = 1000 / 30


def main() -> None:
    """Drafts of these sizes in an organisation of their own."""
    with own_database("grid"):
        organisation = offices.found(name="示范机关")
        user = User.objects.create(username="office")
        Membership.objects.create(user=user, organisation=organisation, role=Role.OFFICE)
        client = Client(SERVER_NAME="localhost")
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        for items, chapter, goal, _ in SIZES:
            _size(client, organisation, items, chapter, goal)
    _browser()


def _called(items: int, chapter: int) -> str:
    return f"{items:,} items" if chapter < items else f"{items:,} items in one chapter"


def _size(client: Client, organisation: Organisation, items: int, chapter: int, goal: int) -> None:
    called = _called(items, chapter)
    content = ledger_file(items, title=called, chapter=chapter)
    (ledger,) = importing.import_file("台账.xlsx", content, organisation=organisation, by=None)
    url = reverse("ledger", args=[ledger.pk])
    frame = listing.page(ledger, listing.Filters(), listing.View(editing=True)).sheet.frame.dumps()
    version = {"version": "0"}
    _figure(f"grid, first screen, {called}", goal, lambda: client.get(url))
    rows = list(Indicator.objects.filter(ledger=ledger).items())
    item, numbers, typed = rows[items // 2], count(1), {"was": "0.5"}

    def post(path: str, data: dict[str, str]) -> None:
        sent = data | {"frame": frame, "version": version["version"]}
        told = client.post(f"{url}{path}/", sent).json()
        assert told["state"] == "saved", told
        version["version"] = str(told["version"])

    def edit() -> None:
        was, typed["was"] = typed["was"], f"0.{next(numbers):04}"
        post("cells", {"changes": f'[[{item.pk},"points","{was}","{typed["was"]}"]]'})

    _figure(f"one cell saved and answered, {called}", 30, edit)
    ways = cycle(("down", "up"))
    _figure(f"one row moved, {called}", 60, lambda: post("act", {"do": next(ways), "ids": str(rows[0].pk)}))
    asked = lambda: client.get(f"{url}since/", {"version": version["version"], "frame": frame})  # noqa: E731
    _figure(f"nothing new, {called}", 10, asked)


def _figure(label: str, goal: float, work: Callable[[], object]) -> None:
    work()
    with CaptureQueriesContext(connection) as queries:
        work()
    show(measure(f"{label} ({len(queries)} queries)", goal, work, times=20))


def _browser() -> None:
    """In a real browser, on an installation of its own: until it can be used, and each frame while it scrolls."""
    site = Site(Path(mkdtemp()), DEMO_PASSWORD=PASSWORD)
    site.manage("load_demo")
    for items, chapter, *_ in SIZES:
        file = site.var / f"{uuid4().hex}.xlsx"
        file.write_bytes(ledger_file(items, title=_called(items, chapter), chapter=chapter))
        site.manage("import_ledger", str(file))
    known = dict(site.rows("SELECT title, id FROM indicators_ledger"))
    site.start_web()
    try:
        with sync_playwright() as play:
            path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
            browser = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1366, "height": 768})
            page.add_init_script(_USABLE)
            _sign_in(page, site)
            for items, chapter, _, goal in SIZES:
                called = _called(items, chapter)
                show(*_opened(page, f"{site.address}/ledgers/{known[called]}/", called, goal))
            browser.close()
    finally:
        site.stop()


def _sign_in(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/login/")
    page.get_by_label("用户名").fill("office")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: not url.endswith("/login/"))


# the scripts have run, and the frame behind them is drawn: now a cell can be typed into
_USABLE = """addEventListener("DOMContentLoaded", () => requestAnimationFrame(() => requestAnimationFrame(() => {
  window.usableAfter = performance.now();
})));"""
# a wheel's step a frame, down and up again
_SCROLL = """async () => {
  const frame = document.querySelector(".sheet-frame"), taken = [];
  let last = await new Promise(requestAnimationFrame);
  for (let step = 0; step < 240; step += 1) {
    frame.scrollTop += step < 160 ? 120 : -240;
    const now = await new Promise(requestAnimationFrame);
    taken.push(now - last);
    last = now;
  }
  return taken;
}"""


def _opened(page: Page, url: str, called: str, goal: int) -> list[Figure]:
    usable, whole = [], []
    for _ in range(8):
        page.goto(url, wait_until="load")
        page.wait_for_function("window.usableAfter")
        usable.append(page.evaluate("window.usableAfter"))
        page.locator("#later").wait_for(state="detached", timeout=60_000)
        whole.append(page.evaluate("performance.now()"))
    page.locator("table.ledger td[data-f=points]").first.click()
    page.keyboard.type("1")
    page.keyboard.press("Escape")
    frames = page.evaluate(_SCROLL)
    late = 100 * sum(one > SMOOTH for one in frames) / len(frames)
    return [
        figure(f"usable in the browser, {called}", goal, usable[1:]),
        figure(f"every row there, {called}", 10_000, whole[1:]),
        figure(f"frame while scrolling, {called}", SMOOTH, frames),
        figure(f"frames above 33 ms while scrolling, {called}", 5, [late], "%"),
    ]


if __name__ == "__main__":
    sys.exit(main())
