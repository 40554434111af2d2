"""A session's beginning: after the password perhaps a code, and perhaps a page that comes before all others."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from units import accounts, second_factor
from units.models import Membership, User

PASSWORD_PAGE, FACTOR_PAGE = "password_change", "second_factor"
# what a session keeps: which pages come before all others; who is half signed in; a secret that is being enrolled
_FIRST, _WAITING, _ENROLLING = "first", "waiting_for_code", "enrolling"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody whose password was right and whose code is still wanted; `then` is where they are led afterwards."""

    user: User
    backend: str
    then: str


def begin(session: SessionBase, user: User, *, way: str = "") -> None:
    """Note in a session that has just begun when it did, and what its person has to do before anything else.

    way: by which kind of code the second factor was shown.
    """
    session["signed_in_at"] = timezone.now().timestamp()
    membership = accounts.membership_of(user)
    first = [PASSWORD_PAGE] if user.must_change_password or user.password_days_left == 0 else []
    if not way and membership is not None and second_factor.is_required(membership):
        first.append(FACTOR_PAGE)
    if first:
        session[_FIRST] = first
    accounts.note_access(user, "登录", {"二次验证": way} if way else {})


def comes_first(session: SessionBase, membership: Membership) -> str:
    """The name of the only page that is open to the person for now; empty where all of theirs are."""
    if membership.user.must_change_password:
        return PASSWORD_PAGE
    first: list[str] = session.get(_FIRST, [])
    return first[0] if first else ""


def done(session: SessionBase, page: str) -> None:
    """The page no longer comes first."""
    session[_FIRST] = [other for other in session.get(_FIRST, []) if other != page]


def wait_for_code(session: SessionBase, user: User, *, backend: str, then: str) -> None:
    """Remember, under a new session id, that the password was right; for a few minutes, and while it stays right."""
    session.cycle_key()
    until = timezone.now().timestamp() + settings.SECOND_FACTOR_SECONDS
    held = {"user": user.pk, "hash": user.get_session_auth_hash(), "until": until, "backend": backend, "then": then}
    session[_WAITING] = held


def waiting(session: SessionBase) -> Waiting | None:
    """Who is half signed in; None once the minutes are over, or the account was changed meanwhile."""
    held = session.get(_WAITING)
    if held is None or timezone.now().timestamp() >= held["until"]:
        return None
    user = User.objects.filter(pk=held["user"], is_active=True).first()
    if user is None or not constant_time_compare(user.get_session_auth_hash(), held["hash"]):
        return None
    return Waiting(user, held["backend"], held["then"])


def no_longer_waiting(session: SessionBase) -> None:
    """The code was right, or another way is taken."""
    session.pop(_WAITING, None)


@transaction.atomic
def try_code(request: HttpRequest, user: User, code: str, *, action: str = "登录", recovery: bool = True) -> str:
    """By which kind of code the account opens, empty where it does not: then it counts like a wrong password.

    Attempts at one account wait for each other, so that no more are tried at once than the lock allows.
    action: what the code is wanted for, in the audit's words. recovery: whether a recovery code will do.
    """
    second_factor.hold(user)
    locked = bool(accounts.locked_usernames([user.username]))
    way = "" if locked else second_factor.accept(user, code, recovery=recovery)
    request.axes_locked_out = locked  # type: ignore[attr-defined]  # where django-axes looks for it
    if not way:
        user_login_failed.send(sender=__name__, credentials={"username": user.username}, request=request)
        locked = bool(getattr(request, "axes_locked_out", False))
        accounts.note_refused(user.username, locked=locked, action=action, reason="二次验证没有通过")
    return way


def enrolling(session: SessionBase) -> str:
    """The sealed secret somebody is about to enrol; the same one for a page that is loaded again."""
    if _ENROLLING not in session:
        session[_ENROLLING] = second_factor.new_secret()
    return str(session[_ENROLLING])


def no_longer_enrolling(session: SessionBase) -> None:
    """It is in use, or could not be read."""
    session.pop(_ENROLLING, None)
