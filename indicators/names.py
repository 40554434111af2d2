"""待匹配名称: names in ledgers that mean no unit yet, gathered, and settled one by one with the name remembered."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from indicators.importing.choices import ALIAS, GROUP, UNIT
from indicators.importing.preview import Unknown, unknown
from indicators.models import LedgerStatus, Responsibility
from units import audit, matching, offices
from units.models import Organisation, Unit, UnitGroup, User

MOST = 500


class NotSettled(Exception):
    """The name stays as it was; the words say why."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One name. ledgers: titles it stands in, at most three."""

    unknown: Unknown
    ledgers: tuple[str, ...]


def waiting(organisation: Organisation) -> list[Waiting]:
    """The names by how often they stand; four queries. At most 500 of them."""
    rows = _rows(organisation).values_list("written", "indicator__ledger__title")
    where: dict[str, list[str]] = defaultdict(list)
    for written, title in rows:
        where[written].append(title)
    known = matching.known(organisation)
    names = sorted(where, key=lambda name: (-len(where[name]), name))[:MOST]
    return [
        Waiting(
            unknown(name, "group" if name.endswith(("等", "各单位", "各部门")) else "unit", len(where[name]), known),
            tuple(dict.fromkeys(where[name]))[:3],
        )
        for name in names
    ]


def count(organisation: Organisation) -> int:
    """How many names wait."""
    return _rows(organisation).values("written").distinct().count()


@transaction.atomic
def settle(organisation: Organisation, name: str, choice: str, *, by: User) -> int:
    """How many responsibilities mean the chosen unit or group from now on; later imports know the name too.

    choice: a new unit, a new group, or `alias:<unit id>`. Drafts and published ledgers alike: their words stay.
    Raises NotSettled for a name nobody waits for, and where the choice cannot be done.
    """
    rows = list(_rows(organisation).filter(written=name).values_list("pk", "indicator_id", "role"))
    if not rows:
        raise NotSettled(f"“{name}”已经匹配过了")
    try:
        body = _body(organisation, name, choice, by)
    except offices.Refused as refused:
        raise NotSettled(str(refused)) from refused
    wanted = _undoubled(rows, body) if isinstance(body, Unit) else [pk for pk, _, _ in rows]
    values = {"unit": body} if isinstance(body, Unit) else {"group": body}
    done = Responsibility.objects.filter(pk__in=wanted).update(**values)
    audit.record(
        organisation=organisation, actor=by, action="匹配名称", target=name, detail={"对应": str(body), "处数": done}
    )
    return done


def _rows(organisation: Organisation) -> "QuerySet[Responsibility]":
    return Responsibility.objects.filter(
        unit__isnull=True,
        group__isnull=True,
        indicator__retired_at__isnull=True,
        indicator__ledger__organisation=organisation,
    ).exclude(indicator__ledger__status=LedgerStatus.ARCHIVED)


def _body(organisation: Organisation, name: str, choice: str, by: User) -> Unit | UnitGroup:
    known = matching.known(organisation).find(name)
    if known is not None:
        return known
    if choice == UNIT:
        return offices.add_unit(organisation, name, by=by)
    if choice == GROUP:
        return offices.add_group(organisation, name, by=by)
    pk = choice.removeprefix(ALIAS)
    unit = None
    if choice.startswith(ALIAS) and pk.isascii() and pk.isdecimal() and len(pk) < 18:
        unit = organisation.units.active().filter(pk=int(pk)).first()
    if unit is None:
        raise NotSettled("选择新建单位、新建单位组，或一个已有的单位")
    offices.add_alias(unit, name, by=by)
    return unit


def _undoubled(rows: Sequence[tuple[int, int, str]], unit: Unit) -> list[int]:
    """A unit stands once with one role; a second spelling of it beside the first goes."""
    there = set(
        Responsibility.objects.filter(unit=unit, indicator__in=[one for _, one, _ in rows]).values_list(
            "indicator_id", "role"
        )
    )
    kept = []
    for pk, indicator, role in rows:
        if (indicator, role) not in there:
            there.add((indicator, role))
            kept.append(pk)
    Responsibility.objects.filter(pk__in={pk for pk, _, _ in rows} - set(kept)).delete()
    return kept
