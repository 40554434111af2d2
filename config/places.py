"""What every page's head bar needs to know about the person; one query, where the bar is shown."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from units import notices, second_factor
from units.entering import comes_first
from units.middleware import idle_seconds
from units.models import Membership, TextSize
from units.places import places_of


def signed_in(request: HttpRequest) -> dict[str, Any]:
    """What base.html documents: places, role_label, unread, text_size, contrast, second_factor, session_seconds."""
    membership: Membership | None = getattr(request, "membership", None)
    if membership is None:
        return look(request.COOKIES.get("text_size", ""), high=request.COOKIES.get("contrast") == "high")
    user = membership.user
    return look(user.text_size, high=user.high_contrast) | {
        "places": [] if comes_first(request.session, membership) else _places(request, membership),
        "role_label": membership.unit.name if membership.unit else membership.get_role_display(),
        "unread": SimpleLazyObject(lambda: notices.unread(membership)),
        "second_factor": second_factor.is_offered(membership),
        "session_seconds": idle_seconds(membership),
    }


def look(text_size: str, *, high: bool) -> dict[str, Any]:
    """Text size and contrast in the words of the theme."""
    text_size = text_size if text_size in TextSize.values else TextSize.STANDARD
    return {"text_size": text_size, "high_contrast": high, "contrast": "high" if high else ""}


def _places(request: HttpRequest, membership: Membership) -> list[tuple[str, str, bool]]:
    """A place is current on its own page and on those that belong to it."""
    return [
        (place.label, reverse(place.url_name), request.path.startswith((reverse(place.url_name), *place.also)))
        for place in places_of(membership)
    ]
