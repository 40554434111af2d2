"""The scoring program's own corrections of published results."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from assessments.models.amendments import AmendmentCode
from assessments.models.rounds import Round


class EngineChange(models.Model):
    """计分程序更正: a later version of the scoring program gives a round other totals, and they were accepted.

    The sealed numbers stay beside them. Append-only; its code is always 规则变更.
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="engine_changes")
    sealed_engine = models.CharField("公布时的计分程序版本", max_length=10)
    engine = models.CharField("计分程序版本", max_length=10)
    code = models.CharField("更正类别", max_length=15, default=AmendmentCode.RULE_CHANGE, editable=False)
    reason = models.TextField("原因")
    # sheet → [published total, accepted total], exact strings
    changes = models.JSONField("变动", default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = "计分程序更正"
        verbose_name_plural = "计分程序更正"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["round", "engine"], name="engine_change_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="engine_change_has_reason"),
            models.CheckConstraint(condition=~Q(engine=F("sealed_engine")), name="engine_change_of_another_version"),
            models.CheckConstraint(condition=Q(code="rule-change"), name="engine_change_is_rule_change"),
        ]

    def __str__(self) -> str:
        return f"{self.round} {self.sealed_engine} → {self.engine}"
