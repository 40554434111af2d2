"""Rounds, entries and reasons found by words, among those the person sees on the other pages too."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from assessments import blind, visible
from assessments.models import Entry
from units.access import Permission, SignedIn, allows
from units.pinyin import initials
from units.searching import Found, Hit, by_sound


def find(request: SignedIn, words: str) -> list[Found]:
    """A unit's people find their own entries, the others those of the organisation, and rounds."""
    found = [_rounds(request, words)] if allows(request.membership, Permission.VIEW_ROUNDS) else []
    if allows(request.membership, Permission.FILL):
        found.append(_entries(request, words))
    if allows(request.membership, Permission.FILL) or allows(request.membership, Permission.REVIEW):
        found.append(_reasons(request, words))
    return found


def _rounds(request: SignedIn, words: str) -> Found:
    everything = visible.rounds(request).defer("snapshot")
    said = Q(name__icontains=words)
    if sound := by_sound(words):
        names = everything.values_list("pk", "name")[:1000]
        said |= Q(pk__in=[pk for pk, name in names if sound in initials(name)])
    rows = everything.filter(said)

    def take(start: int, end: int) -> list[Hit]:
        return [
            Hit(one.name, reverse("round", args=[one.pk]), f"{one.get_phase_display()} · {one.ledger.title}")
            for one in rows[start:end]
        ]

    return Found("rounds", "考核轮次", rows.count(), take)


def _entries(request: SignedIn, words: str) -> Found:
    said = Q(indicator__name__icontains=words) | Q(indicator__criteria__icontains=words)
    mine = visible.entries(request)
    if sound := by_sound(words):
        names = mine.values_list("pk", "indicator__name")[:2000]
        said |= Q(pk__in=[pk for pk, name in names if sound in initials(name)])
    return _found("entries", "填报项", mine.filter(said))


def _reasons(request: SignedIn, words: str) -> Found:
    hidden = blind.entries(request.user)
    said = Q(self_reason__icontains=words) | Q(review_reason__icontains=words) & ~Q(pk__in=hidden)
    mine = visible.entries(request).filter(said).annotate(blind=Exists(hidden.filter(pk=OuterRef("pk"))))
    return _found("reasons", "扣分原因和审核意见", mine, words)


def _found(kind: str, label: str, rows: QuerySet[Entry], words: str = "") -> Found:
    ordered = rows.order_by("-sheet__round_id", "pk")

    def take(start: int, end: int) -> list[Hit]:
        return [_hit(one, words) for one in ordered[start:end]]

    return Found(kind, label, rows.count(), take)


def _hit(one: Entry, words: str) -> Hit:
    where = " · ".join(filter(None, (one.sheet.round.name, one.unit.name if one.unit else "")))
    said = (one.self_reason, "" if getattr(one, "blind", False) else one.review_reason)
    reasons = [text for text in said if words and words.lower() in text.lower()]
    return Hit(str(one.indicator), reverse("entry", args=[one.pk]), where, "；".join(reasons)[:160])
