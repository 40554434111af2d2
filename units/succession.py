"""机构改革: offices merged and split. What other apps keep of an office goes over by what they register here."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from units import offices, registry
from units.audit import record
from units.models import Membership, Organisation, Succession, Unit, UnitAlias, User
from units.offices import Refused

MOST = 10


@transaction.atomic
def merge(unit: Unit, *, into: Unit, document: str = "", by: User | None) -> list[str]:
    """What went over, a sentence each. The old office is abolished, its name becomes an alias of the other.

    Units below it, groups, aliases, accounts and everything that is open go over; what is past stays.
    Raises Refused for the organisation itself, for an abolished office and for one below the old one.
    """
    organisation = unit.organisation
    unit, into = _ready(organisation, unit), _ready(organisation, into)
    if unit.pk == into.pk or (unit.lft < into.lft and into.rght < unit.rght):
        raise Refused(f"“{unit.name}”不能并入自己或自己的下级。")
    Succession.objects.create(
        organisation=organisation, old=unit, new=into, kind=Succession.Kind.MERGED, main=True, document=document, by=by
    )
    said = _go_over(unit, into, by)
    record(
        organisation=organisation,
        actor=by,
        action="合并单位",
        target=f"{unit.name} 并入 {into.name}",
        detail={"依据": document, "承接": said},
    )
    return said


@transaction.atomic
def split(
    unit: Unit, names: Sequence[str], *, stays: bool, document: str = "", by: User | None
) -> tuple[list[Unit], list[str]]:
    """The new offices beside the old one, and what went over to the first of them.

    stays: the old office keeps everything, the new ones begin empty. Raises Refused as `merge`, and for taken names.
    """
    organisation = unit.organisation
    unit = _ready(organisation, unit)
    if not 1 <= len(names) <= MOST:
        raise Refused(f"写出 1 到 {MOST} 个新单位的名称，一行一个。")
    if unit.unit_class_id:
        unit.unit_class = organisation.classes.get(pk=unit.unit_class_id)
    made = [offices.add_unit(organisation, name, parent=unit.parent, by=by) for name in names]
    Unit.objects.filter(pk__in=[one.pk for one in made]).update(unit_class=unit.unit_class)
    kind = Succession.Kind.FOUNDED if stays else Succession.Kind.SPLIT
    Succession.objects.bulk_create(
        Succession(
            organisation=organisation,
            old=unit,
            new=one,
            kind=kind,
            main=not stays and at == 0,
            document=document,
            by=by,
        )
        for at, one in enumerate(made)
    )
    said = [] if stays else _go_over(unit, made[0], by)
    record(
        organisation=organisation,
        actor=by,
        action="拆分单位",
        target=f"{unit.name} {kind.label} {'、'.join(names)}",
        detail={"依据": document, "承接": said},
    )
    return made, said


def heirs(organisation: Organisation) -> dict[int, int]:
    """Abolished unit → the one that does its work now, however many changes lie between; one query."""
    pairs = organisation.successions.filter(main=True, old__abolished_at__isnull=False).values_list("old_id", "new_id")
    step = dict(pairs)
    found = {}
    for old in step:
        here, seen = old, {old}
        while here in step and step[here] not in seen:
            here = step[here]
            seen.add(here)
        found[old] = here
    return found


def _ready(organisation: Organisation, unit: Unit) -> Unit:
    """The unit as it stands under the tree's lock."""
    offices.lock(organisation)
    found = Unit.objects.select_related("parent").filter(organisation=organisation, pk=unit.pk).first()
    if found is None or found.parent_id is None:
        raise Refused("机关本身不能合并或拆分。")
    if found.abolished_at is not None:
        raise Refused(f"“{found.name}”已撤销。")
    return found


def _go_over(unit: Unit, into: Unit, by: User | None) -> list[str]:
    for below in Unit.objects.active().filter(parent=unit).order_by("lft"):
        offices.move(below, to=into, by=by)
    for group in unit.groups.all():
        group.members.add(into)
    said = [_accounts(unit, into), *(handler(unit, into, by) for handler in registry.of("succession"))]
    UnitAlias.objects.filter(unit=unit).update(unit=into)
    unit.groups.clear()
    Unit.objects.filter(pk=unit.pk).update(abolished_at=timezone.now())
    if not UnitAlias.objects.filter(organisation=unit.organisation, name=unit.name).exists():
        UnitAlias.objects.create(organisation=unit.organisation, unit=into, name=unit.name)
    return [one for one in said if one]


def _accounts(unit: Unit, into: Unit) -> str:
    """Its people act for the other office from their next login on."""
    people = Membership.objects.filter(unit=unit)
    User.objects.filter(membership__in=people).update(sessions_ended=F("sessions_ended") + 1)
    count = people.update(unit=into)
    return f"{count} 个账号改到“{into.name}”，需要重新登录" if count else ""
