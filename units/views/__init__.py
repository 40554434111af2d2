"""Pages about who is asking: the way in, units, accounts, audit, health and faults."""

from units.views.entrance import locked_out
from units.views.faults import bad_request, broken, csrf_failed, forbidden, missing

__all__ = ["bad_request", "broken", "csrf_failed", "forbidden", "locked_out", "missing"]
