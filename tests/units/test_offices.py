from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from units import offices
from units.matching import match
from units.models import AuditEvent, Organisation, Unit, UnitAlias
from units.offices import Refused

pytestmark = pytest.mark.django_db


def _faults(organisation: Organisation) -> list[str]:
    """What is wrong with lft and rght, recomputed from the parents alone."""
    units = list(Unit.objects.filter(organisation=organisation).order_by("lft"))
    children: dict[int | None, list[Unit]] = {}
    for unit in units:
        children.setdefault(unit.parent_id, []).append(unit)
    faults: list[str] = []

    def number(unit: Unit, at: int, level: int) -> int:
        end = at + 1
        for child in children.get(unit.pk, []):
            end = number(child, end, level + 1)
        if (unit.lft, unit.rght, unit.level, unit.tree_id) != (at, end, level, organisation.pk):
            faults.append(f"{unit.name}: {unit.lft} {unit.rght} {unit.level} {unit.tree_id}, not {at} {end} {level}")
        return end + 1

    [root] = children[None]
    assert number(root, 1, 0) == 2 * len(units) + 1
    return faults


STEPS: dict[str, Callable[[Organisation, list[Unit], int, int], Any]] = {
    "add": lambda body, units, a, b: offices.add_unit(body, f"新{Unit.objects.count()}", parent=units[a], by=None),
    "many": lambda body, units, a, b: offices.add_units(body, [f"批{Unit.objects.count()}-{i}" for i in "12"], by=None),
    "move": lambda body, units, a, b: offices.move(units[a], to=units[b], by=None),
    "up": lambda body, units, a, b: offices.shift(units[a], up=True, by=None),
    "down": lambda body, units, a, b: offices.shift(units[a], up=False, by=None),
    "abolish": lambda body, units, a, b: offices.abolish(units[a], by=None),
    "rename": lambda body, units, a, b: offices.rename(units[a], f"改{AuditEvent.objects.count()}", by=None),
}
ANY_STEP = st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 30), st.integers(0, 30))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(ANY_STEP, min_size=1, max_size=14))
def test_the_tree_is_right_after_any_row_of_changes(steps: list[tuple[str, int, int]]) -> None:
    body = offices.found(name=f"县{Organisation.objects.count()}")
    offices.add_units(body, ["办公室", "财政局", "民政局"], by=None)
    for name, a, b in steps:
        # rows as they were read before other changes: the verbs must not trust their lft and rght
        units = list(Unit.objects.filter(organisation=body))
        with suppress(Refused):
            STEPS[name](body, units, a % len(units), b % len(units))
        assert _faults(body) == []


def test_a_stale_row_moves_rightly() -> None:
    body = offices.found(name="某县")
    one, two, three = offices.add_units(body, ["一局", "二局", "三局"], by=None)
    offices.move(one, to=three, by=None)
    offices.move(two, to=one, by=None)
    assert _faults(body) == []
    assert Unit.objects.get(pk=two.pk).level == 3


def test_the_root_carries_the_organisation_as_its_tree() -> None:
    first, second = offices.found(name="甲县"), offices.found(name="乙县")
    trees = {unit.name: unit.tree_id for unit in Unit.objects.filter(parent__isnull=True)}
    assert trees == {"甲县": first.pk, "乙县": second.pk}


def test_many_units_cost_as_few_queries_as_two() -> None:
    costs = []
    for count in (2, 60):
        body = offices.found(name=f"{count} 个单位的县")
        with CaptureQueriesContext(connection) as queries:
            offices.add_units(body, [f"单位{at}" for at in range(count)], by=None)
        costs.append(len(queries))
        assert _faults(body) == []
        assert [unit.name for unit in Unit.objects.filter(organisation=body).offices()][-1] == f"单位{count - 1}"
    assert costs[0] == costs[1]


def test_a_unit_does_not_move_below_itself() -> None:
    body = offices.found(name="某县")
    above = offices.add_unit(body, "人社局", by=None)
    below = offices.add_unit(body, "就业中心", parent=above, by=None)
    with pytest.raises(Refused, match="下级"):
        offices.move(above, to=below, by=None)
    assert _faults(body) == []


def test_a_name_means_one_thing_only() -> None:
    body = offices.found(name="某县")
    unit = offices.add_unit(body, "监察局", by=None)
    offices.add_alias(unit, "执法监察局", by=None)
    offices.add_group(body, "各镇", by=None)
    for taken in ("监察局", "执法监察局", "各镇"):
        with pytest.raises(Refused, match=taken):
            offices.add_unit(body, taken, by=None)
    with pytest.raises(Refused, match="两次"):
        offices.add_units(body, ["审计局", "审计局"], by=None)


def test_a_renamed_unit_is_still_found_by_its_old_name_and_may_take_it_back() -> None:
    body = offices.found(name="某县")
    unit = offices.add_unit(body, "监察局", by=None)
    offices.rename(unit, "监察委员会", by=None)
    assert match(body, ["监察局"]) == {"监察局": unit}
    unit.refresh_from_db()
    assert (unit.name, unit.pinyin) == ("监察委员会", "jcwyh")
    offices.rename(unit, "监察局", by=None)
    assert list(UnitAlias.objects.values_list("name", flat=True)) == ["监察委员会"]


def test_renaming_the_root_renames_the_organisation() -> None:
    body = offices.found(name="某县")
    offices.rename(Unit.objects.get(organisation=body), "某县人民政府", by=None)
    body.refresh_from_db()
    assert body.name == "某县人民政府"


def test_an_abolished_unit_leaves_its_groups_frees_its_name_and_comes_back() -> None:
    body = offices.found(name="某县")
    unit = offices.add_unit(body, "某镇", by=None)
    group = offices.add_group(body, "各镇", [unit], by=None)
    offices.abolish(unit, by=None)
    assert list(group.members.all()) == []
    assert match(body, ["某镇"]) == {"某镇": None}
    unit.refresh_from_db()
    offices.restore(unit, by=None)
    assert match(body, ["某镇"]) == {"某镇": unit}
    offices.abolish(unit, by=None)
    offices.add_unit(body, "某镇", by=None)
    unit.refresh_from_db()
    with pytest.raises(Refused, match="已有"):
        offices.restore(unit, by=None)


def test_a_unit_with_units_below_or_accounts_is_not_abolished() -> None:
    body = offices.found(name="某县")
    above = offices.add_unit(body, "人社局", by=None)
    below = offices.add_unit(body, "就业中心", parent=above, by=None)
    assert "1 个单位" in offices.why_kept(above)
    offices.abolish(below, by=None)
    assert offices.why_kept(above) == ""
    assert "机关本身" in offices.why_kept(Unit.objects.get(organisation=body, parent=None))


def test_a_group_takes_no_unit_of_another_organisation() -> None:
    here, there = offices.found(name="甲县"), offices.found(name="乙县")
    own, foreign = offices.add_unit(here, "财政局", by=None), offices.add_unit(there, "财政局", by=None)
    group = offices.add_group(here, "各部门", [own, foreign], by=None)
    offices.change_group(group, "各部门", [foreign, own], by=None)
    assert list(group.members.all()) == [own]


def test_a_new_class_is_made_once_and_an_empty_name_takes_the_unit_out() -> None:
    body = offices.found(name="某县")
    one, two = offices.add_units(body, ["甲镇", "乙镇"], by=None)
    offices.classify(one, "乡镇", by=None)
    offices.classify(two, "乡镇", by=None)
    assert [found.name for found in body.classes.all()] == ["乡镇"]
    offices.classify(one, "", by=None)
    assert [unit.name for unit in body.classes.get().units.all()] == ["乙镇"]
