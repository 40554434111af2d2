"""Sums made, stored and ranked."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments import entries, rollup
from assessments.models import Entry, NodeScore, Phase, Round, ScoreSheet
from assessments.scoring.policy import Policy
from tests.assessments import office as o
from tests.assessments.office import Office
from units.models import UnitClass

pytestmark = pytest.mark.django_db

# 10/30/40 scored 10/15/40 after an item of 20 became 不涉及
THIRDS = {"公开内容": (("甲", "20"), ("乙", "10"), ("丙", "30"), ("丁", "40"))}


def spread(policy: str) -> tuple[Office, Round]:
    """A round in review in which one item does not apply, and the others are scored."""
    who = o.office()
    round_ = o.opened(who, spec=THIRDS, policy=Policy(not_applicable=policy))  # type: ignore[arg-type]
    one = o.entry(round_, "甲")
    claim = entries.SelfAssessment("", "没有这项职能", not_applicable=True)
    entries.save(one, claim, version=0, key=o.key(), by=who.fillers[0])
    o.handed_in(who, round_, {"乙": "10", "丙": "15", "丁": "40"})
    one.refresh_from_db()
    entries.accept(one, version=one.version, key=o.key(), by=who.office)
    return who, Round.objects.get(pk=round_.pk)


def test_the_stored_sums_are_those_of_the_entries() -> None:
    who = o.office()
    round_ = o.opened(who)
    o.fill(o.entry(round_, "主动公开"), "3.5", who.fillers[0])
    o.fill(o.entry(round_, "网站建设"), "3", who.fillers[0])
    sheet = o.sheet(round_)
    rollup.roll_up([sheet.pk])
    sheet.refresh_from_db()
    assert (sheet.earned, sheet.possible, sheet.strict_possible) == (Decimal("6.5"), 7, 10)
    assert (sheet.pending, sheet.total, sheet.strict_rate) == (2, Decimal("6.5"), 65)
    tops = NodeScore.objects.filter(sheet=sheet, indicator__level=1).order_by("indicator__lft")
    assert [(one.earned, one.possible, one.pending, one.state) for one in tops] == [
        (Decimal("3.5"), 4, 2, "partial"),
        (3, 3, 0, "scored"),
    ]


@pytest.mark.parametrize(
    ("policy", "rate"),
    [("proportional", "81.25"), ("equal_share", "81.67"), ("drop", "81.25"), ("full_marks", "85.00")],
)
def test_what_a_policy_divides_is_the_same_in_memory_and_in_the_row(policy: str, rate: str) -> None:
    _, round_ = spread(policy)
    made = rollup.computed(round_)
    rollup.roll_up([made[0].sheet_id])
    kept = rollup.current(round_)
    for one, other in zip(made, kept, strict=True):
        figures = ("earned", "possible", "strict_possible", "total", "so_far_rate", "strict_rate", "total_rate", "band")
        assert [getattr(one, name) for name in figures] == [getattr(other, name) for name in figures]
        assert one.nodes == other.nodes
    assert f"{made[0].strict_rate:.2f}" == rate


def test_a_save_makes_the_stored_sums_stale_and_pages_show_the_new_number_at_once() -> None:
    who = o.office()
    round_ = o.opened(who)
    sheet = o.sheet(round_)
    rollup.roll_up([sheet.pk])
    o.fill(o.entry(round_, "主动公开"), "3", who.fillers[0])
    sheet.refresh_from_db()
    assert sheet.stale_since is not None
    assert sheet.earned == 0
    assert rollup.current(round_)[0].earned == 3
    rollup.roll_up([sheet.pk])
    sheet.refresh_from_db()
    assert (sheet.stale_since, sheet.earned) == (None, 3)
    assert rollup.current(round_)[0].earned == 3


def test_a_write_that_changes_no_sum_leaves_the_stored_ones_fresh() -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), {"主动公开": "3"})
    sheet = o.sheet(round_)
    rollup.roll_up([sheet.pk])
    one = o.entry(round_, "主动公开")
    entries.accept(one, version=one.version, key=o.key(), by=who.office)
    sheet.refresh_from_db()
    assert sheet.stale_since is None


def test_rolling_up_twice_changes_nothing() -> None:
    who = o.office()
    round_ = o.opened(who)
    o.fill(o.entry(round_, "主动公开"), "3", who.fillers[0])
    sheet = o.sheet(round_)
    rollup.roll_up([sheet.pk])
    before = list(NodeScore.objects.order_by("pk").values())
    rollup.roll_up([sheet.pk])
    assert list(NodeScore.objects.order_by("pk").values()) == before


def test_a_new_sheet_shows_its_full_points_before_anything_was_stored() -> None:
    round_ = o.opened(o.office())
    one = rollup.current(round_)[0]
    assert (one.earned, one.possible, one.strict_possible, one.pending) == (0, 0, 10, 4)
    assert (one.so_far_rate, one.strict_rate, one.total) == (None, 0, 0)


def test_units_are_ranked_within_their_class_and_equal_rates_share_a_place() -> None:
    who = o.office(units=["教育局", "民政局", "城关镇", "蔺河镇", "审计局"])
    towns = UnitClass.objects.create(organisation=who.organisation, name="乡镇")
    for unit in who.units[2:4]:
        unit.unit_class = towns
        unit.save()
    round_ = o.opened(who, shape="per-unit")
    for at, score in enumerate(["3", "3", "4", "1", "2"]):
        o.fill(o.entry(round_, "主动公开", who.units[at]), score, who.fillers[at])
    rollup.rank_round(round_)
    ranks = dict(ScoreSheet.objects.values_list("unit__name", "rank"))
    assert ranks == {"教育局": 1, "民政局": 1, "审计局": 3, "城关镇": 1, "蔺河镇": 2}
    assert {one.unit: one.rank for one in rollup.current(round_)} == ranks


def test_the_number_of_queries_does_not_grow_with_the_units() -> None:
    counts = []
    for name, size in (("甲县", 2), ("乙县", 12)):
        who = o.office(name, [f"{name}{at} 局" for at in range(size)])
        round_ = o.opened(who, shape="per-unit")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            rollup.roll_up(round_.sheets.values_list("pk", flat=True))
            rollup.current(round_)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_sheet_sums_only_the_items_that_stand_on_it() -> None:
    who = o.office()
    round_ = o.opened(who, shape="per-unit")
    Entry.objects.filter(unit=who.units[1], indicator__name="网站建设").delete()
    made = {one.unit: one for one in rollup.computed(round_)}
    assert (made["教育局"].strict_possible, made["民政局"].strict_possible) == (10, 7)
    assert len(made["教育局"].nodes) == len(made["民政局"].nodes) + 1
    assert round_.phase == Phase.SELF_ASSESSMENT
