"""The review desk by keyboard: one key to go on, one to accept, one to a score, one to give back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.site import Site

pytestmark = pytest.mark.browser


def _here(page: Page) -> Locator:
    return page.locator("tr[data-review].is-here")


def _scores(site: Site, round_: int) -> list[tuple[str, str | None, str]]:
    found = site.rows(
        "SELECT e.stage, e.reviewed_score, e.review_reason FROM assessments_entry e"
        " JOIN assessments_scoresheet s ON s.id = e.sheet_id JOIN indicators_indicator i ON i.id = e.indicator_id"
        f" WHERE s.round_id = {round_} ORDER BY i.lft"
    )
    return [
        (str(stage), None if points is None else f"{float(points):g}", str(words)) for stage, points, words in found
    ]


def test_a_reviewer_accepts_corrects_and_gives_back_without_the_mouse(
    visit: Visit, site: Site, numbers: Callable[[str], int]
) -> None:
    round_ = numbers("审核第 1 轮")
    page = visit("reviewer", f"/reviews/{round_}/")
    page.keyboard.press("j")
    expect(_here(page)).to_contain_text("主动公开")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(_here(page)).to_contain_text("主动公开")
    page.keyboard.press("a")
    expect(_here(page)).to_contain_text("政策解读")
    expect(page.locator("tr[data-review]").first).to_contain_text("已审")
    page.keyboard.press("e")
    page.keyboard.type("0.5")
    page.keyboard.press("Enter")
    expect(_here(page)).to_contain_text("政策解读")
    expect(_here(page).get_by_label("审核意见")).to_be_focused()
    expect(_here(page).get_by_label("审核得分")).to_have_value("0.5")
    page.keyboard.type("缺解读材料")
    page.keyboard.press("Control+Enter")
    expect(_here(page)).to_contain_text("回应关切")
    page.keyboard.press("r")
    page.keyboard.type("网址打不开")
    page.keyboard.press("Control+Enter")
    expect(_here(page)).to_contain_text("网站建设")
    assert _scores(site, round_)[:4] == [
        ("accepted", "4", ""),
        ("accepted", "0.5", "缺解读材料"),
        ("returned", None, "网址打不开"),
        ("submitted", None, ""),
    ]


def test_two_reviewers_on_one_item_the_second_sees_both(
    visit: Visit, site: Site, numbers: Callable[[str], int]
) -> None:
    round_ = numbers("审核第 2 轮")
    mine, theirs = visit("reviewer", f"/reviews/{round_}/"), visit("office", f"/reviews/{round_}/")
    for page, points in ((theirs, "3"), (mine, "2")):
        row = page.locator("tr[data-review]").first
        row.get_by_label("审核得分").fill(points)
        row.get_by_label("审核意见").fill("材料不全")
        row.get_by_role("button", name="调整").click()
        expect(row.locator("[data-row-state]")).to_contain_text("3.00")
    expect(mine.locator("tr[data-review]").first).to_contain_text("李晓明")
    expect(mine.locator("tr[data-review]").first).to_contain_text("您填的是 2")
    assert _scores(site, round_)[0] == ("accepted", "3", "材料不全")


def test_letters_typed_into_an_opinion_are_words_and_no_commands(
    visit: Visit, site: Site, numbers: Callable[[str], int]
) -> None:
    round_ = numbers("审核第 3 轮")
    page = visit("reviewer", f"/reviews/{round_}/")
    opinion = page.locator("tr[data-review]").first.get_by_label("审核意见")
    opinion.click()
    page.keyboard.type("jkaer")
    expect(opinion).to_have_value("jkaer")
    assert [stage for stage, _, _ in _scores(site, round_)] == ["submitted"] * 6
