"""The audit trail, and the jobs that the queue only hints at."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from units.models.offices import Organisation


class AuditEvent(models.Model):
    """审计: one line for every login, import, permission change, score write, export. Append-only.

    `digest` covers the line and the digest before it, so a line changed by hand is found.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="audit_events")
    at = models.DateTimeField("时间")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="audit_events", verbose_name="账号"
    )
    actor_name = models.CharField("姓名", max_length=150)
    address = models.GenericIPAddressField("来源地址", null=True)
    action = models.CharField("动作", max_length=50)
    target = models.CharField("对象", max_length=300, blank=True)
    result = models.CharField("结果", max_length=20, default="成功")
    detail = models.JSONField("详情", default=dict)
    digest = models.CharField("校验值", max_length=64)

    class Meta:
        verbose_name = "审计记录"
        verbose_name_plural = "审计记录"
        ordering = ["-id"]
        indexes = [models.Index(fields=["organisation", "-id"], name="audit_by_organisation")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.action}"


class JobState(models.TextChoices):
    """Where a job stands; the last two are final."""

    QUEUED = "queued", "排队中"
    RUNNING = "running", "进行中"
    DONE = "done", "已完成"
    FAILED = "failed", "未完成"


class JobQuerySet(models.QuerySet["Job"]):
    """Sentences about jobs."""

    def unfinished(self) -> "JobQuerySet":
        """Jobs that still need a worker."""
        return self.filter(state__in=[JobState.QUEUED, JobState.RUNNING])


class Job(models.Model):
    """后台任务: the truth about work in the background; the queue only hints at it.

    `task` is the name of the Celery task that takes this row's id. A job is claimed under its row lock, does all its
    writes in one transaction, and after three lost attempts ends with a reason.
    """

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="jobs")
    task = models.CharField("任务", max_length=100)
    title = models.CharField("名称", max_length=200)
    state = models.CharField("状态", max_length=10, choices=JobState, default=JobState.QUEUED)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    done = models.PositiveIntegerField("已完成", default=0)
    total = models.PositiveIntegerField("总数", default=0)
    step = models.CharField("正在做", max_length=200, blank=True)
    reason = models.CharField("原因", max_length=500, blank=True)
    arguments = models.JSONField("参数", default=dict)
    report = models.JSONField("结果", default=dict)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="jobs", verbose_name="发起人"
    )
    created_at = models.DateTimeField("发起时间", auto_now_add=True)
    heartbeat_at = models.DateTimeField("最近动静", null=True)
    finished_at = models.DateTimeField("结束时间", null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = "后台任务"
        verbose_name_plural = "后台任务"
        ordering = ["-id"]
        indexes = [
            # the sweeper looks only at what is not finished
            models.Index(fields=["created_at"], condition=Q(state__in=["queued", "running"]), name="job_unfinished")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running"], finished_at__isnull=True)
                | Q(state__in=["done", "failed"], finished_at__isnull=False),
                name="job_final_when_finished",
            ),
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(reason=""), name="job_failure_has_reason"),
        ]

    def __str__(self) -> str:
        return self.title


class WorkerPulse(models.Model):
    """后台动静: when a background process last showed itself; the readiness check tells its age."""

    name = models.CharField("名称", max_length=50, unique=True)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "后台动静"
        verbose_name_plural = "后台动静"

    def __str__(self) -> str:
        return self.name
