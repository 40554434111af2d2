"""The whole way of a unit without JavaScript: fill in, save, mend what was refused, hand in."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.test_cells import reason, score, state, stored
from tests.site import Site

pytestmark = pytest.mark.browser


def test_a_unit_fills_in_saves_and_hands_in_without_scripts(visit: Visit, site: Site, round_: int) -> None:
    page = visit("bgs-filler", f"/worklist/{round_}/", java_script_enabled=False)
    score(page, 0).fill("4")
    score(page, 1).fill("7")
    score(page, 2).fill("0.25")
    reason(page, 2).fill("只有上半年")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#problems")).to_contain_text("有 1 项没有保存，已填内容都保留着")
    expect(page).to_have_title("错误：填报第 " + str(page.title().split("第 ")[1]))
    expect(score(page, 1)).to_have_value("7")
    expect(state(page, 1)).to_contain_text("不能超过 1")
    assert stored(site, round_)[:3] == [("4", ""), (None, ""), ("0.25", "只有上半年")]
    score(page, 1).fill("1")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#filled")).to_have_text("3")
    page.get_by_role("link", name="提交（3 项已备齐）").click()
    page.get_by_role("button", name="提交 3 项").click()
    expect(page.locator("main")).to_contain_text("已提交 3 项")
    expect(page.locator("tr[data-save-url]")).to_have_count(3)


def test_two_without_scripts_on_one_row_see_both_values(visit: Visit, site: Site, round_: int) -> None:
    mine = visit("bgs-filler", f"/worklist/{round_}/", java_script_enabled=False)
    theirs = visit("bgs-signer", f"/worklist/{round_}/", java_script_enabled=False)
    for page, points, words in ((theirs, "3", "他们的"), (mine, "2", "我的")):
        score(page, 0).fill(points)
        reason(page, 0).fill(words)
        page.get_by_role("button", name="保存").click()
    expect(state(mine, 0)).to_contain_text("办公室负责人")
    expect(state(mine, 0)).to_contain_text("对方：3.00，他们的")
    expect(reason(mine, 0)).to_have_value("我的")
    assert stored(site, round_)[0] == ("3", "他们的")
