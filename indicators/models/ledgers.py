"""The ledger, the file it came from, and what was changed in it since."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from units.models import Job, Organisation


def stored_path(_upload: "Upload", _name: str) -> str:
    """A random path: nothing of the sender's file name reaches the disk."""
    return f"uploads/{uuid.uuid4().hex}"


class UploadState(models.TextChoices):
    """From file to ledger; `refused` and `stored` are ends."""

    WAITING = "waiting", "等待读取"
    READ = "read", "待确认"
    REFUSED = "refused", "不能读取"
    STORING = "storing", "正在入库"
    STORED = "stored", "已入库"


class Upload(models.Model):
    """导入的文件: the bytes as they came, what the reader made of them, and who confirmed it.

    One file is one upload: the same bytes again lead to the first one.
    """

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="uploads")
    name = models.CharField("文件名", max_length=200)
    size = models.PositiveIntegerField("大小")
    sha256 = models.CharField("校验值", max_length=64)
    content = models.FileField("文件", upload_to=stored_path)
    state = models.CharField("状态", max_length=10, choices=UploadState, default=UploadState.WAITING)
    # The reader's answer as `import_ledger --json` prints it; null until it has been read.
    reading = models.JSONField("读取结果", null=True)
    # What the person decided on the preview: which ledgers to store, which unknown names become units.
    choices = models.JSONField("确认内容", default=dict)
    # What a person said of single sheets in place of the reader's guess: sheet → layout; and which remembered layout
    # it came from: sheet → its id.
    corrections = models.JSONField("读取更正", default=dict)
    recalled = models.JSONField("沿用的列设置", default=dict)
    # Counts the readings: what was decided on one is not taken for the next.
    turn = models.PositiveIntegerField("读取次数", default=0)
    refusal = models.CharField("不能读取的原因", max_length=500, blank=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="上传人"
    )
    uploaded_at = models.DateTimeField("上传时间", auto_now_add=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="确认人"
    )
    confirmed_at = models.DateTimeField("确认时间", null=True)

    class Meta:
        verbose_name = "导入"
        verbose_name_plural = "导入"
        ordering = ["-id"]
        constraints = [
            # two clicks or two colleagues with one file make one import
            models.UniqueConstraint(fields=["organisation", "sha256"], name="upload_same_file_once"),
            models.CheckConstraint(condition=~Q(state="refused") | ~Q(refusal=""), name="upload_refusal_has_reason"),
        ]

    # Set by whoever hands out an upload whose bytes had been here before; never stored.
    is_repeat = False

    def __str__(self) -> str:
        return self.name


class LedgerStatus(models.TextChoices):
    """草稿 can be edited; a round may open only on what is published, and freezes it."""

    DRAFT = "draft", "草稿"
    PUBLISHED = "published", "已发布"
    ARCHIVED = "archived", "已归档"


class Ledger(models.Model):
    """台账: one year's set of indicators, with issuer, full score and source file.

    Its row is locked before its tree changes shape. A round keeps the version it was opened on: later edits are made
    in a new version that names this one as `previous`.
    """

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="ledgers")
    title = models.CharField("名称", max_length=200)
    issuer = models.CharField("发文单位", max_length=200, blank=True)
    year = models.PositiveSmallIntegerField("年度", null=True, blank=True)
    status = models.CharField("状态", max_length=10, choices=LedgerStatus, default=LedgerStatus.DRAFT)
    version = models.PositiveSmallIntegerField("版本", default=1)
    previous = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="next_versions")
    # the ledger of another year that this one was begun from
    copied_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="copies")
    declared_total = models.DecimalField("标注总分", max_digits=12, decimal_places=4, null=True, blank=True)
    stated_total = models.DecimalField("表内合计", max_digits=12, decimal_places=4, null=True, blank=True)
    notes = models.JSONField("说明", default=list)
    # Heading → role, and the header rows: what an export needs to look as the file did.
    layout = models.JSONField("版式", default=dict)
    # Findings of the reader that the stored tree cannot show again (gaps in numbers, inferred units …).
    findings = models.JSONField("读取时发现的问题", default=list)
    upload = models.ForeignKey(Upload, models.PROTECT, null=True, blank=True, related_name="ledgers")
    sheet = models.CharField("工作表", max_length=100, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    published_at = models.DateTimeField("发布时间", null=True, blank=True)

    class Meta:
        verbose_name = "台账"
        verbose_name_plural = "台账"
        ordering = ["-year", "-id"]
        constraints = [
            # a second delivery of an import cannot store the same sheet twice
            models.UniqueConstraint(
                fields=["upload", "sheet"],
                condition=Q(upload__isnull=False, previous__isnull=True, copied_from__isnull=True),
                name="ledger_one_per_uploaded_sheet",
            ),
            models.UniqueConstraint(
                fields=["previous"], condition=Q(previous__isnull=False), name="ledger_one_next_version"
            ),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(published_at__isnull=False), name="ledger_published_has_time"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class AmendmentQuerySet(models.QuerySet["Amendment"]):
    """Sentences about amendments."""

    def told(self) -> "AmendmentQuerySet":
        """With who did it, on what, and whether it was taken back since (`taken_back`)."""
        undone = Amendment.objects.filter(undoes=models.OuterRef("pk"))
        return self.select_related("actor", "indicator", "undoes").annotate(taken_back=models.Exists(undone))


class Amendment(models.Model):
    """修改记录: one changed cell of a ledger, old and new, by whom and when. Append-only."""

    class Action(models.TextChoices):
        """What was done to the indicator."""

        EDITED = "edited", "修改"
        ADDED = "added", "新增"
        MOVED = "moved", "移动"
        RETIRED = "retired", "停用"
        RESTORED = "restored", "恢复"

    ledger = models.ForeignKey(Ledger, models.CASCADE, related_name="amendments")
    indicator = models.ForeignKey(
        "indicators.Indicator", models.CASCADE, null=True, related_name="amendments", verbose_name="指标"
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="修改人"
    )
    at = models.DateTimeField("时间", auto_now_add=True)
    action = models.CharField("动作", max_length=10, choices=Action)
    field = models.CharField("项目", max_length=30, blank=True)
    old = models.JSONField("原值", null=True)
    new = models.JSONField("新值", null=True)
    # what the words above leave out and taking a change back needs: the places of a move, the rows of a cell's units
    detail = models.JSONField("细节", default=dict)
    # changes made by one act of one person share it: a pasted block is undone whole
    step = models.UUIDField("同一步", null=True)
    undoes = models.ForeignKey("self", models.PROTECT, null=True, related_name="undone_by", verbose_name="撤回")

    objects: ClassVar["models.Manager[Amendment]"] = AmendmentQuerySet.as_manager()

    class Meta:
        verbose_name = "修改记录"
        verbose_name_plural = "修改记录"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["ledger", "-id"], name="amendment_by_ledger"),
            models.Index(fields=["ledger", "step"], name="amendment_by_step"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.field}".strip()

    @property
    def old_words(self) -> str:
        """The old value as a person reads it; empty for none."""
        return _words(self.old)

    @property
    def new_words(self) -> str:
        """The new value as a person reads it; empty for none."""
        return _words(self.new)


class LedgerView(models.Model):
    """台账的显示方式: which columns a person hides and how wide they drew them, the same for every ledger.

    A column's name is its kind (`units`, `points` …) or `x:` and the heading of a column of the ledger's own.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    hidden = models.JSONField("不显示的列", default=list)
    # column → pixels
    widths = models.JSONField("列宽", default=dict)

    class Meta:
        verbose_name = "台账显示方式"
        verbose_name_plural = "台账显示方式"

    def __str__(self) -> str:
        return str(self.user)


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(map(str, value))
    return "" if value is None else str(value)
