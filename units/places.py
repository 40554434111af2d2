"""Where each role finds its work: at most six places in the head bar; the first is home."""

from collections.abc import Mapping
from dataclasses import dataclass

from units.models import Membership, Role


@dataclass(frozen=True, slots=True)
class Place:
    """A word in the head bar, the name of its route, and where other pages that belong to it begin."""

    label: str
    url_name: str
    also: tuple[str, ...] = ()


_DESK = Place("工作台", "desk")
_IMPORTS = Place("导入", "imports")
_LEDGERS = Place("台账", "ledgers")
_ROUNDS = Place("考核轮次", "rounds", ("/sheets/", "/late/", "/composites/", "/permissions/transitions/"))
_REVIEWS = Place("审核台", "reviews", ("/objections/", "/matters/", "/rectifications/"))
_BOARDS = Place("看板", "boards")
_UNITS = Place("单位", "units", ("/groups/",))
_ACCOUNTS = Place("账号", "accounts", ("/permissions/",))
_AUDIT = Place("审计", "audit")
_WORKLIST = Place("我的任务", "worklist", ("/entries/", "/matters/", "/rectifications/"))
_RESULTS = Place("历年得分", "results")

PLACES: Mapping[str, tuple[Place, ...]] = {
    Role.ADMIN: (_IMPORTS, _LEDGERS, _UNITS, _ACCOUNTS),
    Role.OFFICE: (_DESK, _LEDGERS, _ROUNDS, _REVIEWS, _BOARDS, _UNITS),
    Role.REVIEWER: (_REVIEWS, _ROUNDS, _BOARDS, _LEDGERS),
    Role.LEADER: (_BOARDS, _ROUNDS, _LEDGERS),
    Role.AUDITOR: (_AUDIT,),
    Role.FILLER: (_WORKLIST, _RESULTS),
    Role.SIGNER: (_WORKLIST, _RESULTS),
}


def places_of(membership: Membership) -> tuple[Place, ...]:
    """The places of the person's role."""
    return PLACES[membership.role]
