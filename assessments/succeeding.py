"""What open rounds keep of an office that was merged: its entries are the successor's; past sheets keep the name."""

from django.db.models import F

from assessments.models import Entry, LateException, Phase, ScoreSheet
from units.models import Unit, User

_CLOSED = (Phase.PUBLISHED, Phase.ARCHIVED)


def take_over(old: Unit, new: Unit, _by: User | None) -> str:
    """The old office's entries in rounds that are not published, now filled by the new one.

    A sheet of its own in an open round stays, under the old name: what is ranked is what was assessed.
    """
    entries = Entry.objects.filter(unit=old).exclude(sheet__round__phase__in=_CLOSED)
    sheets = ScoreSheet.objects.filter(entries__in=entries).order_by("pk").distinct()
    # as every write into a sheet: its row first, in one order
    list(ScoreSheet.objects.select_for_update().filter(pk__in=list(sheets.values_list("pk", flat=True))).order_by("pk"))
    count = entries.update(unit=new, version=F("version") + 1)
    late = LateException.objects.filter(unit=old).exclude(round__phase__in=_CLOSED)
    theirs = set(LateException.objects.filter(unit=new).values_list("round_id", "phase"))
    for one in late:
        if (one.round_id, one.phase) not in theirs:
            LateException.objects.filter(pk=one.pk).update(unit=new)
    return f"进行中的轮次里 {count} 个填报项由“{new.name}”继续填报" if count else ""
