"""Cells typed and pasted, rows moved, split and merged, points shared out; and everything taken back again."""

from decimal import Decimal
from typing import Any

import pytest

from indicators import editing, versions
from indicators.editing import Act, Bulk, Cell, EditRefused, More, Piece, Spot, texts
from indicators.models import Amendment, Indicator, IndicatorMethod, Ledger, Responsibility
from tests.indicators.conftest import make_ledger, named, shape, tree_faults
from units import offices
from units.matching import known
from units.models import Organisation, Unit, User


@pytest.fixture
def bureau(organisation: Organisation) -> Unit:
    return offices.add_unit(organisation, "县财政局", by=None)


def picture(ledger: Ledger) -> list[tuple[object, ...]]:
    """Everything a person sees of a ledger, in its order."""
    rows = []
    for one in Indicator.objects.filter(ledger=ledger).printed():
        units = list(one.responsibilities.values_list("role", "unit", "group", "written"))
        methods = list(one.method_links.values_list("method__name", flat=True))
        values = (one.pk, one.parent_id, one.name, one.points, one.criteria, one.is_item, one.retired_at is None)
        rows.append((*values, units, methods))
    return rows


def back(ledger: Ledger, step: object, by: User) -> object:
    return editing.take_back(ledger, list(ledger.amendments.filter(step=step)), by=by)


def test_good_cells_of_a_block_are_saved_and_each_bad_one_says_why(
    ledger: Ledger, office: User, organisation: Organisation, bureau: Unit
) -> None:
    first, second = named(ledger, "甲").pk, named(ledger, "乙").pk
    cells = [
        Cell(first, "points", "2", "２.５分"),
        Cell(first, "parts", "", "县财政局会同某站"),
        Cell(second, "methods", "", "网站采集、报送材料"),
        Cell(second, "points", "3", "三分"),
        Cell(second, "name", "乙", " "),
        Cell(second, "criteria", "别的", "新的"),
        Cell(named(make_ledger(organisation, [("别", "1", None)]), "别").pk, "name", "别", "改"),
    ]
    written = editing.write(ledger, cells, by=office)
    assert [one.state for one in written.outcomes] == ["saved"] * 3 + ["refused", "refused", "conflict", "refused"]
    assert "分值填数字" in written.outcomes[3].message
    assert named(ledger, "甲").points == Decimal("2.5")
    duties = list(named(ledger, "甲").responsibilities.values_list("role", "unit", "written"))
    assert duties == [("lead", bureau.pk, "县财政局"), ("joint", None, "某站")]
    assert set(ledger.amendments.values_list("step", flat=True)) == {written.step}


def test_a_cell_that_somebody_else_changed_is_not_overwritten_and_both_values_are_told(
    ledger: Ledger, office: User
) -> None:
    item = named(ledger, "甲").pk
    editing.write(ledger, [Cell(item, "points", "2", "1")], by=office)
    (outcome,) = editing.write(ledger, [Cell(item, "points", "2", "4")], by=office).outcomes
    assert (outcome.state, outcome.theirs, outcome.by) == ("conflict", "1", office.display_name)
    (other,) = editing.write(ledger, [Cell(item, "name", "甲", "甲一")], by=office).outcomes
    assert other.state == "saved"


def test_the_same_cells_sent_twice_are_written_once(ledger: Ledger, office: User) -> None:
    cells = [Cell(named(ledger, "甲").pk, "points", "2", "2.25")]
    assert editing.write(ledger, cells, by=office).step is not None
    again = editing.write(ledger, cells, by=office)
    assert (again.step, again.outcomes[0].state) == (None, "saved")
    assert Amendment.objects.count() == 1


@pytest.mark.parametrize(
    "text",
    ["县财政局", "县财政局会同某站、各镇", "牵头：县财政局；配合：某站等", "县财政局、某站", "考核：县财政局", ""],
)
def test_units_as_text_are_read_back_as_the_same_units(text: str, organisation: Organisation, bureau: Unit) -> None:
    rows = texts.units(text, known(organisation))
    said = texts.units_text((row[3], row[0], row[4]) for row in rows)
    assert texts.units(said, known(organisation)) == rows


def test_a_step_is_taken_back_whole_and_done_again(ledger: Ledger, office: User, bureau: Unit) -> None:
    before = picture(ledger)
    item = named(ledger, "甲").pk
    cells = [Cell(item, "parts", "", "县财政局"), Cell(item, "methods", "", "暗访"), Cell(item, "points", "2", "")]
    step = editing.write(ledger, cells, by=office).step
    after = picture(ledger)
    undone = back(ledger, step, office)
    assert picture(ledger) == before
    back(ledger, undone, office)
    assert picture(ledger) == after
    assert Amendment.objects.filter(undoes__isnull=False).count() == 6


@pytest.mark.parametrize(
    "act",
    [
        ("up", ("乙",), "", ""),
        ("indent", ("乙",), "", ""),
        ("outdent", ("乙",), "", ""),
        ("move", ("决策公开",), "child", "解读"),
        ("move", ("甲", "丙"), "above", "丁"),
        ("add", (), "below", "甲"),
        ("add", (), "child", "甲"),
        ("retire", ("决策公开", "甲"), "", ""),
        ("merge", ("甲", "乙"), "", ""),
        ("distribute", ("决策公开",), "", ""),
    ],
)
def test_every_act_is_taken_back_whole_and_leaves_a_right_tree(
    ledger: Ledger, office: User, act: tuple[str, tuple[str, ...], editing.Where, str]
) -> None:
    do, names, where, of = act
    before = [row[1:] for row in picture(ledger) if row[6]]
    ids = tuple(named(ledger, name).pk for name in names)
    asked = Act(do, ids, where or "below", named(ledger, of).pk if of else None)
    step, _ = editing.perform(ledger, asked, by=office)
    after = [row[1:] for row in picture(ledger) if row[6]]
    assert after != before
    undone = back(ledger, step, office)
    assert [row[1:] for row in picture(ledger) if row[6]] == before
    back(ledger, undone, office)
    assert [row[1:] for row in picture(ledger) if row[6]] == after
    assert tree_faults(ledger) == []


def test_several_rows_keep_their_order_wherever_they_go(ledger: Ledger, office: User) -> None:
    ids = tuple(named(ledger, name).pk for name in ("甲", "乙"))
    editing.perform(ledger, Act("move", ids, "below", named(ledger, "丙").pk), by=office)
    assert [name for _, name in shape(ledger)] == ["公开", "决策公开", "结果公开", "丙", "甲", "乙", "解读", "丁"]
    editing.perform(ledger, Act("up", ids), by=office)
    assert [name for _, name in shape(ledger)][3:6] == ["甲", "乙", "丙"]


def test_what_was_changed_again_since_is_not_taken_back(ledger: Ledger, office: User) -> None:
    item = named(ledger, "甲").pk
    step = editing.write(ledger, [Cell(item, "points", "2", "1")], by=office).step
    editing.write(ledger, [Cell(item, "points", "1", "4")], by=office)
    with pytest.raises(EditRefused, match="之后又改成了“4”，不能恢复"):
        back(ledger, step, office)
    moved, _ = editing.perform(ledger, Act("move", (item,), "below", named(ledger, "丙").pk), by=office)
    editing.move(named(ledger, "甲"), Spot("below", named(ledger, "丁")), by=office)
    with pytest.raises(EditRefused, match="之后又移到了别处"):
        back(ledger, moved, office)
    added, new = editing.perform(ledger, Act("add", (), "below", item), by=office)
    editing.perform(ledger, Act("add", (), "child", new), by=office)
    with pytest.raises(EditRefused, match="下面已有别的指标"):
        back(ledger, added, office)


def test_nothing_of_a_published_ledger_is_taken_back(ledger: Ledger, office: User) -> None:
    step = editing.write(ledger, [Cell(named(ledger, "甲").pk, "points", "2", "1")], by=office).step
    versions.publish(ledger, by=office)
    with pytest.raises(EditRefused, match="已发布"):
        back(ledger, step, office)


def test_an_item_is_split_into_parts_that_are_worth_as_much(ledger: Ledger, office: User, bureau: Unit) -> None:
    item = named(ledger, "甲")
    Responsibility.objects.create(indicator=item, unit=bureau, written="县财政局", role="lead")
    before = picture(ledger)
    step, made = editing.split(item, [Piece("甲一"), Piece("甲二", Decimal("1")), Piece("甲三")], by=office)
    assert [(one.name, one.points) for one in Indicator.objects.filter(pk__in=[one.pk for one in made])] == [
        ("甲一", Decimal("0.5")),
        ("甲二", Decimal("1")),
        ("甲三", Decimal("0.5")),
    ]
    assert Responsibility.objects.filter(unit=bureau).count() == 3
    back(ledger, step, office)
    assert [row for row in picture(ledger) if row[6]] == before
    with pytest.raises(EditRefused, match="现在相差 1 分"):
        editing.split(named(ledger, "甲"), [Piece("一", Decimal("1")), Piece("二", Decimal("2"))], by=office)


def test_merged_items_keep_every_word_unit_and_method_and_the_sum_of_points(
    ledger: Ledger, organisation: Organisation, office: User, bureau: Unit
) -> None:
    ids = [named(ledger, name).pk for name in ("甲", "乙")]
    cells = [Cell(ids[0], "parts", "", "县财政局"), Cell(ids[1], "parts", "", "县财政局会同某站")]
    cells += [Cell(ids[1], "methods", "", "暗访"), Cell(ids[1], "criteria", "", "乙的标准")]
    editing.write(ledger, cells, by=office)
    _, first = editing.merge(ledger, ids, by=office)
    first.refresh_from_db()
    assert (first.name, first.points, first.criteria) == ("甲\n乙", Decimal("5"), "乙的标准")
    assert list(first.responsibilities.values_list("written", flat=True)) == ["县财政局", "某站"]
    assert IndicatorMethod.objects.get(indicator=first).method.name == "暗访"
    with pytest.raises(EditRefused, match="同一上级"):
        editing.merge(ledger, [first.pk, named(ledger, "丙").pk], by=office)


@pytest.mark.parametrize(
    ("declared", "parts", "after"),
    [
        ("1", [None, None, None], ["0.34", "0.33", "0.33"]),
        ("5.5", ["1", "1", None], ["1", "1", "3.5"]),
        ("5.5", ["1", "2"], ["2.25", "3.25"]),
        ("2", ["1", "2"], ["0.5", "1.5"]),
    ],
)
def test_what_is_left_of_the_points_is_shared_evenly_and_adds_up_exactly(
    organisation: Organisation, office: User, declared: str, parts: list[str | None], after: list[str]
) -> None:
    items = [(f"项{at}", worth, None) for at, worth in enumerate(parts)]
    ledger = make_ledger(organisation, [("章", declared, [("节", None, items)])])
    editing.distribute(named(ledger, "章"), by=office)
    assert [one.points for one in Indicator.objects.filter(ledger=ledger).items()] == [Decimal(one) for one in after]
    with pytest.raises(EditRefused, match="没有剩余可分"):
        editing.distribute(named(ledger, "章"), by=office)


def test_a_unit_is_added_in_a_role_to_many_rows_beside_the_others(
    ledger: Ledger, organisation: Organisation, office: User, bureau: Unit
) -> None:
    ids = [named(ledger, name).pk for name in ("甲", "乙", "丙")]
    editing.write(ledger, [Cell(ids[0], "parts", "", "某站")], by=office)
    _, count = editing.set_all(ledger, ids, Bulk(parts="县财政局", role="support", points="1"), by=office)
    assert count == 6
    assert list(named(ledger, "甲").responsibilities.values_list("role", "written")) == [
        ("lead", "某站"),
        ("support", "县财政局"),
    ]
    with pytest.raises(EditRefused, match="分值填数字"):
        editing.set_all(ledger, ids, Bulk(points="一"), by=office)


def test_lines_beyond_the_last_row_are_rows_of_one_step_that_is_taken_back_whole(
    ledger: Ledger, office: User, organisation: Organisation
) -> None:
    before, last = picture(ledger), named(ledger, "乙")
    cells = [Cell(last.pk, "points", "3", "5")]
    more = More(last.pk, ((("name", "戊"), ("points", "1"), ("parts", "某站")), (("name", ""), ("points", ""))))
    written = editing.write(ledger, cells, by=office, more=more)
    assert [name for _, name in shape(ledger)][2:7] == ["甲", "乙", "戊", "（新指标）", "结果公开"]
    assert [one.pk for one in named(ledger, "决策公开").get_children()][2:] == list(written.added)
    assert named(ledger, "戊").responsibilities.get().written == "某站"
    assert tree_faults(ledger) == []
    step = back(ledger, written.step, office)
    assert [row for row in picture(ledger) if row[6]] == before
    back(ledger, step, office)
    assert named(ledger, "戊").points == 1
    assert named(ledger, "乙").points == 5


def test_more_rows_than_anybody_pastes_are_refused_and_so_is_a_row_that_is_gone(ledger: Ledger, office: User) -> None:
    line = (("name", "项"),)
    with pytest.raises(EditRefused, match="一次最多增加 1000 行"):
        editing.write(ledger, [], by=office, more=More(named(ledger, "丁").pk, (line,) * 1001))
    with pytest.raises(EditRefused, match="已不在台账中"):
        editing.write(ledger, [], by=office, more=More(1, (line,)))


@pytest.mark.parametrize("count", [1, 40])
def test_any_number_of_rows_is_added_with_the_same_queries(
    ledger: Ledger, office: User, count: int, django_assert_max_num_queries: Any
) -> None:
    more = More(named(ledger, "丁").pk, ((("name", "项"), ("points", "1")),) * count)
    with django_assert_max_num_queries(14):
        editing.write(ledger, [], by=office, more=more)
