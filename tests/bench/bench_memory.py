"""Memory of the web server with two workers after each page was opened by its role, as the system counts it."""

import json
import tempfile
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

from tests.bench.measure import figure, show
from tests.site import Site

PAGES = {
    "office": ["/desk/", "/ledgers/", "/ledgers/1/", "/ledgers/2/", "/rounds/", "/rounds/2/", "/reviews/2/", "/units/"],
    "leader": ["/boards/2/", "/boards/1/", "/sheets/2/"],
    "bgs-filler": ["/worklist/", "/worklist/2/"],
    "admin": ["/imports/", "/accounts/"],
}
PASSWORD = "Bench-2026-pages"


def main() -> None:
    """The demo, two web workers, every page thrice."""
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder), DEMO_PASSWORD=PASSWORD)
        try:
            site.manage("load_demo")
            server = site.start_web()
            _open_pages(site)
            shared, resident = _memory(server.pid)
        finally:
            site.stop()
    show(
        figure("two web workers and their parent, memory really held (PSS)", 250, [shared], "MB"),
        figure("the same, shared pages counted in each process (RSS)", 250, [resident], "MB"),
    )


def _open_pages(site: Site) -> None:
    for username, pages in PAGES.items():
        opener = _signed_in(site, username)
        for page in pages * 3:
            with opener.open(site.address + page, timeout=20) as answer:
                answer.read()


def _signed_in(site: Site, username: str) -> OpenerDirector:
    jar = CookieJar()
    opener = build_opener(HTTPCookieProcessor(jar))
    with opener.open(f"{site.address}/login/") as page:
        token = page.read().decode().split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    form = {"username": username, "password": PASSWORD, "csrfmiddlewaretoken": token}
    with opener.open(f"{site.address}/login/", urlencode(form).encode()) as answer:
        assert not answer.url.endswith("/login/"), json.dumps({"refused": username})
    return opener


def _memory(parent: int) -> tuple[float, float]:
    """Megabytes of the server's processes: shared pages divided among them, and counted in each."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    lines = [
        line.split()
        for pid in [str(parent), *children]
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    ]
    totals = {name: sum(int(line[1]) for line in lines if line[0] == name) / 1024 for name in ("Pss:", "Rss:")}
    return totals["Pss:"], totals["Rss:"]


if __name__ == "__main__":
    main()
