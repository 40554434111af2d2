"""综合成绩: rounds of the same units weighed into one result, with places, steps and a file."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from assessments import composites, entries, rollup, rounds
from assessments.adjustments import register_adjustment
from assessments.amending import amend
from assessments.composites import NotNow
from assessments.models import Composite, Entry, Phase, Round
from assessments.scoring.policy import DEFAULT_BANDS, Policy
from indicators.models import Adjustment
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.assessments.visits import queries, text, visit, wide
from units.models import AuditEvent, UnitClass

pytestmark = pytest.mark.django_db

TEN = {"公开内容": (("主动公开", "10"),)}


@pytest.fixture
def who() -> Office:
    """Three departments."""
    return o.office(units=["教育局", "民政局", "水利局"])


def scored(who: Office, scores: list[str]) -> Round:
    """A per-unit round in which the first units have these scores of 10."""
    round_ = o.opened(who, shape="per-unit", spec=TEN)
    for at, score in enumerate(scores):
        o.fill(o.entry(round_, "主动公开", who.units[at]), score, who.fillers[at], "缺项")
    return round_


def made(who: Office, *parts: tuple[Round, str], missing: str = "none") -> Composite:
    weighed = [(round_, Decimal(weight)) for round_, weight in parts]
    return composites.create(
        who.organisation, name="综合成绩", parts=weighed, missing=missing, bands=DEFAULT_BANDS, by=who.office
    )


def test_the_rates_of_two_rounds_are_weighed_and_the_units_ranked(who: Office) -> None:
    one = made(who, (scored(who, ["8", "9", "9"]), "70"), (scored(who, ["9", "6", "6"]), "30"))
    found = composites.composed(one)
    assert [(result.unit, result.total, result.rank, result.band) for result in found.results] == [
        ("教育局", "83.00", 1, "良好"),
        ("民政局", "81.00", 2, "良好"),
        ("水利局", "81.00", 2, "良好"),
    ]
    assert found.provisional
    assert [step.label for step in found.results[0].steps] == [
        f"{found.parts[0].name}：得分率 80.00% × 权重 70% ＝ 56.00",
        f"{found.parts[1].name}：得分率 90.00% × 权重 30% ＝ 27.00",
    ]


def test_units_are_ranked_among_their_own_class(who: Office) -> None:
    towns = UnitClass.objects.create(organisation=who.organisation, name="乡镇")
    who.units[0].unit_class = towns
    who.units[0].save()
    one = made(who, (scored(who, ["1", "9", "8"]), "50"), (scored(who, ["1", "9", "8"]), "50"))
    assert {result.unit: result.rank for result in composites.composed(one).results} == {
        "教育局": 1,
        "民政局": 1,
        "水利局": 2,
    }


@pytest.mark.parametrize(("missing", "total"), [("none", "—"), ("rescale", "80.00"), ("zero", "56.00")])
def test_a_unit_that_one_round_did_not_assess(who: Office, missing: str, total: str) -> None:
    first = scored(who, ["8", "9", "9"])
    second = scored(who, [])
    second.sheets.get(unit=who.units[0]).entries.all().delete()
    one = made(who, (first, "70"), (second, "30"), missing=missing)
    result = next(one for one in composites.composed(one).results if one.unit == "教育局")
    assert result.total == total
    assert (result.rank is None) == (missing == "none")


@pytest.mark.parametrize("weights", [("70", "20"), ("100", "0"), ("70", "30.01")])
def test_weights_add_up_to_a_hundred(who: Office, weights: tuple[str, str]) -> None:
    rounds = [scored(who, []), scored(who, [])]
    with pytest.raises(NotNow, match="权重"):
        made(who, *zip(rounds, weights, strict=True))
    assert not Composite.objects.exists()


def test_only_opened_rounds_of_units_of_the_own_organisation_are_sources(who: Office) -> None:
    mine, theirs = scored(who, []), scored(o.office("邻县", ["甲局", "乙局", "丙局"]), [])
    tracked = o.opened(who, shape="tracked")
    waiting = o.prepared(who, o.ledger(who.organisation, TEN), "per-unit")
    for other in (theirs, tracked, waiting):
        with pytest.raises(NotNow, match="对标制或分工制轮次"):
            made(who, (mine, "70"), (other, "30"))
    with pytest.raises(NotNow, match="只能选一次"):
        made(who, (mine, "70"), (mine, "30"))


@pytest.mark.parametrize("route", ["composites", "transitions", "rounds"])
def test_pages_that_hang_on_the_rounds_have_them_marked_in_the_head_bar(who: Office, route: str) -> None:
    page = text(visit(who.office), reverse(route))
    assert re.findall(r'aria-current="page">([^<]+)</a></li>', page)[:1] == ["考核轮次"]


def test_the_office_makes_reads_and_removes_one_on_its_pages(who: Office) -> None:
    first, second = scored(who, ["8", "9"]), scored(who, ["9", "6"])
    office = visit(who.office)
    form = {
        "name": "2026 年综合成绩",
        f"weight-{first.pk}": "70",
        f"weight-{second.pk}": "２０",
        "missing": "none",
        "bands": "优秀 90",
    }
    wrong = office.post("/composites/new/", form)
    assert wrong.status_code == 422
    assert "权重合计要正好是 100，现在是 90" in wrong.content.decode()
    answer = office.post("/composites/new/", form | {f"weight-{second.pk}": "30"})
    address = answer.headers["Location"]
    page = text(visit(who.leader), address)
    assert re.findall(r"<strong>([\d.]+)</strong></a>", page) == ["83.00", "81.00", "0.00"]
    csv = visit(who.leader).get(f"{address}?format=csv").content.decode("utf-8-sig").splitlines()
    assert csv[1].endswith("教育局,80.00,90.00,83.00,")
    unit = text(visit(who.leader), f"{address}units/{who.units[0].pk}/")
    assert "得分率 80.00% × 权重 70%" in unit
    assert "第 1 名" in unit
    text(visit(who.leader), f"{address}units/{10**18}/", 404)
    assert visit(who.leader).get("/composites/new/").status_code == 403
    office.post(f"{address}remove/")
    assert not Composite.objects.exists()
    assert list(
        AuditEvent.objects.filter(action__contains="综合成绩").values_list("action", flat=True).order_by("id")
    ) == [
        "新建综合成绩",
        "删除综合成绩",
    ]


# ---- a source in which units have shares (分工制) -----------------------------------------------------

# 教育局 leads 4 + 2 points, 民政局 1 + 3
SHARED_OUT = {"公开内容": (("主动公开", "4"), ("政策解读", "1"), ("回应关切", "2")), "公开平台": (("网站建设", "3"),)}


def allocated(who: Office, policy: Policy | None = None) -> Round:
    """3 of 4 and 1 of 2 for 教育局; 0.5 of 1 for 民政局, whose other item is blank; 水利局 leads nothing."""
    on = o.ledger(who.organisation, SHARED_OUT, who.units[:2])
    round_ = rounds.open_round(o.prepared(who, on, policy=policy or Policy()), by=who.office)
    for name, score, at in (("主动公开", "3", 0), ("政策解读", "0.5", 1), ("回应关切", "1", 0)):
        o.fill(o.entry(round_, name), score, who.fillers[at], "缺项")
    return round_


def test_of_an_allocated_round_each_unit_brings_what_it_earned_of_the_items_it_leads(who: Office) -> None:
    one = made(who, (scored(who, ["8", "9", "9"]), "70"), (allocated(who), "30"))
    found = composites.composed(one)
    # (3 + 1) / 6 = 66.67 and 0.5 / 4 = 12.5; 80 × 0.7 + 66.666… × 0.3 = 76, 90 × 0.7 + 12.5 × 0.3 = 66.75
    assert [(result.unit, result.cells[1].rate, result.total, result.rank) for result in found.results] == [
        ("教育局", "66.67", "76.00", 1),
        ("民政局", "12.50", "66.75", 2),
        ("水利局", "—", "—", None),
    ]


def test_an_item_that_does_not_apply_is_out_of_both_sides_of_its_units_share(who: Office) -> None:
    round_ = allocated(who)
    entry = o.entry(round_, "回应关切")
    Entry.objects.filter(pk=entry.pk).update(state="not_applicable", earned=None)
    assert rollup.shares(round_)[who.units[0].pk].total_rate == 75


@pytest.mark.parametrize(("way", "rate"), [("drop", "75"), ("proportional", "75"), ("full_marks", "83.3333333333")])
def test_the_policy_for_what_does_not_apply_holds_among_the_units_own_items(who: Office, way: str, rate: str) -> None:
    round_ = allocated(who, Policy(not_applicable=way))  # type: ignore[arg-type]
    Entry.objects.filter(pk=o.entry(round_, "回应关切").pk).update(state="not_applicable", earned=None)
    assert rollup.shares(round_)[who.units[0].pk].total_rate == Decimal(rate)
    # 民政局's share is not touched by what does not apply to another unit
    assert rollup.shares(round_)[who.units[1].pk].total_rate == Decimal("12.5")


def test_a_score_for_several_items_is_the_share_of_who_leads_the_first(who: Office) -> None:
    round_ = allocated(who)
    home, other = o.entry(round_, "主动公开"), o.entry(round_, "政策解读")
    Entry.objects.filter(pk=other.pk).update(shared_home=home, state="scored", earned=None, self_score=None)
    Entry.objects.filter(pk=home.pk).update(maximum=5, earned=Decimal("4.5"), self_score=Decimal("4.5"))
    found = rollup.shares(round_)
    # (4.5 + 1) / (4 + 1 + 2), and 0 / 3
    assert found[who.units[0].pk].total_rate == Decimal("78.5714285714")
    assert found[who.units[1].pk].total_rate == 0


def test_what_befell_the_whole_sheet_is_no_units_own(who: Office) -> None:
    round_ = allocated(who)
    rule = Adjustment.objects.create(ledger=round_.ledger, text="通报", points=Decimal(-1), kind="penalty")
    before = rollup.shares(round_)[who.units[0].pk].total_rate
    register_adjustment(o.sheet(round_), rule, 2, "被通报两次", by=who.office)
    assert rollup.shares(round_)[who.units[0].pk].total_rate == before


def test_the_shares_of_all_units_add_up_to_the_sheet(who: Office) -> None:
    round_ = allocated(who)
    whole, found = rollup.sums(o.sheet(round_)), rollup.shares(round_).values()
    assert sum(one.earned for one in found) == whole.earned == Decimal("4.5")
    assert sum(one.strict_possible for one in found) == whole.strict_possible == 10


def test_the_page_writes_a_share_down_and_says_how_it_is_counted(who: Office) -> None:
    round_ = allocated(who)
    one = made(who, (scored(who, ["8", "9", "9"]), "70"), (round_, "30"))
    leader, office = visit(who.leader), visit(who.office)
    page = text(leader, f"/composites/{one.pk}/")
    assert "取各单位牵头评估点的得分 ÷ 满分，没有评的按 0 分计" in page
    assert f'href="/composites/{one.pk}/units/{who.units[0].pk}/#share-{round_.pk}">66.67%' in page
    unit = text(leader, f"/composites/{one.pk}/units/{who.units[1].pk}/")
    assert "得 0.50 分 ÷ 满分 4.00 分（其中 1 项未评，按 0 分计） ＝ 12.50%" in unit
    assert "1 项未评，暂不计入" in unit
    assert "得分率 12.50% × 权重 30%" in unit
    assert "取各单位牵头评估点的得分 ÷ 满分" in text(office, "/composites/new/")
    csv = leader.get(f"/composites/{one.pk}/?format=csv").content.decode("utf-8-sig").splitlines()
    assert csv[1].endswith("教育局,80.00,66.67,76.00,合格")


def test_a_corrected_score_counts_in_the_share_and_says_so(who: Office) -> None:
    round_ = allocated(who)
    entries.submit(round_, who.units[0], by=who.fillers[0], key=o.key())
    round_ = rounds.publish(o.in_phase(accepted(who, round_), Phase.REVIEW), by=who.office, blank_is_zero=True)
    amend(entry=o.entry(round_, "主动公开"), score=Decimal(4), code="error", reason="误判", by=who.office)
    one = made(who, (scored(who, ["8"]), "70"), (round_, "30"))
    result = next(result for result in composites.composed(one).results if result.unit == "教育局")
    assert (result.cells[1].rate, result.cells[1].amended) == ("83.33", True)
    unit = text(visit(who.leader), f"/composites/{one.pk}/units/{who.units[0].pk}/")
    assert "得 5.00 分 ÷ 满分 6.00 分 ＝ 83.33%" in unit


def accepted(who: Office, round_: Round) -> Round:
    """The round with everything that was handed in accepted."""
    entries.submit(round_, who.units[1], by=who.fillers[1], key=o.key())
    entries.accept_undisputed(o.in_phase(round_, Phase.REVIEW), by=who.office)
    return round_


def test_another_organisations_composite_does_not_exist(who: Office) -> None:
    one = made(who, (scored(who, []), "70"), (scored(who, []), "30"))
    stranger = visit(o.office("邻县").office)
    for path in ("", f"units/{who.units[0].pk}/", "remove/"):
        text(stranger, f"/composites/{one.pk}/{path}", 404)
    assert "综合成绩" in text(stranger, "/composites/")


def test_queries_do_not_grow_with_the_units(who: Office) -> None:
    counts = []
    for name, size in (("甲县", 2), ("乙县", 12)):
        many = o.office(name, [f"{name}{at}局" for at in range(size)])
        on = o.ledger(many.organisation, wide(24), many.units)
        shared_out = rounds.open_round(o.prepared(many, on), by=many.office)
        one = made(many, (scored(many, []), "70"), (shared_out, "30"))
        counts.append(queries(visit(many.leader), f"/composites/{one.pk}/"))
    assert counts[0] == counts[1]
