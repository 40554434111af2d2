"""The organisation, its unit tree, aliases and groups: every change of them, under the organisation's lock."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from units import audit
from units.models import Organisation, Unit, UnitAlias, UnitClass, UnitGroup, User
from units.pinyin import initials


class NameTaken(Exception):
    """Another unit, alias or group of the organisation has this name; the words are for the person."""


class HasDuties(Exception):
    """A unit with units below it cannot be abolished or moved below itself; the words are for the person."""


@transaction.atomic
def found(*, name: str) -> Organisation:
    """A new organisation with the root of its unit tree."""
    organisation = Organisation.objects.create(name=name)
    # mptt would number a new root by itself and could give two the same tree
    root = Unit(
        organisation=organisation, name=name, pinyin=initials(name), lft=1, rght=2, level=0, tree_id=organisation.pk
    )
    Unit.objects.bulk_create([root])
    return organisation


def root_of(organisation: Organisation) -> Unit:
    """The unit that stands for the organisation itself."""
    return organisation.units.get(parent__isnull=True)


def lock(organisation: Organisation) -> None:
    """Hold the organisation's row: its unit tree changes shape only by one hand at a time."""
    Organisation.objects.select_for_update().get(pk=organisation.pk)


@transaction.atomic
def add_unit(
    organisation: Organisation,
    name: str,
    *,
    parent: Unit | None = None,
    unit_class: UnitClass | None = None,
    by: User | None,
) -> Unit:
    """A new unit, last below `parent` (the organisation itself unless told). Raises NameTaken."""
    lock(organisation)
    refuse_taken(organisation, name)
    above = organisation.units.get(pk=parent.pk) if parent else root_of(organisation)
    unit = Unit(organisation=organisation, name=name, pinyin=initials(name), unit_class=unit_class)
    unit.insert_at(above, position="last-child", save=True)
    audit.record(organisation=organisation, actor=by, action="新增单位", target=name)
    return unit


@transaction.atomic
def add_units(organisation: Organisation, names: Iterable[str], *, by: User | None) -> dict[str, Unit]:
    """New units below the organisation itself, in this order; those that exist are returned as they are."""
    lock(organisation)
    known = {unit.name: unit for unit in organisation.units.active()}
    for name in names:
        if name not in known:
            known[name] = add_unit(organisation, name, by=by)
    return known


@transaction.atomic
def rename(unit: Unit, name: str, *, by: User) -> None:
    """Another name; the old one stays as an alias, so that older ledgers still match. Raises NameTaken."""
    lock(unit.organisation)
    refuse_taken(unit.organisation, name, but=unit)
    old = unit.name
    if name == old:
        return
    UnitAlias.objects.filter(unit=unit, name=name).delete()
    Unit.objects.filter(pk=unit.pk).update(name=name, pinyin=initials(name))
    UnitAlias.objects.get_or_create(organisation=unit.organisation, name=old, defaults={"unit": unit})
    audit.record(organisation=unit.organisation, actor=by, action="单位改名", target=name, detail={"原名": old})


@transaction.atomic
def abolish(unit: Unit, *, by: User) -> None:
    """No new ledger names it any more; what it did stays. Raises HasDuties while units stand below it."""
    lock(unit.organisation)
    if unit.parent_id is None:
        raise HasDuties("本机关自身不能撤销。")
    if Unit.objects.active().filter(parent=unit).exists():
        raise HasDuties(f"“{unit.name}”下面还有单位，先移走或撤销它们。")
    Unit.objects.filter(pk=unit.pk, abolished_at__isnull=True).update(abolished_at=timezone.now())
    audit.record(organisation=unit.organisation, actor=by, action="撤销单位", target=unit.name)


@transaction.atomic
def add_alias(unit: Unit, name: str, *, by: User | None) -> UnitAlias:
    """Another spelling of the unit. Raises NameTaken."""
    lock(unit.organisation)
    refuse_taken(unit.organisation, name)
    alias = UnitAlias.objects.create(organisation=unit.organisation, unit=unit, name=name)
    audit.record(organisation=unit.organisation, actor=by, action="新增别名", target=name, detail={"单位": unit.name})
    return alias


@transaction.atomic
def add_group(organisation: Organisation, name: str, members: Iterable[Unit], *, by: User | None) -> UnitGroup:
    """A named set of units. Raises NameTaken."""
    lock(organisation)
    refuse_taken(organisation, name)
    group = UnitGroup.objects.create(organisation=organisation, name=name)
    group.members.set(members)
    audit.record(organisation=organisation, actor=by, action="新增单位组", target=name)
    return group


def refuse_taken(organisation: Organisation, name: str, *, but: Unit | None = None) -> None:
    """Raises NameTaken when the name already leads to something: a ledger cell must lead to one thing."""
    units = organisation.units.active().filter(name=name)
    aliases = organisation.aliases.filter(name=name)
    if but is not None:
        units, aliases = units.exclude(pk=but.pk), aliases.exclude(unit=but)
    if units.exists():
        raise NameTaken(f"已经有名为“{name}”的单位。")
    if alias := aliases.select_related("unit").first():
        raise NameTaken(f"“{name}”已经是“{alias.unit}”的别名。")
    if organisation.groups.filter(name=name).exists():
        raise NameTaken(f"已经有名为“{name}”的单位组。")
