"""A round's life (考核轮次): prepared, opened, moved through its phases, published and sealed.

Every step locks the round's row first, and every sheet before the phase changes: a score is saved before the step or
refused after it, never between.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone

from assessments import arranging, history, notices, opening, rollup, sealing
from assessments.models import Entry, EntryStage, EntryState, Objection, Phase, Round, ScoreSheet, Shape
from assessments.opening import blockers, cautions, likely_shape, undecided
from assessments.refusals import NotNow, StillOpen
from assessments.scored import from_scores
from assessments.scoring import ENGINE_VERSION
from assessments.scoring.policy import Policy
from indicators import versions
from indicators.models import Ledger
from units import audit, jobs
from units.models import Job, Organisation, Unit, User

__all__ = [
    "MOVES",
    "NotNow",
    "StillOpen",
    "advance",
    "ask_to_open",
    "blockers",
    "cautions",
    "from_scores",
    "likely_shape",
    "open_items",
    "open_round",
    "prepare",
    "publish",
    "undecided",
]

# From each phase to the next, and back where time was too short. Opening and publishing are verbs of their own.
MOVES: dict[Phase, tuple[Phase, ...]] = {
    Phase.SELF_ASSESSMENT: (Phase.REVIEW,),
    Phase.REVIEW: (Phase.OBJECTION, Phase.SELF_ASSESSMENT),
    Phase.OBJECTION: (Phase.REVIEW,),
    Phase.PUBLISHED: (Phase.ARCHIVED,),
}
_TAKEN = "已经有名为“{}”的轮次，换一个名称。"
PUBLISHABLE = (Phase.REVIEW, Phase.OBJECTION)


def moves(round_: Round) -> tuple[Phase, ...]:
    """The phases the round can go to now; where matters are tracked, there is no score to object to."""
    known = MOVES.get(Phase(round_.phase), ())
    return tuple(to for to in known if to != Phase.OBJECTION) if round_.is_tracked else known


@transaction.atomic
def prepare(
    ledger: Ledger,
    *,
    name: str,
    shape: str,
    policy: Policy,
    self_due: date | None,
    review_due: date | None,
    objection_due: date | None,
    participants: Sequence[Unit],
    sign_off: bool = False,
    by: User | None,
    days_year: int | None = None,
) -> Round:
    """A round in preparation, with a sheet for each assessed body and no entries yet.

    participants: the assessed units of a per-unit round; otherwise the organisation itself is assessed. Tracked:
    `self_due` is for the measures, `review_due` for the results, `days_year` the year of the ledger's own days.
    Raises NotNow for a name that is taken, a per-unit round without units, or last days out of order.
    """
    organisation = ledger.organisation
    name = _free_name(organisation, name)
    arranging.in_order((self_due, review_due, objection_due))
    assessed = _assessed(organisation, shape, participants)
    tracked = shape == Shape.TRACKED
    round_ = Round(
        organisation=organisation,
        ledger=ledger,
        name=name,
        shape=shape,
        # completion has no bands (等次)
        policy=(replace(policy, bands=()) if tracked else policy).as_json(),
        days_year=days_year if tracked else None,
        self_due=self_due,
        review_due=review_due,
        objection_due=objection_due,
        sign_off=sign_off,
        created_by=by,
    )
    try:
        with transaction.atomic():
            round_.save(force_insert=True)
    except IntegrityError as twice:  # the other click of a double click was faster
        raise NotNow(_TAKEN.format(name)) from twice
    ScoreSheet.objects.bulk_create([ScoreSheet(round=round_, unit=unit) for unit in assessed])
    audit.record(organisation=organisation, actor=by, action="新建考核轮次", target=name)
    return round_


def _free_name(organisation: Organisation, name: str) -> str:
    if not name.strip():
        raise NotNow("轮次要有名称。")
    if organisation.rounds.filter(name=name.strip()).exists():
        raise NotNow(_TAKEN.format(name.strip()))
    return name.strip()


def _assessed(organisation: Organisation, shape: str, participants: Sequence[Unit]) -> list[Unit]:
    assessed = list(participants) if shape == Shape.PER_UNIT else [organisation.units.get(parent__isnull=True)]
    if not assessed:
        raise NotNow("对标制轮次至少要有一个参加考核的单位。")
    if any(unit.organisation_id != organisation.pk for unit in assessed):
        raise NotNow("参加考核的单位要属于本机关。")
    return assessed


@transaction.atomic
def ask_to_open(round_: Round, *, by: User | None) -> Job | None:
    """The job that opens the round in the background; asked again while it waits or runs, the same one.

    None where the round is open already. Raises StillOpen with the sentences of `blockers`.
    """
    round_ = Round.objects.select_for_update(of=("self",)).select_related("ledger__organisation").get(pk=round_.pk)
    if round_.phase != Phase.PREPARING:
        return None
    if round_.opening_id is not None and Job.objects.unfinished().filter(pk=round_.opening_id).exists():
        return round_.opening
    _unblocked(round_)
    round_.opening = jobs.create(
        organisation=round_.organisation,
        task="assessments.tasks.open_round",
        title=f"开启 {round_.name}",
        arguments={"round": round_.pk},
        by=by,
    )
    round_.save(update_fields=["opening"])
    return round_.opening


def _unblocked(round_: Round) -> None:
    found = blockers(round_.ledger, round_.shape)
    if found:
        raise StillOpen("轮次还不能开启：" + " ".join(found), found)


@transaction.atomic
def open_round(round_: Round, *, by: User | None) -> Round:
    """The round, open for self-assessment: the ledger frozen, every sheet with its entries.

    Opening what is open changes nothing. A number of queries that does not grow with the units.
    Raises StillOpen with the sentences of `blockers`.
    """
    round_ = Round.objects.select_for_update(of=("self",)).select_related("ledger__organisation").get(pk=round_.pk)
    if round_.phase != Phase.PREPARING:
        return round_
    _unblocked(round_)
    versions.publish(round_.ledger, by=by)
    sheets = list(ScoreSheet.objects.select_for_update().filter(round=round_).order_by("pk"))
    opening.store(opening.entries_for(round_, sheets))
    if round_.is_tracked:
        opening.track(round_)
    now = timezone.now()
    history.make_stale(sheets, now)
    round_.phase, round_.opened_at = Phase.SELF_ASSESSMENT, now
    round_.save(update_fields=["phase", "opened_at"])
    notices.round_opened(round_)
    audit.record(organisation=round_.organisation, actor=by, action="开启考核轮次", target=round_.name)
    return round_


@transaction.atomic
def advance(round_: Round, to: str, *, by: User | None) -> Round:
    """The round in its next phase. Being there already changes nothing; raises NotNow for any other move."""
    round_ = _locked(round_)
    target = Phase(to)
    if round_.phase == target:
        return round_
    if target not in moves(round_):
        raise NotNow(f"“{Phase(round_.phase).label}”阶段不能转到“{target.label}”阶段。")
    open_ = Objection.objects.waiting().filter(entry__sheet__round=round_).count()
    if open_:
        # in the review phase nobody could answer them
        raise NotNow(f"还有 {open_} 件申诉没有答复，答复后才能转到“{target.label}”阶段。")
    was = Phase(round_.phase).label
    round_.phase = target
    round_.save(update_fields=["phase"])
    audit.record(
        organisation=round_.organisation,
        actor=by,
        action="考核轮次转阶段",
        target=round_.name,
        detail={"from": was, "to": target.label},
    )
    return round_


@transaction.atomic
def publish(round_: Round, *, by: User | None, blank_is_zero: bool = False) -> Round:
    """The round, published: sums made, ranks given, everything sealed; nothing in it changes any more.

    blank_is_zero: the caller has confirmed that items nobody scored count 0 of their points.
    Publishing what is published changes nothing. Raises NotNow, and StillOpen with the list of what is open.
    """
    round_ = _locked(round_)
    if round_.is_sealed:
        return round_
    if round_.phase not in PUBLISHABLE:
        raise NotNow(f"“{Phase(round_.phase).label}”阶段不能公布结果，先转到审核阶段。")
    waiting, blanks = open_items(round_)
    if waiting:
        raise StillOpen(f"还有 {len(waiting)} 项没有审核完，不能公布。", [*waiting, *blanks])
    if blanks and not blank_is_zero:
        raise StillOpen(_left(round_, len(blanks)), blanks, only_blanks=True)
    rollup.roll_up(round_.sheets.values_list("pk", flat=True))
    rollup.rank_round(round_)
    now = timezone.now()
    round_.engine = ENGINE_VERSION
    snapshot = sealing.snapshot(round_)
    round_.phase, round_.published_at, round_.published_by = Phase.PUBLISHED, now, by
    round_.snapshot, round_.seal = snapshot, sealing.digest(snapshot)
    round_.save(update_fields=["phase", "published_at", "published_by", "engine", "snapshot", "seal"])
    notices.round_published(round_)
    audit.record(
        organisation=round_.organisation,
        actor=by,
        action="公布考核结果",
        target=round_.name,
        detail={"seal": round_.seal, "blanks": len(blanks)},
    )
    return round_


def open_items(round_: Round) -> tuple[list[str], list[str]]:
    """What stands between the round and its publishing: items to be decided, and items nobody scored.

    To be decided is what was handed in, what has a score or a claim but was not accepted, and open objections.
    """
    waiting, blanks = [], []
    entries = Entry.objects.filter(sheet__round=round_, shared_home__isnull=True).exclude(stage=EntryStage.ACCEPTED)
    for entry in entries.in_order().select_related("indicator", "unit", "sheet__unit"):
        blank = entry.state == EntryState.UNSCORED and not entry.claims_not_applicable
        named = f"{entry.unit or entry.sheet.unit}：“{entry.indicator}”"
        if blank and entry.stage not in (EntryStage.SUBMITTED, EntryStage.SIGNING):
            blanks.append(f"{named}没有{'办结' if round_.is_tracked else '得分'}")
        else:
            waiting.append(f"{named}{entry.get_stage_display()}")
    filed = Objection.objects.waiting().filter(entry__sheet__round=round_)
    waiting.extend(f"“{one.entry}”的申诉待答复" for one in filed.select_related("entry__indicator"))
    return waiting, blanks


def _left(round_: Round, blanks: int) -> str:
    if round_.is_tracked:
        return f"还有 {blanks} 项没有办结。确认按未办结公布后才能公布。"
    return f"还有 {blanks} 项没有得分。确认按 0 分计入后才能公布。"


def _locked(round_: Round) -> Round:
    """The round with its row and all its sheets locked, as it is after that."""
    Round.objects.select_for_update().get(pk=round_.pk)
    fresh, _ = history.locked_sheets(round_)
    return fresh
