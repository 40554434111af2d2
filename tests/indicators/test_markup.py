"""The rows as HTML: every word of a ledger is text, and rows sent after a change make the page a fresh one would be."""

import random
import re
from decimal import Decimal

import pytest
from django.test import Client

from indicators import editing, listing
from indicators.editing import Act, EditRefused
from indicators.listing import Filters, View, delta
from indicators.listing.frame import Frame
from indicators.listing.outline import Duty, Means, Node, Outline
from indicators.listing.sheet import lay_out
from indicators.markup import Rows
from indicators.models import Indicator, Ledger
from tests.indicators.conftest import make_ledger
from units.models import Organisation, User

EVIL = """<script>alert("1")</script>'&"""


@pytest.mark.parametrize("editing_", [True, False])
def test_no_word_of_a_ledger_is_ever_markup(editing_: bool) -> None:
    nodes = (
        Node(1, None, 1, EVIL, declared=Decimal(2)),
        Node(2, 1, 2, EVIL, EVIL, is_item=True, declared=Decimal(1), criteria=EVIL, extra={EVIL: EVIL}),
    )
    outline = Outline(nodes, {2: (Duty(EVIL, "joint"),)}, {2: (Means(EVIL),)}, {}, (EVIL,))
    flaws = [listing.Flaw("odd", "warning", EVIL, "", 2)]
    sheet = lay_out(outline, Filters(), flaws, view=View(editing=editing_))
    words = Rows(sheet, at="/ledgers/indicators/", query=f"?q={EVIL}").all()
    assert "<script" not in words
    assert words.count("&lt;script&gt;") >= 8
    assert not re.search(r'alert\("1', words)


def test_a_level_says_its_points_and_what_is_left_of_them(client: Client, ledger: Ledger) -> None:
    words = client.get(f"/ledgers/{ledger.pk}/").content.decode()
    assert 'data-f="points" data-v="6"><span data-t>6 分</span> <span>· 下级 5</span>' in words
    assert "余 1 · 平均分配" in words
    assert '<span class="points-agree" title="与下级合计相符">✓</span>' in words


def drawn(ledger: Ledger) -> tuple[dict[int, list[int]], dict[int, str], Frame]:
    """Chapter → its rows in order, and each row's HTML, as a fresh page has them."""
    sheet = listing.page(ledger, Filters(), View(editing=True)).sheet
    rows = Rows(sheet)
    chapters = {one.id: [row.id for row in one.rows] for one in sheet.chapters}
    return chapters, {row.id: rows.row(row) for row in sheet.rows}, sheet.frame


@pytest.mark.parametrize("seed", range(4))
def test_after_any_acts_the_rows_that_are_sent_make_the_page_a_fresh_one_would_be(
    organisation: Organisation, office: User, seed: int
) -> None:
    chance = random.Random(seed)
    spec = [
        (f"章{a}", "9", [(f"节{a}{b}", "3", [(f"项{a}{b}{c}", "1", None) for c in range(3)]) for b in range(3)])
        for a in range(3)
    ]
    ledger = make_ledger(organisation, spec)
    for _ in range(30):
        known = delta.version(ledger)
        chapters, rows, frame = drawn(ledger)
        for _ in range(chance.choice((1, 1, 3))):
            _act(ledger, chance, office)
        found = delta.since(ledger, known, Filters(), frame, View(editing=True))
        fresh = drawn(ledger)
        if found.whole or fresh[2] != frame:
            # a table keeps its columns until it is loaded again
            continue
        if found.sheet is not None:
            sent = Rows(found.sheet)
            rows |= {row.id: sent.row(row) for row in found.rows}
            for cell in found.cells:
                begins = f'<th scope="rowgroup" class="level lv{cell.level}" id="n{cell.id}"'
                rows = _put(rows, begins, "</th>", sent.level(cell).removesuffix("</th>"))
            for cell in found.sums:
                rows = _put(rows, f'<span class="points" id="s{cell.id}"', "</div>", sent.sums(cell))
        chapters = {pk: ids for pk, ids in (chapters | found.chapters).items() if pk not in found.gone}
        chapters = {pk: chapters[pk] for pk in (found.order or chapters) if pk in chapters}
        assert chapters == fresh[0]
        stale = {pk: (rows[pk], html) for pk, html in fresh[1].items() if rows[pk] != html}
        assert stale == {}


def _act(ledger: Ledger, chance: random.Random, by: User) -> None:
    living = list(Indicator.objects.filter(ledger=ledger).printed().living().values_list("pk", flat=True))
    one, of = chance.choice(living), chance.choice(living)
    do = chance.choice(("up", "down", "indent", "outdent", "move", "move", "move", "add", "retire", "distribute"))
    try:
        editing.perform(ledger, Act(do, (one,), chance.choice(("above", "below", "child")), of), by=by)
    except EditRefused:
        return


def _put(rows: dict[int, str], begins: str, ends: str, new: str) -> dict[int, str]:
    """The rows with what stands between these words as sent."""
    found = {}
    for pk, html in rows.items():
        before, start, after = html.partition(begins)
        found[pk] = before + new + ends + after.partition(ends)[2] if start else html
    return found
