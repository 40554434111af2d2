"""What follows a reviewed score: the unit's objection, and putting a lost point right."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q

from assessments.models.entries import Entry
from indicators.models.tree import POINTS


class ObjectionState(models.TextChoices):
    """An objection is answered once."""

    FILED = "filed", "待答复"
    UPHELD = "upheld", "同意"
    REFUSED = "refused", "不同意"


class ObjectionQuerySet(models.QuerySet["Objection"]):
    """Sentences about objections."""

    def waiting(self) -> "ObjectionQuerySet":
        """Objections the office has to answer."""
        return self.filter(state=ObjectionState.FILED)


class Objection(models.Model):
    """申诉、复核: a unit's answer to a reviewed score, and the office's answer to it.

    It is never withdrawn: what was said and answered stays. `score_before` counted when it was filed; `score` is what
    the office gave instead.
    """

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="objections")
    state = models.CharField("状态", max_length=10, choices=ObjectionState, default=ObjectionState.FILED)
    reason = models.TextField("申诉理由")
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    filed_at = models.DateTimeField("申诉时间", auto_now_add=True)
    score_before = models.DecimalField("申诉前得分", null=True, **POINTS)
    score = models.DecimalField("复核得分", null=True, **POINTS)
    answer = models.TextField("答复", blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField("答复时间", null=True)

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = "申诉"
        verbose_name_plural = "申诉"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["entry"], condition=Q(state="filed"), name="objection_one_open_per_entry"),
            models.CheckConstraint(
                condition=Q(state="filed") | (Q(answered_at__isnull=False) & ~Q(answer="")),
                name="objection_answer_has_words",
            ),
            # a refused objection leaves the scores as they are
            models.CheckConstraint(
                condition=Q(state="upheld", score__isnull=False) | (~Q(state="upheld") & Q(score__isnull=True)),
                name="objection_upheld_has_score",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry} {self.get_state_display()}"


class RectificationState(models.TextChoices):
    """整改: from order to closing; a failed recheck opens it again."""

    ORDERED = "ordered", "待整改"
    ANSWERED = "answered", "待复查"
    CLOSED = "closed", "已销号"
    REOPENED = "reopened", "重新整改"


OPEN_ORDERS = (RectificationState.ORDERED, RectificationState.REOPENED)


class RectificationQuerySet(models.QuerySet["Rectification"]):
    """Sentences about orders to put right."""

    def owed(self) -> "RectificationQuerySet":
        """Orders the unit has to answer."""
        return self.filter(state__in=OPEN_ORDERS)

    def answered(self) -> "RectificationQuerySet":
        """Orders the office has to recheck."""
        return self.filter(state=RectificationState.ANSWERED)

    def overdue(self, today: date) -> "RectificationQuerySet":
        """Orders the unit has not answered, whose day has ended."""
        return self.owed().filter(due__lt=today)


class Rectification(models.Model):
    """整改: a lost point that has to be put right, with measure, deadline and recheck.

    Its history are rows of its entry's, also after publishing. `restored` is the score a recheck gave, where the
    round's policy restores points.
    """

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="rectifications")
    state = models.CharField("状态", max_length=10, choices=RectificationState, default=RectificationState.ORDERED)
    problem = models.TextField("问题")
    measure = models.TextField("整改措施", blank=True)
    due = models.DateField("整改期限", null=True, blank=True)
    answer = models.TextField("整改情况", blank=True)
    url = models.URLField("整改网址", max_length=1000, blank=True)
    ordered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ordered_at = models.DateTimeField("提出时间", auto_now_add=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField("整改时间", null=True)
    # what the recheck said: why it was closed, or why not
    remark = models.TextField("复查意见", blank=True)
    rechecked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    rechecked_at = models.DateTimeField("复查时间", null=True)
    restored = models.DecimalField("整改后得分", null=True, **POINTS)
    # grows with every write; a form with an older one is told what changed meanwhile
    version = models.PositiveIntegerField("版本", default=0)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField("销号时间", null=True)

    objects = RectificationQuerySet.as_manager()

    class Meta:
        verbose_name = "整改"
        verbose_name_plural = "整改"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(closed_at__isnull=False),
                name="rectification_closed_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="answered") | ~Q(answer=""), name="rectification_answered_has_words"
            ),
            models.CheckConstraint(
                condition=~Q(state="reopened") | ~Q(remark=""), name="rectification_reopened_has_reason"
            ),
            # two clicks, or two colleagues, order one point once
            models.UniqueConstraint(
                fields=["entry"], condition=~Q(state="closed"), name="rectification_one_open_per_entry"
            ),
        ]

    def __str__(self) -> str:
        return self.problem
