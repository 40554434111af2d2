"""What befell a sheet's total (加扣分登记、单项否决): how often, and why. The arithmetic is `scoring`'s."""

from django.db import transaction
from django.utils import timezone

from assessments import history
from assessments.models import Phase, Round, RoundAdjustment, ScoreSheet
from assessments.refusals import NotNow, ReasonNeeded
from indicators.models import Adjustment, AdjustmentKind
from units import audit
from units.models import User

OPEN = (Phase.SELF_ASSESSMENT, Phase.REVIEW, Phase.OBJECTION)
MOST_TIMES = 1000


@transaction.atomic
def register_adjustment(
    sheet: ScoreSheet, adjustment: Adjustment, times: int, reason: str, *, by: User | None
) -> RoundAdjustment:
    """How often the adjustment befell the sheet, in place of what was registered before; 0 takes it back.

    Raises NotNow when the round is not open, the adjustment is another ledger's or has no points, and ReasonNeeded.
    """
    sheet = ScoreSheet.objects.select_for_update().get(pk=sheet.pk)
    round_ = Round.objects.select_related("organisation").get(pk=sheet.round_id)
    if round_.phase not in OPEN:
        raise NotNow(f"本轮次在“{round_.get_phase_display()}”阶段，不能登记加扣分。")
    if adjustment.ledger_id != round_.ledger_id:
        raise NotNow("这个加扣分项不属于本轮次的台账。")
    if adjustment.points is None and adjustment.kind != AdjustmentKind.VETO:
        raise NotNow("这个加扣分项没有分值，先在台账里补上。")
    if not 0 <= times <= MOST_TIMES:
        raise NotNow(f"次数要在 0 到 {MOST_TIMES} 之间。")
    reason = reason.replace("\x00", "").strip()
    if times and not reason:
        raise ReasonNeeded("登记加扣分要写明事由。")
    now = timezone.now()
    made, _ = RoundAdjustment.objects.update_or_create(
        sheet=sheet,
        adjustment=adjustment,
        defaults={"times": times, "reason": reason, "entered_by": by, "entered_at": now},
    )
    history.make_stale([sheet], now)
    audit.record(
        organisation=round_.organisation,
        actor=by,
        action="登记加扣分",
        target=f"{sheet.unit} {adjustment.text}"[:300],
        detail={"times": times, "reason": reason},
    )
    return made
