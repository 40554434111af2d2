"""Server time of the pages people wait for, through the whole of Django with a signed-in client; PostgreSQL."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments import rollup, rounds
from assessments.models import Entry, Round, Shape
from assessments.scoring.policy import Policy
from indicators import importing
from indicators.models import Indicator, Ledger, Responsibility
from tests.bench.database import own_database
from tests.bench.measure import measure, show
from tests.ledger_files import ledger_file
from units import offices
from units.models import Membership, Organisation, Role, Unit, User

ITEMS = 150


def main() -> None:
    """One organisation, one ledger of 150 items that are all one unit's."""
    with own_database("pages"):
        organisation = offices.found(name="示范机关")
        unit = offices.add_unit(organisation, "办公室", by=None)
        ledger = importing.import_file("台账.xlsx", ledger_file(ITEMS), organisation=organisation, by=None)[0]
        Responsibility.objects.filter(indicator__ledger=ledger).update(unit=unit, written=unit.name)
        round_ = _opened(ledger)
        office, filler = _client(organisation, Role.OFFICE, None), _client(organisation, Role.FILLER, unit)
        leader = _client(organisation, Role.LEADER, None)
        page = _page
        page(f"ledger page, {ITEMS} items", 100, office, reverse("ledger", args=[ledger.pk]))
        page(f"task page, {ITEMS} items", 60, filler, reverse("worksheet", args=[round_.pk]))
        _saves(round_, filler)
        page(f"review page, {ITEMS} items", 100, office, reverse("review", args=[round_.pk]))
        page("board", 100, leader, reverse("board", args=[round_.pk]))
        page(f"sheet page, {ITEMS} items", 100, office, reverse("sheet", args=[round_.sheets.get().pk]))


def _opened(ledger: Ledger) -> Round:
    round_ = rounds.prepare(
        ledger,
        name="年度考核",
        shape=Shape.ALLOCATED,
        policy=Policy(),
        self_due=timezone.localdate(),
        review_due=None,
        objection_due=None,
        participants=[],
        by=None,
    )
    return rounds.open_round(round_, by=None)


def _client(organisation: Organisation, role: Role, unit: Unit | None) -> Client:
    user = User.objects.create(username=role)
    Membership.objects.create(user=user, organisation=organisation, role=role, unit=unit)
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    return client


def _page(label: str, goal: float, client: Client, url: str) -> None:
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    figure = measure(f"{label} ({len(queries)} queries)", goal, lambda: client.get(url), times=30)
    show(figure)


def _saves(round_: Round, filler: Client) -> None:
    """One score posted after another, each answered with its sheet's totals, then its stored sums made."""
    waiting = iter(list(Entry.objects.filter(sheet__round=round_)))
    turn = iter(range(1000))

    def save() -> None:
        entry = next(waiting)
        sent: dict[str, Any] = {
            "version": entry.version,
            "score": "0.4",
            "reason": "更新不及时",
            "key": str(next(turn)),
        }
        url = reverse("entry_save", args=[entry.pk])
        answer = filler.post(url, sent, headers={"Accept": "application/json"})
        assert answer.json()["state"] == "saved"

    def save_and_store() -> None:
        save()
        rollup.roll_up(round_.sheets.values_list("pk", flat=True))

    show(measure(f"one score saved, its group's totals answered, {ITEMS} items", 60, save, times=50))
    works: Callable[[], None] = save_and_store
    show(measure("one score saved, and all stored sums of its sheet", 60, works, times=50))
    assert Indicator.objects.filter(entries__isnull=False).count() == ITEMS


if __name__ == "__main__":
    main()
