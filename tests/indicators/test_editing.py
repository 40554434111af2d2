"""A draft is changed by hand: each change leaves its amendment, the tree stays right, nobody overwrites anybody."""

from decimal import Decimal

import pytest

from indicators import editing, versions
from indicators.editing import Changes, EditRefused, New, Part
from indicators.models import Amendment, Indicator, Ledger, Responsibility
from tests.indicators.conftest import make_ledger, named, shape, tree_faults
from units import offices
from units.models import Organisation, User


def lines(ledger: Ledger) -> list[tuple[str, object, object]]:
    return list(Amendment.objects.filter(ledger=ledger).order_by("pk").values_list("field", "old", "new"))


def test_a_changed_name_and_changed_points_leave_one_amendment_each(ledger: Ledger, office: User) -> None:
    item = named(ledger, "甲")
    editing.edit(item, Changes(name="甲项", points=Decimal("2.25")), edits=0, by=office)
    item.refresh_from_db()
    assert (item.name, item.points, item.edits) == ("甲项", Decimal("2.25"), 1)
    assert lines(ledger) == [("名称", "甲", "甲项"), ("分值", "2", "2.25")]
    assert set(Amendment.objects.values_list("actor", flat=True)) == {office.pk}


def test_saving_without_a_change_writes_nothing(ledger: Ledger, office: User) -> None:
    item = named(ledger, "甲")
    assert editing.edit(item, Changes(name="甲", points=Decimal("2.00")), edits=0, by=office) == []
    item.refresh_from_db()
    assert item.edits == 0


def test_points_can_be_taken_away(ledger: Ledger, office: User) -> None:
    editing.edit(named(ledger, "甲"), Changes(points=None), edits=0, by=office)
    assert named(ledger, "甲").points is None
    assert lines(ledger) == [("分值", "2", None)]


def test_methods_and_units_are_replaced_as_a_whole(ledger: Ledger, organisation: Organisation, office: User) -> None:
    bureau = offices.add_unit(organisation, "某局", by=None)
    towns = offices.add_group(organisation, "各镇", by=None)
    parts = (Part("lead", unit=bureau.pk), Part("support", group=towns.pk), Part("joint", written="某站"))
    editing.edit(named(ledger, "甲"), Changes(methods=("网站采集", "报送材料"), parts=parts), edits=0, by=office)
    assert lines(ledger) == [
        ("评估方式", [], ["网站采集", "报送材料"]),
        ("责任单位", [], ["牵头 某局", "配合 各镇", "会同 某站"]),
    ]
    editing.edit(named(ledger, "甲"), Changes(parts=parts[1:]), edits=1, by=office)
    assert list(named(ledger, "甲").responsibilities.values_list("role", flat=True)) == ["support", "joint"]


def test_what_was_inferred_stays_so_until_somebody_says_it_is_right(
    ledger: Ledger, organisation: Organisation, office: User
) -> None:
    bureau = offices.add_unit(organisation, "某局", by=None)
    item = named(ledger, "甲")
    Responsibility.objects.create(indicator=item, unit=bureau, written="某局", role="lead", inferred=True)
    editing.edit(item, Changes(name="甲一", parts=(Part("lead", unit=bureau.pk),)), edits=0, by=office)
    assert item.responsibilities.get().inferred
    editing.edit(item, Changes(confirmed=True), edits=1, by=office)
    assert not item.responsibilities.get().inferred


def test_a_unit_of_another_organisation_cannot_be_made_responsible(ledger: Ledger, office: User) -> None:
    foreign = offices.add_unit(offices.found(name="外县"), "外局", by=None)
    with pytest.raises(EditRefused, match="不在本机关"):
        editing.edit(named(ledger, "甲"), Changes(parts=(Part("lead", unit=foreign.pk),)), edits=0, by=office)
    assert lines(ledger) == []


def test_a_form_opened_before_a_colleague_saved_overwrites_nothing(ledger: Ledger, office: User) -> None:
    item = named(ledger, "甲")
    editing.edit(item, Changes(name="同事改的"), edits=0, by=office)
    with pytest.raises(editing.ChangedMeanwhile):
        editing.edit(item, Changes(name="我改的"), edits=0, by=office)
    item.refresh_from_db()
    assert item.name == "同事改的"


def test_nothing_in_a_published_ledger_can_be_changed(ledger: Ledger, office: User) -> None:
    versions.publish(ledger, by=office)
    item, chapter = named(ledger, "甲"), named(ledger, "公开")
    for attempt in (
        lambda: editing.edit(item, Changes(name="x"), edits=0, by=office),
        lambda: editing.add(ledger, New("x"), by=office),
        lambda: editing.move(chapter, "down", by=office),
        lambda: editing.retire(item, by=office),
        lambda: editing.restore(item, by=office),
    ):
        with pytest.raises(EditRefused, match="建立新版本后再改"):
            attempt()
    assert lines(ledger) == []


def test_an_indicator_is_added_above_below_under_and_at_the_end(ledger: Ledger, office: User) -> None:
    editing.add(ledger, New("甲之上"), where="above", of=named(ledger, "甲"), by=office)
    editing.add(ledger, New("甲之下"), where="below", of=named(ledger, "甲"), by=office)
    editing.add(ledger, New("末项", Decimal(1)), where="child", of=named(ledger, "结果公开"), by=office)
    editing.add(ledger, New("新章", is_item=False), by=office)
    assert shape(ledger) == [
        *((1, "公开"), (2, "决策公开"), (3, "甲之上"), (3, "甲"), (3, "甲之下"), (3, "乙")),
        *((2, "结果公开"), (3, "丙"), (3, "末项"), (1, "解读"), (2, "丁"), (1, "新章")),
    ]
    assert tree_faults(ledger) == []
    assert Amendment.objects.filter(action="added").count() == 4


def test_nothing_is_added_under_an_item_or_below_level_five(organisation: Organisation, office: User) -> None:
    deep = make_ledger(organisation, [("1", None, [("2", None, [("3", None, [("4", None, [("5", "1", [])])])])])])
    with pytest.raises(EditRefused, match="最多 5 级"):
        editing.add(deep, New("六"), of=named(deep, "5"), by=office)
    item = editing.add(deep, New("项"), of=named(deep, "4"), by=office)
    with pytest.raises(EditRefused, match="是评估点"):
        editing.add(deep, New("x"), of=item, by=office)
    assert tree_faults(deep) == []


def test_an_indicator_moves_up_down_and_under_another_with_all_below_it(ledger: Ledger, office: User) -> None:
    editing.move(named(ledger, "乙"), "up", by=office)
    editing.move(named(ledger, "公开"), "down", by=office)
    editing.move(named(ledger, "决策公开"), named(ledger, "解读"), by=office)
    assert shape(ledger) == [
        *((1, "解读"), (2, "丁"), (2, "决策公开"), (3, "乙"), (3, "甲")),
        *((1, "公开"), (2, "结果公开"), (3, "丙")),
    ]
    assert tree_faults(ledger) == []
    assert lines(ledger)[-1] == ("位置", "公开，第 1 项", "解读，第 2 项")


@pytest.mark.parametrize(
    ("name", "to", "sentence"),
    [
        ("公开", "up", "第一项"),
        ("解读", "down", "最后一项"),
        ("公开", "决策公开", "自己的下级"),
        ("解读", "丁", "自己"),
    ],
)
def test_a_move_that_makes_no_sense_is_refused(ledger: Ledger, office: User, name: str, to: str, sentence: str) -> None:
    before = shape(ledger)
    target = named(ledger, to) if to not in {"up", "down"} else to
    with pytest.raises(EditRefused, match=sentence):
        editing.move(named(ledger, name), target, by=office)  # type: ignore[arg-type]
    assert shape(ledger) == before


def test_an_indicator_cannot_move_into_another_ledger(ledger: Ledger, organisation: Organisation, office: User) -> None:
    other = make_ledger(organisation, [("别章", None, [])], title="另一份")
    with pytest.raises(Indicator.DoesNotExist):
        editing.move(named(ledger, "甲"), named(other, "别章"), by=office)


def test_a_subtree_too_deep_for_its_new_place_stays_where_it_is(organisation: Organisation, office: User) -> None:
    deep = make_ledger(
        organisation, [("1", None, [("2", None, [("3", None, [("4", None, [])])])]), ("a", None, [("b", "1", None)])]
    )
    with pytest.raises(EditRefused, match="最多 5 级"):
        editing.move(named(deep, "a"), named(deep, "4"), by=office)
    assert tree_faults(deep) == []


def test_retiring_takes_what_is_below_along_and_restoring_brings_just_that_back(ledger: Ledger, office: User) -> None:
    editing.retire(named(ledger, "甲"), by=office)
    assert editing.retire(named(ledger, "公开"), by=office) == 5
    assert shape(ledger) == [(1, "解读"), (2, "丁")]
    with pytest.raises(EditRefused, match="已停用"):
        editing.restore(named(ledger, "甲"), by=office)
    assert editing.restore(named(ledger, "公开"), by=office) == 5
    assert "甲" not in {name for _, name in shape(ledger)}
    editing.restore(named(ledger, "甲"), by=office)
    assert len(shape(ledger)) == 8
    assert tree_faults(ledger) == []


def test_an_indicator_with_others_below_cannot_become_an_item(ledger: Ledger, office: User) -> None:
    with pytest.raises(EditRefused, match="下面还有指标"):
        editing.edit(named(ledger, "决策公开"), Changes(is_item=True), edits=0, by=office)


def test_the_ledgers_root_is_no_indicator(ledger: Ledger, office: User) -> None:
    root = Indicator.objects.get(ledger=ledger, level=0)
    with pytest.raises(EditRefused, match="不是指标"):
        editing.retire(root, by=office)
