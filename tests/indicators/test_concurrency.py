"""Several people and workers at once on PostgreSQL: trees stay right, nothing is stored twice."""

import os
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Barrier
from typing import Literal

import pytest
from django.db import connection, connections
from django.db.utils import OperationalError

from indicators import editing, importing, versions
from indicators.editing import EditRefused, New
from indicators.importing import Choices
from indicators.models import Amendment, Indicator, Ledger, Upload
from tests.indicators.conftest import SHANDONG, TWO_CHAPTERS, account, make_ledger, named, tree_faults
from tests.indicators.replaying import Tree
from units import jobs, offices
from units.models import Organisation, Role, Unit, User

WRITERS = 4
SESSIONS = 20
ROUNDS = 12

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="several writers at once need PostgreSQL: set DATABASE_URL"
    ),
]


@pytest.fixture
def organisation(transactional_db: None) -> Organisation:
    return offices.found(name="某县人民政府")


def at_once(*calls: Callable[[], object]) -> list[object]:
    """What each call returned or raised; all begin together, each with a connection of its own."""
    start = Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        start.wait()
        try:
            return call()
        except (EditRefused, OperationalError) as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_structural_edits_by_several_people_keep_the_tree_right(organisation: Organisation) -> None:
    ledger = make_ledger(organisation, TWO_CHAPTERS)
    people = [account(organisation, role) for role in (Role.OFFICE, Role.ADMIN, Role.REVIEWER, Role.LEADER)]

    def work(seed: int) -> int:
        chance = random.Random(seed)
        done = 0
        for _ in range(ROUNDS):
            rows = list(Indicator.objects.filter(ledger=ledger, level__gt=0))
            one, other = chance.choice(rows), chance.choice(rows)
            verbs: list[Callable[[], object]] = [
                lambda one=one: editing.add(ledger, New("新", is_item=False), where="below", of=one, by=people[seed]),  # type: ignore[misc]
                lambda one=one: editing.move(one, "up", by=people[seed]),  # type: ignore[misc]
                lambda one=one: editing.move(one, "down", by=people[seed]),  # type: ignore[misc]
                lambda one=one, other=other: editing.move(one, other, by=people[seed]),  # type: ignore[misc]
                lambda one=one: editing.retire(one, by=people[seed]),  # type: ignore[misc]
                lambda one=one: editing.restore(one, by=people[seed]),  # type: ignore[misc]
            ]
            try:
                chance.choice(verbs)()
                done += 1
            except EditRefused:
                continue
        return done

    counts = at_once(*(lambda seed=seed: work(seed) for seed in range(WRITERS)))  # type: ignore[misc]
    assert tree_faults(ledger) == []
    assert Amendment.objects.filter(ledger=ledger).count() == sum(int(str(count)) for count in counts) > WRITERS


def test_amendments_of_many_sessions_replay_to_the_tree_that_is_stored(organisation: Organisation) -> None:
    """STRUCTURAL_EDITS=5000 takes minutes; the suite does with fewer."""
    ledger = make_ledger(organisation, [(f"章{n}", "1", TWO_CHAPTERS) for n in range(6)])
    person = account(organisation, Role.OFFICE)
    tree = Tree(outline(ledger))
    share = max(1, int(os.environ.get("STRUCTURAL_EDITS", "200")) // SESSIONS)
    done = at_once(*(lambda seed=seed: edits(ledger, person, seed, share) for seed in range(SESSIONS)))  # type: ignore[misc]
    assert [one for one in done if not isinstance(one, int)] == []
    assert tree_faults(ledger) == []
    amendments = list(Amendment.objects.filter(ledger=ledger).order_by("pk"))
    steps = {one.step for one in amendments}
    assert len(steps) == sum(int(str(one)) for one in done) == SESSIONS * share
    tree.replay(amendments)
    assert tree.outline() == outline(ledger)


def outline(ledger: Ledger) -> list[tuple[int, int | None, bool]]:
    """Every row in its order, the root first: id, parent, whether it is retired."""
    rows = Indicator.objects.filter(ledger=ledger).in_order()
    return [(pk, parent, gone is not None) for pk, parent, gone in rows.values_list("pk", "parent_id", "retired_at")]


def edits(ledger: Ledger, person: User, seed: int, count: int) -> int:
    """So many random structural edits that were not refused; inserts, moves, retirements, some of them taken back."""
    chance = random.Random(seed)
    done = 0
    while done < count:
        ids = list(Indicator.objects.filter(ledger=ledger, level__gt=0).values_list("pk", flat=True))
        where: Literal["above", "below", "child"] = chance.choice(("above", "below", "child"))
        do = chance.choice(
            ("up", "down", "indent", "outdent", "move", "move", "move", "add", "paste", "retire", "restore")
        )
        one, of = chance.choice(ids), chance.choice(ids)
        try:
            if do == "paste":
                step = editing.write(ledger, [], by=person, more=editing.More(of, ((("points", "1"),),) * 3)).step
            else:
                step, _ = editing.perform(ledger, editing.Act(do, (one,), where, of), by=person)
            done += 1
            if done < count and chance.random() < 0.2:
                editing.take_back(ledger, list(ledger.amendments.filter(step=step)), by=person)
                done += 1
        except (EditRefused, OperationalError):
            # refused, or the ledger was held too long by the others: nothing was done, and the person is told
            continue
    return done


def test_two_people_on_one_indicator_do_not_overwrite_each_other(organisation: Organisation) -> None:
    ledger = make_ledger(organisation, TWO_CHAPTERS)
    item, person = named(ledger, "甲"), account(organisation, Role.OFFICE)
    answers = at_once(
        *(
            lambda name=name: editing.edit(item, editing.Changes(name=name), edits=0, by=person)  # type: ignore[misc]
            for name in ("一", "二", "三", "四")
        )
    )
    assert sum(isinstance(answer, editing.ChangedMeanwhile) for answer in answers) == 3
    assert Amendment.objects.count() == 1


def test_an_edit_beside_a_publication_is_before_it_or_refused(organisation: Organisation) -> None:
    person = account(organisation, Role.OFFICE)
    for _ in range(5):
        ledger = make_ledger(organisation, TWO_CHAPTERS)
        item = named(ledger, "甲")
        edit = lambda item=item: editing.edit(item, editing.Changes(name="改"), edits=0, by=person)  # noqa: E731
        answers = at_once(edit, lambda ledger=ledger: versions.publish(ledger, by=person))  # type: ignore[misc]
        ledger.refresh_from_db()
        line = Amendment.objects.filter(ledger=ledger).first()
        refused = isinstance(answers[0], EditRefused)
        assert refused is (line is None)
        assert line is None or (ledger.published_at is not None and line.at <= ledger.published_at)


def test_the_same_file_from_two_people_is_one_upload_and_one_of_them_is_told(organisation: Organisation) -> None:
    content = SHANDONG.read_bytes()

    def send() -> Upload:
        return importing.receive(BytesIO(content), "台账.xlsx", organisation=organisation, by=None)

    found = at_once(send, send, send)
    assert Upload.objects.count() == 1
    assert sum(one.is_repeat for one in found if isinstance(one, Upload)) == 2


def test_two_workers_with_one_job_store_one_ledger(organisation: Organisation) -> None:
    upload = importing.receive(BytesIO(SHANDONG.read_bytes()), "台账.xlsx", organisation=organisation, by=None)
    assert upload.job is not None
    jobs.run(upload.job.pk, importing.read_upload, before=importing.parse)
    upload.refresh_from_db()
    drafts = importing.unpack(upload.reading or {}).ledgers
    choices = Choices(tuple(importing.heading(draft, upload.name) for draft in drafts), {"办公室": "unit"})
    job = importing.confirm(upload, choices, by=None)
    at_once(*[lambda: jobs.run(job.pk, importing.store_upload)] * 3, lambda: importing.store(upload, by=None))
    assert Ledger.objects.count() == 1
    assert Indicator.objects.filter(is_item=True).count() == 100
    assert Unit.objects.filter(name="办公室").count() == 1
