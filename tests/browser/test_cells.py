"""The worksheet's cells under a clerk's hands: keys, input method, paste, rules, a colleague on the same row."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.site import Site

pytestmark = pytest.mark.browser

# one column of scores and one of reasons as Excel and WPS copy them: a cell with line breaks is quoted, quotes doubled
BLOCK = '3.5\t"第一行\n第二行说“""已改""”"\r\n1\t\r\n0.5\t\r\n'


def rows(page: Page) -> Locator:
    """The rows that can be filled."""
    return page.locator("tr[data-save-url]")


def score(page: Page, at: int) -> Locator:
    """The score cell of a row."""
    return rows(page).nth(at).get_by_label("自评得分")


def reason(page: Page, at: int) -> Locator:
    """The reason cell of a row."""
    return rows(page).nth(at).get_by_label("扣分原因")


def state(page: Page, at: int) -> Locator:
    """What a row says about itself."""
    return rows(page).nth(at).locator("[data-row-state]")


def stored(site: Site, round_: int) -> list[tuple[str | None, str]]:
    """Score and reason of each entry as the database has them, in the ledger's order."""
    found = site.rows(
        "SELECT e.self_score, e.self_reason FROM assessments_entry e"
        " JOIN assessments_scoresheet s ON s.id = e.sheet_id JOIN indicators_indicator i ON i.id = e.indicator_id"
        f" WHERE s.round_id = {round_} ORDER BY i.lft"
    )
    return [(None if points is None else f"{float(points):g}", str(words)) for points, words in found]


def paste(cell: Locator, text: str) -> None:
    """What Ctrl+V does with this text on the clipboard."""
    cell.focus()
    cell.evaluate(
        """(cell, text) => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          cell.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        text,
    )


@pytest.fixture
def page(visit: Visit, round_: int) -> Page:
    """办公室's worksheet of a round nobody has filled."""
    return visit("bgs-filler", f"/worklist/{round_}/")


def test_enter_and_arrows_and_tab_go_from_cell_to_cell_and_each_left_cell_is_saved(
    page: Page, site: Site, round_: int
) -> None:
    score(page, 0).click()
    page.keyboard.type("4")
    page.keyboard.press("Enter")
    expect(score(page, 1)).to_be_focused()
    page.keyboard.type("0.8")
    page.keyboard.press("Tab")
    expect(reason(page, 1)).to_be_focused()
    page.keyboard.type("解读不及时")
    page.keyboard.press("ArrowDown")
    expect(reason(page, 2)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(score(page, 2)).to_be_focused()
    page.keyboard.press("Shift+Enter")
    expect(score(page, 1)).to_be_focused()
    expect(state(page, 0)).to_contain_text("已保存")
    expect(state(page, 1)).to_contain_text("已保存")
    expect(page.locator("#filled")).to_have_text("2")
    assert stored(site, round_)[:3] == [("4", ""), ("0.8", "解读不及时"), (None, "")]


def test_an_arrow_inside_words_moves_the_caret_and_alt_enter_begins_a_new_line(page: Page) -> None:
    reason(page, 0).click()
    page.keyboard.type("甲乙")
    page.keyboard.press("ArrowLeft")
    expect(reason(page, 0)).to_be_focused()
    page.keyboard.press("Alt+Enter")
    expect(reason(page, 0)).to_have_value("甲\n乙")


def test_escape_gives_back_what_was_saved(page: Page, site: Site, round_: int) -> None:
    score(page, 0).fill("4")
    score(page, 0).press("Enter")
    expect(state(page, 0)).to_contain_text("已保存")
    score(page, 0).click()
    score(page, 0).fill("9")
    expect(state(page, 0)).to_contain_text("不能超过 4")
    page.keyboard.press("Escape")
    expect(score(page, 0)).to_have_value("4.00")
    expect(state(page, 0)).to_contain_text("已保存")
    assert stored(site, round_)[0] == ("4", "")


def test_enter_that_chooses_a_word_in_the_input_method_stays_in_the_cell(page: Page) -> None:
    reason(page, 0).click()
    moved = reason(page, 0).evaluate(
        """(cell) => {
          const key = { key: "Enter", keyCode: 229, bubbles: true, cancelable: true, isComposing: true };
          cell.dispatchEvent(new CompositionEvent("compositionstart", { bubbles: true }));
          cell.setRangeText("公开", 0, 0, "end");
          cell.dispatchEvent(new InputEvent("input", { bubbles: true, isComposing: true }));
          const refused = !cell.dispatchEvent(new KeyboardEvent("keydown", key));
          cell.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true, data: "公开" }));
          return refused;
        }"""
    )
    assert moved is False
    expect(reason(page, 0)).to_be_focused()
    expect(reason(page, 0)).to_have_value("公开")


def test_a_block_from_a_spreadsheet_fills_its_cells_and_undo_takes_the_whole_paste_back(
    page: Page, site: Site, round_: int
) -> None:
    paste(score(page, 0), BLOCK)
    expect(reason(page, 0)).to_have_value('第一行\n第二行说“"已改"”')
    expect(page.locator("[data-row-state]", has_text="已保存")).to_have_count(3)
    first = ("3.5", '第一行\n第二行说“"已改"”')
    assert stored(site, round_)[:4] == [first, ("1", ""), ("0.5", ""), (None, "")]
    page.keyboard.press("Control+z")
    for at in range(3):
        expect(score(page, at)).to_have_value("")
    expect(page.locator("#filled")).to_have_text("0")
    assert stored(site, round_) == [(None, "")] * 6


def test_one_bad_cell_of_a_pasted_block_costs_the_good_ones_nothing(page: Page, site: Site, round_: int) -> None:
    paste(score(page, 0), "4\n很好\n0.5\n")
    expect(state(page, 1)).to_contain_text("自评得分填 0 到 1 之间的数，未保存")
    expect(page.locator("[data-row-state]", has_text="已保存")).to_have_count(2)
    expect(score(page, 1)).to_have_value("很好")
    assert [points for points, _ in stored(site, round_)[:3]] == ["4", None, "0.5"]


def test_a_score_above_the_points_turns_red_at_once_and_is_never_saved(page: Page, site: Site, round_: int) -> None:
    score(page, 1).fill("1.5")
    expect(state(page, 1)).to_have_text("自评得分不能超过 1，未保存")
    score(page, 1).press("Enter")
    expect(score(page, 1)).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[data-unsaved]")).to_have_text("1 项未保存")
    page.reload()
    expect(score(page, 1)).to_have_value("1.5")
    expect(state(page, 1)).to_contain_text("不能超过 1")
    assert stored(site, round_)[1] == (None, "")


def test_less_than_full_points_is_saved_and_asks_for_the_reason(page: Page, site: Site, round_: int) -> None:
    score(page, 0).fill("3")
    score(page, 0).press("Enter")
    expect(state(page, 0)).to_contain_text("低于满分，请写扣分原因")
    expect(rows(page).nth(0)).to_have_attribute("data-state", "warned")
    expect(page.locator("#ready")).to_have_text("0")
    assert stored(site, round_)[0] == ("3", "")
    reason(page, 0).fill("缺一份材料")
    reason(page, 0).press("Tab")
    expect(rows(page).nth(0)).to_have_attribute("data-state", "saved")
    expect(page.locator("#ready")).to_have_text("1")


def test_full_width_digits_count_and_an_item_that_does_not_apply_waits_for_its_reason(
    page: Page, site: Site, round_: int
) -> None:
    score(page, 0).fill("３．５")
    score(page, 0).press("Tab")
    expect(score(page, 0)).to_have_value("3.50")
    score(page, 1).fill("不涉及")
    score(page, 1).press("Tab")
    expect(state(page, 1)).to_have_text("不涉及，请写原因，未保存")
    expect(score(page, 1)).not_to_have_class("is-off")
    reason(page, 1).fill("本单位没有此类事项")
    reason(page, 1).press("Tab")
    expect(rows(page).nth(1)).to_have_attribute("data-state", "saved")
    assert stored(site, round_)[:2] == [("3.5", ""), (None, "本单位没有此类事项")]


def _both_on_the_first_row(visit: Visit, round_: int) -> tuple[Page, Page]:
    """The filler and the responsible person have the sheet open; the responsible person saves 3 first."""
    mine = visit("bgs-filler", f"/worklist/{round_}/")
    theirs = visit("bgs-signer", f"/worklist/{round_}/")
    paste(score(theirs, 0), "3\t他们的原因")
    expect(state(theirs, 0)).to_contain_text("已保存")
    paste(score(mine, 0), "2\t我的原因")
    expect(rows(mine).nth(0)).to_have_attribute("data-state", "conflict")
    return mine, theirs


@pytest.mark.parametrize(("choice", "kept"), [("保留我的", ("2", "我的原因")), ("采用对方的", ("3", "他们的原因"))])
def test_two_on_one_row_see_both_values_and_whose_they_are_and_one_of_them_decides(
    visit: Visit, site: Site, round_: int, choice: str, kept: tuple[str, str]
) -> None:
    mine, _ = _both_on_the_first_row(visit, round_)
    expect(state(mine, 0)).to_contain_text("办公室负责人")
    expect(state(mine, 0)).to_contain_text("对方：3.00，他们的原因")
    expect(reason(mine, 0)).to_have_value("我的原因")
    assert stored(site, round_)[0] == ("3", "他们的原因")
    mine.get_by_role("button", name=choice).click()
    expect(rows(mine).nth(0)).to_have_attribute("data-state", "saved")
    expect(score(mine, 0)).to_have_value(f"{float(kept[0]):.2f}")
    assert stored(site, round_)[0] == kept


def test_a_reason_of_five_hundred_characters_is_seen_whole(page: Page) -> None:
    reason(page, 0).fill("材料不全，" * 100)
    heights = reason(page, 0).evaluate("(cell) => [cell.clientHeight, cell.scrollHeight]")
    assert heights[0] >= heights[1]


def test_the_first_error_of_a_row_is_told_to_a_screen_reader(page: Page) -> None:
    expect(state(page, 0)).to_have_attribute("role", "status")
    score(page, 0).fill("5")
    expect(score(page, 0)).to_have_attribute("aria-invalid", "true")
