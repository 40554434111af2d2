"""What opens an account beside its present password: the ones it had."""

from django.conf import settings
from django.db import models


class FormerPassword(models.Model):
    """用过的密码: a password the account had, as the hash it was kept by; it may not come back too soon."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="former_passwords", verbose_name="账号"
    )
    password = models.CharField("密码散列", max_length=128)

    class Meta:
        verbose_name = "用过的密码"
        verbose_name_plural = "用过的密码"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.pk}"


class SecondFactor(models.Model):
    """二次验证: the secret that the account's authenticator shares, encrypted; asked after the password.

    `last_step` is the 30-second step of the last accepted code, so that no code is taken twice.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="second_factor", verbose_name="账号"
    )
    secret = models.TextField("密钥（加密）")
    last_step = models.BigIntegerField("最近一次动态码的时段", default=0)
    since = models.DateTimeField("开启时间", auto_now_add=True)

    class Meta:
        verbose_name = "二次验证"
        verbose_name_plural = "二次验证"

    def __str__(self) -> str:
        return f"{self.user_id} · {self.since:%Y-%m-%d}"


class RecoveryCode(models.Model):
    """恢复码: opens the account once where the authenticator is out of reach; kept as a keyed digest."""

    factor = models.ForeignKey(SecondFactor, models.CASCADE, related_name="codes", verbose_name="二次验证")
    digest = models.CharField("校验值", max_length=64)
    used_at = models.DateTimeField("使用时间", null=True)

    class Meta:
        verbose_name = "恢复码"
        verbose_name_plural = "恢复码"
        ordering = ["id"]
        constraints = [
            # the same code twice would open the account twice
            models.UniqueConstraint(fields=["factor", "digest"], name="recovery_code_once")
        ]

    def __str__(self) -> str:
        return f"{self.factor_id} · {self.pk}"
