"""What becomes of typed rows: each is saved by itself, and a bad one never takes a good one with it."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from assessments import entries, worksheet
from assessments.entries import SelfAssessment
from assessments.models import Entry, Round
from assessments.refusals import ChangedMeanwhile, NotNow, ReasonNeeded
from assessments.scoring.points import BadScore
from assessments.worksheet import NOT_APPLICABLE, Typed
from units.models import Unit, User


@dataclass(frozen=True, slots=True)
class Posted:
    """One row as it came: the typed words, the version they were typed over, and the mark of this one sending."""

    entry_id: int
    version: int
    score: str
    reason: str
    key: str
    answers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one row. state: "saved" · "invalid" · "conflict"; entry: as it is stored now."""

    state: str
    entry: Entry
    message: str = ""
    field: str = ""

    def as_json(self) -> dict[str, Any]:
        """The answer cells.js reads."""
        score, reason = worksheet.cells(self.entry)
        if self.state == "saved":
            at = timezone.localtime(self.entry.self_at) if self.entry.self_at else timezone.localtime()
            said = {
                "score": score,
                "reason": reason,
                "saved_at": f"{at:%H:%M}",
                "message": worksheet.beside_rules(self.entry),
            }
            totals = worksheet.totals(self.entry)
            return {"state": self.state, "version": self.entry.version, "totals": totals} | said
        if self.state == "conflict":
            theirs = {"by": str(self.entry.self_by or "他人"), "score": score, "reason": reason}
            theirs |= {one.name: one.value for one in worksheet.rule_fields(self.entry)}
            return {"state": self.state, "message": self.message, "version": self.entry.version, "theirs": theirs}
        return {"state": self.state, "message": self.message} | ({"field": self.field} if self.field else {})


def typed_words(score: str) -> tuple[str, bool]:
    """A typed score cell as score and claim: 不涉及 stands in the place of a score."""
    claims = unicodedata.normalize("NFKC", score).strip() == NOT_APPLICABLE
    return ("" if claims else score), claims


def attempt(entry: Entry, posted: Posted, *, by: User, source: str = "form") -> Answer:
    """Save one row, or say why not; what was typed is never lost on the way."""
    score, claims = typed_words(posted.score)
    values = SelfAssessment(score, posted.reason, claims, posted.answers)
    try:
        saved = entries.save(entry, values, version=posted.version, key=posted.key, by=by, source=source)
        return Answer("saved", saved)
    except ChangedMeanwhile as clash:
        now = clash.entry
        when = f" {timezone.localtime(now.self_at):%H:%M}" if now.self_at else ""
        return Answer("conflict", now, f"有冲突：{now.self_by or '他人'}{when} 已先保存")
    except BadScore as refusal:
        return Answer("invalid", entry, _unsaved(refusal.message), refusal.field)
    except ReasonNeeded as refusal:
        return Answer("invalid", entry, _unsaved(refusal.message), "reason")
    except NotNow as refusal:
        return Answer("invalid", entry, _unsaved(refusal.message))


def _unsaved(sentence: str) -> str:
    return f"{sentence.rstrip('。')}，未保存"


@dataclass(frozen=True, slots=True)
class Filled:
    """What became of a whole form: how many rows were saved, and what stands in those that were not."""

    saved: int
    refused: dict[int, Typed]


def save_rows(round_: Round, unit: Unit, posted: Iterable[Posted], *, by: User, source: str = "form") -> Filled:
    """Save every row of one page or file, one after the other; a bad one holds no other up."""
    rows = {row.entry_id: row for row in posted}
    known = unit.entries.filter(sheet__round=round_, pk__in=rows).select_related("sheet__round", "indicator")
    saved = 0
    refused: dict[int, Typed] = {}
    for entry in known:
        row = rows[entry.pk]
        answer = attempt(entry, row, by=by, source=source)
        if answer.state == "saved":
            saved += 1
            continue
        off = (answer.field,) if answer.field else ("score", "reason")
        refused[entry.pk] = Typed(row.score, row.reason, answer.state, _words(answer), off, row.answers or {})
    return Filled(saved, refused)


def _words(answer: Answer) -> str:
    if answer.state != "conflict":
        return answer.message
    score, reason = worksheet.cells(answer.entry)
    return f"{answer.message}；对方：{'，'.join(part for part in (score, reason) if part) or '空白'}"
