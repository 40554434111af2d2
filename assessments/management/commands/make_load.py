"""`make_load`: a synthetic organisation with scored rounds, for benchmarks. Nothing in it is anybody's."""

import random
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from assessments import history, opening, rollup
from assessments.history import Act
from assessments.models import Entry, EntryStage, EntryState, Phase, Round, ScoreSheet, Shape
from assessments.scoring.amounts import plain
from assessments.scoring.policy import Policy
from assessments.transitions import Action
from indicators import versions
from indicators.models import Indicator, Ledger
from indicators.planting import Seed, plant
from units.models import Membership, Organisation, Role, Unit, UnitClass, User
from units.offices import add_units, found

ITEMS_PER_NODE = 5
NODES_PER_TOP = 3
POINTS = [Decimal(text) for text in ("0.25", "0.5", "1", "2", "5")]
# of a hundred entries, how many the last round leaves blank; the earlier ones are full
BLANKS = 30
BATCH = 5000


class Command(BaseCommand):
    """Each run founds one more organisation; the same seed gives the same scores."""

    help = "生成压力测试用的机关、单位、台账和考核轮次"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--units", type=int, required=True)
        parser.add_argument("--indicators", type=int, required=True, help="评估点个数")
        parser.add_argument("--rounds", type=int, required=True)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *_: Any, **options: Any) -> None:
        organisation, rounds = make(options["units"], options["indicators"], options["rounds"], options["seed"])
        ids = "、".join(str(one.pk) for one in rounds)
        self.stdout.write(f"“{organisation.name}”：{options['units']} 个单位，考核轮次 {ids}")


@transaction.atomic
def make(units: int, items: int, rounds: int, seed: int) -> tuple[Organisation, list[Round]]:
    """The organisation and its per-unit rounds: all but the last in review, the last in self-assessment."""
    dice = random.Random(seed)  # noqa: S311 - scores for benchmarks
    organisation = found(name=f"压力测试机关 {Organisation.objects.count() + 1}")
    offices = add_units(organisation, [f"单位 {number:03}" for number in range(1, units + 1)], by=None)
    _classes(organisation, offices)
    people = _people(organisation, offices)
    ledger = _ledger(organisation, items, dice)
    made = [
        _round(ledger, offices, f"第 {number} 轮", Phase.REVIEW if number < rounds else Phase.SELF_ASSESSMENT)
        for number in range(1, rounds + 1)
    ]
    for one in made:
        _fill(one, people, dice)
    return organisation, made


def _classes(organisation: Organisation, offices: Sequence[Unit]) -> None:
    classes = [UnitClass(organisation=organisation, name=name, position=at) for at, name in enumerate(("部门", "乡镇"))]
    UnitClass.objects.bulk_create(classes)
    for at, unit in enumerate(offices):
        unit.unit_class = classes[at % 2]
    Unit.objects.bulk_update(offices, ["unit_class"])


def _people(organisation: Organisation, offices: Sequence[Unit]) -> dict[int, User]:
    """Unit → its filler. Nobody can sign in: the passwords are no passwords."""
    names = [f"load-{organisation.pk}-{unit.pk}" for unit in offices]
    users = User.objects.bulk_create([User(username=name, password=make_password(None)) for name in names])
    Membership.objects.bulk_create(
        Membership(user=user, organisation=organisation, role=Role.FILLER, unit=unit)
        for user, unit in zip(users, offices, strict=True)
    )
    return {unit.pk: user for user, unit in zip(users, offices, strict=True)}


def _ledger(organisation: Organisation, items: int, dice: random.Random) -> Ledger:
    ledger = Ledger.objects.create(organisation=organisation, title=f"压力测试台账 {items} 项", year=2026)
    plant(ledger, list(_seeds(items, dice)))
    return versions.publish(ledger, by=None)


def _seeds(items: int, dice: random.Random) -> Iterator[Seed]:
    """Three levels: tops, nodes below them, and items."""
    top = node = None
    key = 0
    for number in range(items):
        if number % (ITEMS_PER_NODE * NODES_PER_TOP) == 0:
            key += 1
            top = key
            yield Seed(key, None, Indicator(name=f"一级指标 {key}"))
        if number % ITEMS_PER_NODE == 0:
            key += 1
            node = key
            yield Seed(key, top, Indicator(name=f"二级指标 {key}"))
        key += 1
        name = f"评估点 {number + 1}：及时公开并更新有关信息"
        yield Seed(key, node, Indicator(name=name, is_item=True, points=dice.choice(POINTS), cells=f"台账!A{key}"))


def _round(ledger: Ledger, offices: Sequence[Unit], name: str, phase: Phase) -> Round:
    round_ = Round.objects.create(
        organisation=ledger.organisation,
        ledger=ledger,
        name=name,
        shape=Shape.PER_UNIT,
        phase=phase,
        policy=Policy().as_json(),
        opened_at=timezone.now(),
    )
    ScoreSheet.objects.bulk_create([ScoreSheet(round=round_, unit=unit) for unit in offices])
    return round_


def _fill(round_: Round, people: dict[int, User], dice: random.Random) -> None:
    """All entries with scores and one history row each; stored in a few statements, and summed."""
    sheets = list(round_.sheets.order_by("pk"))
    by_id = {sheet.pk: sheet for sheet in sheets}
    entries = [
        opening.entry_of(by_id[one.sheet_id], one.indicator_id, one.points, one.unit_id)
        for one in opening.entries_for(round_, sheets)
    ]
    now = timezone.now()
    blanks = BLANKS if round_.phase == Phase.SELF_ASSESSMENT else 0
    for entry in entries:
        if dice.randrange(100) >= blanks:
            _score(entry, people, dice)
    Entry.objects.bulk_create(entries, batch_size=BATCH)
    history.write_rows(sheets, list(_rows(entries, people, now)))
    rollup.roll_up([sheet.pk for sheet in sheets])
    rollup.rank_round(round_)


def _score(entry: Entry, people: dict[int, User], dice: random.Random) -> None:
    entry.self_score = entry.earned = entry.points * dice.choice((4, 4, 4, 3, 2, 0)) / 4
    entry.state = EntryState.SCORED
    entry.self_by = people[entry.unit_id or 0]
    if entry.self_score < entry.points:
        entry.self_reason = "部分信息更新不及时"
    if entry.sheet.round.phase == Phase.REVIEW:
        entry.stage = EntryStage.SUBMITTED


def _rows(
    entries: Sequence[Entry], people: dict[int, User], now: datetime
) -> Iterator[tuple[Entry, dict[str, object], Act]]:
    for entry in entries:
        if entry.self_score is not None:
            done = Act(Action.SAVE, people[entry.unit_id or 0], now, source="command")
            yield entry, {"self_score": [None, plain(entry.self_score)]}, done
