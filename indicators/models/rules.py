"""How points are lost or earned, as data, beside the words they were read from."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from indicators import terms
from indicators.models.ledgers import Ledger
from indicators.models.tree import POINTS, Indicator


class RuleKind(models.TextChoices):
    """评分细则."""

    CHECKLIST = "checklist", "逐点得分"
    PER_OCCURRENCE = "per_occurrence", "按次扣分"
    TIERS = "tiers", "分档"
    ALL_OR_NOTHING = "all_or_nothing", "不达标不得分"
    RATE = "rate", "按比例"
    MANUAL = "manual", "人工评分"


class ScoringRuleQuerySet(models.QuerySet["ScoringRule"]):
    """Sentences about scoring rules."""

    def proposed(self) -> "ScoringRuleQuerySet":
        """Nobody has decided about them (待确认)."""
        return self.filter(accepted_at__isnull=True, refused_at__isnull=True)

    def accepted(self) -> "ScoringRuleQuerySet":
        """The rules that compute."""
        return self.filter(accepted_at__isnull=False)

    def outdated(self) -> "ScoringRuleQuerySet":
        """Accepted rules whose words no longer stand in the item (原文已改)."""
        return self.accepted().filter(source_gone=True)

    def of_living(self) -> "ScoringRuleQuerySet":
        """Rules of items that are not retired, in the ledger's order."""
        living = self.filter(indicator__is_item=True, indicator__retired_at__isnull=True)
        return living.order_by("indicator__tree_id", "indicator__lft", "pk")


class ScoringRule(models.Model):
    """评分细则: a proposal read from the text until a person accepts or refuses it; only an accepted one computes."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="rules")
    kind = models.CharField("类型", max_length=20, choices=RuleKind)
    source = models.TextField("原文", blank=True)
    # decimals as strings: {"deduct": "0.1", "cap": "2"}
    parameters = models.JSONField("参数", default=dict)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    accepted_at = models.DateTimeField("确认时间", null=True, blank=True)
    refused_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    refused_at = models.DateTimeField("不采用时间", null=True, blank=True)
    # the item says something else now; whether the rule still holds is for a person to say
    source_gone = models.BooleanField("原文已改", default=False)

    objects = ScoringRuleQuerySet.as_manager()

    class Meta:
        verbose_name = "评分细则"
        verbose_name_plural = "评分细则"
        ordering = ["id"]
        constraints = [
            # a rule nobody accepted never computes a score
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="rule_accepted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(refused_at__isnull=True, refused_by__isnull=True)
                | Q(refused_at__isnull=False, refused_by__isnull=False, accepted_at__isnull=True),
                name="rule_refused_or_accepted",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def words(self) -> str:
        """The kind and the terms, as amendments and pages say them; of a rule without `terms.faults`."""
        label, said = str(RuleKind(self.kind).label), terms.words(self.kind, self.parameters)
        return label if said == label else f"{label}：{said}"


class AdjustmentKind(models.TextChoices):
    """On the total, never on an item."""

    BONUS = "bonus", "加分项"
    PENALTY = "penalty", "扣分项"
    VETO = "veto", "单项否决"


class Adjustment(models.Model):
    """加分项、扣分项、单项否决: a rule on the total; a penalty's points are negative, a bonus's positive."""

    ledger = models.ForeignKey(Ledger, models.CASCADE, related_name="adjustments")
    text = models.TextField("内容")
    kind = models.CharField("类型", max_length=10, choices=AdjustmentKind)
    points = models.DecimalField("分值", null=True, blank=True, **POINTS)
    cap = models.DecimalField("上限", null=True, blank=True, **POINTS)

    class Meta:
        verbose_name = "加扣分项"
        verbose_name_plural = "加扣分项"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(points__isnull=True)
                | Q(kind="bonus", points__gte=0)
                | Q(kind="penalty", points__lte=0)
                | Q(kind="veto"),
                name="adjustment_sign_matches_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.text
