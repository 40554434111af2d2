"""二次验证: a code from the person's authenticator, or a recovery code, asked after the password."""

import secrets
import unicodedata
from dataclasses import dataclass

import pyotp
import segno
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from units import audit, cipher
from units.accounts import AccountRefused, end_sessions, membership_of, note_access
from units.models import ADMINISTRATORS, Membership, RecoveryCode, SecondFactor, User

ISSUER = "政务公开考核管理"
RECOVERY_CODES = 10
# a code is taken one step early or late: clocks differ
DRIFT = (-1, 0, 1)
BY_CODE, BY_RECOVERY = "动态码", "恢复码"
_NOT_ON = "这个账号没有开启二次验证。"
_PURPOSE = "units.second_factor"
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # none that is easily misread
_GROUPS, _GROUP = 3, 4


class CodeRefused(Exception):
    """The code is wrong, used, or out of its time."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator is told: an SVG picture as a data address, and the key to type, in groups of four."""

    picture: str
    key: str


def is_offered(membership: Membership) -> bool:
    """Whether people of the role may set a second factor up."""
    return membership.role in settings.SECOND_FACTOR_ROLES or is_required(membership)


def is_required(membership: Membership) -> bool:
    """Whether the role's people have to have one."""
    return bool(settings.SECOND_FACTOR_FOR_ADMINISTRATORS) and membership.role in ADMINISTRATORS


def of(user: User) -> SecondFactor | None:
    """The account's second factor; one query."""
    return SecondFactor.objects.filter(user=user).first()


def codes_left(factor: SecondFactor) -> int:
    """How many recovery codes are still good."""
    return factor.codes.filter(used_at=None).count()


def new_secret() -> str:
    """A sealed secret for somebody who is about to enrol, to be kept in their session until the first code fits."""
    return cipher.encrypt(pyotp.random_base32(), _PURPOSE)


def enrolment(user: User, sealed: str) -> Enrolment:
    """What to show of the secret. Raises cipher.Unreadable."""
    secret = cipher.decrypt(sealed, _PURPOSE)
    address = pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name=ISSUER)
    picture = segno.make(address, error="m", micro=False).svg_data_uri(scale=5, border=4, light="#fff", nl=False)
    key = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return Enrolment(picture, key)


@transaction.atomic
def enable(user: User, sealed: str, code: str) -> list[str]:
    """Turn it on; the recovery codes, which are shown once. The account's other sessions end.

    Raises CodeRefused; AccountRefused where it is on already; cipher.Unreadable.
    """
    step = _fitting_step(cipher.decrypt(sealed, _PURPOSE), _typed(code))
    if step is None:
        raise CodeRefused
    try:
        with transaction.atomic():
            factor = SecondFactor.objects.create(user=user, secret=sealed, last_step=step)
    except IntegrityError as twice:
        raise AccountRefused("这个账号已经开启了二次验证。") from twice
    codes = _new_codes(factor)
    end_sessions(user)
    note_access(user, "开启二次验证")
    return codes


def hold(user: User) -> SecondFactor | None:
    """The account's second factor, locked until the transaction ends."""
    return SecondFactor.objects.select_for_update().filter(user=user).first()


@transaction.atomic
def accept(user: User, code: str, *, recovery: bool = True) -> str:
    """By which kind of code the account opens: BY_CODE or BY_RECOVERY; empty where it does not. Each is taken once.

    recovery: whether a recovery code will do.
    """
    factor = hold(user)
    if factor is None:
        return ""
    typed = _typed(code)
    if _take_step(factor, typed):
        return BY_CODE
    return BY_RECOVERY if recovery and _take_recovery_code(factor, typed) else ""


@transaction.atomic
def renew_codes(user: User) -> list[str]:
    """Ten new recovery codes; the old ones are worth nothing. Raises AccountRefused where it is not on."""
    factor = hold(user)
    if factor is None:
        raise AccountRefused(_NOT_ON)
    codes = _new_codes(factor)
    note_access(user, "重新生成恢复码")
    return codes


@transaction.atomic
def disable(user: User) -> None:
    """Turn it off; the account's other sessions end. Raises AccountRefused where it is not on, or has to be."""
    factor, membership = hold(user), membership_of(user)
    if factor is None:
        raise AccountRefused(_NOT_ON)
    if membership is not None and is_required(membership):
        raise AccountRefused("管理员账号必须使用二次验证，不能关闭。")
    factor.delete()
    end_sessions(user)
    note_access(user, "关闭二次验证")


@transaction.atomic
def reset(membership: Membership, *, by: User | None) -> None:
    """An administrator takes it away from somebody who lost phone and codes; the account's sessions end.

    Raises AccountRefused for one's own account, and where there is none.
    """
    if by is not None and membership.user_id == by.pk:
        raise AccountRefused("自己的二次验证在“二次验证”页办理，或由另一名系统管理员重置。")
    gone, _ = SecondFactor.objects.filter(user_id=membership.user_id).delete()
    if not gone:
        raise AccountRefused(_NOT_ON)
    end_sessions(membership.user)
    audit.record(organisation=membership.organisation, actor=by, action="重置二次验证", target=membership.user.username)


def _typed(code: str) -> str:
    """As it was meant: full-width digits of an input method, blanks and hyphens do not matter."""
    plain = unicodedata.normalize("NFKC", code)
    return "".join(letter for letter in plain if letter.isalnum()).upper()


def _take_step(factor: SecondFactor, typed: str) -> bool:
    try:
        step = _fitting_step(cipher.decrypt(factor.secret, _PURPOSE), typed)
    except cipher.Unreadable:
        return False
    if step is None:
        return False
    # the step only grows, so a code that was seen over the shoulder is worth nothing
    return SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step).update(last_step=step) == 1


def _fitting_step(secret: str, typed: str) -> int | None:
    """The latest step whose code it is; every candidate is compared, whichever fits."""
    authenticator = pyotp.TOTP(secret)
    now = int(timezone.now().timestamp()) // authenticator.interval
    fitting = [now + off for off in DRIFT if constant_time_compare(authenticator.generate_otp(now + off), typed)]
    return max(fitting, default=None)


def _take_recovery_code(factor: SecondFactor, typed: str) -> bool:
    digests = [_digest(factor, typed, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    unused = RecoveryCode.objects.filter(factor=factor, digest__in=digests, used_at=None)
    return unused.update(used_at=timezone.now()) == 1


def _new_codes(factor: SecondFactor) -> list[str]:
    factor.codes.all().delete()
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(_GROUPS * _GROUP)) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(factor=factor, digest=_digest(factor, code, settings.SECRET_KEY)) for code in codes
    )
    return ["-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP)) for code in codes]


def _digest(factor: SecondFactor, code: str, secret: str) -> str:
    """Keyed, so that what is in the database alone does not tell the code."""
    return salted_hmac("units.recovery_code", f"{factor.pk}:{code}", secret=secret, algorithm="sha256").hexdigest()
