"""Indicators and ledgers found by words or initials, for those who may see ledgers."""

from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from indicators.models import Indicator, Ledger
from units.access import Permission, SignedIn, allows
from units.searching import Found, Hit, by_sound


def find(request: SignedIn, words: str) -> list[Found]:
    """The newest version of every ledger; retired indicators are not found."""
    if not allows(request.membership, Permission.VIEW_LEDGERS):
        return []
    return [_ledgers(request, words), _indicators(request, words)]


def _ledgers(request: SignedIn, words: str) -> Found:
    rows = request.organisation.ledgers.filter(Q(title__icontains=words) | Q(issuer__icontains=words))
    rows = rows.defer("findings", "notes", "layout")

    def take(start: int, end: int) -> list[Hit]:
        return [
            Hit(one.title, reverse("ledger", args=[one.pk]), f"第 {one.version} 版 {one.get_status_display()}")
            for one in rows[start:end]
        ]

    return Found("ledgers", "台账", rows.count(), take)


def _indicators(request: SignedIn, words: str) -> Found:
    heads = Ledger.objects.filter(organisation=request.organisation, next_versions__isnull=True)
    living = Indicator.objects.filter(ledger__in=heads, level__gt=0).living()
    said = Q(name__icontains=words) | Q(criteria__icontains=words) | Q(number=words)
    if sound := by_sound(words):
        said |= Q(pinyin__contains=sound)
    rows = living.filter(said).select_related("ledger", "parent").order_by("-ledger__year", "-ledger_id", "lft")

    def take(start: int, end: int) -> list[Hit]:
        return [_hit(one, words) for one in rows[start:end]]

    return Found("indicators", "指标", rows.count(), take)


def _hit(one: Indicator, words: str) -> Hit:
    above = one.parent.name if one.parent and one.level > 1 else ""
    place = " › ".join(filter(None, (one.ledger.title, above)))
    url = f"{reverse('ledger', args=[one.ledger_id])}?{urlencode({'q': words})}#i{one.pk}"
    found_in_criteria = words.lower() not in one.name.lower() and words.lower() in one.criteria.lower()
    return Hit(one.name or "（名称空缺）", url, place, _around(one.criteria, words) if found_in_criteria else "")


def _around(text: str, words: str) -> str:
    """The words with a little of what stands around them."""
    at = max(0, text.lower().find(words.lower()) - 20)
    return ("…" if at else "") + text[at : at + 60 + len(words)]
