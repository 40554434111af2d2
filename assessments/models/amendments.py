"""What is said about a score after it was sealed; the sealed row itself never changes."""

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q

from assessments.models.entries import Entry, ScoreEvent
from indicators.models.tree import POINTS


class AmendmentCode(models.TextChoices):
    """Why a published score is corrected."""

    ERROR = "error", "差错"
    RULE_CHANGE = "rule-change", "规则变更"
    OBJECTION = "objection", "申诉"
    RECTIFICATION = "rectification", "整改"


class ScoreAmendmentQuerySet(models.QuerySet["ScoreAmendment"]):
    """Sentences about amendments."""

    def in_force(self) -> "ScoreAmendmentQuerySet":
        """The last one of each entry: it counts."""
        later = ScoreAmendment.objects.filter(entry=OuterRef("entry"), number__gt=OuterRef("number"))
        return self.filter(~models.Exists(later))


class ScoreAmendment(models.Model):
    """更正: a correction of one entry of a published round, shown beside the sealed score. Append-only.

    Each stands on a row of the history (`event`), and so in the sheet's chain. `score` is null where the item turned
    out not to apply (不涉及). The second amendment of an entry replaces the first, which stays.
    """

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="amendments")
    # 1, 2, … for each entry
    number = models.PositiveSmallIntegerField("序号")
    sealed_score = models.DecimalField("公布得分", null=True, **POINTS)
    score = models.DecimalField("更正后得分", null=True, **POINTS)
    maximum = models.DecimalField("最高得分", **POINTS)
    code = models.CharField("更正类别", max_length=15, choices=AmendmentCode)
    reason = models.TextField("更正原因")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="经办人")
    at = models.DateTimeField("时间")
    event = models.OneToOneField(ScoreEvent, models.PROTECT, related_name="amendment")

    objects = ScoreAmendmentQuerySet.as_manager()

    class Meta:
        verbose_name = "更正"
        verbose_name_plural = "更正"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "number"], name="score_amendment_numbered_once"),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=0, score__lte=F("maximum")),
                name="score_amendment_within_points",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="score_amendment_has_reason"),
            models.CheckConstraint(condition=Q(code__in=AmendmentCode.values), name="score_amendment_code_known"),
        ]

    def __str__(self) -> str:
        return f"{self.entry} {self.get_code_display()}"
