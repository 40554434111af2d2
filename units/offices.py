"""Verbs on the organisation, its units, their other names and groups; every change of the tree's shape is locked."""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from units.audit import record
from units.models import Membership, Organisation, Unit, UnitAlias, UnitClass, UnitGroup, User
from units.pinyin import initials


class Refused(Exception):
    """The change would break the list of units; the words say what to do instead."""


@transaction.atomic
def found(*, name: str) -> Organisation:
    """A new organisation with its root unit, which has the organisation's name and id as `tree_id`."""
    if Organisation.objects.filter(name=name).exists():
        raise Refused(f"已有名为“{name}”的机关。")
    organisation = Organisation.objects.create(name=name)
    _as_root(Unit(organisation=organisation, name=name, pinyin=initials(name))).save(force_insert=True)
    record(organisation=organisation, actor=None, action="建立机关", target=name)
    return organisation


@transaction.atomic
def add_unit(organisation: Organisation, name: str, *, parent: Unit | None = None, by: User | None) -> Unit:
    """A new unit, last below `parent` (the root unless told). Raises Refused when the name is taken."""
    lock(organisation)
    _must_be_free(organisation, [name])
    above = _fresh(organisation, parent)
    unit = Unit(organisation=organisation, name=name, pinyin=initials(name), parent=above)
    unit.save()
    record(organisation=organisation, actor=by, action="新增单位", target=name, detail={"上级": above.name})
    return unit


@transaction.atomic
def add_units(organisation: Organisation, names: Sequence[str], *, by: User | None) -> list[Unit]:
    """New units, last below the root in the order given, whatever their number in the same few queries."""
    if not names:
        return []
    lock(organisation)
    _must_be_free(organisation, names)
    root = _fresh(organisation, None)
    units = [
        _placed(
            Unit(organisation=organisation, name=name, pinyin=initials(name), parent=root), root, root.rght + 2 * at
        )
        for at, name in enumerate(names)
    ]
    created = Unit.objects.bulk_create(units)
    Unit.objects.filter(pk=root.pk).update(rght=F("rght") + 2 * len(units))
    record(organisation=organisation, actor=by, action="新增单位", target="、".join(names), detail={"个数": len(names)})
    return created


@transaction.atomic
def rename(unit: Unit, name: str, *, by: User | None) -> None:
    """The unit under its new name; the old one stays as an alias, so older ledgers still find it."""
    organisation = unit.organisation
    lock(organisation)
    if name == unit.name:
        return
    # a former name of this very unit may come back
    UnitAlias.objects.filter(unit=unit, name=name).delete()
    _must_be_free(organisation, [name])
    UnitAlias.objects.create(organisation=organisation, unit=unit, name=unit.name)
    if unit.parent_id is None:
        _rename_organisation(organisation, name)
    Unit.objects.filter(pk=unit.pk).update(name=name, pinyin=initials(name))
    record(organisation=organisation, actor=by, action="单位改名", target=name, detail={"原名": unit.name})
    unit.name = name


@transaction.atomic
def move(unit: Unit, *, to: Unit, by: User | None) -> None:
    """The unit with everything below it, last below `to`. Raises Refused for a move below itself."""
    organisation = unit.organisation
    lock(organisation)
    unit, to = _fresh(organisation, unit), _fresh(organisation, to)
    if unit.parent_id is None:
        raise Refused("机关本身不能移动。")
    if unit.lft <= to.lft and to.rght <= unit.rght:
        raise Refused(f"“{unit.name}”不能移到自己或自己的下级之下。")
    unit.move_to(to, "last-child")
    record(organisation=organisation, actor=by, action="移动单位", target=unit.name, detail={"新上级": to.name})


@transaction.atomic
def shift(unit: Unit, *, up: bool, by: User | None) -> bool:
    """One place up or down among the units beside it; False where it already stands at that end."""
    organisation = unit.organisation
    lock(organisation)
    unit = _fresh(organisation, unit)
    beside = Unit.objects.active().filter(parent_id=unit.parent_id, organisation=organisation)
    other = (
        beside.filter(lft__lt=unit.lft).order_by("-lft").first()
        if up
        else beside.filter(lft__gt=unit.lft).order_by("lft").first()
    )
    if other is None or unit.parent_id is None:
        return False
    unit.move_to(other, "left" if up else "right")
    record(organisation=organisation, actor=by, action="上移单位" if up else "下移单位", target=unit.name)
    return True


@transaction.atomic
def abolish(unit: Unit, *, by: User | None) -> None:
    """The unit leaves the list and its groups; its scores and history stay.

    Raises Refused while units below it or accounts that can sign in depend on it.
    """
    organisation = unit.organisation
    lock(organisation)
    if problem := why_kept(unit):
        raise Refused(problem)
    unit.groups.clear()
    Unit.objects.filter(pk=unit.pk, abolished_at__isnull=True).update(abolished_at=timezone.now())
    record(organisation=organisation, actor=by, action="撤销单位", target=unit.name)


@transaction.atomic
def restore(unit: Unit, *, by: User | None) -> None:
    """An abolished unit back in the list. Raises Refused when its name was given away meanwhile."""
    organisation = unit.organisation
    lock(organisation)
    if unit.abolished_at is None:
        return
    _must_be_free(organisation, [unit.name])
    if Unit.objects.filter(children=unit, abolished_at__isnull=False).exists():
        raise Refused("先恢复它的上级单位。")
    Unit.objects.filter(pk=unit.pk).update(abolished_at=None)
    record(organisation=organisation, actor=by, action="恢复单位", target=unit.name)


def why_kept(unit: Unit) -> str:
    """The sentence that says why the unit cannot be abolished now; empty when it can."""
    if unit.parent_id is None:
        return "机关本身不能撤销。"
    if below := Unit.objects.active().filter(parent=unit).count():
        return f"下面还有 {below} 个单位，先撤销或移走它们。"
    if accounts := Membership.objects.filter(unit=unit, user__is_active=True).count():
        return f"还有 {accounts} 个账号在用，先停用这些账号或改到别的单位。"
    return ""


@transaction.atomic
def add_alias(unit: Unit, name: str, *, by: User | None) -> UnitAlias:
    """Another spelling of the unit. Raises Refused when a unit, alias or group has it already."""
    organisation = unit.organisation
    lock(organisation)
    _must_be_free(organisation, [name])
    alias = UnitAlias.objects.create(organisation=organisation, unit=unit, name=name)
    record(organisation=organisation, actor=by, action="增加别名", target=unit.name, detail={"别名": name})
    return alias


@transaction.atomic
def remove_alias(alias: UnitAlias, *, by: User | None) -> None:
    """The spelling no longer finds the unit; ledgers already read keep their unit."""
    alias.delete()
    detail = {"别名": alias.name}
    record(organisation=alias.organisation, actor=by, action="删除别名", target=alias.unit.name, detail=detail)


@transaction.atomic
def classify(unit: Unit, name: str, *, by: User | None) -> None:
    """The unit in the class of that name, which is made where it does not exist; an empty name takes it out."""
    organisation = unit.organisation
    lock(organisation)
    unit_class = None
    if name:
        position = organisation.classes.count()
        unit_class, _ = UnitClass.objects.get_or_create(
            organisation=organisation, name=name, defaults={"position": position}
        )
    Unit.objects.filter(pk=unit.pk).update(unit_class=unit_class)
    record(organisation=organisation, actor=by, action="调整类别", target=unit.name, detail={"类别": name or "无"})


@transaction.atomic
def add_group(organisation: Organisation, name: str, members: Iterable[Unit] = (), *, by: User | None) -> UnitGroup:
    """A named set of units. Raises Refused when the name is taken."""
    lock(organisation)
    _must_be_free(organisation, [name])
    group = UnitGroup.objects.create(organisation=organisation, name=name)
    group.members.set(_own(organisation, members))
    record(organisation=organisation, actor=by, action="新增单位组", target=name)
    return group


@transaction.atomic
def change_group(group: UnitGroup, name: str, members: Iterable[Unit], *, by: User | None) -> None:
    """The group under this name with exactly these members; opened rounds keep the members they had."""
    organisation = group.organisation
    lock(organisation)
    if name != group.name:
        _must_be_free(organisation, [name])
        UnitGroup.objects.filter(pk=group.pk).update(name=name)
    units = _own(organisation, members)
    group.members.set(units)
    detail = {"原名": group.name, "成员": [unit.name for unit in units]}
    record(organisation=organisation, actor=by, action="修改单位组", target=name, detail=detail)


@transaction.atomic
def remove_group(group: UnitGroup, *, by: User | None) -> None:
    """The group is gone. Raises ProtectedError where a ledger names it."""
    name, organisation = group.name, group.organisation
    group.delete()
    record(organisation=organisation, actor=by, action="删除单位组", target=name)


def lock(organisation: Organisation) -> None:
    """The tree and its names change one at a time; two writers would leave lft and rght wrong."""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)


def _fresh(organisation: Organisation, unit: Unit | None) -> Unit:
    """The unit (or the root) with lft and rght as they stand now, under the lock."""
    if unit is None:
        return Unit.objects.get(organisation=organisation, parent__isnull=True)
    return Unit.objects.get(organisation=organisation, pk=unit.pk)


def _as_root(unit: Unit) -> Unit:
    unit.tree_id, unit.level, unit.lft, unit.rght = unit.organisation_id, 0, 1, 2
    return unit


def _placed(unit: Unit, parent: Unit, lft: int) -> Unit:
    unit.tree_id, unit.level, unit.lft, unit.rght = parent.tree_id, parent.level + 1, lft, lft + 1
    return unit


def _own(organisation: Organisation, units: Iterable[Unit]) -> list[Unit]:
    """A group never holds another organisation's unit."""
    return [unit for unit in units if unit.organisation_id == organisation.pk]


def _rename_organisation(organisation: Organisation, name: str) -> None:
    if Organisation.objects.filter(name=name).exists():
        raise Refused(f"已有名为“{name}”的机关。")
    Organisation.objects.filter(pk=organisation.pk).update(name=name)


def _must_be_free(organisation: Organisation, names: Sequence[str]) -> None:
    """A name means one thing: unit, alias or group; a ledger's cell could not be resolved otherwise."""
    if len(set(names)) != len(names):
        raise Refused("同一个名称写了两次。")
    if unit := Unit.objects.active().filter(organisation=organisation, name__in=names).first():
        raise Refused(f"已有名为“{unit.name}”的单位。")
    alias = UnitAlias.objects.filter(organisation=organisation, name__in=names).select_related("unit").first()
    if alias:
        raise Refused(f"“{alias.name}”已是“{alias.unit.name}”的别名。")
    if group := UnitGroup.objects.filter(organisation=organisation, name__in=names).first():
        raise Refused(f"已有名为“{group.name}”的单位组。")
