"""离线填报表 with what the rules of an item ask for: a cell each, out and in again, and the score they give."""

from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from assessments import entries, rounds
from assessments.entries import SelfAssessment
from assessments.models import Round
from indicators import editing
from indicators.terms import Typed
from tests.assessments import office as o
from tests.assessments.office import Office
from tests.assessments.test_sheet_file import Fill, _at, _both, _filled, _made, _read, _send, _set, _ticks
from tests.assessments.visits import visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def ruled() -> tuple[Office, Round]:
    """主动公开 (4 points) loses 0.5 each time, 政策解读 (1 point) has two parts, 回应关切 (2) goes by a rate."""
    who = o.office()
    ledger = o.ledger(who.organisation, o.PLAIN, who.units[:1])
    items = {item.name: item for item in ledger.indicators.filter(is_item=True)}
    editing.set_rule(items["主动公开"], Typed("per_occurrence", deduct="0.5", cap="2"), by=who.office)
    editing.set_rule(items["政策解读"], Typed("checklist", parts="0.6 同步解读\n0.4 多种形式"), by=who.office)
    editing.set_rule(items["回应关切"], Typed("rate"), by=who.office)
    return who, rounds.open_round(o.prepared(who, ledger), by=who.office)


def _answer(name: str, *values: object) -> Fill:
    def fill(page: Any) -> None:
        for column, value in enumerate(values, 11):
            page.cell(_at(page, name), column).value = value

    return fill


def test_the_file_has_a_cell_for_each_thing_a_rule_asks_for(ruled: tuple[Office, Round]) -> None:
    who, round_ = ruled
    page = openpyxl.load_workbook(BytesIO(_made(who, round_)))["填报"]
    assert [page.cell(3, column).value for column in (10, 11, 12, 13)] == [
        "评分细则要填的内容", "细则填写 1", "细则填写 2", None,
    ]  # fmt: skip
    counted, ticked, plain = (_at(page, name) for name in ("主动公开", "政策解读", "网站建设"))
    assert page.cell(counted, 10).value == "1. 每次扣 0.5 分，最多扣 2 分（填次）"
    assert str(page.cell(ticked, 10).value).splitlines()[1] == "2. 多种形式（0.4 分）（填“达到”或“未达到”）"
    assert page.cell(plain, 10).value is None
    unlocked = [[page.cell(row, column).protection.locked for column in (11, 12)] for row in (counted, ticked, plain)]
    assert unlocked == [[False, True], [False, False], [True, True]]
    [choice] = [one for one in page.data_validations.dataValidation if one.formula1 == '"达到,未达到"']
    assert str(choice.sqref) == f"K{ticked}:L{ticked}" or str(choice.sqref).split() == [f"K{ticked}", f"L{ticked}"]


def test_what_was_counted_and_ticked_away_comes_back_and_gives_the_score(ruled: tuple[Office, Round]) -> None:
    who, round_ = ruled
    fill = _both(_answer("主动公开", 3), _answer("政策解读", "达到", "未达到"), _answer("回应关切", 85.5))
    found = _read(who, round_, _filled(_made(who, round_), fill))
    assert [(row.name, row.now, row.state) for row in found.rows] == [
        ("主动公开", ("2.5", "每次扣 0.5 分，发生 3 次，扣 1.5 分"), "change"),
        ("政策解读", ("0.6", "未达到：多种形式（0.4 分）；扣 0.4 分"), "change"),
        ("回应关切", ("1.71", found.rows[2].now[1]), "change"),
    ]
    assert [(one.label, one.was, one.now) for one in found.rows[1].answers] == [
        ("同步解读（0.6 分）", "空白", "达到"),
        ("多种形式（0.4 分）", "空白", "未达到"),
    ]
    client = visit(who.fillers[0])
    page = _send(client, round_, _filled(_made(who, round_), fill))
    assert "多种形式（0.4 分）：空白 → <strong>未达到</strong>" in page
    client.post(f"/worklist/{round_.pk}/workbook/accept/", {"change": _ticks(page), "key": o.key()})
    one = o.entry(round_, "政策解读")
    assert (list(one.rule_answer.values()), one.self_score, one.rule_score) == (
        [[True, False]], Decimal("0.6"), Decimal("0.6"),
    )  # fmt: skip
    assert list(o.entry(round_, "回应关切").rule_answer.values()) == ["85.5"]
    assert list(o.entry(round_, "主动公开").rule_answer.values()) == [3]
    again = _read(who, round_, _filled(_made(who, round_), lambda page: None))
    assert (again.rows, again.same) == ((), 4)


def test_a_new_count_over_an_old_score_gives_a_new_score_and_another_score_is_marked(
    ruled: tuple[Office, Round],
) -> None:
    who, round_ = ruled
    first = _filled(_made(who, round_), _answer("主动公开", 3))
    client = visit(who.fillers[0])
    client.post(f"/worklist/{round_.pk}/workbook/accept/", {"change": _ticks(_send(client, round_, first)), "key": "1"})
    content = _made(who, round_)
    [row] = _read(who, round_, _filled(content, _answer("主动公开", 1))).rows
    assert (row.was[0], row.now, [(one.was, one.now) for one in row.answers]) == (
        "2.50", ("3.5", "每次扣 0.5 分，发生 1 次，扣 0.5 分"), [("3", "1")],
    )  # fmt: skip
    [row] = _read(who, round_, _filled(content, _set("主动公开", 4))).rows
    assert (row.now, row.state, row.words) == (("4", ""), "warned", "与细则不符，提交前要写原因")
    assert row.token


@pytest.mark.parametrize(
    ("fill", "cell", "words"),
    [
        (_answer("主动公开", "三次"), "填报!K5", "次数填 0 到 9999 的整数"),
        (_answer("主动公开", 1.5), "填报!K5", "次数填 0 到 9999 的整数"),
        (_answer("政策解读", "达到", "差不多"), "填报!L6", "选择“达到”或“未达到”"),
        (_answer("回应关切", 101), "填报!K7", "比例不能超过 100"),
    ],
)
def test_an_answer_that_is_none_names_its_cell(ruled: tuple[Office, Round], fill: Fill, cell: str, words: str) -> None:
    who, round_ = ruled
    [row] = _read(who, round_, _filled(_made(who, round_), fill)).rows
    assert (row.cell, row.words, row.token, row.state) == (cell, words, "", "wrong")


def test_a_file_from_before_the_rules_were_asked_leaves_their_answers_alone(ruled: tuple[Office, Round]) -> None:
    who, round_ = ruled
    one = o.entry(round_, "主动公开")
    name = f"rule-{one.indicator.rules.get().pk}"
    entries.save(one, SelfAssessment("", answers={name: "3"}), version=0, key=o.key(), by=who.fillers[0])

    def older(page: Any) -> None:
        page.delete_cols(10, 5)
        _set("政策解读", 1)(page)

    found = _read(who, round_, _filled(_made(who, round_), older))
    assert [row.name for row in found.rows if row.state != "conflict"] == ["政策解读"]
    assert o.entry(round_, "主动公开").rule_answer
