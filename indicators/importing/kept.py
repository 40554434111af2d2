"""A reading as an upload keeps it, and which stored indicator came from which of its nodes."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from indicators.models import Indicator, Ledger, Upload
from indicators.reading import report
from indicators.reading.drafts import LedgerDraft, Reading
from indicators.reading.pause import uncollected
from indicators.reading.weighing import weighed

_SPACE = uuid.UUID("6f1b8d6e-3a58-5c1e-9f0d-6f0c1f6f3c55")


def pack(reading: Reading) -> dict[str, Any]:
    """The object for the database; PostgreSQL forgets the order of keys, so the columns' is kept beside them."""
    obj = report.as_json(reading)
    for ledger in obj["ledgers"]:
        ledger["column_order"] = list(ledger["columns"])
    return obj


@uncollected()
def unpack(obj: Mapping[str, Any]) -> Reading:
    """The reading as it was read."""
    ledgers = [
        one | {"columns": {heading: one["columns"][heading] for heading in one["column_order"]}}
        for one in obj["ledgers"]
    ]
    return report.from_json({"source": obj["source"], "ledgers": ledgers})


def identity(upload: Upload, sheet: str, node: int) -> uuid.UUID:
    """The identity that a node of this file has in every version of its ledger."""
    return uuid.uuid5(_SPACE, f"{upload.sha256}/{sheet}/{node}")


def said_of(ledgers: Iterable[Ledger]) -> list[str]:
    """What a person said while these were imported: corrections of the reading, and repairs that were ticked."""
    codes = {"correction-used", "repair-applied"}
    found = (one["message"] for ledger in ledgers for one in ledger.findings if one["code"] in codes)
    return list(dict.fromkeys(found))


def drafted(ledger: Ledger) -> tuple[LedgerDraft, dict[int, int]] | None:
    """What was stored for a ledger, and node id → id of its indicator; None for a ledger made by hand.

    Holds for later versions too; nodes retired since are absent from the mapping.
    """
    upload = ledger.upload
    if upload is None or upload.reading is None:
        return None
    draft = next((weighed(one) for one in unpack(upload.reading).ledgers if one.sheet == ledger.sheet), None)
    if draft is None:
        return None
    known = dict(Indicator.objects.filter(ledger=ledger).printed().living().values_list("identity", "pk"))
    pairs = ((node.id, known.get(identity(upload, draft.sheet, node.id))) for node in draft.nodes)
    return draft, {node: pk for node, pk in pairs if pk is not None}
