"""Search over what a person may see: what each app finds, gathered; each finder keeps to the person's own rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from units import registry
from units.access import Permission, SignedIn, allows

LONGEST, FIRST, PER_PAGE = 100, 5, 50


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of the result. where: the words above it; more: what matched, if not the title."""

    title: str
    url: str
    where: str = ""
    more: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """The hits of one kind. take: from, up to → those hits."""

    kind: str
    label: str
    count: int
    take: Callable[[int, int], Sequence[Hit]]

    @property
    def first(self) -> Sequence[Hit]:
        return self.take(0, FIRST)

    @property
    def is_more(self) -> bool:
        return self.count > FIRST


def cleaned(words: str) -> str:
    """What was typed, without characters nobody sees, at most 100."""
    return " ".join("".join(one if one.isprintable() else " " for one in words).split())[:LONGEST]


def search(request: SignedIn, words: str) -> list[Found]:
    """The kinds that hold something, in the order of the apps; nothing for no words."""
    if not words:
        return []
    found = [one for finder in registry.of("search") for one in finder(request, words)]
    return [one for one in found if one.count]


def by_sound(words: str) -> str:
    """The words as pinyin initials, empty where they are none."""
    return words.lower() if words.isascii() and words.isalnum() and len(words) > 1 else ""


def units(request: SignedIn, words: str) -> list[Found]:
    """Units by name, alias and initials, for those who may see the list."""
    if not allows(request.membership, Permission.VIEW_UNITS):
        return []
    said = Q(name__icontains=words) | Q(
        pk__in=request.organisation.aliases.filter(name__icontains=words).values("unit_id")
    )
    if sound := by_sound(words):
        said |= Q(pinyin__contains=sound)
    rows = request.organisation.units.offices().filter(said).select_related("parent")

    def take(start: int, end: int) -> list[Hit]:
        return [
            Hit(unit.name, reverse("unit", args=[unit.pk]), unit.parent.name if unit.parent else "",
                "已撤销" if unit.abolished_at else "")
            for unit in rows[start:end]
        ]  # fmt: skip

    return [Found("units", "单位", rows.count(), take)]
