"""Names that a cell of the ledger may hold, with the initials by which a clerk finds them."""

from units.models import Organisation
from units.pinyin import initials

MOST = 3000


def known(organisation: Organisation) -> dict[str, list[list[str]]]:
    """Column → [name, initials, kind]: units in use and groups, and methods; three queries."""
    units = [[name, sound, "单位"] for name, sound in organisation.units.active().values_list("name", "pinyin")[:MOST]]
    groups = [[name, initials(name), "单位组"] for name in organisation.groups.values_list("name", flat=True)[:MOST]]
    methods = [[name, initials(name), ""] for name in organisation.methods.values_list("name", flat=True)[:MOST]]
    return {"parts": units + groups, "methods": methods}
