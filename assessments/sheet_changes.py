"""What a filled-in offline sheet (离线填报表) would change, row by row; the verb that saves is `entries.save`.

The file is guarded before a byte of it is parsed, and held to limits far below those of a ledger.
Nothing is written here.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from django.core import signing

from assessments import entries, ruled, sheet_file, worksheet
from assessments.entries import SelfAssessment
from assessments.filling import Posted, typed_words
from assessments.models import Entry, Round
from assessments.refusals import ReasonNeeded
from assessments.ruled import Rules, Taken
from assessments.scoring.amounts import display_points
from assessments.scoring.answers import CHOICES, BadAnswer
from assessments.scoring.points import BadScore
from assessments.sheet_file import ASKED, ASKED_HEADING, CLAIM, FIRST_ANSWER, HEAD_ROW, REASON, REF, SCORE, Ref
from assessments.worksheet import NOT_APPLICABLE, Row
from indicators.reading import Refused
from indicators.reading.formats import workbook
from indicators.reading.formats.grid import Grid, letters
from indicators.reading.guard import Limits, check
from units.models import Unit

MIB = 1024 * 1024
# 2,000 items with long criteria are half of it
LIMITS = Limits(
    file_size=4 * MIB,
    entries=60,
    entry_size=16 * MIB,
    inflated_size=24 * MIB,
    sheets=5,
    last_row=5000,
    columns=40,
    cells=100_000,
    merges=200,
    merged_area=5000,
    elements=600_000,
)
NOT_OURS = "这不是从本页下载的填报表，或标识列被删除；重新下载后把内容填进去再上传"
SALT = "assessments.sheet_changes.2"


@dataclass(frozen=True, slots=True)
class Answered:
    """One thing a rule asks for that the file answers otherwise; was, now: as a person reads them."""

    label: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One row of the file that says something else than what is stored.

    state: "change" · "warned" (saved, but not ready to hand in) · "conflict" (changed here meanwhile) · "wrong".
    was, now: what stands here, what the file says; where the rules of the item were answered, the score they give.
    answers: what was entered for them, and what the file says. token: the change as the page sends it back; empty for
    what is wrong.
    """

    entry_id: int
    cell: str
    name: str
    was: tuple[str, str]
    now: tuple[str, str]
    state: str
    words: str
    token: str
    answers: tuple[Answered, ...] = ()


@dataclass(frozen=True, slots=True)
class _Typed:
    """A row's cells. answers: by field as words, None in a file without such cells."""

    score: str
    reason: str
    answers: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Differences:
    """What a file would change. same: rows as they stand here. strange: rows that are none of ours, a sentence each."""

    rows: tuple[Difference, ...]
    same: int
    strange: tuple[str, ...]

    @property
    def ready(self) -> int:
        """How many can be taken over."""
        return sum(bool(row.token) for row in self.rows)

    @property
    def wrong(self) -> int:
        """How many cannot."""
        return len(self.rows) - self.ready


def read(filename: str, stream: BinaryIO, round_: Round, unit: Unit) -> Differences:
    """The file compared with the unit's sheet as it is now. Raises Refused with a sentence for the clerk."""
    if check(filename, stream, LIMITS) != "xlsx":
        raise Refused("not-xlsx", "只能上传从本页下载的 .xlsx 填报表；另存为 .xlsx 后再上传")
    grid = _ours(workbook.xlsx(stream.read(), LIMITS), round_, unit)
    here = {int(row.ref): row for row in sheet_file.rows_of(worksheet.worksheet(round_, unit))}
    found = dict(_refs(grid))
    twice = {entry for entry, count in Counter(ref.entry_id for ref in found.values() if ref).items() if count > 1}
    entries_now = unit.entries.filter(sheet__round=round_).in_bulk(list(here))
    rules = ruled.of_ledger(round_.ledger_id)
    rows, same, strange = [], 0, []
    for at, ref in found.items():
        if ref is None or ref.entry_id in twice or ref.entry_id not in here:
            strange.append(f"第 {at + 1} 行：{_why(ref, twice)}，没有读取")
            continue
        one = _difference(grid, at, ref, here[ref.entry_id], entries_now[ref.entry_id], rules)
        same += one is None
        rows += [one] if one else []
    return Differences(tuple(rows), same, tuple(strange[:50]))


def accepted(tokens: Sequence[str], unit: Unit, key: str) -> list[Posted]:
    """The changes that were ticked, as `filling.save_rows` takes them; what was changed on the way is left out."""
    found = []
    for token in tokens:
        try:
            entry_id, unit_id, version, score, reason, answers = signing.loads(token, salt=SALT)
        except signing.BadSignature:
            continue
        if unit_id == unit.pk:
            found.append(Posted(entry_id, version, score, reason, key, answers))
    return found


def _ours(grids: Iterable[Grid], round_: Round, unit: Unit) -> Grid:
    for grid in grids:
        head = grid.rows[HEAD_ROW - 1] if grid.height >= HEAD_ROW else []
        known = sheet_file.of_round(head[REF - 1]) if len(head) >= REF else None
        if known == (round_.pk, unit.pk):
            return grid
        if known is not None:
            raise Refused("another-sheet", f"这份填报表不是“{round_.name}”{unit}的；在对应的轮次里上传")
    raise Refused("not-ours", NOT_OURS)


def _refs(grid: Grid) -> Iterable[tuple[int, Ref | None]]:
    """Rows below the heading that have a hidden cell, or something in the cells to fill."""
    for at in range(HEAD_ROW, grid.height):
        row = grid.rows[at]
        text = row[REF - 1] if len(row) >= REF else ""
        if text or any(_cell(row, column) for column in (SCORE, CLAIM)):
            yield at, sheet_file.of_row(text)


def _why(ref: Ref | None, twice: Iterable[int]) -> str:
    if ref is None:
        return "不是下载时就有的行，或标识被改动"
    return "同一项出现了两次" if ref.entry_id in set(twice) else "这一项不归本单位填报"


def _difference(grid: Grid, at: int, ref: Ref, row: Row, entry: Entry, rules: Rules) -> Difference | None:
    """What the file says otherwise; None where nothing was typed into it, or the same stands here."""
    typed = _typed(grid, at, row)
    here = sheet_file.answers_of(row) if typed.answers is not None else None
    was, said = (row.score, row.reason), sheet_file.printed(typed.score, typed.reason, typed.answers)
    stands = sheet_file.printed(*was, here)
    if said in {ref.print, stands}:
        return None
    fields = _fields(typed)
    problem, column, now = _outcome(typed, fields, row, entry, rules)
    state, words = "change", ""
    if problem:
        state, words = "wrong", problem
    elif ref.print != stands:
        state, words = "conflict", f"下载后{entry.self_by or '他人'}已改为上面的内容，勾选则以文件为准"
    elif lacking := _lacking(now, entry):
        state, words = "warned", lacking
    token = [entry.pk, entry.unit_id, entry.version, typed.score, typed.reason, fields]
    cell = f"{grid.sheet}!{letters(column - 1)}{at + 1}"
    said_now = (_score(now), now.reason) if now else (typed.score, typed.reason)
    sealed = "" if problem else signing.dumps(token, salt=SALT)
    return Difference(entry.pk, cell, row.name, was, said_now, state, words, sealed, _answered(row, typed))


def _outcome(
    typed: _Typed, fields: Mapping[str, str] | None, row: Row, entry: Entry, rules: Rules
) -> tuple[str, int, Taken | None]:
    """Why the row cannot be saved and in which column, empty where it can; and what it comes to.

    The last is None for a claim of 不涉及.
    """
    if row.locked:
        return f"{row.locked}，不能再填", SCORE, None
    if " " in typed.score and typed.score.endswith(NOT_APPLICABLE):
        return "自评得分和“不涉及”只填一个", SCORE, None
    if len(typed.reason) > 2000:
        return "扣分原因最多 2000 字", REASON, None
    words, claims = typed_words(typed.score)
    try:
        score = entries.typed_score(SelfAssessment(words, typed.reason, claims), typed.reason, entry.maximum)
        now = None if claims else ruled.taken(entry, score, fields, typed.reason, ruled.asked(entry, rules))
    except BadAnswer as refusal:
        return refusal.message, _column(row, refusal.field), None
    except BadScore as refusal:
        return refusal.message, SCORE, None
    except ReasonNeeded as refusal:
        return refusal.message, REASON, None
    return "", SCORE, now


def _column(row: Row, field: str) -> int:
    names = [one.name for one in row.fields]
    return FIRST_ANSWER + names.index(field) if field in names else SCORE


def _lacking(now: Taken | None, entry: Entry) -> str:
    """What the row would lack for handing in."""
    if now is None or now.score is None or now.reason:
        return ""
    if now.by_rules not in (None, now.score):
        return "与细则不符，提交前要写原因"
    return "低于满分，提交前要写扣分原因" if now.score < entry.maximum else ""


def _score(now: Taken) -> str:
    return "" if now.score is None else display_points(now.score)


def _typed(grid: Grid, at: int, row: Row) -> _Typed:
    """The row's cells; answers only where the file has them."""
    score, reason = _said(grid.rows[at])
    head = grid.rows[HEAD_ROW - 1]
    if not row.fields or _cell(head, ASKED) != ASKED_HEADING:
        return _Typed(score, reason, None)
    names = sheet_file.answers_of(row)
    return _Typed(
        score, reason, {name: _cell(grid.rows[at], column) for column, name in enumerate(names, FIRST_ANSWER)}
    )


def _fields(typed: _Typed) -> dict[str, str] | None:
    """The answers as a form would send them: 达到 is 1."""
    if not typed.answers:
        return None
    values = {words: value for value, words in CHOICES.items()}
    return {name: values.get(said, said) for name, said in typed.answers.items()}


def _answered(row: Row, typed: _Typed) -> tuple[Answered, ...]:
    if not typed.answers:
        return ()
    here = sheet_file.answers_of(row)
    labels = {one.name: one.label for one in row.fields}
    return tuple(
        Answered(labels[name], here[name] or "空白", said or "空白")
        for name, said in typed.answers.items()
        if said != here[name]
    )


def _said(row: Sequence[str]) -> tuple[str, str]:
    """The score and the reason of a row of the file; 不涉及 in its own column stands for a score."""
    score, claim, reason = (_cell(row, column) for column in (SCORE, CLAIM, REASON))
    if claim == NOT_APPLICABLE and score in {"", NOT_APPLICABLE}:
        return NOT_APPLICABLE, reason
    return (f"{score} {claim}" if claim else score), reason


def _cell(row: Sequence[str], column: int) -> str:
    return row[column - 1].strip() if len(row) >= column else ""
