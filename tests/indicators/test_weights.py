"""A ledger of weights is stored with what each indicator is worth of the whole; what is printed stays beside it."""

from decimal import Decimal

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators import importing
from indicators.models import Indicator, Ledger, Upload
from indicators.reading import read
from indicators.reading.drafts import LedgerDraft, NodeDraft
from indicators.reading.weighing import PRINTED, weighed
from tests.indicators.reading import books
from tests.indicators.reading.unseen import duties, odd, openness
from tests.indicators.test_import_pages import send, work
from units.models import Organisation


def _drafted(name: str, content: bytes) -> LedgerDraft:
    return weighed(read(name, content).ledgers[0])


def _stored(organisation: Organisation, name: str, content: bytes) -> Ledger:
    return importing.import_file(name, content, organisation=organisation, by=None)[0]


def _points(ledger: Ledger) -> dict[str, Decimal | None]:
    return {one.name: one.points for one in Indicator.objects.filter(ledger=ledger, level__gt=0)}


def test_every_indicator_is_worth_the_product_of_the_weights_above_it(organisation: Organisation) -> None:
    ledger = _stored(organisation, books.EPIDEMIC, books.content(books.EPIDEMIC))
    # 预算绩效 50 holds 预算管理 75, which holds 预算执行进度(7月) 7
    worth = _points(ledger)
    assert (worth["预算绩效"], worth["预算管理"], worth["预算执行进度(7月)"]) == (50, Decimal("37.5"), Decimal("3.5"))
    items = Indicator.objects.filter(ledger=ledger).items()
    assert sum(one.points or 0 for one in items) == 100
    assert items.get(name="预算执行进度(7月)").extra[PRINTED] == "7"
    assert ledger.declared_total == 100


def test_percentages_at_every_level_make_a_product(organisation: Organisation) -> None:
    made = openness.PERCENT_AT_EVERY_LEVEL
    worth = _points(_stored(organisation, made.name, made.content))
    # 40% × 70% × 90% × 60% and × 40%
    assert worth["是否公开国民经济和社会发展规划。"] == Decimal("15.12")
    assert worth["是否公开专项规划、区域规划。"] == Decimal("10.08")
    assert worth["（一）主动公开"] == 28
    assert worth["答复"] == 12


def test_parts_of_parts_add_up_to_the_whole_where_no_share_is_even() -> None:
    rows: list[list[object]] = [["一级指标", "权重", "二级指标", "权重", "三级指标", "权重"]]
    rows += [["甲", 33, "子", 33, "一", 33], ["甲", 33, "子", 33, "二", 67], ["甲", 33, "丑", 67, "三", 100]]
    rows += [["乙", 67, "寅", 47, "四", 100], ["乙", 67, "卯", 53, "五", 29], ["乙", 67, "卯", 53, "六", 71]]
    draft = weighed(books.sheet(rows))
    assert sum(node.declared or 0 for node in draft.nodes if node.is_item) == 100
    for node in draft.nodes:
        parts = [one.declared or 0 for one in draft.nodes if one.parent == node.id]
        assert not parts or sum(parts) == node.declared


def test_points_that_are_no_weights_stay_as_they_are() -> None:
    for made in (duties.SPENDING_ADDED_AT_EACH_LEVEL, odd.WEIGHTS_IN_PER_CENT, openness.DETAILS_UNDER_PROJECTS):
        draft = read(made.name, made.content).ledgers[0]
        assert weighed(draft) is draft


def test_a_rule_of_a_weighted_item_takes_what_its_points_are_worth() -> None:
    rows: list[list[object]] = [["一级指标", "权重", "二级指标", "权重", "评分标准"]]
    rows += [["甲", 40, "子", 50, "每少一次扣5分"], ["甲", 40, "丑", 50, "无"]]
    rows += [["乙", 60, "寅", 20, "无"], ["乙", 60, "卯", 80, "无"]]
    item = next(node for node in weighed(books.sheet(rows)).nodes if node.name == "子")
    assert (item.declared, [rule.deduct for rule in item.rules]) == (20, [2])


def test_a_row_of_bonuses_is_a_rule_on_the_total_and_has_no_points_of_its_own(organisation: Organisation) -> None:
    made = duties.LAW_WITH_NAMED_POINTS
    ledger = _stored(organisation, made.name, made.content)
    assert sum(one.points or 0 for one in Indicator.objects.filter(ledger=ledger).items()) == 25
    assert sorted(one.points or 0 for one in ledger.adjustments.all()) == [-2, 3, 5]
    assert Indicator.objects.get(ledger=ledger, name="加分项").extra[PRINTED] == "5"


@pytest.mark.parametrize("name", [books.SHANDONG, books.COUNTY, books.LANGAO, books.HEBEI, books.RIVER])
def test_the_other_ledgers_of_offices_hold_no_weights(name: str) -> None:
    for draft in read(name, books.content(name)).ledgers:
        assert weighed(draft) is draft


def _family(draw: st.DrawFn, most: int) -> list[int]:
    cuts = sorted(draw(st.sets(st.integers(1, 99), min_size=1, max_size=most)))
    return [after - before for before, after in zip([0, *cuts], [*cuts, 100], strict=True)]


@st.composite
def _weights(draw: st.DrawFn) -> list[NodeDraft]:
    """Two levels of weights and a level of items, every family a hundred."""
    nodes: list[NodeDraft] = []

    def put(parent: int | None, level: int) -> None:
        for share in _family(draw, 3):
            nodes.append(NodeDraft(len(nodes) + 1, parent, level, "甲", Decimal(share), is_item=level == 3))
            if level < 3:
                put(len(nodes), level + 1)

    put(None, 1)
    return nodes


@settings(max_examples=25, deadline=None)
@given(_weights())
def test_whatever_the_weights_all_shares_add_up_exactly(nodes: list[NodeDraft]) -> None:
    draft = LedgerDraft("", None, None, "台账", (), {}, 3, None, None, None, tuple(nodes))
    shares = {node.id: node.declared or Decimal(0) for node in weighed(draft).nodes}
    assert sum(shares[node.id] for node in nodes if node.is_item) == 100
    for node in nodes:
        parts = [shares[one.id] for one in nodes if one.parent == node.id]
        assert not parts or sum(parts) == shares[node.id]


def test_the_desk_shows_what_would_be_stored_and_says_that_it_is_converted(client: Client) -> None:
    made = openness.PERCENT_AT_EVERY_LEVEL
    send(client, made.content, made.name)
    work()
    page = client.get(f"/imports/{Upload.objects.get().pk}/").content.decode()
    assert "标注 100 分，下级合计 100 分" in page
    assert "3 级按权重折算分值" in page
    assert "差 " not in page
