"""Who is responsible for an indicator, and how it is evaluated."""

from django.db import models
from django.db.models import Q

from indicators.models.tree import Indicator
from units.models import Organisation, Unit, UnitGroup


class EvaluationMethod(models.Model):
    """评估方式: 网站采集, 报送材料, 模拟暗访, 电话测评 …"""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="methods")
    name = models.CharField("名称", max_length=50)

    class Meta:
        verbose_name = "评估方式"
        verbose_name_plural = "评估方式"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="method_named_once")]

    def __str__(self) -> str:
        return self.name


class IndicatorMethod(models.Model):
    """One way in which one item is evaluated; an item has one or more."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="method_links")
    method = models.ForeignKey(EvaluationMethod, models.PROTECT, related_name="indicator_links")
    inferred = models.BooleanField("推定", default=False)

    class Meta:
        verbose_name = "指标评估方式"
        verbose_name_plural = "指标评估方式"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "method"], name="indicator_method_once"),
        ]

    def __str__(self) -> str:
        return str(self.method)


class ResponsibilityRole(models.TextChoices):
    """分工."""

    LEAD = "lead", "牵头"
    JOINT = "joint", "会同"
    SUPPORT = "support", "配合"
    ASSESSOR = "assessor", "考核"


class Responsibility(models.Model):
    """责任单位: a unit or a group with its role in one indicator.

    `written` keeps the ledger's own words. Neither unit nor group: the name waits to be matched.
    """

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="responsibilities")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="responsibilities")
    group = models.ForeignKey(UnitGroup, models.PROTECT, null=True, blank=True, related_name="responsibilities")
    written = models.CharField("原文", max_length=200)
    role = models.CharField("分工", max_length=10, choices=ResponsibilityRole)
    open_ended = models.BooleanField("等", default=False)
    inferred = models.BooleanField("推定", default=False)

    class Meta:
        verbose_name = "责任"
        verbose_name_plural = "责任"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(unit__isnull=True) | Q(group__isnull=True), name="responsibility_unit_or_group"
            ),
            models.UniqueConstraint(
                fields=["indicator", "unit", "role"],
                condition=Q(unit__isnull=False),
                name="responsibility_unit_role_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.written}"
