"""What an upload leaves besides its ledgers: its sheets, remembered layouts, updates of older ledgers."""

from django.conf import settings
from django.db import models

from indicators.models.ledgers import Ledger, Upload
from units.models import Organisation


class UploadSheet(models.Model):
    """工作表: one sheet of an upload as cells, so that it is shown and read anew without opening the file again.

    Long sheets are kept in part: then `whole` is false and reading anew goes through the file.
    """

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="sheets")
    position = models.PositiveSmallIntegerField("次序")
    name = models.CharField("工作表", max_length=100)
    cells = models.JSONField("单元格")
    whole = models.BooleanField("完整", default=True)
    prose = models.BooleanField("正文", default=False)

    class Meta:
        verbose_name = "工作表"
        verbose_name_plural = "工作表"
        ordering = ["upload", "position"]
        constraints = [models.UniqueConstraint(fields=["upload", "position"], name="upload_sheet_once")]

    def __str__(self) -> str:
        return self.name


class RememberedLayout(models.Model):
    """记住的列设置: how a person corrected the columns of an issuer's table, proposed when its headings come again."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="layouts")
    issuer = models.CharField("发文单位", max_length=200, blank=True)
    fingerprint = models.CharField("表头特征", max_length=64)
    height = models.PositiveSmallIntegerField("表头行数")
    layout = models.JSONField("列设置")
    learned_from = models.CharField("来自文件", max_length=200)
    learned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    learned_at = models.DateTimeField("记住时间", auto_now=True)

    class Meta:
        verbose_name = "记住的列设置"
        verbose_name_plural = "记住的列设置"
        ordering = ["-learned_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "issuer", "fingerprint"], name="layout_remembered_once")
        ]

    def __str__(self) -> str:
        return f"{self.issuer} {self.learned_from}".strip()


class LedgerUpdate(models.Model):
    """变更导入: a sheet of a changed file applied to a ledger that stood already; what was ticked and what was not."""

    upload = models.ForeignKey(Upload, models.PROTECT, related_name="updates")
    sheet = models.CharField("工作表", max_length=100)
    ledger = models.ForeignKey(Ledger, models.CASCADE, related_name="updates")
    # [{"kind": …, "words": …, "applied": true}]
    report = models.JSONField("变更内容", default=list)
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    applied_at = models.DateTimeField("导入时间", auto_now_add=True)

    class Meta:
        verbose_name = "变更导入"
        verbose_name_plural = "变更导入"
        ordering = ["-id"]
        constraints = [
            # two clicks apply a sheet's changes once
            models.UniqueConstraint(fields=["upload", "sheet"], name="update_once_per_uploaded_sheet")
        ]

    def __str__(self) -> str:
        return f"{self.ledger} ← {self.upload}"
