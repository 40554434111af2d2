"""A result made of several rounds' results of the same units."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from assessments.models.rounds import Round
from units.models import Organisation


class MissingSource(models.TextChoices):
    """What becomes of a unit that one of the rounds did not assess."""

    NONE = "none", "不计综合成绩，不排名"
    RESCALE = "rescale", "权重折算到其余来源"
    ZERO = "zero", "该来源计 0 分"


class Composite(models.Model):
    """综合成绩: the weighted sum of several rounds' rates (日常 70%、专项 30%).

    Nothing of it is stored but the weights: its numbers are made from the rounds' own whenever they are asked for.
    """

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="composites")
    name = models.CharField("名称", max_length=200)
    missing = models.CharField("缺少来源时", max_length=10, choices=MissingSource, default=MissingSource.NONE)
    # [{"name": "优秀", "least": "90"}], as in a round's policy
    bands = models.JSONField("等次", default=list)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField("建立时间", auto_now_add=True)

    class Meta:
        verbose_name = "综合成绩"
        verbose_name_plural = "综合成绩"
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="composite_named_once")]

    def __str__(self) -> str:
        return self.name


class CompositePart(models.Model):
    """来源: one round with its weight of a hundred; that all add up to 100, `assessments.composites` sees to."""

    composite = models.ForeignKey(Composite, models.CASCADE, related_name="parts")
    round = models.ForeignKey(Round, models.PROTECT, related_name="+", verbose_name="考核轮次")
    weight = models.DecimalField("权重", max_digits=5, decimal_places=2)

    class Meta:
        verbose_name = "来源"
        verbose_name_plural = "来源"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["composite", "round"], name="composite_part_once"),
            models.CheckConstraint(condition=Q(weight__gt=0, weight__lt=100), name="composite_part_weight"),
        ]

    def __str__(self) -> str:
        return f"{self.round} {self.weight}%"
