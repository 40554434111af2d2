"""The signature of a unit's head under what the unit hands in."""

from django.conf import settings
from django.db import models

from assessments.models.rounds import Round
from units.models import Unit


class SignOff(models.Model):
    """签审: the head of a unit signed what its filler presented. It stays; what comes back is signed anew.

    `items` holds a digest of each signed entry's own words, `digest` one over all of them: an entry that reads
    otherwise today was changed after the signature.
    """

    round = models.ForeignKey(Round, models.CASCADE, related_name="sign_offs")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="签审人")
    at = models.DateTimeField("签审时间")
    count = models.PositiveIntegerField("项数")
    # entry's id as text → digest
    items = models.JSONField("各项校验值", default=dict)
    digest = models.CharField("校验值", max_length=64)
    # one per click: the same click again is the same signature
    key = models.CharField("提交标识", max_length=64)

    class Meta:
        verbose_name = "签审"
        verbose_name_plural = "签审"
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["round", "unit", "key"], name="sign_off_key_once")]

    def __str__(self) -> str:
        return f"{self.unit} {self.by} {self.count} 项"
