"""Stored sums of the indicators above the items; made by assessments.rollup alone."""

from django.db import models
from django.db.models import F, Q

from assessments.models.rounds import ScoreSheet
from indicators.models import Indicator
from indicators.models.tree import POINTS


class NodeState(models.TextChoices):
    """What a sum covers."""

    UNSCORED = "unscored", "未评分"
    PARTIAL = "partial", "部分评分"
    SCORED = "scored", "已评分"
    NOT_APPLICABLE = "not_applicable", "不涉及"
    SHARED = "shared", "合并计分"


class NodeScore(models.Model):
    """One indicator's sum on one sheet: so far (earned of possible) and strict (earned of strict_possible)."""

    # "once" begins with it
    sheet = models.ForeignKey(ScoreSheet, models.CASCADE, related_name="node_scores", db_index=False)
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    earned = models.DecimalField("得分", **POINTS)
    possible = models.DecimalField("已评满分", **POINTS)
    strict_possible = models.DecimalField("全部满分", **POINTS)
    pending = models.PositiveIntegerField("未评项数")
    state = models.CharField("状态", max_length=20, choices=NodeState)

    class Meta:
        verbose_name = "指标得分"
        verbose_name_plural = "指标得分"
        ordering = ["sheet_id", "indicator_id"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "indicator"], name="node_score_once"),
            models.CheckConstraint(
                condition=Q(earned__gte=0, earned__lte=F("possible")), name="node_score_within_possible"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.earned}/{self.possible}"
