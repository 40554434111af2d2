"""Inside one organisation: what a unit has filled in is no business of another, and no form gives more than it asks."""

from itertools import product
from typing import Any

import pytest
from django.db import models

from assessments.models import Entry, EntryStage, Evidence, Phase, Round, ScoreEvent
from tests.assessments import office as o
from tests.faults import probing
from tests.faults.conftest import SECRET, Worlds
from tests.faults.probing import FETCH
from tests.faults.test_probes import differences, none, undone
from tests.faults.world import SECRET_SCORE

pytestmark = pytest.mark.django_db

# the other unit's score alone, with this unit's own, both its items, and what the office made of them
SCORES = (SECRET_SCORE, "9.63", "14.26", "19.26")


def _told(what: str, answer: Any) -> list[str]:
    text = probing.words(answer)
    faults = [f"{what}: {answer.status_code}"] if answer.status_code >= 500 else []
    return faults + [f"{what}: tells {word}" for word in (SECRET, *SCORES) if word in text]


@pytest.mark.parametrize("role", ["filler", "signer"])
def test_another_units_words_and_scores_stand_on_no_page_in_no_file_and_in_no_refusal(
    worlds: Worlds, role: str
) -> None:
    client, wrong, asked = probing.browser(worlds.ours.users[role]), [], 0
    forms = probing.walk(worlds.ours.users[role], role, "no such words").forms
    for name in probing.ROUTES:
        if name == "readyz" or not probing.may(role, name):
            continue
        kinds = [probing.ids(model, 0, probing.SECOND, 5) for model in probing.models_of(name)]
        for path in (probing.address(name, *numbers) for numbers in product(*kinds)):
            for more in ({}, {"format": "csv"}, {"q": SECRET[:2], "show": "all", "unit": worlds.ours.who.units[1].pk}):
                wrong += _told(f"get {path}", client.get(path, more))
            for headers in ({}, FETCH):
                with undone():
                    answer = client.post(path, probing.sent(name, forms.get(name)), follow=True, **headers)
                    wrong += _told(f"post {path}", answer)
            asked += 5
    none(wrong)
    assert asked > 300


@pytest.mark.parametrize("role", ["filler", "signer"])
def test_another_units_entries_evidence_and_rounds_are_missing_like_what_never_was(worlds: Worlds, role: str) -> None:
    other = worlds.ours.who.units[1]
    client = probing.browser(worlds.ours.users[role])
    before, wrong = probing.rows(), []
    theirs: dict[type[models.Model], Any] = {
        Entry: Entry.objects.filter(unit=other),
        Evidence: Evidence.objects.filter(entry__unit=other),
        Round: Round.objects.filter(organisation=other.organisation, phase=Phase.PREPARING),
    }
    for name in (name for name, route in probing.ROUTES.items() if probing.numbered(route)):
        rows = theirs.get(probing.model_of(name))
        wrong += differences(client, name, list(rows.values_list("pk", flat=True)[:6]), None) if rows else []
    none(wrong)
    assert probing.rows() == before


FORGED = {
    "reviewed_score": "9", "final_score": "9", "objection_score": "9", "earned": "9", "points": "99", "maximum": "99",
    "unit": "2", "unit_id": "2", "round": "2", "sheet": "2", "indicator": "2", "state": "exempt", "stage": "accepted",
    "claims_not_applicable": "1", "self_by": "1", "shared_home": "1", "phase": "published", "organisation": "2",
    "review_reason": "伪造", "submitted_at": "2020-01-01", "rule_answer": "{}", "by": "1", "source": "import",
}  # fmt: skip


def test_a_unit_that_posts_more_than_its_score_changes_its_score_alone(worlds: Worlds) -> None:
    who = worlds.ours.who
    mine = Entry.objects.filter(sheet__round=worlds.ours.rounds[Phase.SELF_ASSESSMENT], unit=who.units[0])
    one = mine.filter(stage=EntryStage.FILLING)[0]
    others = Entry.objects.exclude(pk=one.pk).order_by("pk")
    was, beside = mine.filter(pk=one.pk).values().get(), list(others.values())
    typed = {"score": "3", "reason": "材料不全", "version": str(one.version), "key": o.key()}
    answer = probing.browser(who.fillers[0]).post(f"/entries/{one.pk}/save/", FORGED | typed, **FETCH)
    assert answer.json()["state"] == "saved"
    now = mine.filter(pk=one.pk).values().get()
    assert {name for name in was if was[name] != now[name]} == {
        "self_score", "earned", "self_reason", "self_at", "version",
    }  # fmt: skip
    assert list(others.values()) == beside
    event = ScoreEvent.objects.filter(entry=one).latest("pk")
    assert set(event.changes) == {"self_score", "self_reason", "earned"}
    assert (event.source, event.actor) == ("form", who.fillers[0])


def test_eight_hundred_times_the_same_click_is_one_line_of_history(worlds: Worlds) -> None:
    who = worlds.ours.who
    mine = Entry.objects.filter(sheet__round=worlds.ours.rounds[Phase.SELF_ASSESSMENT], unit=who.units[0])
    one = mine.filter(stage=EntryStage.FILLING)[0]
    before, client = one.events.count(), probing.browser(who.fillers[0])
    form = {"score": "3", "reason": "材料不全", "version": str(one.version), "key": o.key()}
    said = {client.post(f"/entries/{one.pk}/save/", form, **FETCH).json()["version"] for _ in range(800)}
    assert said == {one.version + 1}
    assert one.events.count() == before + 1
