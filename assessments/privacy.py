"""What in a round's own words looks like personal data, looked at before the round is published; changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from assessments.models import Entry, Evidence, Objection, Round, SupportNote
from units.personal import named, personal

MOST = 100


@dataclass(frozen=True, slots=True)
class Flag:
    """One text. where: what kind of text it is; found: the numbers in it, mostly hidden."""

    entry_id: int
    item: str
    where: str
    found: str


def flags(round_: Round) -> list[Flag]:
    """The first hundred texts of the round's entries with an identity card's, mobile's or bank card's number in them.

    Reasons, opinions, notes of supporting units, names of evidence and objections with their answers. Four queries.
    """
    return list(islice(_flags(round_), MOST))


def _flags(round_: Round) -> Iterator[Flag]:
    for entry_id, item, where, text in _texts(round_):
        if found := personal(text):
            yield Flag(entry_id, item, where, named(found))


def _texts(round_: Round) -> Iterator[tuple[int, str, str, str]]:
    """Entry, its item's name, what the text is, the text."""
    of_round, name = {"entry__sheet__round": round_}, "entry__indicator__name"
    entries = Entry.objects.filter(sheet__round=round_).values_list(
        "pk", "indicator__name", "self_reason", "review_reason"
    )
    for pk, item, reason, opinion in entries.iterator():
        yield from ((pk, item, "扣分原因", reason), (pk, item, "审核意见", opinion))
    notes = SupportNote.objects.filter(**of_round).values_list("entry_id", name, "text")
    yield from ((pk, item, "配合说明", text) for pk, item, text in notes.iterator())
    evidence = Evidence.objects.present().filter(**of_round).values_list("entry_id", name, "name")
    yield from ((pk, item, "佐证材料名称", text) for pk, item, text in evidence.iterator())
    objections = Objection.objects.filter(**of_round).values_list("entry_id", name, "reason", "answer")
    for pk, item, reason, answer in objections.iterator():
        yield from ((pk, item, "申诉理由", reason), (pk, item, "申诉答复", answer))
