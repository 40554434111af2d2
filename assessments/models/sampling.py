"""A second look at what was reviewed: which items were drawn, and what the second reviewer gave."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from assessments.models.entries import Entry
from assessments.models.rounds import Phase, Round
from indicators.models.tree import POINTS
from units.models import User

# while second scores are taken
SECOND_PHASES = (Phase.REVIEW, Phase.OBJECTION)


class Sample(models.Model):
    """抽查: items of each unit drawn for a second reviewer. The same seed over the same items draws the same."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="samples")
    percent = models.PositiveSmallIntegerField("比例")
    seed = models.CharField("随机种子", max_length=32)
    # the one person who gives the second scores, and does not see the first ones before; the office names it
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="复评人"
    )
    drawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="抽取人")
    at = models.DateTimeField("抽取时间")

    class Meta:
        verbose_name = "抽查"
        verbose_name_plural = "抽查"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(percent__gte=1, percent__lte=100), name="sample_percent_in_range"),
            # a second click draws nothing new
            models.UniqueConstraint(fields=["round", "seed"], name="sample_seed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.round} {self.percent}%"


class SecondReviewQuerySet(models.QuerySet["SecondReview"]):
    """Sentences about second scores."""

    def owed_by(self, person: User) -> "SecondReviewQuerySet":
        """Those the person has still to give: their first scores, and every sum those are in, are not for it to see."""
        return self.filter(sample__reviewer=person, at__isnull=True, sample__round__phase__in=SECOND_PHASES)


class SecondReview(models.Model):
    """复评: one drawn item with the second reviewer's score, kept beside the first and changing nothing by itself."""

    sample = models.ForeignKey(Sample, models.CASCADE, related_name="reviews")
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="second_reviews")
    # what the first reviewer had given when it was drawn
    first_score = models.DecimalField("审核得分", **POINTS)
    score = models.DecimalField("复评得分", null=True, **POINTS)
    reason = models.TextField("复评意见", blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="复评人")
    at = models.DateTimeField("复评时间", null=True)

    objects = SecondReviewQuerySet.as_manager()

    class Meta:
        verbose_name = "复评"
        verbose_name_plural = "复评"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["sample", "entry"], name="second_review_once"),
            models.CheckConstraint(
                condition=Q(at__isnull=True, score__isnull=True) | Q(at__isnull=False, score__isnull=False),
                name="second_review_done_has_score",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry} 复评"
