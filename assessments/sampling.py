"""抽查复评: the office draws reviewed items of every unit by a stored seed, and another reviewer scores them again.

A second score stands beside the first and changes nothing: where they differ, the office decides at the review desk.
"""

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from assessments import figures, rights
from assessments.models import Entry, EntryStage, Phase, Round, Sample, SecondReview
from assessments.refusals import NotNow, ReasonNeeded
from assessments.scoring.amounts import ZERO
from assessments.scoring.points import parse_score
from units import audit
from units.models import Role, User

PHASES = (Phase.REVIEW, Phase.OBJECTION)
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
def draw(round_: Round, percent: int, *, by: User, seed: str = "") -> Sample:
    """The sample, its items drawn by unit from what was reviewed with a score. The same seed again is the same sample.

    Raises NotNow for anybody but the office, out of phase, and where nothing was reviewed.
    """
    round_ = Round.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=round_.pk)
    if rights.held_by(by, round_).role != Role.OFFICE:
        raise NotNow("只有政务公开办公室可以抽取。")
    if round_.phase not in PHASES:
        raise NotNow(f"“{Phase(round_.phase).label}”阶段不能抽查。")
    if not 1 <= percent <= 100:
        raise NotNow("抽查比例填 1 到 100 的整数。")
    seed = seed or secrets.token_hex(8)
    before = Sample.objects.filter(round=round_, seed=seed).first()
    if before is not None:
        return before
    mine = Entry.objects.filter(sheet__round=round_, stage=EntryStage.ACCEPTED, reviewed_score__isnull=False)
    scores = {pk: (unit, score) for pk, unit, score in mine.values_list("pk", "unit", "reviewed_score")}
    by_unit: dict[int | None, list[int]] = defaultdict(list)
    for pk, (unit, _) in scores.items():
        by_unit[unit].append(pk)
    chosen = [pk for ids in by_unit.values() for pk in drawn(ids, seed, percent)]
    if not chosen:
        raise NotNow("还没有审核过的项，不能抽查。")
    sample = Sample.objects.create(round=round_, percent=percent, seed=seed, drawn_by=by, at=timezone.now())
    SecondReview.objects.bulk_create(
        (SecondReview(sample=sample, entry_id=pk, first_score=scores[pk][1] or ZERO) for pk in chosen), batch_size=500
    )
    detail = {"percent": percent, "seed": seed, "items": len(chosen)}
    audit.record(organisation=round_.organisation, actor=by, action="抽查复评", target=round_.name, detail=detail)
    return sample


@transaction.atomic
def score(one: SecondReview, score_text: str, reason: str, *, by: User) -> SecondReview:
    """The drawn item with its second score. The first reviewer does not give it, and it is given once.

    Raises BadScore, ReasonNeeded (another score than the first) and NotNow.
    """
    reason = rights.words(reason)
    one = SecondReview.objects.select_related("sample__round", "entry").get(pk=one.pk)
    if rights.held_by(by, one.sample.round).role not in REVIEWERS or one.sample.round.phase not in PHASES:
        raise NotNow("现在不能复评。")
    if one.entry.reviewed_by_id == by.pk:
        raise NotNow("这一项由您审核，要由另一位评审员复评。")
    typed = parse_score(score_text, one.entry.maximum, "复评得分")
    if typed != one.first_score and not reason:
        raise ReasonNeeded("复评得分与审核不同，要写明原因。")
    open_ = SecondReview.objects.filter(pk=one.pk, at__isnull=True)
    if open_.update(score=typed, reason=reason, by=by, at=timezone.now()) != 1:
        raise NotNow("这一项已经复评过，没有保存。")
    return SecondReview.objects.get(pk=one.pk)


# ---- what the page shows -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One drawn item. first: hidden until the second score stands, so that it is not followed."""

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
    mine: bool
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
    rows = [_row(one, person) for one in drawn_.order_by("entry__unit__lft", "entry__indicator__lft")]
    gaps = [abs((one.score or ZERO) - one.first_score) for one in drawn_ if one.at]
    shown = {"": rows, "waiting": [row for row in rows if not row.done]}
    shown["different"] = [row for row in rows if row.different]
    counts = {name: len(found) for name, found in shown.items()}
    return Page(sample, len(rows), tuple(shown.get(show, rows)), counts, figures.points(sum(gaps, ZERO)))


def samples(round_: Round) -> Sequence[Sample]:
    """The round's samples, the newest first. One query."""
    return list(Sample.objects.filter(round=round_).select_related("drawn_by")[:20])


def _row(one: SecondReview, person: User) -> Row:
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
        mine=entry.reviewed_by_id == person.pk,
        done=done,
    )
