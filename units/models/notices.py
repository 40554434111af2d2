"""What a person should know, kept until it is read; the same rows are the outbox of e-mails."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from units.models.offices import Organisation, Unit
from units.models.people import Membership


class Mail(models.TextChoices):
    """How far a notice's e-mail is. `sending` is left once: nothing is sent a second time."""

    NONE = "none", "不发邮件"
    WAITING = "waiting", "待发"
    SENDING = "sending", "正在发"
    SENT = "sent", "已发"
    # the process died between the claim and the mail server's answer: it may have gone out
    UNSURE = "unsure", "可能已发"
    FAILED = "failed", "没有发出"


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Sentences about notices."""

    def of(self, membership: Membership) -> "NoticeQuerySet":
        """What the person may read now: with another unit or role, nothing said to the former one."""
        return self.filter(person=membership.user_id, organisation=membership.organisation_id, unit=membership.unit_id)

    def unread(self) -> "NoticeQuerySet":
        """Without what was opened or marked as read."""
        return self.filter(read_at__isnull=True)


class Notice(models.Model):
    """通知: one event one person should know, written in the event's own transaction.

    `key` names event and object: the same person is told of the same thing once, however often a verb or a task runs.
    `unit` is the unit the words belong to; a person who has left it does not read them any more.
    """

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="notices")
    unit = models.ForeignKey(Unit, models.CASCADE, null=True, related_name="+", verbose_name="单位")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices", verbose_name="收件人")
    kind = models.CharField("类别", max_length=10)
    subject = models.CharField("内容", max_length=300)
    # a path of this site
    url = models.CharField("去处", max_length=200)
    key = models.CharField("事由标识", max_length=100)
    at = models.DateTimeField("时间")
    read_at = models.DateTimeField("已读时间", null=True)
    mail = models.CharField("邮件", max_length=10, choices=Mail, default=Mail.NONE)
    mail_after = models.DateTimeField("最早发出")
    mail_attempts = models.PositiveSmallIntegerField("发送次数", default=0)
    # who holds the notice while it is being sent, and since when
    mail_claim = models.CharField("发送标识", max_length=32, blank=True)
    mailed_at = models.DateTimeField("发送时间", null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "通知"
        verbose_name_plural = "通知"
        ordering = ["-id"]
        indexes = [
            # the bell of every page counts by it
            models.Index(fields=["person"], condition=Q(read_at__isnull=True), name="notice_unread"),
            models.Index(fields=["person", "-id"], name="notice_by_person"),
            models.Index(fields=["mail_after"], condition=Q(mail="waiting"), name="notice_mail_waiting"),
        ]
        constraints = [
            # told twice of one thing, by a second click or a task that ran again
            models.UniqueConstraint(fields=["person", "key"], name="notice_once"),
            models.CheckConstraint(condition=Q(url__startswith="/"), name="notice_url_is_a_path"),
        ]

    def __str__(self) -> str:
        return self.subject
