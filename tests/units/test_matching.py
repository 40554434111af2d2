from typing import Any

import pytest

from units.matching import known, match, near
from units.offices import abolish, add_alias, add_group, add_units, found

pytestmark = pytest.mark.django_db


def test_names_lead_to_units_aliases_and_groups_and_never_to_something_similar() -> None:
    body = found(name="某县")
    unit, other = add_units(body, ["监察局", "政策法规处"], by=None)
    add_alias(unit, "执法监察局", by=None)
    group = add_group(body, "各镇", by=None)
    names = ["监察局", "执法监察局", "各镇", "政策法规", "监察", ""]
    assert match(body, names) == {
        "监察局": unit, "执法监察局": unit, "各镇": group, "政策法规": None, "监察": None, "": None,
    }  # fmt: skip
    assert match(body, ["政策法规处"])["政策法规处"] == other


def test_blanks_and_full_width_do_not_make_another_name() -> None:
    body = found(name="某县")
    [unit] = add_units(body, ["局机关（党委）"], by=None)
    assert match(body, ["局 机关(党委)"]) == {"局 机关(党委)": unit}


def test_an_abolished_unit_and_its_aliases_are_unknown() -> None:
    body = found(name="某县")
    [unit] = add_units(body, ["监察局"], by=None)
    add_alias(unit, "执法监察局", by=None)
    abolish(unit, by=None)
    assert match(body, ["监察局", "执法监察局"]) == {"监察局": None, "执法监察局": None}


def test_another_organisations_units_are_unknown() -> None:
    body, other = found(name="甲县"), found(name="乙县")
    add_units(other, ["监察局"], by=None)
    assert match(body, ["监察局"]) == {"监察局": None}


def test_any_number_of_names_costs_three_queries(django_assert_num_queries: Any) -> None:
    body = found(name="某县")
    units = add_units(body, [f"单位{at}" for at in range(60)], by=None)
    for unit in units[:20]:
        add_alias(unit, f"简称{unit.pk}", by=None)
    with django_assert_num_queries(3):
        assert None not in match(body, [unit.name for unit in units]).values()


def test_suggestions_are_the_stored_names_that_look_alike() -> None:
    body = found(name="某县")
    unit, *_ = add_units(body, ["执法监察局", "民政局", "财政局"], by=None)
    assert near("执法监察处", known(body))[0] == "执法监察局"
    assert near("一二三四五", known(body)) == []
    add_alias(unit, "监察大队", by=None)
    assert near("监察大队（县）", known(body)) == ["执法监察局"]
