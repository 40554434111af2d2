"""计算过程: every number of a sheet leads to its steps, and the steps lead back to the number."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from assessments import adjustments, entries, rollup, rounds, sheet_sums, tracing
from assessments.models import Phase, Round
from assessments.scoring.amounts import as_decimal
from assessments.scoring.policy import Policy
from assessments.scoring.trace import replay
from indicators.importing import import_file
from indicators.models import Adjustment
from tests.assessments import office as o
from tests.assessments.visits import queries, text, visit, wide
from units.models import Role
from units.offices import found

pytestmark = pytest.mark.django_db

COUNTY = Path(__file__).parents[2] / "fixtures" / "ledgers" / "county-department-2022-selfcheck.xlsx"
SPEC = {"公开内容": (("甲", "20"), ("乙", "10"), ("丙", "30"), ("丁", "40"))}


@pytest.mark.parametrize("way", ["drop", "proportional", "equal_share", "full_marks"])
def test_the_steps_of_every_indicator_replay_to_the_number_it_shows(way: str) -> None:
    who = o.office()
    round_ = o.opened(who, spec=SPEC, policy=Policy(not_applicable=way))  # type: ignore[arg-type]
    one = o.entry(round_, "甲")
    claim = entries.SelfAssessment("", "没有这项职能", not_applicable=True)
    entries.save(one, claim, version=0, key=o.key(), by=who.fillers[0])
    o.handed_in(who, round_, {"乙": "10", "丙": "15", "丁": "40"})
    one.refresh_from_db()
    entries.accept(one, version=one.version, key=o.key(), by=who.office)
    sheet = o.sheet(round_)
    sums = rollup.sums(sheet)
    shown = {**sums.items, **sums.nodes}
    steps = sheet_sums.explained(sheet)
    assert steps.keys() == shown.keys()
    for node, found_ in steps.items():
        assert as_decimal(replay(found_)).quantize(Decimal("0.0001")) == shown[node].earned
    assert sums.outcome is not None
    assert as_decimal(replay(sums.outcome.trace)).quantize(Decimal("0.0001")) == sums.total


def test_the_county_sheet_explains_its_shared_score_where_it_counts() -> None:
    organisation = found(name="某县人民政府")
    ledger = import_file(COUNTY.name, COUNTY.read_bytes(), organisation=organisation, by=None)[0]
    round_ = rounds.from_scores(ledger, by=None)
    sheet = o.sheet(round_)
    traced = tracing.of_total(sheet, whole=True)
    assert traced.total == "63.5"
    assert any("3 项合并计分（4＋1＋2 分）" in line.label for part in traced.parts for line in part.lines)
    page = text(visit(o.person(organisation, Role.OFFICE)), f"/sheets/{sheet.pk}/trace/?all=1")
    assert "评估点得分 63.5 分，分值 100 分" in page


def test_each_number_of_the_sheet_page_leads_to_its_steps() -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), {"主动公开": "3.5", "网站建设": "3"})
    sheet = o.sheet(round_)
    leader = visit(who.leader)
    page = text(leader, f"/sheets/{sheet.pk}/")
    links = re.findall(rf'href="(/sheets/{sheet.pk}/trace/\d+/)"', page)
    assert len(links) == 4  # two level-1 indicators and two items have a number
    assert f'href="/sheets/{sheet.pk}/trace/"' in page
    for link in links:
        text(leader, link)
    top = o.entry(round_, "主动公开").indicator.parent_id
    part = tracing.of_node(sheet, top or 0)
    assert part is not None
    assert (part.earned, part.possible) == ("3.50", "4.00")
    assert [(line.name, line.label, line.amount, line.running) for line in part.lines] == [
        ("主动公开", "得分", "3.50", "3.50"),
        ("政策解读", "1 项未评，暂不计入", "0.00", "3.50"),
        ("回应关切", "1 项未评，暂不计入", "0.00", "3.50"),
    ]
    assert tracing.of_total(sheet).parts[1].sum == "3.5 ＋ 3 ＝ 6.5"


def test_adjustments_stand_in_the_steps_to_the_total() -> None:
    who = o.office()
    ledger = o.ledger(who.organisation, o.PLAIN, who.units[:1])
    rule = Adjustment.objects.create(ledger=ledger, text="被通报批评", kind="penalty", points=Decimal(-2))
    round_ = rounds.open_round(o.prepared(who, ledger), by=who.office)
    o.handed_in(who, round_, {"主动公开": "4"})
    adjustments.register_adjustment(o.sheet(round_), rule, 1, "通报", by=who.office)
    (settled, *_) = tracing.of_total(o.sheet(round_)).parts
    assert [(line.label, line.running) for line in settled.lines] == [
        ("评估点得分 4 分，分值 10 分", "4.00"),
        ("扣分：“被通报批评”每次 2 分，1 次，扣 2 分", "2.00"),
    ]


def test_what_is_not_on_the_sheet_has_no_steps() -> None:
    who, other = o.office(), o.office("邻县人民政府")
    round_, theirs = o.opened(who), o.opened(other)
    sheet = o.sheet(round_)
    top = o.entry(theirs, "主动公开").indicator_id
    text(visit(who.leader), f"/sheets/{sheet.pk}/trace/{top}/", 404)
    text(visit(other.leader), f"/sheets/{sheet.pk}/trace/", 404)
    text(visit(who.leader), f"/sheets/{sheet.pk}/trace/999999999999999999999/", 404)
    assert visit(who.fillers[0]).get(f"/sheets/{sheet.pk}/trace/").status_code == 403


def test_htmx_is_answered_with_the_steps_alone() -> None:
    who = o.office()
    round_ = o.handed_in(who, o.opened(who), {"主动公开": "3.5"})
    address = f"/sheets/{o.sheet(round_).pk}/trace/{o.entry(round_, '主动公开').indicator.parent_id}/"
    answer = visit(who.leader).get(address, HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in answer
    assert "计入得分" in answer


def test_the_steps_of_all_indicators_take_no_more_queries_than_those_of_a_few() -> None:
    counts = []
    for name, size in (("甲县", 4), ("乙县", 40)):
        who = o.office(name)
        sheet = o.sheet(o.opened(who, spec=wide(size)))
        counts.append(queries(visit(who.leader), f"/sheets/{sheet.pk}/trace/?all=1"))
    assert counts[0] == counts[1]
    assert Round.objects.filter(phase=Phase.SELF_ASSESSMENT).count() == 2
