"""The indicator tree: one nested set per ledger, rooted in the ledger itself."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from mptt.models import MPTTModel, TreeForeignKey

from indicators.models.ledgers import Ledger
from units.pinyin import LONGEST, initials

POINTS: dict[str, Any] = {"max_digits": 12, "decimal_places": 4}


class InitialsField(models.CharField):  # type: ignore[type-arg]  # generic only in the stubs
    """拼音首字母 of the name, reckoned whenever a row is saved or made; a bulk update goes by `Indicator.rename`."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """The initials of the name as it is stored now."""
        found = initials(getattr(model_instance, "name"))  # noqa: B009  (the model is any, to the field)
        setattr(model_instance, self.attname, found)
        return found


class IndicatorQuerySet(models.QuerySet["Indicator"]):
    """Sentences about indicators, always in the ledger's order."""

    def in_order(self) -> "IndicatorQuerySet":
        """Parents before children, as printed."""
        return self.order_by("tree_id", "lft")

    def printed(self) -> "IndicatorQuerySet":
        """Without the root, which stands for the ledger and is printed nowhere."""
        return self.filter(level__gt=0).in_order()

    def living(self) -> "IndicatorQuerySet":
        """Without retired ones."""
        return self.filter(retired_at__isnull=True)

    def items(self) -> "IndicatorQuerySet":
        """评估点: living indicators that are scored themselves."""
        return self.living().filter(is_item=True).in_order()


IndicatorManager = models.Manager.from_queryset(IndicatorQuerySet)


class Indicator(MPTTModel):
    """指标: a node of a ledger's tree; `level` is the printed 级 (1–5), level 0 is the ledger itself.

    `tree_id` is the ledger's id: two ledgers' trees cannot overlap, and a move into another ledger is refused by the
    database. Rows are made by indicators.importing and indicators.editing only, under the ledger's row lock.
    """

    ledger = models.ForeignKey(Ledger, models.CASCADE, related_name="indicators")
    parent = TreeForeignKey("self", models.CASCADE, null=True, blank=True, related_name="children")
    # the same indicator in another version or year
    identity = models.UUIDField("标识", default=uuid.uuid4, editable=False)
    name = models.TextField("名称", blank=True)
    # stored: to reckon them for thousands of names takes too long for a search
    pinyin = InitialsField("拼音首字母", max_length=LONGEST, blank=True, default="", editable=False)
    number = models.CharField("序号", max_length=20, blank=True)
    is_item = models.BooleanField("评估点", default=False)
    points = models.DecimalField("分值", null=True, blank=True, **POINTS)
    criteria = models.TextField("评分标准", blank=True)
    # [{"text": …, "points": "2"}]
    checkpoints = models.JSONField("得分点", default=list)
    leaders = models.JSONField("责任领导", default=list)
    deadlines = models.JSONField("时限", default=list)
    extra = models.JSONField("其他栏目", default=dict)
    cells = models.CharField("出处", max_length=100, blank=True)
    retired_at = models.DateTimeField("停用时间", null=True, blank=True)
    edits = models.PositiveIntegerField("修改次数", default=0)

    # mptt makes these columns
    tree_id: int
    lft: int
    rght: int
    level: int

    # mptt keeps its own manager beside this one, as `_tree_manager`
    objects: ClassVar["IndicatorManager[Indicator]"] = IndicatorManager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "指标"
        verbose_name_plural = "指标"
        ordering = ["tree_id", "lft"]
        # without these lines mptt's own index never reaches a migration
        indexes: ClassVar[list[Any]] = [models.Index(fields=["tree_id", "lft"], name="indicator_tree_order")]
        constraints = [
            models.CheckConstraint(condition=Q(tree_id=F("ledger_id")), name="indicator_tree_is_ledger"),
            models.CheckConstraint(condition=Q(level__lte=5), name="indicator_level_at_most_five"),
            models.CheckConstraint(condition=Q(lft__lt=F("rght")), name="indicator_lft_before_rght"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True, level=0) | Q(parent__isnull=False, level__gt=0),
                name="indicator_only_root_without_parent",
            ),
            models.UniqueConstraint(
                fields=["ledger"], condition=Q(parent__isnull=True), name="indicator_one_root_per_ledger"
            ),
            models.UniqueConstraint(fields=["ledger", "identity"], name="indicator_identity_once"),
            models.CheckConstraint(
                condition=Q(points__gte=0) | Q(points__isnull=True), name="indicator_points_not_negative"
            ),
        ]

    def rename(self, name: str) -> None:
        """Another name, and its initials with it; unsaved."""
        self.name, self.pinyin = name, initials(name)

    def __str__(self) -> str:
        return self.name or f"（{self.cells or '未命名'}）"
