"""A round out of the scores that stand in a ledger's own file: one sheet, handed in, waiting to be reviewed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from assessments import history, opening
from assessments.history import Act
from assessments.models import Entry, EntryStage, EntryState, Phase, Round, ScoreSheet, Shape
from assessments.refusals import NotNow
from assessments.scoring.amounts import display_points, plain
from assessments.scoring.policy import Policy
from assessments.transitions import Action
from indicators import versions
from indicators.importing import drafted, is_scored
from indicators.models import Indicator, Ledger
from indicators.reading.drafts import NodeDraft
from units import audit
from units.models import Unit, User

ENDING = "（表内得分）"
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class _Score:
    """What the file says of one item: a score, perhaps over several items, and why points were lost."""

    score: Decimal | None
    reason: str
    covers: tuple[int, ...]


@transaction.atomic
def from_scores(ledger: Ledger, *, unit: Unit | None = None, by: User | None) -> Round:
    """A per-unit round in review, one sheet for `unit` (the organisation itself), the file's scores handed in.

    Asked again, the same round. A score above its points stays out, and the entry says so. Constant queries.
    Raises NotNow for a ledger whose file holds no scores.
    """
    ledger = Ledger.objects.select_for_update(of=("self",)).select_related("organisation", "upload").get(pk=ledger.pk)
    before = ledger.rounds.filter(shape=Shape.PER_UNIT, name__endswith=ENDING).first()
    if before is not None:
        return before
    scores = _scores(ledger)
    if not scores:
        raise NotNow("这份台账的文件里没有得分，不能生成轮次。")
    versions.publish(ledger, by=by)
    now = timezone.now()
    round_ = Round.objects.create(
        organisation=ledger.organisation,
        ledger=ledger,
        name=_name(ledger),
        shape=Shape.PER_UNIT,
        phase=Phase.REVIEW,
        policy=Policy().as_json(),
        created_by=by,
        opened_at=now,
    )
    assessed = unit or ledger.organisation.units.get(parent__isnull=True)
    sheet = ScoreSheet.objects.create(round=round_, unit=assessed)
    _fill(sheet, ledger, scores, Act(Action.IMPORT, by, now, source="import"))
    history.make_stale([sheet], now)
    audit.record(organisation=ledger.organisation, actor=by, action="由表内得分生成考核轮次", target=round_.name)
    return round_


def _name(ledger: Ledger) -> str:
    base = ledger.title[: LONGEST_NAME - len(ENDING) - 20]
    if not ledger.organisation.rounds.filter(name=base + ENDING).exists():
        return base + ENDING
    return f"{base} {ledger.pk}{ENDING}"


def _scores(ledger: Ledger) -> dict[int, _Score]:
    """Indicator → what the file says of it; of a shared score only at the item it stands on."""
    found = drafted(ledger)
    if found is None:
        return {}
    draft, indicators = found
    if not is_scored(draft):
        return {}
    return {
        indicators[node.id]: _Score(node.score, node.deduction_reason or "", _covers(node, indicators))
        for node in draft.nodes
        if node.is_item and node.id in indicators
    }


def _covers(node: NodeDraft, indicators: Mapping[int, int]) -> tuple[int, ...]:
    others = (other for other in node.score_shared_with if other != node.id)
    return tuple(indicators[other] for other in others if other in indicators) if node.score is not None else ()


def _fill(sheet: ScoreSheet, ledger: Ledger, scores: Mapping[int, _Score], done: Act) -> None:
    """The sheet's entries: homes and single items first, then the items that share a home's score."""
    items = dict(Indicator.objects.filter(ledger=ledger).items().values_list("pk", "points"))
    made = {item: opening.entry_of(sheet, item, points, sheet.unit_id) for item, points in items.items()}
    homes = {other: item for item, one in scores.items() for other in one.covers if other in made}
    for item, home in homes.items():
        made[home].maximum += made[item].points
    for item, entry in made.items():
        if item in scores and item not in homes:
            _hand_in(entry, scores[item], done)
    Entry.objects.bulk_create([entry for item, entry in made.items() if item not in homes])
    for item, home in homes.items():
        _share(made[item], made[home])
    Entry.objects.bulk_create([made[item] for item in homes])
    history.write_rows([sheet], _rows(made.values(), done))


def _hand_in(entry: Entry, one: _Score, done: Act) -> None:
    entry.self_reason = one.reason
    if one.score is None:
        return
    if not 0 <= one.score <= entry.maximum:
        told = f"表内得分 {display_points(one.score)} 超出满分 {display_points(entry.maximum)}，没有计入。"
        entry.self_reason = f"{told}{one.reason}"
        return
    entry.self_score = entry.earned = one.score
    entry.state, entry.stage = EntryState.SCORED, EntryStage.SUBMITTED
    _signed(entry, done.by, done.at)


def _share(entry: Entry, home: Entry) -> None:
    entry.shared_home = home
    entry.state, entry.stage = home.state, home.stage
    entry.submitted_at = home.submitted_at


def _signed(entry: Entry, by: User | None, at: datetime) -> None:
    entry.self_by, entry.self_at, entry.submitted_at = by, at, at


def _rows(entries: Iterable[Entry], done: Act) -> list[tuple[Entry, dict[str, object], Act]]:
    """One history row for each score that came with the file."""
    return [
        (entry, {"self_score": [None, plain(entry.self_score)], "stage": [None, entry.stage]}, done)
        for entry in entries
        if entry.self_score is not None
    ]
