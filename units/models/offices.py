"""The organisation and its offices. Nothing here knows an indicator or a score."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from mptt.models import MPTTModel, TreeForeignKey


class Organisation(models.Model):
    """机关、县政府: the body that runs the product; all data belongs to one.

    Its row is locked before the unit tree changes shape.
    """

    name = models.CharField("名称", max_length=100, unique=True)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)

    class Meta:
        verbose_name = "机关"
        verbose_name_plural = "机关"

    def __str__(self) -> str:
        return self.name


class UnitClass(models.Model):
    """单位类别 (乡镇、县直部门 …): units are ranked only within theirs."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="classes")
    name = models.CharField("名称", max_length=50)
    position = models.PositiveSmallIntegerField("排序", default=0)

    class Meta:
        verbose_name = "单位类别"
        verbose_name_plural = "单位类别"
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="unit_class_named_once"),
        ]

    def __str__(self) -> str:
        return self.name


class UnitQuerySet(models.QuerySet["Unit"]):
    """Sentences about units."""

    def offices(self) -> "UnitQuerySet":
        """Units below the organisation itself, in tree order."""
        return self.filter(level__gt=0).order_by("tree_id", "lft")

    def active(self) -> "UnitQuerySet":
        """Units that have not been abolished."""
        return self.filter(abolished_at__isnull=True)


UnitManager = models.Manager.from_queryset(UnitQuerySet)


class Unit(MPTTModel):
    """责任单位 (处室、局、镇): an office that is made responsible and is assessed.

    The root (level 0) stands for the organisation itself; `tree_id` is the organisation's id, so a unit
    cannot move into another organisation.
    """

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="units")
    parent = TreeForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    name = models.CharField("名称", max_length=100)
    pinyin = models.CharField("拼音首字母", max_length=100, blank=True)
    unit_class = models.ForeignKey(
        UnitClass, models.SET_NULL, null=True, blank=True, related_name="units", verbose_name="类别"
    )
    abolished_at = models.DateTimeField("撤销时间", null=True, blank=True)
    # the nested set, added by mptt
    lft: int
    rght: int
    level: int
    tree_id: int

    # mptt keeps its own manager beside this one, as `_tree_manager`
    objects: ClassVar["UnitManager[Unit]"] = UnitManager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "单位"
        verbose_name_plural = "单位"
        ordering = ["tree_id", "lft"]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["tree_id", "lft"], name="unit_tree_order")]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "name"],
                condition=Q(abolished_at__isnull=True),
                name="unit_named_once",
            ),
            # two roots of one organisation would overlap in the nested set
            models.UniqueConstraint(fields=["organisation"], condition=Q(parent__isnull=True), name="unit_one_root"),
            models.CheckConstraint(condition=Q(tree_id=F("organisation_id")), name="unit_tree_is_organisation"),
            models.CheckConstraint(condition=Q(lft__lt=F("rght")), name="unit_lft_before_rght"),
        ]

    def __str__(self) -> str:
        return self.name


class UnitAlias(models.Model):
    """简称、别名: another spelling of a unit in ledgers; the reader resolves through it."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="aliases")
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="aliases")
    name = models.CharField("别名", max_length=100)

    class Meta:
        verbose_name = "别名"
        verbose_name_plural = "别名"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="alias_named_once")]

    def __str__(self) -> str:
        return self.name


class UnitGroup(models.Model):
    """各镇、县政府各部门: a named set of units that a ledger cell may name.

    It is expanded to its members when a round opens, not when the ledger is read.
    """

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="groups")
    name = models.CharField("名称", max_length=100)
    members = models.ManyToManyField(Unit, related_name="groups", blank=True, verbose_name="成员")

    class Meta:
        verbose_name = "单位组"
        verbose_name_plural = "单位组"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="group_named_once")]

    def __str__(self) -> str:
        return self.name


class Succession(models.Model):
    """机构改革: what an office went over into; its past scores keep the old name."""

    class Kind(models.TextChoices):
        """合并: the old office is gone. 分设: it stays. 拆分: it is gone, several follow."""

        MERGED = "merged", "并入"
        SPLIT = "split", "拆分为"
        FOUNDED = "founded", "分设出"

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="successions")
    old = models.ForeignKey(Unit, models.CASCADE, related_name="successors", verbose_name="原单位")
    new = models.ForeignKey(Unit, models.CASCADE, related_name="predecessors", verbose_name="新单位")
    kind = models.CharField("方式", max_length=10, choices=Kind)
    # the one that took over what was open; the others began empty
    main = models.BooleanField("承接", default=False)
    document = models.CharField("依据", max_length=200, blank=True)
    at = models.DateTimeField("时间", auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="办理人")

    class Meta:
        verbose_name = "机构沿革"
        verbose_name_plural = "机构沿革"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(old=F("new")), name="succession_of_two"),
            # open work can go to one office only
            models.UniqueConstraint(fields=["old"], condition=Q(main=True), name="succession_one_main"),
        ]

    def __str__(self) -> str:
        return f"{self.old} {self.get_kind_display()} {self.new}"
