"""What may be done with an order to put right as things stand, and what its pages offer. Nothing is written here."""

from dataclasses import dataclass

from assessments import rectifications, transitions
from assessments.models import EntryStage, Rectification, Round
from assessments.remedy_list import Lost
from assessments.transitions import RemedyAction
from units.models import Role


@dataclass(frozen=True, slots=True)
class Choice:
    """A lost point on the page that orders; typed: the problem as it was typed before a refusal."""

    lost: Lost
    chosen: bool
    typed: str | None

    @property
    def problem(self) -> str:
        """What stands in its field."""
        return self.lost.problem if self.typed is None else self.typed


def actions(one: Rectification, role: str) -> frozenset[str]:
    """What a person of this role may do with the order now; of a unit's people only its own see it at all."""
    place = {"stage": one.state, "phase": one.entry.sheet.round.phase, "role": role}
    return frozenset(action.name.lower() for action in RemedyAction if transitions.find(action, **place) is not None)


def may_restore(one: Rectification, role: str) -> bool:
    """Whether closing offers a score: the policy gives points back, and this role may."""
    return role == Role.OFFICE and rectifications.restores(one.entry.sheet.round)


def open_for_orders(round_: Round) -> bool:
    """Whether lost points of the round can be ordered to be put right in its present phase."""
    return offers(round_, Role.OFFICE)


def offers(round_: Round, role: str) -> bool:
    """The same, by a person of this role."""
    place = {"stage": EntryStage.ACCEPTED, "phase": round_.phase, "role": role}
    return not round_.is_tracked and transitions.find(RemedyAction.ORDER, **place) is not None
