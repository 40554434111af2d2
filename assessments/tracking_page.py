"""One tracked matter with all that is known of it, and what may be done with it now. Nothing is written here."""

from dataclasses import dataclass
from datetime import date

from assessments import tracking_list, transitions
from assessments.dossier import Dossier, dossier
from assessments.models import Entry, Matter, MatterState
from assessments.transitions import MatterAction
from units.models import UNIT_ROLES


@dataclass(frozen=True, slots=True)
class Page:
    """The matter's page. actions: what the person's role may do with it as things stand; said, late: its light.

    beside: of a task that each unit of a group answers, all their matters, for who may see other units'; else empty.
    """

    dossier: Dossier
    matter: Matter
    tone: str
    light: str
    said: str
    late: str
    actions: frozenset[str]
    led: bool
    beside: tuple[Matter, ...] = ()


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
        beside=() if entry.member_id is None or role in UNIT_ROLES else _of_task(entry),
    )


def _of_task(entry: Entry) -> tuple[Matter, ...]:
    same = Matter.objects.filter(entry__sheet=entry.sheet_id, entry__indicator=entry.indicator_id)
    return tuple(same.select_related("entry__unit").order_by("entry_id"))
