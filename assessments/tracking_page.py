"""One tracked matter with all that is known of it, and what may be done with it now. Nothing is written here."""

from dataclasses import dataclass
from datetime import date

from assessments import tracking_list, transitions
from assessments.dossier import Dossier, dossier
from assessments.models import Entry, Matter, MatterState
from assessments.transitions import MatterAction


@dataclass(frozen=True, slots=True)
class Page:
    """The matter's page. actions: what the person's role may do with it as things stand; said, late: its light."""

    dossier: Dossier
    matter: Matter
    tone: str
    light: str
    said: str
    late: str
    actions: frozenset[str]
    led: bool


def page(entry: Entry, role: str, today: date) -> Page:
    """The matter's page for a person of this role. A constant number of queries."""
    matter = Matter.objects.select_related("measures_by", "result_by", "decided_by").get(entry=entry)
    _, light, said = tracking_list.light_of(matter, today)
    place = {"stage": matter.state, "phase": entry.sheet.round.phase, "role": role}
    allowed = {action.value for action in MatterAction if transitions.find(action, **place) is not None}
    if entry.unit_id is None:
        allowed -= {MatterAction.SEND_BACK.value}
    return Page(
        dossier=dossier(entry),
        matter=matter,
        tone=tracking_list.TONES[MatterState(matter.state)],
        light=light,
        said=said,
        late=tracking_list.lateness(matter),
        actions=frozenset(allowed),
        led=entry.unit_id is not None,
    )
