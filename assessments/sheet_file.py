"""离线填报表: a unit's sheet as an Excel file that can be filled away from the network; reading: `sheet_changes`.

Only the cells to fill are unlocked; what an item's rules ask for (次数、比例、达到与否) stands at the end of its row. A
hidden column names each row's entry, the version and words it was made from, and
a keyed digest over them, so that a row that was copied or made up is told from one of ours.
"""

import hashlib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import openpyxl
from django.core import signing
from openpyxl.styles import alignment, borders, fills, fonts, protection
from openpyxl.utils.cell import get_column_letter
from openpyxl.worksheet import datavalidation

from assessments.models import Round
from assessments.scoring.answers import CHOICES, Field
from assessments.scoring.points import BadScore, parse_score
from assessments.worksheet import NOT_APPLICABLE, Group, Row, Worksheet
from indicators.reading.text import clean
from units.models import Unit

# openpyxl has no types
_excel: Any = openpyxl
_styles: Any = fonts
_fill: Any = fills
_validation: Any = datavalidation
_protect: Any = protection
_align: Any = alignment
_line: Any = borders

SHEET = "填报"
FORM = "1"
SALT = "assessments.sheet_file"
HEADINGS = ("指标", "评分标准", "满分", "自评得分", "是否不涉及", "扣分原因", "退回原因", "状态")
WIDTHS = (44, 40, 8, 11, 11, 44, 24, 20)
SCORE, CLAIM, REASON, REF = 4, 5, 6, 9
# what the rules of a row ask for, numbered; then a cell for each
ASKED, FIRST_ANSWER = 10, 11
# more than a file takes columns; an item with more is filled on the page
MOST_ANSWERS = 25
ASKED_HEADING, ANSWER_HEADING = "评分细则要填的内容", "细则填写"
HEAD_ROW = 3
# a spreadsheet program takes no longer text
LONGEST_CELL = 4000
_EDITABLE = "FFFDF5"
_ANY = Decimal(10**9)


@dataclass(frozen=True, slots=True)
class Ref:
    """What the hidden cell of a row says: its entry, and the version and print of the words it was made from."""

    entry_id: int
    version: int
    print: str


Answers = Mapping[str, str]


def workbook(sheet: Worksheet, unit: Unit) -> bytes:
    """The unit's sheet as .xlsx bytes; rows that cannot be filled now stand in it locked."""
    book = _excel.Workbook()
    page = book.active
    page.title = SHEET
    _head(page, sheet.round, unit)
    choices = _choices(page)
    at = HEAD_ROW + 1
    for group in sheet.groups:
        at = _group(page, at, group)
        for row in group.rows:
            _row(page, at, row, choices)
            at += 1
    most = max((_answers(row) for row in rows_of(sheet)), default=0)
    if most:
        _answer_head(page, most)
    _validate(page, at)
    page.protection.sheet = True
    page.protection.formatColumns = page.protection.formatRows = page.protection.autoFilter = False
    page.freeze_panes = page.cell(HEAD_ROW + 1, 2)
    page.column_dimensions[get_column_letter(REF)].hidden = True
    page.page_setup.orientation, page.page_setup.fitToHeight = "landscape", 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def named(round_: Round, unit: Unit) -> str:
    """What the heading of the hidden column says: which round and unit the file is of."""
    return _signed(f"sheet|{FORM}|{round_.pk}|{unit.pk}")


def of_round(text: str) -> tuple[int, int] | None:
    """Round and unit of a heading; None for what no file of ours says."""
    parts = _checked(text)
    return (int(parts[2]), int(parts[3])) if parts and parts[:2] == ["sheet", FORM] else None


def of_row(text: str) -> Ref | None:
    """What a row's hidden cell says; None where it was changed by hand."""
    parts = _checked(text)
    return Ref(int(parts[1]), int(parts[2]), parts[3]) if parts and parts[0] == "row" else None


def _ref(row: Row) -> str:
    return _signed(f"row|{row.ref}|{row.version}|{printed(row.score, row.reason, answers_of(row))}")


def printed(score: str, reason: str, answers: Answers | None = None) -> str:
    """A short print of a row's cells as a spreadsheet keeps them: 0.5 is 0.50, and what nobody sees does not count.

    answers: by field; blank ones do not count either, so that a row without any has the print of its two cells.
    """
    number = score.rstrip("0").rstrip(".") if "." in score else score
    given = "".join(f"\x1f{name}={value}" for name, value in sorted((answers or {}).items()) if value)
    return hashlib.sha256(f"{number}\x1f{clean(reason)[0]}{given}".encode()).hexdigest()[:16]


def _signed(words: str) -> str:
    return signing.Signer(salt=SALT).sign(words)


def _checked(text: str) -> list[str]:
    try:
        return signing.Signer(salt=SALT).unsign(text.strip()).split("|")
    except signing.BadSignature:
        return []


def _head(page: Any, round_: Round, unit: Unit) -> None:
    _put(page, 1, 1, f"{round_.name} {unit}自评表", bold=True)
    hint = (
        "只填写浅黄色的单元格：自评得分填数字；不涉及的选“不涉及”并写明原因；右边有评分细则的，按编号填次数、比例或"
        "“达到”“未达到”，得分由细则算出，不用再填。不要增删行、列，填好后在系统里上传。"
    )
    _put(page, 2, 1, hint)
    for column, (words, width) in enumerate(zip(HEADINGS, WIDTHS, strict=True), 1):
        _put(page, HEAD_ROW, column, words, bold=True)
        page.column_dimensions[get_column_letter(column)].width = width
    _put(page, HEAD_ROW, REF, named(round_, unit))


def _group(page: Any, at: int, group: Group) -> int:
    _put(page, at, 1, group.title + (f"（{group.points} 分）" if group.points else ""), bold=True)
    return at + 1


def _row(page: Any, at: int, row: Row, choices: Any) -> None:
    claimed = row.score == NOT_APPLICABLE
    about = f"\n{row.together}" if row.together else ""
    _put(page, at, 1, row.name + about)
    _put(page, at, 2, row.criteria or "；".join(f"{one['text']}" for one in row.checkpoints))
    _number(page, at, 3, row.points)
    _number(page, at, SCORE, "" if claimed else row.score)
    _put(page, at, CLAIM, NOT_APPLICABLE if claimed else "")
    _put(page, at, REASON, row.reason)
    _put(page, at, 7, row.returned)
    _put(page, at, 8, _state(row))
    _put(page, at, REF, _ref(row))
    answers = _answers(row)
    if row.fields:
        _put(page, at, ASKED, _asked(row))
    for column, field in enumerate(row.fields[:answers], FIRST_ANSWER):
        said = words_of(field)
        if field.is_choice:
            _put(page, at, column, said)
            choices.add(f"{get_column_letter(column)}{at}")
        else:
            _number(page, at, column, said, "General")
    if not row.locked:
        for column in (SCORE, CLAIM, REASON, *range(FIRST_ANSWER, FIRST_ANSWER + answers)):
            cell = page.cell(at, column)
            cell.protection = _protect.Protection(locked=False)
            cell.fill = _fill.PatternFill("solid", fgColor=_EDITABLE)


def _answers(row: Row) -> int:
    """How many cells the row's rules have in the file; none where there are more than it takes."""
    return len(row.fields) if len(row.fields) <= MOST_ANSWERS else 0


def _asked(row: Row) -> str:
    if not _answers(row):
        return "细则较多，在系统里逐项填写"
    return "\n".join(
        f"{at}. {one.label}（填{'“达到”或“未达到”' if one.is_choice else one.unit}）"
        for at, one in enumerate(row.fields, 1)
    )


def _answer_head(page: Any, most: int) -> None:
    """The headings of what the rules ask for; only in a file in which there are any."""
    for column in range(ASKED, FIRST_ANSWER + most):
        words = ASKED_HEADING if column == ASKED else f"{ANSWER_HEADING} {column - ASKED}"
        _put(page, HEAD_ROW, column, words, bold=True)
        page.column_dimensions[get_column_letter(column)].width = 40 if column == ASKED else 12


def _choices(page: Any) -> Any:
    """The drop-down for what is met or not; its cells are added row by row."""
    choice = _validation.DataValidation(type="list", formula1=f'"{",".join(CHOICES.values())}"', allow_blank=True)
    choice.error, choice.errorTitle = "只能留空或选“达到”“未达到”", ANSWER_HEADING
    page.add_data_validation(choice)
    return choice


def words_of(field: Field) -> str:
    """What stands in the cell of one field."""
    return CHOICES.get(field.value, field.value) if field.is_choice else field.value


def answers_of(row: Row) -> dict[str, str]:
    """The row's answers as they stand here, by field; without those that have no cell in the file."""
    return {one.name: words_of(one) for one in row.fields[: _answers(row)]}


def _state(row: Row) -> str:
    """What the row says of itself; of a published round the score that counts, and what corrects it."""
    said = row.locked or row.words
    if row.sealed:
        said += f"；公布 {row.sealed}"
    if row.correction is not None:
        said += f" · 更正后 {row.correction.score}（{row.correction.code}：{row.correction.reason}）"
    return said


def _validate(page: Any, end: int) -> None:
    """Drop-down for 不涉及, and a score between nothing and the row's points, said before it is uploaded."""
    last = max(end - 1, HEAD_ROW + 1)
    choice = _validation.DataValidation(type="list", formula1=f'"{NOT_APPLICABLE}"', allow_blank=True)
    choice.error, choice.errorTitle = f"只能留空或选“{NOT_APPLICABLE}”", "是否不涉及"
    choice.add(f"E{HEAD_ROW + 1}:E{last}")
    least = _validation.DataValidation(type="decimal", operator="greaterThanOrEqual", formula1="0", allow_blank=True)
    least.error, least.errorTitle = "自评得分填 0 或正数，不超过满分", "自评得分"
    least.add(f"D{HEAD_ROW + 1}:D{last}")
    page.add_data_validation(choice)
    page.add_data_validation(least)


def _put(page: Any, row: int, column: int, words: str, *, bold: bool = False) -> None:
    """Words as text, whatever they begin with."""
    cell = page.cell(row, column)
    cell.value = "".join(char for char in words[:LONGEST_CELL] if char >= " " or char in "\t\n")
    cell.data_type = "s"
    cell.alignment = _align.Alignment(wrap_text=row >= HEAD_ROW and column != REF, vertical="top")
    if bold:
        cell.font = _styles.Font(bold=True)
    if row >= HEAD_ROW:
        side = _line.Side(style="thin", color="D9DFE7")
        cell.border = _line.Border(left=side, right=side, top=side, bottom=side)


def _number(page: Any, row: int, column: int, words: str, shown: str = "0.00##") -> None:
    """A printed number as a number; what is none, as the words it is. shown: the cell's number format."""
    _put(page, row, column, words)
    try:
        value = parse_score(words, _ANY) if words else None
    except BadScore:
        return
    cell = page.cell(row, column)
    cell.value = value
    cell.number_format = shown


def rows_of(sheet: Worksheet) -> Iterable[Row]:
    """The sheet's rows in their order."""
    return (row for group in sheet.groups for row in group.rows)
