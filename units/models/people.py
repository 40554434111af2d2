"""Accounts and the one role each holds."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from units.models.offices import Organisation, Unit


class Role(models.TextChoices):
    """What a person is in the yearly assessment; units.access says what each may do."""

    ADMIN = "admin", "系统管理员"
    OFFICE = "office", "政务公开办公室"
    REVIEWER = "reviewer", "评审员"
    LEADER = "leader", "领导"
    AUDITOR = "auditor", "安全审计员"
    FILLER = "filler", "填报员"
    SIGNER = "signer", "单位负责人"


UNIT_ROLES = (Role.FILLER, Role.SIGNER)
# who keeps the installation and its trail: shorter sessions, and by a switch a second factor
ADMINISTRATORS = (Role.ADMIN, Role.AUDITOR)


class TextSize(models.TextChoices):
    """One root size for every page."""

    STANDARD = "standard", "标准"
    LARGE = "large", "大字"
    HUGE = "huge", "特大"


class User(AbstractUser):
    """An account; what it may do stands in its Membership, and without one it may do nothing."""

    display_name = models.CharField("姓名", max_length=50, blank=True)
    text_size = models.CharField("字号", max_length=10, choices=TextSize, default=TextSize.STANDARD)
    high_contrast = models.BooleanField("高对比", default=False)
    must_change_password = models.BooleanField("下次登录改密码", default=False)
    password_set_at = models.DateTimeField("密码设置时间", default=timezone.now)
    sessions_ended = models.PositiveIntegerField("会话作废次数", default=0)

    class Meta:
        verbose_name = "账号"
        verbose_name_plural = "账号"

    def __str__(self) -> str:
        return self.display_name or self.username

    @property
    def first_password_until(self) -> datetime | None:
        """Until when a password given by an administrator opens the account; None where it is the person's own."""
        if not self.must_change_password:
            return None
        return self.password_set_at + timedelta(hours=settings.PASSWORD_FIRST_HOURS)

    @property
    def first_password_is_over(self) -> bool:
        """Whether a password given by an administrator was not used in time."""
        until = self.first_password_until
        return until is not None and timezone.now() >= until

    @property
    def password_days_left(self) -> int | None:
        """Whole days until the password has to be changed, 0 from then on; None where passwords do not age."""
        if not settings.PASSWORD_MAX_DAYS:
            return None
        return max(0, settings.PASSWORD_MAX_DAYS - (timezone.now() - self.password_set_at).days)

    def get_session_auth_hash(self) -> str:
        """What a session must carry; a new password or one more in `sessions_ended` ends all sessions at once."""
        return self._session_hash(None)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """The same under former secret keys."""
        return (self._session_hash(secret) for secret in settings.SECRET_KEY_FALLBACKS)

    def _session_hash(self, secret: str | bytes | None) -> str:
        value = f"{self.password}:{self.sessions_ended}"
        return salted_hmac("units.models.User.session", value, secret=secret, algorithm="sha256").hexdigest()

    def get_full_name(self) -> str:
        """The name on pages and in the audit."""
        return str(self)


class Membership(models.Model):
    """One account's one role (三员分立: nobody holds two), and the unit it acts for."""

    user = models.OneToOneField(User, models.CASCADE, related_name="membership")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="memberships")
    role = models.CharField("角色", max_length=10, choices=Role)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="memberships", verbose_name="单位"
    )

    class Meta:
        verbose_name = "任职"
        verbose_name_plural = "任职"
        ordering = ["organisation_id", "role", "unit_id", "user_id"]
        constraints = [
            # an administrator with a unit could write scores; a filler without one would see everything
            models.CheckConstraint(
                condition=Q(role__in=UNIT_ROLES, unit__isnull=False) | (~Q(role__in=UNIT_ROLES) & Q(unit__isnull=True)),
                name="membership_unit_goes_with_unit_roles",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"
