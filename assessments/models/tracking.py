"""What a tracked round asks for beside each entry: measures by one day, a report of the result by another."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q

from assessments.models.entries import Entry, EntryStage
from assessments.models.rounds import ScoreSheet


class MatterState(models.TextChoices):
    """How far a matter is; the values are none of `EntryStage`, so both stand in one table of transitions."""

    UNPLANNED = "unplanned", "未报措施"
    PLANNED = "planned", "已报措施"
    PLAN_RETURNED = "plan-returned", "措施退回"
    REPORTED = "reported", "已报结果"
    REPORT_RETURNED = "report-returned", "结果退回"
    CLOSED = "closed", "已办结"


# the stage of the entry beside each state: evidence, notes and progress go by it as in every other round
STAGES: dict[str, EntryStage] = {
    MatterState.UNPLANNED: EntryStage.FILLING,
    MatterState.PLANNED: EntryStage.FILLING,
    MatterState.PLAN_RETURNED: EntryStage.RETURNED,
    MatterState.REPORTED: EntryStage.SUBMITTED,
    MatterState.REPORT_RETURNED: EntryStage.RETURNED,
    MatterState.CLOSED: EntryStage.ACCEPTED,
}
# what the unit still owes
OWES_MEASURES = (MatterState.UNPLANNED, MatterState.PLAN_RETURNED)
PAST_MEASURES = tuple(state for state in MatterState if state not in OWES_MEASURES)
OWES_RESULT = (MatterState.PLANNED, MatterState.REPORT_RETURNED)


class MatterQuerySet(models.QuerySet["Matter"]):
    """Sentences about tracked matters."""

    def owed(self) -> "MatterQuerySet":
        """Matters whose unit has something to hand in: measures or the result."""
        return self.filter(state__in=[*OWES_MEASURES, *OWES_RESULT])

    def overdue(self, today: date) -> "MatterQuerySet":
        """Matters of which something is owed whose day has ended."""
        return self.filter(overdue_on(today))


def overdue_on(today: date, at: str = "") -> Q:
    """What is owed next was due before this day; `at`: the way to the matter ("matter__")."""
    measures = Q(**{f"{at}state__in": OWES_MEASURES, f"{at}measures_due__lt": today})
    return measures | Q(**{f"{at}state__in": OWES_RESULT, f"{at}result_due__lt": today})


class Matter(models.Model):
    """督办事项: an entry of a tracked round, with its unit's measures (措施) and report of the result (落实情况).

    In the place of a score it is closed (办结) or not: its entry is worth 1 and has earned it once it is closed. It is
    written under its sheet's lock with its entry's version; every write is a row of the entry's history.
    """

    entry = models.OneToOneField(Entry, models.PROTECT, related_name="matter")
    # its entry's; the guards of a published round go by it
    sheet = models.ForeignKey(ScoreSheet, models.PROTECT, related_name="matters")
    state = models.CharField("状态", max_length=20, choices=MatterState, default=MatterState.UNPLANNED)
    # the last days on which each is in time; they end in Asia/Shanghai. None: no day was set
    measures_due = models.DateField("措施期限", null=True, blank=True)
    result_due = models.DateField("结果期限", null=True, blank=True)
    measures = models.TextField("措施", blank=True)
    measures_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    measures_at = models.DateTimeField("报措施时间", null=True)
    result = models.TextField("落实情况", blank=True)
    result_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    result_at = models.DateTimeField("报结果时间", null=True)
    # why it came back, or what was said when it was closed
    remark = models.TextField("办理意见", blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField("办理时间", null=True)

    objects = MatterQuerySet.as_manager()

    class Meta:
        verbose_name = "督办事项"
        verbose_name_plural = "督办事项"
        ordering = ["entry_id"]
        constraints = [
            # a report without words is no report
            models.CheckConstraint(condition=~Q(state="planned") | ~Q(measures=""), name="matter_planned_has_measures"),
            models.CheckConstraint(condition=~Q(state="reported") | ~Q(result=""), name="matter_reported_has_result"),
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(decided_at__isnull=False), name="matter_closed_has_time"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["plan-returned", "report-returned"]) | ~Q(remark=""),
                name="matter_returned_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry} {self.get_state_display()}"
