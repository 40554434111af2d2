"""Anchors of the audit trail: once a day its last digest goes to a file outside the database and to the log.

Who can change the database by hand can also reckon the whole chain anew; then it no longer meets its anchors. Where a
backup is put back, anchors of the days after it are set aside by a line that says so, and a new beginning is cast.
"""

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
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


@dataclass(frozen=True, slots=True)
class Restored:
    """A backup was put back. set_aside: numbers of the file's lines, from 1, whose anchors it does not meet."""

    restored: str
    backup: str
    set_aside: list[int]


def cast(day: date) -> int:
    """How many anchors were written: one for each trail that has lines and none yet of that day."""
    held = {anchor.organisation for anchor in _holding().values() if anchor.day == day.isoformat()}
    return _write([found for key in _trails() if key not in held and (found := _last(day, key))])


def begin_anew(at: datetime, backup: str) -> Restored:
    """After a restore: anchors the trails no longer meet are set aside, and each trail gets an anchor of today."""
    gone = [line for line, one in _holding().items() if not _meets(one)]
    said = Restored(at.isoformat(timespec="seconds"), backup, gone)
    _write([said, *(found for key in _trails() if (found := _last(at.date(), key)))])
    return said


def parted(organisation: Organisation | None) -> Anchor | None:
    """The first anchor that the trail no longer meets: its line is gone, is another, or has lost lines before it."""
    key = organisation.pk if organisation else None
    return next((one for one in _holding().values() if one.organisation == key and not _meets(one)), None)


def restored() -> list[Restored]:
    """Every backup that was put back, in order."""
    return [one for _, one in _lines() if isinstance(one, Restored)]


def _meets(anchor: Anchor) -> bool:
    before = AuditEvent.objects.filter(organisation=anchor.organisation, pk__lte=anchor.last).order_by("-pk")
    digest = before.values_list("digest", flat=True).first()
    return digest == anchor.digest and before.count() == anchor.lines


def _trails() -> list[int | None]:
    """Keys of the organisations, and None for the trail of none."""
    return [None, *Organisation.objects.order_by("pk").values_list("pk", flat=True)]


def _write(new: Sequence[Anchor | Restored]) -> int:
    if new:
        _file().parent.mkdir(parents=True, exist_ok=True)
        with _file().open("a", encoding="utf-8") as file:
            file.writelines(f"{json.dumps(asdict(one), ensure_ascii=False)}\n" for one in new)
    for one in new:
        log.info("audit anchor %s", json.dumps(asdict(one), ensure_ascii=False))
    return len(new)


def _last(day: date, key: int | None) -> Anchor | None:
    trail = AuditEvent.objects.filter(organisation=key)
    last = trail.order_by("-pk").first()
    if last is None:
        return None
    return Anchor(day.isoformat(), key, trail.filter(pk__lte=last.pk).count(), last.pk, last.digest)


def _file() -> Path:
    return Path(settings.AUDIT_ANCHORS)


def _lines() -> Iterator[tuple[int, Anchor | Restored]]:
    """The file's lines by their numbers from 1; none where it does not exist yet."""
    if _file().exists():
        for number, line in enumerate(_file().read_text(encoding="utf-8").splitlines(), 1):
            said = json.loads(line)
            yield number, Restored(**said) if "restored" in said else Anchor(**said)


def _holding() -> dict[int, Anchor]:
    """The anchors in the order they were cast, by their lines, without those a restore set aside."""
    found: dict[int, Anchor] = {}
    for number, one in _lines():
        if isinstance(one, Anchor):
            found[number] = one
        else:
            # a restore sets aside what was cast before it, never what comes after
            found = {at: anchor for at, anchor in found.items() if at not in one.set_aside}
    return found
