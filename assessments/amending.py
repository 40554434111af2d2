"""更正: what the office corrects after publishing. The sealed rows stay; each correction is one more row and event."""

from decimal import Decimal
from uuid import uuid4

from django.db import transaction

from assessments import history, rights
from assessments.models import AmendmentCode, Entry, EntryState, ScoreAmendment
from assessments.refusals import NotNow, ReasonNeeded
from assessments.scoring.amounts import display_points, plain
from assessments.scoring.points import BadScore
from assessments.transitions import Action
from units import audit
from units.models import User

__all__ = ["BadScore", "NotNow", "ReasonNeeded", "amend", "last_of"]


@transaction.atomic
def amend(
    *,
    entry: Entry,
    score: Decimal | None,
    code: str,
    reason: str,
    by: User,
    key: str | None = None,
    number: int | None = None,
) -> ScoreAmendment:
    """The correction of a published entry's score; what was sealed stays beside it. The same key again is the same one.

    score: within the entry's maximum; None where the item does not apply (不涉及). code: an AmendmentCode.
    number: which amendment of the entry the form was made for (1 for the first); another one meanwhile is refused.
    Raises NotNow (not published, role, shared score, no difference), ReasonNeeded and BadScore.
    """
    reason, code = rights.words(reason), AmendmentCode(code)
    sent = (None if score is None else plain(score), code)
    done = history.act(Action.AMEND, by=by, key=key or uuid4().hex, sent=(*sent, reason), reason=reason)
    entry = history.locked(entry)
    if history.repeated(entry, done):
        return entry.amendments.get(event__key=done.key)
    rights.check(entry, done)
    before = last_of(entry)
    _fits(entry, before, score, number)
    if not reason:
        raise ReasonNeeded("更正要写明原因。")
    was = entry.earned if before is None else before.score
    changes = {"amended_score": [_written(was), _written(score)], "amendment_code": [None, code.value]}
    made = ScoreAmendment.objects.create(
        entry=entry,
        number=1 if before is None else before.number + 1,
        sealed_score=entry.earned,
        score=score,
        maximum=entry.maximum,
        code=code,
        reason=reason,
        by=by,
        at=done.at,
        event=history.append(entry, changes, done),
    )
    _record(made, entry, _written(was), by)
    return made


def last_of(entry: Entry) -> ScoreAmendment | None:
    """The amendment that counts, None where the sealed score does."""
    return entry.amendments.select_related("by").order_by("-number").first()


def _fits(entry: Entry, before: ScoreAmendment | None, score: Decimal | None, number: int | None) -> None:
    """Raises where the correction is no number for this entry, changes nothing, or another one was faster."""
    if number is not None and number != (1 if before is None else before.number + 1):
        raise NotNow("这一项刚刚由别人更正过，这次没有保存。核对后再更正。")
    if score is None and entry.shared_items.exists():
        raise NotNow("合并计分的项不能更正为不涉及。")
    if score is not None and not 0 <= score <= entry.maximum:
        raise BadScore(f"更正后得分在 0 和 {display_points(entry.maximum)} 之间")
    if before is not None:
        same = score == before.score
    else:
        same = entry.state == EntryState.NOT_APPLICABLE if score is None else score == entry.earned
    if same:
        raise NotNow("更正后得分与现在的得分相同，没有保存。")


def _written(score: Decimal | None) -> str | None:
    return None if score is None else plain(score)


def _record(made: ScoreAmendment, entry: Entry, before: str | None, by: User) -> None:
    audit.record(
        organisation=entry.sheet.round.organisation,
        actor=by,
        action="更正公布得分",
        target=f"{entry.sheet.round} · {entry.indicator}"[:300],
        detail={
            "entry": entry.pk,
            "number": made.number,
            "sealed": _written(made.sealed_score),
            "before": before,
            "after": _written(made.score),
            "code": made.code,
            "reason": made.reason[:200],
        },
    )
