"""One item on one sheet: its stages side by side, its evidence, and its history that only grows."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.lookups import Exact

from assessments.models.rounds import Phase, ScoreSheet
from indicators.models import Indicator
from indicators.models.tree import POINTS
from units.models import Unit


class JSONKind(Func):
    """What kind of JSON a column holds: `object`, `array` …"""

    function = "JSONB_TYPEOF"
    output_field = models.CharField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """SQLite's name for it."""
        return self.as_sql(compiler, connection, function="JSON_TYPE", **more)


class EntryState(models.TextChoices):
    """What the sum knows of an item. A blank is never a zero: only `scored` has a number."""

    UNSCORED = "unscored", "未评分"
    SCORED = "scored", "已评分"
    NOT_APPLICABLE = "not_applicable", "不涉及"
    EXEMPT = "exempt", "免评"


class EntryStage(models.TextChoices):
    """Whose turn it is."""

    FILLING = "filling", "填报中"
    SUBMITTED = "submitted", "已提交"
    RETURNED = "returned", "已退回"
    ACCEPTED = "accepted", "已审核"
    # only where the round asks for the signature of the unit's head
    SIGNING = "signing", "待签审"


# out of the unit's hands
HANDED_IN = (EntryStage.SUBMITTED, EntryStage.ACCEPTED)


def _within(field: str) -> Q:
    return Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gte": 0, f"{field}__lte": F("maximum")})


# reviewed, and short of the points or scored otherwise than by the unit
DISPUTABLE = Q(stage=EntryStage.ACCEPTED, shared_home__isnull=True, earned__isnull=False) & (
    Q(earned__lt=F("maximum")) | Q(self_score__isnull=True) | ~Q(earned=F("self_score"))
)


# the unit's score is another than its own answer to the rules gives
OFF_RULES = Q(rule_score__isnull=False, self_score__isnull=False) & ~Q(rule_score=F("self_score"))


class EntryQuerySet(models.QuerySet["Entry"]):
    """Sentences about entries."""

    def in_order(self) -> "EntryQuerySet":
        """As the ledger prints them."""
        return self.order_by("sheet_id", "indicator__lft")

    def waiting(self) -> "EntryQuerySet":
        """Entries the unit still has to hand in."""
        return self.filter(stage__in=[EntryStage.FILLING, EntryStage.RETURNED])

    def submitted(self) -> "EntryQuerySet":
        """Entries the office has to review."""
        return self.filter(stage=EntryStage.SUBMITTED)

    def undisputed(self) -> "EntryQuerySet":
        """Those that may be accepted all at once: with a score, no claim of 不涉及, nothing beside the rules."""
        return self.filter(self_score__isnull=False, claims_not_applicable=False).exclude(OFF_RULES)

    def disputable(self) -> "EntryQuerySet":
        """Entries whose unit may object to their score."""
        return self.filter(DISPUTABLE)

    def in_opened_rounds(self) -> "EntryQuerySet":
        """Without rounds that are still being prepared."""
        return self.exclude(sheet__round__phase=Phase.PREPARING)


class Entry(models.Model):
    """填报项: one item on one sheet, filled by `unit` (the item's lead).

    Self, reviewed, objection and final score stand side by side and are never overwritten by one another; `earned` is
    the one that counts now. `maximum` is the item's points, or for a score shared by several items (合并计分) the sum
    of theirs: such a score stands on its first item, and the others point there by `shared_home`. A tracked task that
    a group leads has an entry for each `member`.
    """

    sheet = models.ForeignKey(ScoreSheet, models.CASCADE, related_name="entries")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="entries", verbose_name="指标")
    # the index by unit and stage begins with it
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="entries", verbose_name="牵头单位", db_index=False
    )
    # 督办制: the unit of the leading group (各部门) whose own answer to the task this is; None where one unit leads.
    # `unit` follows a merger, this does not
    member = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name="成员单位"
    )
    state = models.CharField("状态", max_length=20, choices=EntryState, default=EntryState.UNSCORED)
    stage = models.CharField("进度", max_length=10, choices=EntryStage, default=EntryStage.FILLING)
    points = models.DecimalField("满分", **POINTS)
    maximum = models.DecimalField("最高得分", **POINTS)
    shared_home = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="shared_items", db_index=False
    )
    earned = models.DecimalField("现得分", null=True, **POINTS)

    self_score = models.DecimalField("自评得分", null=True, **POINTS)
    self_reason = models.TextField("扣分原因", blank=True)
    claims_not_applicable = models.BooleanField("申请不涉及", default=False)
    self_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    self_at = models.DateTimeField("自评时间", null=True)
    reviewed_score = models.DecimalField("审核得分", null=True, **POINTS)
    review_reason = models.TextField("审核意见", blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    reviewed_at = models.DateTimeField("审核时间", null=True)
    objection_score = models.DecimalField("复核得分", null=True, **POINTS)
    # what a recheck (整改复查) gave before publishing; afterwards it is an amendment
    rectified_score = models.DecimalField("整改得分", null=True, **POINTS)
    final_score = models.DecimalField("最终得分", null=True, **POINTS)
    # what was entered for accepted rules, by the unit and by the office: assessments.scoring.answers.Stored
    rule_answer = models.JSONField("细则填写", default=dict)
    # what the rules made of the unit's answer when it was entered; null while it is not whole
    rule_score = models.DecimalField("按细则得分", null=True, **POINTS)
    review_answer = models.JSONField("审核细则填写", default=dict)
    submitted_at = models.DateTimeField("提交时间", null=True)
    # grows with every write; a form with an older one is told what changed meanwhile
    version = models.PositiveIntegerField("版本", default=0)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = "填报项"
        verbose_name_plural = "填报项"
        ordering = ["sheet_id", "id"]
        indexes = [
            models.Index(fields=["unit", "stage"], name="entry_by_unit_and_stage"),
            # Without the blanks: nearly all are, and an index of them is written with every entry for nothing. That of
            # shared scores misled PostgreSQL into reading all blanks of the table once a sheet.
            *(
                models.Index(fields=[name], condition=Q(**{f"{name}__isnull": False}), name=f"entry_by_{name}")
                for name in ("shared_home", "self_by", "reviewed_by")
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["sheet", "indicator"], condition=Q(member__isnull=True), name="entry_once_per_sheet"
            ),
            models.UniqueConstraint(
                fields=["sheet", "indicator", "member"],
                condition=Q(member__isnull=False),
                name="entry_once_per_member",
            ),
            # a blank is not a zero, and a number is not a blank
            models.CheckConstraint(
                condition=(
                    Q(state="scored", earned__isnull=False, shared_home__isnull=True)
                    | Q(state="scored", earned__isnull=True, shared_home__isnull=False)
                    | (~Q(state="scored") & Q(earned__isnull=True))
                ),
                name="entry_only_scored_has_a_number",
            ),
            models.CheckConstraint(condition=_within("earned"), name="entry_earned_within_points"),
            models.CheckConstraint(condition=_within("self_score"), name="entry_self_within_points"),
            models.CheckConstraint(condition=_within("rule_score"), name="entry_rule_score_within_points"),
            models.CheckConstraint(condition=_within("reviewed_score"), name="entry_reviewed_within_points"),
            models.CheckConstraint(condition=_within("objection_score"), name="entry_objection_within_points"),
            models.CheckConstraint(condition=_within("rectified_score"), name="entry_rectified_within_points"),
            models.CheckConstraint(condition=_within("final_score"), name="entry_final_within_points"),
            models.CheckConstraint(condition=Q(points__gte=0), name="entry_points_not_negative"),
            # an answer is an object by rule, whoever writes it
            models.CheckConstraint(
                condition=Exact(JSONKind(F("rule_answer")), Value("object"))
                & Exact(JSONKind(F("review_answer")), Value("object")),
                name="entry_answers_are_objects",
            ),
        ]

    def __str__(self) -> str:
        return str(self.indicator)

    @property
    def is_off_rules(self) -> bool:
        """Whether the unit typed another score than its own answer to the rules gives."""
        return None not in (self.rule_score, self.self_score) and self.rule_score != self.self_score


class ScoreEvent(models.Model):
    """得分记录: one write to one entry, old and new. Append-only; PostgreSQL refuses its update and deletion."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="events")
    at = models.DateTimeField("时间")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="经办人"
    )
    # a name from assessments.transitions: save, submit, accept, adjust, return …
    action = models.CharField("动作", max_length=20)
    # what changed: {"self_score": ["0.5", "0.3"], …}
    changes = models.JSONField("变动", default=dict)
    reason = models.TextField("原因", blank=True)
    # form, import, task, command
    source = models.CharField("来源", max_length=10, default="form")
    # one per click: the same key again is the same write, not another
    key = models.CharField("提交标识", max_length=64, null=True)
    # a digest of what came under the key: the same key with other content is a conflict
    content = models.CharField("提交内容校验值", max_length=64, blank=True)
    # over this row and the sheet's row before it; assessments.chain
    digest = models.CharField("校验值", max_length=64)

    class Meta:
        verbose_name = "得分记录"
        verbose_name_plural = "得分记录"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "key"], name="score_event_key_once"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%m-%d %H:%M} {self.action}"


def stored_path(_evidence: "Evidence", _name: str) -> str:
    """A random path: nothing of the sender's file name reaches the disk."""
    return f"evidence/{uuid.uuid4().hex}"


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    """Sentences about evidence."""

    def present(self) -> "EvidenceQuerySet":
        """Without what was taken back."""
        return self.filter(removed_at__isnull=True)


class Evidence(models.Model):
    """佐证材料: a file or a link. It is taken back, never erased: the reviewer may have seen it."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="evidence")
    # the entry's own, or one that supports it (会同、配合)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="evidence", verbose_name="提供单位")
    # what it was added for, where that is an order to put right (整改)
    rectification = models.ForeignKey(
        "assessments.Rectification", models.PROTECT, null=True, blank=True, related_name="evidence"
    )
    name = models.CharField("名称", max_length=150)
    url = models.URLField("网址", max_length=1000, blank=True)
    content = models.FileField("文件", upload_to=stored_path, blank=True)
    size = models.PositiveIntegerField("大小", default=0)
    sha256 = models.CharField("校验值", max_length=64, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField("上传时间", auto_now_add=True)
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField("撤回时间", null=True)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = "佐证材料"
        verbose_name_plural = "佐证材料"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(url="") & ~Q(content="")) | (~Q(url="") & Q(content="")),
                name="evidence_file_or_link",
            ),
            models.UniqueConstraint(
                fields=["entry", "unit", "sha256"],
                condition=Q(removed_at__isnull=True) & ~Q(sha256=""),
                name="evidence_same_file_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SupportNote(models.Model):
    """配合说明: what a joint or supporting unit (会同、配合) tells an entry's lead. It is added to, never edited."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="notes")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="support_notes", verbose_name="配合单位")
    text = models.TextField("说明")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = "配合说明"
        verbose_name_plural = "配合说明"
        ordering = ["id"]
        indexes = [models.Index(fields=["unit", "entry"], name="support_note_by_unit")]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="support_note_has_words")]

    def __str__(self) -> str:
        return f"{self.unit}：{self.text}"
