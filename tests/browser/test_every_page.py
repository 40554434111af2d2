"""Every page a role can reach by links: no script fault, nothing the content policy refuses, no page wider than its
window, no sentence squeezed to one character a line, no serious fault of accessibility.
"""

import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tests.site import ROOT, Site

pytestmark = pytest.mark.browser

ROLES = ("admin", "office", "reviewer", "leader", "auditor", "bgs-filler", "jyrczx-signer")
AXE = ROOT / "tests" / "vendor" / "axe-core-4.14.1" / "axe.min.js"
# an office desk, an old projector, and a desk's window at 200 %
WIDTHS = (1366, 1024, 683)
SQUEEZED = """[...document.querySelectorAll("th, td")]
    .filter(cell => cell.innerText.trim().length > 8 && cell.clientWidth > 0)
    .filter(cell => cell.clientWidth < 4 * parseFloat(getComputedStyle(cell).fontSize))
    .map(cell => cell.innerText.trim().slice(0, 20))"""
# pages of each kind looked at by each role
EACH = 1
# the projector's board renews itself, that is what it is for; nobody types on it
EXCUSED = {"meta-refresh": {"enabled": False}}
# what a link gives as a file; a file is no page
FILES = ("format=", "/audit/export/", "/evidence/")
LINKS = "links => links.filter(a => !a.hasAttribute('download')).map(a => a.href)"


def _kind(url: str) -> str:
    """The page's kind: its address without numbers and filters; the projector's board is one of its own."""
    parts = urlsplit(url)
    return re.sub(r"\d+", "#", parts.path) + ("?wall" if "wall=1" in parts.query else "")


def _walk(page: Page, site: Site) -> Iterator[str]:
    """The page at one address after the other, breadth first, a few of each kind."""
    waiting, seen, met = [f"{site.address}/"], set(), {}
    while waiting:
        url = waiting.pop(0)
        kind = _kind(url)
        if url in seen or met.get(kind, 0) >= EACH:
            continue
        seen.add(url)
        met[kind] = met.get(kind, 0) + 1
        answer = page.goto(url)
        assert answer is not None
        assert answer.status < 400, url
        yield url
        found = page.eval_on_selector_all("a[href]", LINKS)
        waiting += [
            link.split("#")[0]
            for link in found
            if link.startswith(site.address) and not any(word in link for word in FILES)
        ]


def _too_wide(page: Page) -> list[int]:
    """The widths at which the page itself has to be moved sideways."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 768})
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append(width)
    page.set_viewport_size({"width": WIDTHS[0], "height": 768})
    return found


def _squeezed(page: Page) -> list[str]:
    """Cells of a sentence in a column of less than four characters, in ordinary and in the largest type."""
    found = []
    for size in ("", "huge"):
        page.evaluate("size => { document.documentElement.dataset.textSize = size; }", size)
        found += [f"squeezed {size}: {words}" for words in page.evaluate(SQUEEZED)]
    page.evaluate("document.documentElement.dataset.textSize = ''")
    return found


def _inaccessible(page: Page) -> list[str]:
    """What axe calls serious or critical, one line each with the first place."""
    page.evaluate(AXE.read_text())
    found = page.evaluate(f"axe.run(document, {{ resultTypes: ['violations'], rules: {json.dumps(EXCUSED)} }})")
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]}"
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
    ]


@pytest.fixture(scope="module")
def examined() -> set[str]:
    """Kinds of pages that were measured and that axe has been through: once is enough, whoever looks."""
    return set()


@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_a_role_is_sound(visit: Visit, site: Site, examined: set[str], role: str) -> None:
    page = visit(role, "/")
    faults = {}
    kinds = set()
    for url in _walk(page, site):
        kinds.add(_kind(url))
        if _kind(url) in examined:
            continue
        examined.add(_kind(url))
        if said := [*(f"wider than {width}" for width in _too_wide(page)), *_squeezed(page), *_inaccessible(page)]:
            faults[url.removeprefix(site.address)] = said
    assert len(kinds) >= 3
    assert faults == {}


@pytest.mark.parametrize(
    ("role", "path", "heading"),
    [
        ("bgs-filler", "/units/", "这里不归当前账号使用"),
        ("auditor", "/desk/", "这里不归当前账号使用"),
        ("leader", "/boards/999999/", "没有找到这一页"),
        ("office", "/nowhere/", "没有找到这一页"),
        ("", "/nowhere/", "没有找到这一页"),
    ],
)
def test_a_wrong_address_says_what_to_do_and_keeps_the_persons_places(
    visit: Visit, role: str, path: str, heading: str
) -> None:
    page = visit(role, path)
    assert page.get_by_role("heading", name=heading).is_visible()
    assert page.get_by_role("navigation", name="主导航").count() == bool(role)
    assert page.get_by_role("link", name="回到首页").is_visible()
    assert _too_wide(page) == []
    assert _inaccessible(page) == []


@pytest.mark.parametrize("size", ["large", "huge"])
def test_in_large_type_no_page_is_wider_than_its_window(
    visit: Visit, site: Site, numbers: Callable[[str], int], size: str
) -> None:
    long = numbers("长文字轮次")
    page = visit("office", "/")
    faults = {}
    for path in (f"/reviews/{long}/?show=open", f"/boards/{long}/", f"/sheets/{long}/", "/ledgers/2/", "/rounds/2/"):
        page.goto(site.address + path)
        page.evaluate("size => { document.documentElement.dataset.textSize = size; }", size)
        if wide := _too_wide(page):
            faults[path] = wide
    assert faults == {}
