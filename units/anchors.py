"""Anchors of the audit trail: once a day its last digest goes to a file outside the database and to the log.

Who can change the database by hand can also reckon the whole chain anew; then it no longer meets its anchors.
"""

import json
import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from django.conf import settings

from units.models import AuditEvent, Organisation

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Anchor:
    """The trail's last line on a day. organisation: its key, None for lines of no organisation; lines: how many."""

    day: str
    organisation: int | None
    lines: int
    last: int
    digest: str


def cast(day: date) -> int:
    """How many anchors were written: one for each trail that has lines and none yet of that day."""
    cast_before = {anchor.organisation for anchor in _kept() if anchor.day == day.isoformat()}
    keys = [None, *Organisation.objects.order_by("pk").values_list("pk", flat=True)]
    new = [found for key in keys if key not in cast_before and (found := _last(day, key))]
    if new:
        _file().parent.mkdir(parents=True, exist_ok=True)
        with _file().open("a", encoding="utf-8") as file:
            file.writelines(f"{json.dumps(asdict(anchor))}\n" for anchor in new)
    for anchor in new:
        log.info("audit anchor %s", json.dumps(asdict(anchor)))
    return len(new)


def parted(organisation: Organisation | None) -> Anchor | None:
    """The first anchor that the trail no longer meets: its line is gone, is another, or has lost lines before it."""
    key = organisation.pk if organisation else None
    for anchor in _kept():
        if anchor.organisation == key:
            before = AuditEvent.objects.filter(organisation=organisation, pk__lte=anchor.last).order_by("-pk")
            digest = before.values_list("digest", flat=True).first()
            if digest != anchor.digest or before.count() != anchor.lines:
                return anchor
    return None


def _last(day: date, key: int | None) -> Anchor | None:
    trail = AuditEvent.objects.filter(organisation=key)
    last = trail.order_by("-pk").first()
    if last is None:
        return None
    return Anchor(day.isoformat(), key, trail.filter(pk__lte=last.pk).count(), last.pk, last.digest)


def _file() -> Path:
    return Path(settings.AUDIT_ANCHORS)


def _kept() -> Iterator[Anchor]:
    """The anchors in the order they were cast; none where the file does not exist yet."""
    if _file().exists():
        for line in _file().read_text(encoding="utf-8").splitlines():
            yield Anchor(**json.loads(line))
