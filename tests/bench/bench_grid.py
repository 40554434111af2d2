"""The ledger's grid: its page, one cell saved, one row moved, the question for changes; and until it can be used."""

import os
import sys
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from tempfile import mkdtemp
from uuid import uuid4

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from indicators import importing, listing
from indicators.models import Indicator
from tests.bench.database import own_database
from tests.bench.measure import figure, measure, show
from tests.ledger_files import ledger_file
from units import offices
from units.models import Membership, Organisation, Role, User

SIZES = ((150, 60, 500), (2000, 150, 1500))


def main() -> None:
    """A draft of 150 and one of 2,000 items, in an organisation of their own."""
    with own_database("grid"):
        organisation = offices.found(name="示范机关")
        user = User.objects.create(username="office")
        Membership.objects.create(user=user, organisation=organisation, role=Role.OFFICE)
        client = Client(SERVER_NAME="localhost")
        client.force_login(user)
        for items, goal, _ in SIZES:
            _size(client, organisation, items, goal)
    _browser()


def _size(client: Client, organisation: Organisation, items: int, goal: int) -> None:
    content = ledger_file(items, title=f"{items} 项台账")
    (ledger,) = importing.import_file("台账.xlsx", content, organisation=organisation, by=None)
    url = reverse("ledger", args=[ledger.pk])
    frame = listing.page(ledger, listing.Filters(), listing.View(editing=True)).sheet.frame.dumps()
    version = {"version": "0"}
    _figure(f"grid, first screen, {items:,} items", goal, lambda: client.get(url))
    item = Indicator.objects.filter(ledger=ledger).items()[items // 2]
    values = iter(range(1, 10_000))

    def post(path: str, data: dict[str, str]) -> None:
        sent = data | {"frame": frame, "version": version["version"]}
        told = client.post(f"{url}{path}/", sent).json()
        assert told["state"] == "saved", told
        version["version"] = str(told["version"])

    def edit() -> None:
        item.refresh_from_db()
        post("cells", {"changes": f'[[{item.pk},"points","{item.points}","0.{next(values):04}"]]'})

    edit()
    _figure(f"one cell saved and answered, {items:,} items", 30, edit)
    ways = cycle(("down", "up"))
    row = Indicator.objects.filter(ledger=ledger).items()[0].pk
    _figure(f"one row moved, {items:,} items", 60, lambda: post("act", {"do": next(ways), "ids": str(row)}))
    asked = lambda: client.get(f"{url}since/", {"version": version["version"], "frame": frame})  # noqa: E731
    _figure(f"nothing new, {items:,} items", 10, asked)


def _figure(label: str, goal: float, work: Callable[[], object]) -> None:
    work()
    with CaptureQueriesContext(connection) as queries:
        work()
    show(measure(f"{label} ({len(queries)} queries)", goal, work, times=20))


def _browser() -> None:
    """Milliseconds from asking for the page until a cell can be typed into, in a real browser; SQLite, own server."""
    from playwright.sync_api import sync_playwright

    from tests.site import Site

    password = "Bench-2026-demo"
    site = Site(Path(mkdtemp()), DEMO_PASSWORD=password)
    site.manage("load_demo")
    for items, *_ in SIZES:
        file = site.var / f"{uuid4().hex}.xlsx"
        file.write_bytes(ledger_file(items, title=f"{items} 项台账"))
        site.manage("import_ledger", str(file))
    site.start_web()
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(
                executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
            )
            page = browser.new_page(viewport={"width": 1366, "height": 768})
            page.goto(f"{site.address}/login/")
            page.get_by_label("用户名").fill("office")
            page.get_by_label("密码", exact=True).fill(password)
            page.get_by_role("button", name="登录").click()
            page.wait_for_url(lambda url: not url.endswith("/login/"))
            for items, _, goal in SIZES:
                of_size = f"WHERE is_item GROUP BY ledger_id HAVING count(*) = {items}"
                (row,) = site.rows(f"SELECT ledger_id FROM indicators_indicator {of_size}")
                taken = []
                for _ in range(6):
                    page.goto(f"{site.address}/ledgers/{row[0]}/", wait_until="load")
                    taken.append(
                        page.evaluate(
                            "performance.timing.domContentLoadedEventEnd - performance.timing.navigationStart"
                        )
                    )
                show(figure(f"grid usable in the browser, {items:,} items", goal, taken[1:]))
            page.locator("#later").wait_for(state="detached", timeout=60_000)
            show(figure("frame while 2,000 rows are scrolled, slowest of twenty", 50, _frames(page)))
            browser.close()
    finally:
        site.stop()


def _frames(page: object) -> list[float]:
    """Milliseconds of each frame while the whole table passes."""
    script = """async () => {
      const frame = document.querySelector(".sheet-frame"); const taken = []; let last = performance.now();
      for (let step = 0; step < 120; step += 1) {
        frame.scrollTop += 400;
        await new Promise(requestAnimationFrame);
        const now = performance.now(); taken.push(now - last); last = now;
      }
      return taken;
    }"""
    return list(page.evaluate(script))  # type: ignore[attr-defined]


if __name__ == "__main__":
    sys.exit(main())
