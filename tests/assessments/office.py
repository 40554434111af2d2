"""A small organisation for the tests of this app: units, people, a ledger, rounds in each phase."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import cycle

from assessments import rounds
from assessments.entries import SelfAssessment, save, submit
from assessments.models import Entry, Phase, Round, ScoreSheet, Shape
from assessments.scoring.policy import Policy
from indicators.models import Indicator, Ledger, Responsibility, ResponsibilityRole
from indicators.planting import Seed, plant
from units.models import Membership, Organisation, Role, Unit, User
from units.offices import add_units, found

Spec = Mapping[str, Sequence[tuple[str, str | None]]]

# 一级 → 评估点 with points and the number of the unit that leads
PLAIN: Spec = {"公开内容": (("主动公开", "4"), ("政策解读", "1"), ("回应关切", "2")), "公开平台": (("网站建设", "3"),)}


@dataclass(frozen=True, slots=True)
class Office:
    """Everybody a test needs."""

    organisation: Organisation
    units: list[Unit]
    office: User
    reviewer: User
    leader: User
    fillers: list[User]
    signers: list[User]


def key() -> str:
    """What a page puts into each form it shows."""
    return uuid.uuid4().hex


def office(name: str = "某县人民政府", units: Sequence[str] = ("教育局", "民政局")) -> Office:
    """An organisation with its units, one filler and one signer each, and the people of the office."""
    organisation = found(name=name)
    offices = add_units(organisation, units, by=None)
    return Office(
        organisation,
        offices,
        person(organisation, Role.OFFICE),
        person(organisation, Role.REVIEWER),
        person(organisation, Role.LEADER),
        [person(organisation, Role.FILLER, unit) for unit in offices],
        [person(organisation, Role.SIGNER, unit) for unit in offices],
    )


def person(organisation: Organisation, role: Role, unit: Unit | None = None) -> User:
    """An account with one role; nobody can sign in with it."""
    user = User.objects.create(username=f"{role}-{key()[:12]}", password="!")
    Membership.objects.create(user=user, organisation=organisation, role=role, unit=unit)
    return user


def ledger(organisation: Organisation, spec: Spec = PLAIN, leads: Sequence[Unit] = ()) -> Ledger:
    """A draft ledger of two levels; the units in `leads` take its items in turn."""
    made = Ledger.objects.create(organisation=organisation, title="政务公开考核台账", year=2026)
    seeds: list[Seed] = []
    for top, items in spec.items():
        head = Seed(len(seeds) + 1, None, Indicator(name=top))
        seeds.append(head)
        for name, points in items:
            worth = None if points is None else Decimal(points)
            item = Indicator(name=name, points=worth, is_item=True, cells=f"台账!A{len(seeds)}")
            seeds.append(Seed(len(seeds) + 1, head.key, item))
    plant(made, seeds)
    items_made = made.indicators.filter(is_item=True).order_by("lft")
    Responsibility.objects.bulk_create(
        Responsibility(indicator=item, unit=unit, written=unit.name, role=ResponsibilityRole.LEAD)
        for item, unit in zip(items_made, cycle(leads), strict=False)
    )
    return made


def prepared(who: Office, on: Ledger, shape: str = Shape.ALLOCATED, **changes: object) -> Round:
    """A round in preparation; per-unit rounds assess all units."""
    values: dict[str, object] = {
        "name": f"考核 {key()[:6]}",
        "policy": Policy(),
        "self_due": None,
        "review_due": None,
        "objection_due": None,
        "participants": who.units,
        "by": who.office,
    }
    return rounds.prepare(on, shape=shape, **{**values, **changes})  # type: ignore[arg-type]


def opened(
    who: Office,
    *,
    shape: str = Shape.ALLOCATED,
    spec: Spec = PLAIN,
    policy: Policy | None = None,
    self_due: date | None = None,
    review_due: date | None = None,
) -> Round:
    """A round in self-assessment; in an allocated one the first unit leads every item."""
    on = ledger(who.organisation, spec, who.units[:1] if shape == Shape.ALLOCATED else ())
    round_ = prepared(who, on, shape, policy=policy or Policy(), self_due=self_due, review_due=review_due)
    return rounds.open_round(round_, by=who.office)


def in_phase(round_: Round, phase: str) -> Round:
    """The round put into a phase without its verb."""
    Round.objects.filter(pk=round_.pk).update(phase=phase)
    return Round.objects.get(pk=round_.pk)


def entry(round_: Round, name: str, unit: Unit | None = None) -> Entry:
    """The entry of the item with this name, of one unit's sheet where there are several."""
    found_ = Entry.objects.filter(sheet__round=round_, indicator__name=name)
    return found_.get() if unit is None else found_.get(unit=unit)


def sheet(round_: Round, unit: Unit | None = None) -> ScoreSheet:
    """The round's sheet, of one unit where there are several."""
    return round_.sheets.get() if unit is None else round_.sheets.get(unit=unit)


def fill(one: Entry, score: str, by: User, reason: str = "") -> Entry:
    """The entry with this self score, from a form that was fresh."""
    one.refresh_from_db()
    return save(one, SelfAssessment(score, reason), version=one.version, key=key(), by=by)


def handed_in(who: Office, round_: Round, scores: Mapping[str, str], unit: int = 0) -> Round:
    """The round in review, with these self scores of one unit handed in, each with a reason."""
    for name, score in scores.items():
        fill(entry(round_, name, who.units[unit]), score, who.fillers[unit], "材料不全")
    submit(round_, who.units[unit], by=who.fillers[unit], key=key())
    return in_phase(round_, Phase.REVIEW)
