"""抽查复评: the office draws reviewed items of every unit by a stored seed, and another reviewer scores them again.

A second score stands beside the first and changes nothing: where they differ, the office decides at the review desk.
The office names who gives it; until it stands, `blind` keeps the first score and its sums from that person.
"""

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from assessments import figures, rights
from assessments.models import Entry, EntryStage, Phase, Round, Sample, SecondReview
from assessments.models.sampling import SECOND_PHASES
from assessments.refusals import NotNow, ReasonNeeded
from assessments.scoring.amounts import ZERO
from assessments.scoring.points import parse_score
from units import audit
from units.models import Organisation, Role, User

REVIEWERS = (Role.OFFICE, Role.REVIEWER)
SHOW = {"": "全部", "waiting": "待复评", "different": "与审核不一致"}


def drawn(ids: Iterable[int], seed: str, percent: int) -> list[int]:
    """The ids that this seed draws of one unit: `percent` of them, at least one; the same ids give the same draw.

    >>> drawn([1, 2, 3, 4], "seed", 50) == drawn([4, 3, 2, 1], "seed", 50)
    True
    """
    known = sorted(set(ids), key=lambda one: hashlib.sha256(f"{seed}:{one}".encode()).digest())
    return sorted(known[: -(-len(known) * percent // 100)])


@transaction.atomic
def draw(round_: Round, percent: int, *, reviewer: User | None, by: User, seed: str = "") -> Sample:
    """The sample, its items drawn by unit from what others than `reviewer` reviewed with a score.

    The same seed again is the same sample. Raises NotNow for anybody but the office, out of phase, a person who does
    not review here, and where nobody else reviewed anything.
    """
    round_ = Round.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=round_.pk)
    _may_draw(round_, percent, reviewer, by)
    seed = seed or secrets.token_hex(8)
    before = Sample.objects.filter(round=round_, seed=seed).first()
    if before is not None:
        return before
    chosen = _chosen(round_, percent, seed, reviewer)
    now = timezone.now()
    sample = Sample.objects.create(round=round_, percent=percent, seed=seed, reviewer=reviewer, drawn_by=by, at=now)
    SecondReview.objects.bulk_create(
        (SecondReview(sample=sample, entry_id=pk, first_score=score) for pk, score in chosen.items()), batch_size=500
    )
    detail = {"percent": percent, "seed": seed, "items": len(chosen), "reviewer": str(reviewer)}
    audit.record(organisation=round_.organisation, actor=by, action="抽查复评", target=round_.name, detail=detail)
    return sample


def _may_draw(round_: Round, percent: int, reviewer: User | None, by: User) -> None:
    """Raises NotNow unless role, phase, share and the named person allow it."""
    if rights.held_by(by, round_).role != Role.OFFICE:
        raise NotNow("只有政务公开办公室可以抽取。")
    if round_.is_tracked:
        raise NotNow(rights.TRACKED)
    if round_.phase not in SECOND_PHASES:
        raise NotNow(f"“{Phase(round_.phase).label}”阶段不能抽查。")
    if not 1 <= percent <= 100:
        raise NotNow("抽查比例填 1 到 100 的整数。")
    if reviewer not in reviewers(round_.organisation):
        raise NotNow("先选择由谁复评。")


def _chosen(round_: Round, percent: int, seed: str, reviewer: User | None) -> dict[int, Decimal]:
    """Entry → its first score, of what the seed draws of each unit. Raises NotNow where there is nothing to draw."""
    mine = Entry.objects.filter(sheet__round=round_, stage=EntryStage.ACCEPTED, reviewed_score__isnull=False)
    others = mine.exclude(reviewed_by=reviewer)
    scores: dict[int, Decimal] = {}
    by_unit: dict[int | None, list[int]] = defaultdict(list)
    for pk, unit, score in others.values_list("pk", "unit", "reviewed_score"):
        by_unit[unit].append(pk)
        scores[pk] = score or ZERO
    chosen = [pk for ids in by_unit.values() for pk in drawn(ids, seed, percent)]
    if not chosen and mine.exists():
        raise NotNow(f"已审核的项都由 {reviewer} 审核，换一位复评人。")
    if not chosen:
        raise NotNow("还没有审核过的项，不能抽查。")
    return {pk: scores[pk] for pk in chosen}


@transaction.atomic
def pass_on(sample: Sample, reviewer: User | None, *, by: User) -> None:
    """Another person gives the second scores that are still owed. Raises NotNow as `draw`, and where none are owed."""
    round_ = sample.round
    if rights.held_by(by, round_).role != Role.OFFICE or round_.phase not in SECOND_PHASES:
        raise NotNow("现在不能改由别人复评。")
    if reviewer is None or reviewer not in reviewers(round_.organisation):
        raise NotNow("先选择由谁复评。")
    if not sample.reviews.filter(at__isnull=True).exists():
        raise NotNow("这次抽查已经复评完。")
    before = sample.reviewer
    if Sample.objects.filter(pk=sample.pk, reviewer=before).update(reviewer=reviewer) != 1:
        raise NotNow("复评人刚刚由别人改过，核对后再改。")
    detail = {"seed": sample.seed, "before": before.username if before else None, "after": reviewer.username}
    audit.record(organisation=round_.organisation, actor=by, action="改复评人", target=round_.name, detail=detail)


@transaction.atomic
def score(one: SecondReview, score_text: str, reason: str, *, by: User) -> SecondReview:
    """The drawn item with its second score. The named person gives it, once, and never who gave the first.

    Raises BadScore, ReasonNeeded (another score than the unit's own; to ask for words where it differs from the first
    would tell the first) and NotNow.
    """
    reason = rights.words(reason)
    one = SecondReview.objects.select_related("sample__round", "sample__reviewer", "entry").get(pk=one.pk)
    if rights.held_by(by, one.sample.round).role not in REVIEWERS or one.sample.round.phase not in SECOND_PHASES:
        raise NotNow("现在不能复评。")
    if one.entry.reviewed_by_id == by.pk:
        raise NotNow("这一项由您审核，要由另一位评审员复评。")
    if one.sample.reviewer_id != by.pk:
        raise NotNow("这次抽查由另一位评审员复评。")
    typed = parse_score(score_text, one.entry.maximum, "复评得分")
    if typed != one.entry.self_score and not reason:
        raise ReasonNeeded("复评得分与自评不同，要写明原因。")
    open_ = SecondReview.objects.filter(pk=one.pk, at__isnull=True)
    if open_.update(score=typed, reason=reason, by=by, at=timezone.now()) != 1:
        raise NotNow("这一项已经复评过，没有保存。")
    return SecondReview.objects.get(pk=one.pk)


def reviewers(organisation: Organisation) -> list[User]:
    """Who may be named to give second scores, by name. One query."""
    held = organisation.memberships.filter(role__in=REVIEWERS, user__is_active=True).select_related("user")
    return sorted((one.user for one in held), key=str)


# ---- what the page shows -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One drawn item. first: hidden until the second score stands, so that it is not followed. open: is to be given."""

    id: int
    entry_id: int
    name: str
    unit: str
    maximum: str
    claimed: str
    reason: str
    first: str
    second: str
    opinion: str
    by: str
    different: bool
    open: bool
    done: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One sample. total: items drawn; gap: what the two scores of all of them differ by."""

    sample: Sample
    total: int
    rows: tuple[Row, ...]
    counts: dict[str, int]
    gap: str


def page(sample: Sample, show: str, person: User) -> Page:
    """The sample's items in the order of units and ledger. One query."""
    drawn_ = sample.reviews.select_related("entry__indicator", "entry__unit", "by")
    rows = [_row(sample, one, person) for one in drawn_.order_by("entry__unit__lft", "entry__indicator__lft")]
    gaps = [abs((one.score or ZERO) - one.first_score) for one in drawn_ if one.at]
    shown = {"": rows, "waiting": [row for row in rows if not row.done]}
    shown["different"] = [row for row in rows if row.different]
    counts = {name: len(found) for name, found in shown.items()}
    return Page(sample, len(rows), tuple(shown.get(show, rows)), counts, figures.points(sum(gaps, ZERO)))


def samples(round_: Round) -> Sequence[Sample]:
    """The round's samples, the newest first. One query."""
    return list(Sample.objects.filter(round=round_).select_related("drawn_by", "reviewer", "round")[:20])


def _row(sample: Sample, one: SecondReview, person: User) -> Row:
    entry, done = one.entry, one.at is not None
    return Row(
        id=one.pk,
        entry_id=entry.pk,
        name=str(entry.indicator),
        unit=str(entry.unit or "未定牵头单位"),
        maximum=figures.points(entry.maximum),
        claimed=figures.points(entry.self_score, figures.NONE),
        reason=entry.self_reason,
        first=figures.points(one.first_score) if done else "",
        second=figures.points(one.score) if done else "",
        opinion=one.reason,
        by=str(one.by or ""),
        different=done and one.score != one.first_score,
        open=not done and sample.reviewer_id == person.pk and sample.round.phase in SECOND_PHASES,
        done=done,
    )
