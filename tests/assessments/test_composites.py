"""综合成绩: rounds of the same units weighed into one result, with places, steps and a file."""

import re
from decimal import Decimal

import pytest

from assessments import composites
from assessments.composites import NotNow
from assessments.models import Composite, Round
from assessments.scoring.policy import DEFAULT_BANDS
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.assessments.visits import queries, text, visit
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
    allocated = o.opened(who)
    waiting = o.prepared(who, o.ledger(who.organisation, TEN), "per-unit")
    for other in (theirs, allocated, waiting):
        with pytest.raises(NotNow, match="对标制轮次"):
            made(who, (mine, "70"), (other, "30"))
    with pytest.raises(NotNow, match="只能选一次"):
        made(who, (mine, "70"), (mine, "30"))


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
        one = made(many, (scored(many, []), "70"), (scored(many, []), "30"))
        counts.append(queries(visit(many.leader), f"/composites/{one.pk}/"))
    assert counts[0] == counts[1]
