"""The audit trail (审计): a line for what was done, chained to the one before, written in the act's transaction."""

import hashlib
import json
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from units.models import AuditEvent, Organisation, User


@transaction.atomic
def record(
    *,
    organisation: Organisation | None,
    actor: User | None,
    action: str,
    target: str = "",
    result: str = "成功",
    detail: dict[str, Any] | None = None,
    address: str | None = None,
) -> AuditEvent:
    """One more line, under the organisation's lock so that the chain has no forks."""
    if organisation is not None:
        Organisation.objects.select_for_update().get(pk=organisation.pk)
    last = AuditEvent.objects.filter(organisation=organisation).order_by("-pk").first()
    event = AuditEvent(
        organisation=organisation,
        at=timezone.now(),
        actor=actor,
        actor_name=str(actor) if actor else "",
        address=address,
        action=action,
        target=target[:300],
        result=result,
        detail=detail or {},
    )
    event.digest = _digest(event, last.digest if last else "")
    event.save(force_insert=True)
    return event


def verify(organisation: Organisation | None) -> AuditEvent | None:
    """The first line that was changed, or before which one is missing; None when the chain holds."""
    before = ""
    for event in AuditEvent.objects.filter(organisation=organisation).order_by("pk").iterator():
        if event.digest != _digest(event, before):
            return event
        before = event.digest
    return None


def client_address(request: HttpRequest) -> str | None:
    """Where the request came from; behind proxies of our own, the address they saw."""
    found = getattr(request, "axes_ip_address", None) or request.META.get("REMOTE_ADDR")
    return str(found) if found else None


def _digest(event: AuditEvent, before: str) -> str:
    words = [
        before,
        event.at.isoformat(timespec="microseconds"),
        event.actor_id,
        event.actor_name,
        event.address,
        event.action,
        event.target,
        event.result,
        event.detail,
    ]
    text = json.dumps(words, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
