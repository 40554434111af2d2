"""When the office reminded a unit, so that nobody is reminded twice a day."""

from django.conf import settings
from django.db import models

from assessments.models.rounds import Round
from units.models import Unit


class Reminder(models.Model):
    """催办: the office reminded one unit of what it has not handed in; once a day at most."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="reminders")
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+", verbose_name="单位")
    # the day in Asia/Shanghai
    day = models.DateField("日期")
    left = models.PositiveIntegerField("当时未提交")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="经办人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "催办"
        verbose_name_plural = "催办"
        ordering = ["-id"]
        constraints = [
            # two people of the office, or a second click
            models.UniqueConstraint(fields=["round", "unit", "day"], name="reminder_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.day}"
