"""Which rows a person may see, reached through what the person belongs to; all else is as if it did not exist."""

from django.db.models import Q, QuerySet

from assessments import blind, supporting
from assessments.models import (
    Composite,
    Entry,
    Evidence,
    LateException,
    Objection,
    Phase,
    Rectification,
    Round,
    Sample,
    ScoreSheet,
    SecondReview,
    Shape,
)
from units.access import SignedIn
from units.models import Organisation, Role, Unit


def unit_of(request: SignedIn) -> Unit | None:
    """The unit a person acts for; None for the office, reviewers and leadership."""
    return getattr(request, "unit", None)


def entries(request: SignedIn) -> QuerySet[Entry]:
    """A unit's people: their unit's entries in opened rounds. Others: those of the whole organisation."""
    unit = unit_of(request)
    mine = Entry.objects.filter(sheet__round__organisation=request.organisation).in_opened_rounds()
    if unit is not None:
        mine = mine.filter(unit=unit)
    return mine.select_related("indicator", "unit", "sheet__round__ledger", "sheet__unit")


def scored(request: SignedIn) -> QuerySet[Entry]:
    """The entries a person sees, without those it is to score a second time blindly (盲评)."""
    return entries(request) if unit_of(request) else entries(request).exclude(pk__in=blind.entries(request.user))


def matters(request: SignedIn) -> QuerySet[Entry]:
    """Entries of tracked rounds (督办制) among those a person sees."""
    return entries(request).filter(sheet__round__shape=Shape.TRACKED)


def supported(request: SignedIn) -> QuerySet[Entry]:
    """Entries another unit leads and the person's unit supports; their scores are not for it to see."""
    beside = supporting.supported(request.unit).filter(sheet__round__organisation=request.organisation)
    return beside.select_related("indicator", "unit", "shared_home", "sheet__round__ledger")


def contributable(request: SignedIn) -> QuerySet[Entry]:
    """Entries to which the person's unit may add evidence: its own and those it supports."""
    known = Q(pk__in=entries(request).values("pk")) | Q(pk__in=supported(request).values("pk"))
    return Entry.objects.filter(known).select_related("indicator", "unit", "sheet__round__ledger", "sheet__unit")


def evidence(request: SignedIn) -> QuerySet[Evidence]:
    """What is attached to the entries a person sees, and what its unit added to another's (会同、配合).

    What was taken back stays visible to nobody.
    """
    unit = unit_of(request)
    mine = Evidence.objects.present().filter(entry__sheet__round__organisation=request.organisation)
    if unit is not None:
        mine = mine.filter(Q(entry__unit=unit) | Q(unit=unit)).exclude(entry__sheet__round__phase=Phase.PREPARING)
    return mine.select_related("entry", "unit")


def objections(request: SignedIn) -> QuerySet[Objection]:
    """What was said about the entries whose scores a person sees."""
    mine = Objection.objects.filter(entry__in=scored(request))
    return mine.select_related("entry__indicator", "entry__unit", "entry__sheet__unit", "entry__sheet__round__ledger")


def rectifications(request: SignedIn) -> QuerySet[Rectification]:
    """Orders to put right what a person sees (整改)."""
    mine = Rectification.objects.filter(entry__in=scored(request))
    return mine.select_related("entry__indicator", "entry__unit", "entry__sheet__unit", "entry__sheet__round__ledger")


def samples(request: SignedIn) -> QuerySet[Sample]:
    """Draws for a second reviewer, of the rounds a person sees."""
    return Sample.objects.filter(round__in=rounds(request)).select_related("round__organisation", "reviewer")


def second_reviews(request: SignedIn) -> QuerySet[SecondReview]:
    """Items drawn for a second reviewer, of the rounds a person sees."""
    drawn = SecondReview.objects.filter(sample__round__in=rounds(request))
    return drawn.select_related("sample__round", "entry__indicator")


def rounds(request: SignedIn) -> QuerySet[Round]:
    """The organisation's rounds, newest first; those in preparation only for the office."""
    known: QuerySet[Round] = request.organisation.rounds.select_related("ledger", "organisation").order_by("-id")
    return known if request.membership.role == Role.OFFICE else known.exclude(phase=Phase.PREPARING)


def late_exceptions(request: SignedIn) -> QuerySet[LateException]:
    """The exceptions of the rounds a person sees."""
    return LateException.objects.filter(round__in=rounds(request)).select_related("unit", "round__organisation")


def sheets(request: SignedIn) -> QuerySet[ScoreSheet]:
    """The score sheets of the rounds a person sees."""
    return ScoreSheet.objects.filter(round__in=rounds(request)).select_related("unit", "round__ledger")


def rounds_of_unit(unit: Unit) -> QuerySet[Round]:
    """Opened rounds in which the unit has something: entries to fill, or items it does with others."""
    mine = Entry.objects.filter(unit=unit).values("sheet__round")
    opened = Round.objects.visible().filter(organisation=unit.organisation_id)
    with_others = Q(pk__in=supported_by(unit).values("pk"))
    return opened.filter(Q(pk__in=mine) | with_others).select_related("ledger")


def supported_by(unit: Unit) -> QuerySet[Round]:
    """Opened rounds in which the unit is named beside a lead (会同、配合), in the ledger itself or through a group.

    Where every unit has a sheet of its own (对标制), nobody leads for another.
    """
    named = supporting.supported(unit).values("sheet__round")
    return Round.objects.visible().filter(pk__in=named).select_related("ledger")


def units_in(round_: Round, organisation: Organisation) -> list[Unit]:
    """The units that fill in a round, in the order of the unit tree."""
    filling = Entry.objects.filter(sheet__round=round_, unit__isnull=False).values("unit")
    return list(organisation.units.filter(pk__in=filling).order_by("lft"))


def composites(request: SignedIn) -> QuerySet[Composite]:
    """The organisation's composed results, newest first."""
    return Composite.objects.filter(organisation=request.organisation).select_related("organisation").order_by("-id")


def opened(request: SignedIn) -> QuerySet[Round]:
    """The organisation's rounds that have been opened, newest first."""
    return rounds(request).exclude(phase=Phase.PREPARING)
