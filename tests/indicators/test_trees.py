"""The check that an operator runs: every tree is right, or the fault is named."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from indicators import editing
from indicators.models import Indicator, Ledger
from tests.indicators.conftest import named
from units.models import Organisation, Unit, User


def test_right_trees_are_said_to_be_right(ledger: Ledger, office: User) -> None:
    editing.move(named(ledger, "公开"), "down", by=office)
    said = StringIO()
    call_command("check_trees", stdout=said)
    assert "正确" in said.getvalue()


@pytest.mark.parametrize("broken", [{"rght": 99}, {"level": 4}, {"lft": 2}])
def test_a_wrong_bound_or_level_is_named_with_its_ledger_and_fails(ledger: Ledger, broken: dict[str, int]) -> None:
    item = named(ledger, "丙")
    Indicator.objects.filter(pk=item.pk).update(**broken)
    said = StringIO()
    with pytest.raises(CommandError) as failed:
        call_command("check_trees", stderr=said)
    assert failed.value.returncode == 1
    assert f"tree {ledger.pk}, node {item.pk}" in said.getvalue()


def test_a_fault_among_the_units_is_found_too(organisation: Organisation) -> None:
    Unit.objects.filter(organisation=organisation, parent__isnull=True).update(rght=9)
    with pytest.raises(CommandError):
        call_command("check_trees", stderr=StringIO())


def test_a_ledger_without_a_tree_is_a_fault(ledger: Ledger) -> None:
    Indicator.objects.filter(ledger=ledger).delete()
    with pytest.raises(CommandError):
        call_command("check_trees", stderr=StringIO())
