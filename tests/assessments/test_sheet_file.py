"""离线填报表: out, filled, in again: what differs is shown and only what is ticked is saved."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments import entries, sheet_changes, sheet_file
from assessments.models import Entry, Round, ScoreEvent, Shape
from assessments.sheet_changes import Differences
from assessments.worksheet import worksheet
from indicators.reading import Refused
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.assessments.visits import text, visit, wide
from tests.indicators.reading import bombs

pytestmark = pytest.mark.django_db

Fill = Callable[[Any], None]


def _made(who: Office, round_: Round, unit: int = 0) -> bytes:
    return sheet_file.workbook(worksheet(round_, who.units[unit]), who.units[unit])


def _filled(content: bytes, fill: Fill) -> bytes:
    """The file as a spreadsheet program stores it after `fill`."""
    book = openpyxl.load_workbook(BytesIO(content))
    fill(book["填报"])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _at(page: Any, name: str) -> int:
    """The row of the item with this name."""
    return next(row for row in range(4, page.max_row + 1) if str(page.cell(row, 1).value).split("\n")[0] == name)


def _set(name: str, score: object = None, claim: str | None = None, reason: str | None = None) -> Fill:
    def fill(page: Any) -> None:
        row = _at(page, name)
        for column, value in ((4, score), (5, claim), (6, reason)):
            if value is not None:
                page.cell(row, column).value = value

    return fill


def _both(*fills: Fill) -> Fill:
    def fill(page: Any) -> None:
        for one in fills:
            one(page)

    return fill


def _read(who: Office, round_: Round, content: bytes, unit: int = 0) -> Differences:
    return sheet_changes.read("自评表.xlsx", BytesIO(content), round_, who.units[unit])


def _send(client: Client, round_: Round, content: bytes) -> str:
    file = SimpleUploadedFile("自评表.xlsx", content)
    answer = client.post(f"/worklist/{round_.pk}/workbook/receive/", {"file": file})
    assert answer.status_code in {200, 422}
    return answer.content.decode()


def test_the_file_holds_the_sheet_with_only_the_cells_to_fill_unlocked() -> None:
    who = o.office()
    round_ = o.opened(who)
    o.fill(o.entry(round_, "主动公开"), "3.5", who.fillers[0], "缺一项")
    page = openpyxl.load_workbook(BytesIO(_made(who, round_)))["填报"]
    row = _at(page, "主动公开")
    assert [page.cell(row, column).value for column in (3, 4, 6)] == [4, 3.5, "缺一项"]
    assert page.protection.sheet
    assert [page.cell(row, column).protection.locked for column in range(1, 10)] == [True] * 3 + [False] * 3 + [
        True
    ] * 3
    assert page.column_dimensions["I"].hidden
    assert '"不涉及"' in {one.formula1 for one in page.data_validations.dataValidation}


def test_no_word_of_the_sheet_is_a_formula_in_the_file() -> None:
    who = o.office()
    evil = '=HYPERLINK("http://evil.example")'
    round_ = o.opened(who, spec={"=1+1": ((evil, "4"),)})
    o.fill(o.entry(round_, evil), "3", who.fillers[0], "=cmd|'/c calc'!A1")
    page = openpyxl.load_workbook(BytesIO(_made(who, round_)))["填报"]
    assert {cell.data_type for line in page.iter_rows() for cell in line if cell.value is not None} <= {"s", "n"}


def test_what_was_filled_in_is_shown_row_by_row_and_nothing_is_saved_by_looking() -> None:
    who = o.office()
    round_ = o.opened(who)
    o.fill(o.entry(round_, "政策解读"), "1", who.fillers[0])
    fill = _both(_set("主动公开", 3.5, reason="缺一项"), _set("回应关切", claim="不涉及", reason="没有这类事项"))
    found = _read(who, round_, _filled(_made(who, round_), fill))
    assert [(row.name, row.was, row.now, row.state) for row in found.rows] == [
        ("主动公开", ("", ""), ("3.5", "缺一项"), "change"),
        ("回应关切", ("", ""), ("不涉及", "没有这类事项"), "change"),
    ]
    assert (found.ready, found.same, found.strange) == (2, 2, ())
    assert o.entry(round_, "主动公开").self_score is None


def test_a_file_that_comes_back_as_it_went_changes_nothing() -> None:
    who = o.office()
    round_ = o.opened(who)
    o.fill(o.entry(round_, "主动公开"), "0.25", who.fillers[0], "第一行\n第二行")
    o.fill(o.entry(round_, "网站建设"), "3", who.fillers[0])
    found = _read(who, round_, _filled(_made(who, round_), lambda page: None))
    assert (found.rows, found.same) == ((), 4)


@pytest.mark.parametrize(
    ("fill", "cell", "words"),
    [
        (_set("主动公开", 5), "填报!D5", "自评得分不能超过 4"),
        (_set("主动公开", -1), "填报!D5", "自评得分不能是负数"),
        (_set("主动公开", "三分"), "填报!D5", "自评得分只能填数字和小数点，例如 0.5"),
        (_set("主动公开", "1e1"), "填报!D5", "自评得分只能填数字和小数点，例如 0.5"),
        (_set("主动公开", 1, claim="不涉及"), "填报!D5", "自评得分和“不涉及”只填一个"),
        (_set("主动公开", claim="不涉及"), "填报!F5", "申请不涉及要写明原因。"),
        (_set("主动公开", 3, reason="长" * 2001), "填报!F5", "扣分原因最多 2000 字"),
    ],
)
def test_what_cannot_be_saved_names_its_cell_and_says_what_to_do(fill: Fill, cell: str, words: str) -> None:
    who = o.office()
    round_ = o.opened(who)
    found = _read(who, round_, _filled(_made(who, round_), fill))
    assert [(row.cell, row.words, row.token) for row in found.rows] == [(cell, words, "")]


def test_a_score_below_the_points_without_a_reason_may_be_saved_but_is_marked() -> None:
    who = o.office()
    round_ = o.opened(who)
    found = _read(who, round_, _filled(_made(who, round_), _set("主动公开", 3)))
    assert [(row.state, bool(row.token)) for row in found.rows] == [("warned", True)]


def test_what_a_colleague_typed_meanwhile_is_a_conflict_that_shows_both() -> None:
    who = o.office()
    round_ = o.opened(who)
    content = _filled(_made(who, round_), _set("主动公开", 3, reason="缺一项"))
    o.fill(o.entry(round_, "主动公开"), "2", who.signers[0], "缺两项")
    o.fill(o.entry(round_, "政策解读"), "1", who.signers[0])
    found = _read(who, round_, content)
    assert [(row.name, row.state, row.was, row.now) for row in found.rows] == [
        ("主动公开", "conflict", ("2.00", "缺两项"), ("3", "缺一项"))
    ]


def test_a_row_that_was_handed_in_meanwhile_is_named_and_not_offered() -> None:
    who = o.office()
    round_ = o.opened(who)
    content = _filled(_made(who, round_), _set("主动公开", 3, reason="缺一项"))
    o.fill(o.entry(round_, "主动公开"), "4", who.fillers[0])
    entries.submit(round_, who.units[0], by=who.fillers[0], key=o.key())
    found = _read(who, round_, content)
    assert [(row.state, row.words) for row in found.rows] == [("wrong", "已提交，待审核，不能再填")]


def test_rows_made_up_copied_or_changed_are_named_and_not_read() -> None:
    who = o.office()
    round_ = o.opened(who)

    def meddle(page: Any) -> None:
        copied, forged = _at(page, "政策解读"), _at(page, "网站建设")
        _set("主动公开", 4)(page)
        end = page.max_row
        page.cell(end + 1, 4).value = 1
        for column in range(1, 10):
            page.cell(end + 2, column).value = page.cell(copied, column).value
        page.cell(forged, 9).value = str(page.cell(forged, 9).value).replace("row|", "row|1")

    found = _read(who, round_, _filled(_made(who, round_), meddle))
    assert [row.name for row in found.rows] == ["主动公开"]
    assert len(found.strange) == 4


def test_rows_may_be_sorted_and_columns_hidden_by_the_clerk() -> None:
    who = o.office()
    round_ = o.opened(who)

    def sort(page: Any) -> None:
        first, last = _at(page, "主动公开"), _at(page, "网站建设")
        _set("主动公开", 4)(page)
        for column in range(1, 10):
            one, other = page.cell(first, column), page.cell(last, column)
            one.value, other.value = other.value, one.value

    found = _read(who, round_, _filled(_made(who, round_), sort))
    assert [(row.name, row.now[0]) for row in found.rows] == [("主动公开", "4")]


def test_another_rounds_or_units_file_is_refused() -> None:
    who = o.office()
    round_, other = o.opened(who, shape=Shape.PER_UNIT), o.opened(who, shape=Shape.PER_UNIT)
    for content in (_made(who, other), _made(who, round_, unit=1)):
        with pytest.raises(Refused, match="不是"):
            _read(who, round_, content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 not really",
        b"%PDF-1.7",
        "序号,得分\n1,2".encode(),
        bombs.inflating(40),
        bombs.entities("utf-8"),
        bombs.wide(200),
        bombs.tall(900_000),
        bombs.overlapping(),
        bombs.archive(),
        bombs.encrypted_office(),
    ],
)
def test_hostile_and_foreign_files_are_refused_with_a_sentence(content: bytes) -> None:
    who = o.office()
    round_ = o.opened(who)
    page = _send(visit(who.fillers[0]), round_, content)
    assert "没有读取这个文件，什么都没有改" in page or "先选择填好的填报表" in page
    assert not ScoreEvent.objects.filter(action="save").exists()


def test_a_file_larger_than_allowed_is_not_kept() -> None:
    who = o.office()
    round_ = o.opened(who)
    page = _send(visit(who.fillers[0]), round_, b"x" * (sheet_changes.LIMITS.file_size + 1))
    assert "文件超过 4 MB，没有读取" in page


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(score=st.one_of(st.text(max_size=12), st.integers(), st.booleans()), reason=st.text(max_size=40))
def test_whatever_stands_in_the_cells_the_file_is_read_or_refused(score: object, reason: str) -> None:
    who = o.office(f"县 {o.key()}")
    round_ = o.opened(who, spec={"公开": (("主动公开", "4"),)})
    try:
        content = _filled(_made(who, round_), _set("主动公开", score, reason=reason))
    except (openpyxl.utils.exceptions.IllegalCharacterError, ValueError):
        return
    try:
        found = _read(who, round_, content)
    except Refused:
        return
    for row in found.rows:
        if row.token:
            assert row.now[0] in {"", "不涉及"} or 0 <= float(row.now[0]) <= 4


# ---- the pages -----------------------------------------------------------------------------------


def _ticks(page: str) -> list[str]:
    return [part.split('"', 1)[0] for part in page.split('name="change" value="')[1:]]


def test_only_what_is_ticked_is_saved_and_the_history_says_where_from() -> None:
    who = o.office()
    round_ = o.opened(who)
    client = visit(who.fillers[0])
    downloaded = client.get(f"/worklist/{round_.pk}/workbook/download/")
    assert downloaded["Content-Type"].endswith("spreadsheetml.sheet")
    fill = _both(_set("主动公开", 3, reason="缺一项"), _set("政策解读", 1))
    page = _send(client, round_, _filled(downloaded.content, fill))
    first, _ = _ticks(page)
    client.post(f"/worklist/{round_.pk}/workbook/accept/", {"change": [first], "key": o.key()})
    one = o.entry(round_, "主动公开")
    assert (str(one.self_score), one.self_reason, one.self_by) == ("3.0000", "缺一项", who.fillers[0])
    assert o.entry(round_, "政策解读").self_score is None
    assert list(ScoreEvent.objects.filter(action="save").values_list("source", flat=True)) == ["workbook"]
    assert "离线填报表" in text(client, f"/entries/{one.pk}/")


def test_the_same_click_twice_saves_once_and_a_stale_one_is_told() -> None:
    who = o.office()
    round_ = o.opened(who)
    client = visit(who.fillers[0])
    ticks = _ticks(_send(client, round_, _filled(_made(who, round_), _set("主动公开", 3, reason="缺一项"))))
    sent = {"change": ticks, "key": "once"}
    for _ in range(2):
        client.post(f"/worklist/{round_.pk}/workbook/accept/", sent)
    assert ScoreEvent.objects.filter(action="save").count() == 1
    o.fill(o.entry(round_, "主动公开"), "2", who.signers[0], "缺两项")
    answer = client.post(f"/worklist/{round_.pk}/workbook/accept/", {**sent, "key": "later"}, follow=True)
    assert "有冲突" in answer.content.decode()
    assert o.entry(round_, "主动公开").self_score == 2


def test_another_units_changes_and_made_up_ones_save_nothing() -> None:
    who = o.office()
    round_ = o.opened(who, shape=Shape.PER_UNIT)
    mine = _send(visit(who.fillers[0]), round_, _filled(_made(who, round_), _set("主动公开", 4)))
    other = visit(who.fillers[1])
    for change in (_ticks(mine), ["x"], ["a:b:c"], []):
        answer = other.post(f"/worklist/{round_.pk}/workbook/accept/", {"change": change, "key": o.key()}, follow=True)
        assert "没有勾选要保存的项" in answer.content.decode()
    assert not ScoreEvent.objects.filter(action="save").exists()
    assert _read(who, round_, _made(who, round_)).rows == ()


def test_a_round_of_another_unit_has_no_file() -> None:
    who = o.office()
    round_ = o.opened(who)
    stranger = visit(who.fillers[1])
    for path in ("", "download/"):
        assert stranger.get(f"/worklist/{round_.pk}/workbook/{path}").status_code == 404


def test_a_sheet_of_150_rows_goes_out_and_comes_back_whole() -> None:
    who = o.office()
    round_ = o.opened(who, spec=wide(150))

    def fill(page: Any) -> None:
        for row in range(4, page.max_row + 1):
            if page.cell(row, 9).value:
                page.cell(row, 4).value = 1

    client = visit(who.fillers[0])
    page = _send(client, round_, _filled(_made(who, round_), fill))
    ticks = _ticks(page)
    assert len(ticks) == 150
    client.post(f"/worklist/{round_.pk}/workbook/accept/", {"change": ticks, "key": o.key()})
    assert Entry.objects.filter(self_score=1).count() == 150
