"""A round of assessment, the bodies it assesses, and its windows."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from indicators.models import Adjustment, Ledger
from indicators.models.tree import POINTS
from units.models import Job, Organisation, Unit


class Shape(models.TextChoices):
    """Who is assessed, and with what."""

    ALLOCATED = "allocated", "分工制"
    PER_UNIT = "per-unit", "对标制"
    TRACKED = "tracked", "督办制"


class Phase(models.TextChoices):
    """Where a round stands; from `published` on nothing in it changes."""

    PREPARING = "preparing", "准备"
    SELF_ASSESSMENT = "self-assessment", "自评"
    REVIEW = "review", "审核"
    OBJECTION = "objection", "申诉"
    PUBLISHED = "published", "已公布"
    ARCHIVED = "archived", "已归档"


SEALED = (Phase.PUBLISHED, Phase.ARCHIVED)

# Rates of a hundred. Ten places keep what is displayed, ranked and banded the same as unrounded; SQLite holds no more.
RATE: dict[str, Any] = {"max_digits": 16, "decimal_places": 10}


class RoundQuerySet(models.QuerySet["Round"]):
    """Sentences about rounds."""

    def unsealed(self) -> "RoundQuerySet":
        """Rounds in which something may still change."""
        return self.exclude(phase__in=SEALED)

    def visible(self) -> "RoundQuerySet":
        """Rounds that units and leadership may see: those that have been opened."""
        return self.exclude(phase=Phase.PREPARING)


class Round(models.Model):
    """考核轮次: one assessment of one ledger version over a period. The ledger is frozen while a round stands on it."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="rounds")
    ledger = models.ForeignKey(Ledger, models.PROTECT, related_name="rounds")
    name = models.CharField("名称", max_length=200)
    shape = models.CharField("形式", max_length=10, choices=Shape)
    phase = models.CharField("阶段", max_length=20, choices=Phase, default=Phase.PREPARING)
    # assessments.scoring.policy.Policy.as_json()
    policy = models.JSONField("计分办法", default=dict)
    # 单位负责人签审: what a filler presents is handed in only with the signature of the unit's head
    sign_off = models.BooleanField("须单位负责人签审", default=False)
    # the last day of each window; it ends with that day in Asia/Shanghai
    self_due = models.DateField("自评截止", null=True, blank=True)
    review_due = models.DateField("审核截止", null=True, blank=True)
    objection_due = models.DateField("申诉截止", null=True, blank=True)
    # 督办制: the year in which the ledger's own days (7月30日前) fall; without it the two last days above hold for all
    days_year = models.PositiveSmallIntegerField("台账时限年度", null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    # the work in the background that opens it, while it is being prepared
    opening = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+", verbose_name="开启任务")
    # last year's round that it carries on
    copied_from = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", verbose_name="沿用的轮次")
    opened_at = models.DateTimeField("开启时间", null=True)
    published_at = models.DateTimeField("公布时间", null=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    engine = models.CharField("计分程序版本", max_length=10, blank=True)
    # what was sealed at publishing, and the SHA-256 over it
    snapshot = models.JSONField("公布时的结果", null=True)
    seal = models.CharField("校验值", max_length=64, blank=True)

    objects = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = "考核轮次"
        verbose_name_plural = "考核轮次"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="round_named_once"),
            models.CheckConstraint(
                condition=~Q(phase__in=["published", "archived"])
                | (Q(published_at__isnull=False, snapshot__isnull=False) & ~Q(seal="")),
                name="round_published_is_sealed",
            ),
            models.CheckConstraint(
                condition=Q(phase="preparing") | Q(opened_at__isnull=False), name="round_opened_has_time"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_sealed(self) -> bool:
        """Published results do not change any more."""
        return self.phase in SEALED

    @property
    def is_tracked(self) -> bool:
        """督办制: measures, results and completion in the place of scores."""
        return self.shape == Shape.TRACKED

    def get_phase_display(self) -> str:  # type: ignore[no-redef]  # Django keeps one that is defined
        """The phase in words; where matters are tracked, nobody assesses himself (自评): they are at work (办理)."""
        return self.phase_words(self.phase)

    def phase_words(self, phase: str) -> str:
        """Any phase as this round calls it."""
        return "办理" if self.is_tracked and phase == Phase.SELF_ASSESSMENT else str(Phase(phase).label)


class ScoreSheet(models.Model):
    """评分表: one assessed body's scores in one round (分工制: the organisation's root unit).

    Its row is locked before an entry of it is written. The sums are stored copies: `stale_since` says that an entry
    has changed since they were made.
    """

    round = models.ForeignKey(Round, models.CASCADE, related_name="sheets")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="sheets", verbose_name="被考核单位")
    earned = models.DecimalField("得分", default=0, **POINTS)
    possible = models.DecimalField("已评满分", default=0, **POINTS)
    strict_possible = models.DecimalField("全部满分", default=0, **POINTS)
    pending = models.PositiveIntegerField("未评项数", default=0)
    # after veto, deductions, gate, bonuses and ceiling
    total = models.DecimalField("总分", default=0, **POINTS)
    # earned of what has been scored, earned of everything; null where there is nothing to divide by
    so_far_rate = models.DecimalField("已评得分率", null=True, **RATE)
    strict_rate = models.DecimalField("全量得分率", null=True, **RATE)
    # the total of the sheet's full points; band and rank go by it
    total_rate = models.DecimalField("总分得分率", null=True, **RATE)
    band = models.CharField("等次", max_length=20, blank=True)
    rank = models.PositiveIntegerField("名次", null=True)
    stale_since = models.DateTimeField("待汇总", null=True)
    rolled_up_at = models.DateTimeField("汇总时间", null=True)
    # the digest of the last row of the sheet's history; assessments.chain
    chain = models.CharField("得分记录校验值", max_length=64, blank=True)

    class Meta:
        verbose_name = "评分表"
        verbose_name_plural = "评分表"
        ordering = ["round_id", "id"]
        indexes = [models.Index(fields=["stale_since"], condition=Q(stale_since__isnull=False), name="sheet_stale")]
        constraints = [
            models.UniqueConstraint(fields=["round", "unit"], name="sheet_once_per_unit"),
            models.CheckConstraint(condition=Q(earned__gte=0, total__gte=0), name="sheet_totals_not_negative"),
            models.CheckConstraint(
                condition=Q(possible__lte=models.F("strict_possible")), name="sheet_scored_within_full"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.round}"


class RoundAdjustment(models.Model):
    """加扣分记录: how often one adjustment of the ledger befell one sheet, and why."""

    sheet = models.ForeignKey(ScoreSheet, models.CASCADE, related_name="adjustments")
    adjustment = models.ForeignKey(Adjustment, models.PROTECT, related_name="+")
    times = models.PositiveSmallIntegerField("次数", default=0)
    reason = models.TextField("事由", blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    entered_at = models.DateTimeField("登记时间", null=True)

    class Meta:
        verbose_name = "加扣分记录"
        verbose_name_plural = "加扣分记录"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "adjustment"], name="round_adjustment_once"),
            models.CheckConstraint(condition=Q(times=0) | ~Q(reason=""), name="round_adjustment_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.adjustment} × {self.times}"


class LateException(models.Model):
    """延期: one unit may still hand in after the round's last day."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="late_exceptions")
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+")
    phase = models.CharField("阶段", max_length=20, choices=Phase)
    until = models.DateField("延至")
    reason = models.CharField("原因", max_length=300)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    granted_at = models.DateTimeField("批准时间", auto_now_add=True)

    class Meta:
        verbose_name = "延期"
        verbose_name_plural = "延期"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["round", "unit", "phase"], name="late_exception_once"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} 延至 {self.until}"
