"""The rows of a ledger inside a template; what they look like stands in `indicators.markup`."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from indicators.listing import Sheet
from indicators.markup import Rows

register = template.Library()


@register.simple_tag(takes_context=True)
def ledger_rows(context: dict[str, Any], sheet: Sheet) -> SafeString:
    """Every chapter of the sheet; at, query and saved as the page has them, a preview has none."""
    saved = context.get("saved") or 0
    return Rows(sheet, at=context.get("at", ""), query=context.get("query", ""), saved=saved).all()
