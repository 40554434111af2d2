"""Which indicators of two ledgers a person said are the same; the reckoning of likeness stands elsewhere."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from indicators.models.tree import Indicator


class PairAnswer(models.Model):
    """对照确认: whether an indicator of one ledger is that one of another, as a person said where it was doubtful."""

    old = models.ForeignKey(Indicator, models.CASCADE, related_name="+", verbose_name="原指标")
    new = models.ForeignKey(Indicator, models.CASCADE, related_name="+", verbose_name="新指标")
    same = models.BooleanField("是同一项")
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField("确认时间", auto_now=True)

    class Meta:
        verbose_name = "对照确认"
        verbose_name_plural = "对照确认"
        ordering = ["id"]
        constraints = [
            # two clicks are one answer
            models.UniqueConstraint(fields=["old", "new"], name="pair_answered_once"),
            models.CheckConstraint(condition=~Q(old=F("new")), name="pair_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.old} {'＝' if self.same else '≠'} {self.new}"
