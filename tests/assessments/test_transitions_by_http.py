"""The table of transitions through the pages' own addresses: every action, role, unit, stage and phase."""

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from assessments import transitions
from assessments.models import Entry, EntryStage, Objection, Phase, Round, ScoreEvent
from assessments.transitions import Action
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.assessments.test_transitions import ACTIONS, SEALED_AS, agreed
from tests.assessments.visits import FETCH, text, visit
from units.models import Role, User

pytestmark = pytest.mark.django_db

# whose role never reaches an entry; what they get does not depend on stage and phase, and so is asked once a phase
OUTSIDE = (Role.LEADER, Role.ADMIN, Role.AUDITOR)
# answered with the row alone
ROW = {"HTTP_HX_REQUEST": "true"}
WORKING = (Role.OFFICE, Role.REVIEWER, Role.FILLER, Role.SIGNER)


def requests_of(entry: Entry, round_: Round) -> Mapping[Action, Callable[[Client], Any]]:
    """How each action is asked for by the pages."""
    fresh = {"version": str(entry.version), "key": o.key()}
    own, review = f"/entries/{entry.pk}", f"/reviews/entries/{entry.pk}/"
    list_ = f"/worklist/{round_.pk}"
    amended = {"score": "1", "code": "error", "reason": "误判", "name": round_.name, "number": "1", "key": o.key()}
    return {
        Action.SAVE: lambda it: it.post(f"{own}/save/", {"score": "1", "reason": "缺项", **fresh}, **FETCH),
        Action.SUBMIT: lambda it: it.post(f"{list_}/submit/", fresh),
        Action.PRESENT: lambda it: it.post(f"{list_}/submit/", fresh),
        Action.SIGN: lambda it: it.post(f"{list_}/sign/", {"action": "sign", **fresh}),
        Action.HAND_BACK: lambda it: it.post(
            f"{list_}/sign/", {"action": "hand-back", "entry": entry.pk, "reason": "补充", **fresh}
        ),
        Action.ACCEPT: lambda it: it.post(review, {"action": "accept", **fresh}, **ROW),
        Action.ADJUST: lambda it: it.post(
            review, {"action": "adjust", "score": "0.5", "reason": "核减", **fresh}, **ROW
        ),
        Action.GIVE_BACK: lambda it: it.post(review, {"action": "return", "reason": "补充材料", **fresh}, **ROW),
        Action.OBJECT: lambda it: it.post(f"{own}/objection/", {"reason": "已补齐", **fresh}),
        Action.ANSWER: lambda it: it.post(
            f"/objections/{Objection.objects.get().pk}/answer/", {"outcome": "upheld", "score": "3.5", "answer": "有效"}
        ),
        Action.AMEND: lambda it: it.post(f"{own}/amend/", amended),
    }


@pytest.fixture
def who() -> Office:
    """A county with two units; the first one leads the only item."""
    return o.office()


@pytest.fixture
def round_(who: Office) -> Round:
    """3 of 4, with a reason."""
    made = o.opened(who, spec={"公开内容": (("主动公开", "4"),)})
    o.fill(o.entry(made, "主动公开"), "3", who.fillers[0], "材料不全")
    return made


def situations() -> list[tuple[Action, EntryStage, Phase, Role]]:
    """Every one, but where an action is possible in no stage of a phase, one stage of it stands for all."""
    possible = {(line.action, phase) for line in transitions.ENTRIES for phase in line.phases}
    every = product(ACTIONS, EntryStage, Phase, WORKING)
    return [one for one in every if (one[0], one[2]) in possible or one[1] == EntryStage.SUBMITTED]


def asked(action: Action, stage: str, phase: str, client: Client, by: User | None) -> tuple[int, str | None]:
    """The status, and the entry's stage where something was done to it; all of it taken back afterwards."""
    with transaction.atomic():
        Entry.objects.update(stage=stage)
        if action == Action.ANSWER and by is not None:
            Objection.objects.create(entry=Entry.objects.get(), reason="已补齐", filed_by=by)
        signed = action in (Action.PRESENT, Action.SIGN, Action.HAND_BACK)
        Round.objects.update(phase=phase, sign_off=signed, **SEALED_AS)
        entry, before = Entry.objects.get(), ScoreEvent.objects.count()
        answer = requests_of(entry, Round.objects.get())[action](client)
        done = ScoreEvent.objects.count() > before
        after = Entry.objects.get().stage if done else None
        transaction.set_rollback(True)
    return answer.status_code, after


def test_whoever_works_on_an_entry_may_do_by_the_pages_what_the_table_says(who: Office, round_: Round) -> None:
    people = {Role.OFFICE: who.office, Role.REVIEWER: who.reviewer}
    people |= {Role.FILLER: who.fillers[0], Role.SIGNER: who.signers[0]}
    clients = {role: visit(people[role]) for role in WORKING}
    for action, stage, phase, role in situations():
        _, after = asked(action, stage, phase, clients[role], who.fillers[0])
        assert after == agreed(action, stage, phase, role), (action, stage, phase, role)


@pytest.mark.parametrize("role", OUTSIDE)
def test_others_are_refused_whatever_they_ask(who: Office, round_: Round, role: Role) -> None:
    person = who.leader if role == Role.LEADER else o.person(who.organisation, role)
    client = visit(person)
    for action, phase in product(ACTIONS, Phase):
        assert asked(action, EntryStage.SUBMITTED, phase, client, who.fillers[0]) == (403, None), (action, phase)


@pytest.mark.parametrize("whose", ["another unit's filler", "another unit's signer", "another office", "its reviewer"])
def test_a_foreign_entry_does_not_exist(who: Office, round_: Round, whose: str) -> None:
    stranger = o.office("某省")
    people = {
        "another unit's filler": who.fillers[1],
        "another unit's signer": who.signers[1],
        "another office": stranger.office,
        "its reviewer": stranger.reviewer,
    }
    client = visit(people[whose])
    for action, phase in product(ACTIONS, Phase):
        status, after = asked(action, EntryStage.SUBMITTED, phase, client, who.fillers[0])
        assert (status in (403, 404), after) == (True, None), (action, phase, status)


def test_the_page_shows_every_line_of_the_table_to_those_who_may_read_it(who: Office) -> None:
    for role in (Role.ADMIN, Role.AUDITOR):
        page = text(visit(o.person(who.organisation, role)), "/permissions/transitions/")
        assert page.count('<th scope="row">') == len(transitions.TABLE)
        assert page.count('aria-label="可以"') + page.count(">可以<") == sum(
            len(one.roles) for one in transitions.TABLE
        )
    assert "/permissions/transitions/" in text(visit(o.person(who.organisation, Role.ADMIN)), "/permissions/")
    for person in (who.reviewer, who.leader, who.fillers[0]):
        assert visit(person).get("/permissions/transitions/").status_code == 403
