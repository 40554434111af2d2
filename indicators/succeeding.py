"""What ledgers keep of an office that was merged: drafts name the successor, published ones keep their words."""

from django.db.models import F

from indicators.editing.fields import NAMES
from indicators.models import Amendment, Indicator, LedgerStatus, Responsibility
from units.models import Unit, User


def take_over(old: Unit, new: Unit, by: User | None) -> str:
    """The old office's duties in drafts, now the new one's; each is a line of its ledger's amendments."""
    held = Responsibility.objects.filter(unit=old, indicator__ledger__status=LedgerStatus.DRAFT)
    rows = list(held.select_related("indicator__ledger"))
    if not rows:
        return ""
    theirs = set(Responsibility.objects.filter(unit=new).values_list("indicator_id", "role"))
    double = [row.pk for row in rows if (row.indicator_id, row.role) in theirs]
    Responsibility.objects.filter(pk__in=double).delete()
    Responsibility.objects.filter(pk__in=[row.pk for row in rows]).update(unit=new, written=new.name)
    touched = {row.indicator_id: row.indicator for row in rows}
    Indicator.objects.filter(pk__in=touched).update(edits=F("edits") + 1)
    Amendment.objects.bulk_create(
        Amendment(
            ledger=one.ledger,
            indicator=one,
            actor=by,
            action=Amendment.Action.EDITED,
            field=NAMES["parts"],
            old=[old.name],
            new=[new.name],
        )
        for one in touched.values()
    )
    return f"草稿台账里的 {len(touched)} 项责任改到“{new.name}”"
