"""The audit trail: one chained line for every act, written in the act's own transaction. Nobody edits it."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC
from ipaddress import IPv6Address, ip_address
from typing import Any

from axes.helpers import get_client_ip_address
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from units.models import AuditEvent, Organisation, User

DONE, FAILED, LOCKED = "成功", "失败", "已锁定"
# set for the time of a request, so that no verb has to be told where it is asked from
_asked_from: ContextVar[str | None] = ContextVar("asked_from", default=None)
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")


@transaction.atomic
def record(
    *,
    organisation: Organisation | None,
    actor: User | None,
    action: str,
    target: str = "",
    result: str = DONE,
    detail: Mapping[str, Any] | None = None,
    address: str | None = None,
    actor_name: str = "",
) -> AuditEvent:
    """The new line, chained to the organisation's line before it.

    Call it last in the transaction: from here to its end, other writers of the same organisation's trail wait.
    actor_name: what was typed where there is no account. detail: plain JSON values; points as strings.
    address: the request's own unless told.
    """
    _hold_chain(organisation)
    event = AuditEvent(
        organisation=organisation,
        at=timezone.now(),
        actor=actor,
        actor_name=_plain(actor_name or _called(actor), 150),
        address=address or _asked_from.get(),
        action=_plain(action, 50),
        target=_plain(target, 300),
        result=_plain(result, 20),
        detail=_plain_values(dict(detail or {})),
    )
    last = AuditEvent.objects.filter(organisation=organisation).order_by("-id").values_list("digest", flat=True)
    event.digest = _digest(last.first() or "", event)
    event.save(force_insert=True)
    return event


def verify(organisation: Organisation | None) -> AuditEvent | None:
    """The first line that no longer agrees with its digest or with the line before it; None while all do."""
    before = ""
    for event in AuditEvent.objects.filter(organisation=organisation).order_by("id").iterator(chunk_size=2000):
        if event.digest != _digest(before, event):
            return event
        before = event.digest
    return None


@contextmanager
def asked_by(request: HttpRequest) -> Iterator[None]:
    """Lines written inside carry the request's address."""
    token = _asked_from.set(client_address(request))
    try:
        yield
    finally:
        _asked_from.reset(token)


def client_address(request: HttpRequest) -> str | None:
    """Where the request came from; behind PROXY_COUNT proxies, what the outermost trusted one saw."""
    found = get_client_ip_address(request)
    if not found:
        return None
    address = ip_address(str(found))
    # as both databases give it back, or the digest would not agree
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def _called(actor: User | None) -> str:
    if actor is None:
        return "系统"
    return f"{actor.display_name}（{actor.username}）" if actor.display_name else actor.username


def _hold_chain(organisation: Organisation | None) -> None:
    """Two lines written at once would chain to the same line; lines of no organisation wait at the oldest one."""
    rows = Organisation.objects.select_for_update(no_key=True).order_by("pk")
    held = rows.filter(pk=organisation.pk) if organisation else rows
    held.first()


def _digest(before: str, event: AuditEvent) -> str:
    parts = [
        before,
        event.organisation_id,
        event.at.astimezone(UTC).isoformat(),
        event.actor_id,
        event.actor_name,
        event.address,
        event.action,
        event.target,
        event.result,
        event.detail,
    ]
    words = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(words.encode()).hexdigest()


def _plain(words: str, longest: int) -> str:
    return _UNPRINTABLE.sub("", words)[:longest]


def _plain_values(value: Any) -> Any:
    """The value with every text cleaned; PostgreSQL stores no NUL in JSON."""
    if isinstance(value, dict):
        return {_plain(str(key), 100): _plain_values(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain_values(one) for one in value]
    return _UNPRINTABLE.sub("", value) if isinstance(value, str) else value
