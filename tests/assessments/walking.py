"""The table of transitions walked through the pages' addresses: its situations, who asks, what came of it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from django.db import transaction
from django.db.models import TextChoices
from django.test import Client

from assessments import transitions
from assessments.models import EntryStage, MatterState, Phase, RectificationState, Round, ScoreEvent
from assessments.transitions import Transition
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.assessments.test_transitions import SEALED_AS
from tests.assessments.visits import visit
from units.models import Role

WORKING = (Role.OFFICE, Role.REVIEWER, Role.FILLER, Role.SIGNER)
# whose role never reaches an entry; what they get does not depend on the stage
OUTSIDE = (Role.LEADER, Role.ADMIN, Role.AUDITOR)
KINDS: tuple[type[TextChoices], ...] = (EntryStage, MatterState, RectificationState)


@dataclass(frozen=True, slots=True)
class Situation:
    """One action asked for by one role, the work being in one stage and its round in one phase."""

    action: str
    stage: str
    phase: str
    role: str

    @property
    def after(self) -> str | None:
        """The stage that follows, as the table says; None where it does not allow it."""
        line = transitions.find(self.action, stage=self.stage, phase=self.phase, role=self.role)
        return None if line is None else line.to or self.stage


def situations(lines: Iterable[Transition], roles: Iterable[Role] = WORKING) -> list[Situation]:
    """Every one; where an action has no line for a phase at all, a stage it is possible in elsewhere stands for all."""
    given, asking = list(lines), list(roles)
    found = []
    for action in dict.fromkeys(line.action for line in given):
        own = [line for line in given if line.action == action]
        named = [stage for line in own for stage in line.stages]
        kind = next(kind for kind in KINDS if set(named) <= set(kind.values))
        phases = {phase for line in own for phase in line.phases}
        for phase in Phase:
            stages = list(kind.values) if phase in phases else named[:1]
            found += [Situation(action, *rest) for rest in product(stages, [phase], asking)]
    return found


def clients(who: Office) -> Mapping[str, Client]:
    """One browser for each role; the unit's people are those of the first unit."""
    people = {Role.OFFICE: who.office, Role.REVIEWER: who.reviewer, Role.LEADER: who.leader}
    people |= {Role.FILLER: who.fillers[0], Role.SIGNER: who.signers[0]}
    people |= {role: o.person(who.organisation, role) for role in (Role.ADMIN, Role.AUDITOR)}
    return {role: visit(person) for role, person in people.items()}


def strangers(who: Office) -> Mapping[str, Client]:
    """The people of the second unit, and those of another organisation."""
    other = o.office("某省")
    people = {"another unit's filler": who.fillers[1], "another unit's signer": who.signers[1]}
    people |= {"another office": other.office, "its reviewer": other.reviewer, "its filler": other.fillers[0]}
    return {name: visit(person) for name, person in people.items()}


def asked(
    phase: str, put: Callable[[], None], request: Callable[[], Any], stage: Callable[[], str]
) -> tuple[int, str | None]:
    """The status, and the stage where a row of history came of it; all of it taken back afterwards.

    put: brings the work into its stage. request: what the page sends. stage: where the work stands afterwards.
    """
    with transaction.atomic():
        put()
        Round.objects.update(phase=phase, **SEALED_AS)
        before = ScoreEvent.objects.count()
        status = request().status_code
        after = stage() if ScoreEvent.objects.count() > before else None
        transaction.set_rollback(True)
    return status, after
