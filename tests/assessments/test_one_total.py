"""One total everywhere: on the page, in the file, in the report, in the stored row, and in an independent naive sum."""

import csv
import io
import random
from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments import rollup, rounds
from assessments.models import Entry, Round
from assessments.reports import score_report
from assessments.scoring.amounts import as_decimal
from assessments.scoring.policy import Policy
from indicators.models import Indicator, Ledger
from indicators.planting import Seed, plant
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.assessments.scoring.sheets import POLICIES, Drawn, sheets, slow_sums
from tests.assessments.visits import text, visit

pytestmark = pytest.mark.django_db

DEEPEST = 5


@pytest.fixture
def who() -> Office:
    return o.office()


def levels(drawn: Drawn) -> int:
    """How deep the tree is below its root."""
    depth = {None: -1}
    for item in drawn.items:
        depth[item.id] = depth[item.parent] + 1  # type: ignore[index]
    return max(depth.values())


def stored(who: Office, drawn: Drawn, policy: Policy) -> Round:
    """A round whose only sheet has this tree and these marks."""
    ledger = Ledger.objects.create(organisation=who.organisation, title="随机台账", year=2026)
    seeds = [
        Seed(item.id, None if item.parent == 100 else item.parent, Indicator(name=str(item.id), **_own(drawn, item.id)))
        for item in drawn.items[1:]
    ]
    plant(ledger, seeds)
    round_ = rounds.open_round(o.prepared(who, ledger, policy=policy), by=who.office)
    entries = {
        int(one.indicator.name): one for one in Entry.objects.filter(sheet__round=round_).select_related("indicator")
    }
    for item, mark in drawn.marks.items():
        worth = sum((drawn.points(other) for other in set(mark.shared_with) or {item}), 0)
        Entry.objects.filter(pk=entries[item].pk).update(state=mark.state, earned=mark.score, maximum=as_decimal(worth))
        others = [entries[other].pk for other in mark.shared_with if other != item]
        Entry.objects.filter(pk__in=others).update(state=mark.state, shared_home=entries[item])
    return round_


def _own(drawn: Drawn, node: int) -> dict[str, object]:
    item = next(one for one in drawn.items if one.id == node)
    return {"is_item": True, "points": item.points or Decimal(0)} if item.is_item else {}


def shown(who: Office, round_: Round) -> set[Decimal]:
    """The total as the pages, the file and the report say it."""
    sheet, leader = o.sheet(round_), visit(who.leader)
    page, trace = text(leader, f"/sheets/{sheet.pk}/"), text(leader, f"/sheets/{sheet.pk}/trace/")
    rows = list(csv.reader(io.StringIO(leader.get(f"/sheets/{sheet.pk}/?format=csv").content.decode("utf-8-sig"))))
    assert rows[-1][1] == "总分"
    written = (
        page.split('<span class="stat-value">', 1)[1].split("<small>", 1)[0],
        trace.split("总分 <strong>", 1)[1].split("</strong>", 1)[0],
        rows[-1][5],
        score_report(round_)["sheets"][0]["total"],
    )
    return set(map(Decimal, written))


@given(sheets().filter(lambda drawn: levels(drawn) <= DEEPEST), st.sampled_from(POLICIES))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_page_file_report_and_row_show_one_total_for_any_tree_states_and_policy(
    who: Office, drawn: Drawn, policy: Policy
) -> None:
    earned, _, strict, _ = slow_sums(drawn, policy, 100)
    naive = as_decimal(earned if strict else earned * 0).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    with transaction.atomic():
        round_ = stored(who, drawn, policy)
        sheet = o.sheet(round_)
        rollup.roll_up([sheet.pk])
        sheet.refresh_from_db()
        assert sheet.total == naive
        found = shown(who, round_)
        transaction.set_rollback(True)
    assert found == {naive}


@pytest.mark.parametrize("seed", range(3))
def test_the_order_in_which_scores_are_saved_does_not_matter(who: Office, seed: int) -> None:
    spec = {f"一级 {top}": [(f"评估点 {top}-{at}", str(top + at)) for at in range(1, 4)] for top in range(3)}
    round_ = o.opened(who, spec=spec)
    entries = list(Entry.objects.filter(sheet__round=round_).select_related("indicator"))
    random.Random(seed).shuffle(entries)
    for entry in entries:
        o.fill(entry, f"{entry.maximum / 2:f}", who.fillers[0], "材料不全")
    rollup.roll_up([o.sheet(round_).pk])
    # (1+2+3 + 2+3+4 + 3+4+5) / 2
    assert o.sheet(round_).total == Decimal("13.5")
    assert shown(who, round_) == {Decimal("13.5")}


@pytest.mark.parametrize(
    ("way", "total", "rate"),
    [("drop", "65", "81.25"), ("proportional", "81.25", "81.25"), ("equal_share", "81.6667", "81.67")],
)
def test_20_points_that_do_not_apply_give_the_agreed_numbers_in_the_rows_and_on_the_page(
    who: Office, way: str, total: str, rate: str
) -> None:
    spec = {"公开内容": (("甲", "10"), ("乙", "30"), ("丙", "40"), ("丁", "20"))}
    round_ = o.opened(who, spec=spec, policy=Policy(not_applicable=way))  # type: ignore[arg-type]
    for name, score in (("甲", "10"), ("乙", "15"), ("丙", "40")):
        o.fill(o.entry(round_, name), score, who.fillers[0], "材料不全")
    Entry.objects.filter(indicator__name="丁").update(state="not_applicable")
    rollup.roll_up([o.sheet(round_).pk])
    sheet = o.sheet(round_)
    assert (sheet.total, sheet.total_rate.quantize(Decimal("0.01"), ROUND_HALF_UP)) == (Decimal(total), Decimal(rate))
    assert f"{rate}%" in text(visit(who.leader), f"/sheets/{sheet.pk}/")
    assert shown(who, round_) == {Decimal(total)}
