"""The ledger's table in place: a form in the row and in the level cell, two editors, filters, folding by level."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.seed import DRAFTS
from tests.site import Site

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def _drafts(site: Site) -> Iterator[int]:
    found = dict(site.rows("SELECT title, id FROM indicators_ledger WHERE title LIKE '草稿台账%'"))
    return iter([int(found[f"草稿台账 {number}"]) for number in range(1, DRAFTS + 1)])


@pytest.fixture
def draft(_drafts: Iterator[int]) -> int:
    """A draft ledger nobody has touched: two indicators of the first level with three items each."""
    return next(_drafts)


def _edit(page: Page, name: str) -> None:
    """Opens the whole form of an indicator in its place."""
    page.get_by_role("link", name=name, exact=True).click()
    page.get_by_role("button", name="详细", exact=True).click()


def test_an_item_is_edited_in_its_row_and_the_sums_on_the_page_follow(visit: Visit, site: Site, draft: int) -> None:
    page = visit("office", f"/ledgers/{draft}/")
    expect(page.locator("#facts")).to_contain_text("标注 10.75 分")
    _edit(page, "政策解读")
    form = page.locator("form.editor-form")
    expect(form.get_by_label("名称")).to_be_focused()
    form.get_by_label("分值").fill("2.5")
    form.get_by_role("button", name="保存").click()
    expect(page.locator("tr.is-here")).to_contain_text("2.50")
    expect(page.locator("#facts")).to_contain_text("标注 12.25 分")
    expect(page.locator("form.editor-form")).to_have_count(0)
    assert page.url.endswith(f"/ledgers/{draft}/")
    said = site.rows(f"SELECT field, old, new FROM indicators_amendment WHERE ledger_id = {draft}")
    assert [(str(field), str(old).strip('"'), str(new).strip('"')) for field, old, new in said] == [
        ("分值", "1", "2.5")
    ]


def test_a_row_is_opened_and_escape_puts_it_back_as_it_was(visit: Visit, draft: int) -> None:
    page = visit("office", f"/ledgers/{draft}/")
    row = page.locator("tr", has=page.get_by_role("link", name="网站建设", exact=True))
    row.locator("td.num").click()
    page.get_by_role("button", name="详细", exact=True).click()
    form = page.locator("form.editor-form")
    form.get_by_label("名称").fill("不要保存")
    page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    expect(row).to_contain_text("2.00")


def test_a_level_is_renamed_in_its_own_cell(visit: Visit, draft: int) -> None:
    page = visit("office", f"/ledgers/{draft}/")
    _edit(page, "公开内容")
    cell = page.locator(".level-editor")
    cell.get_by_label("名称").fill("主动公开的内容")
    cell.get_by_label("分值").fill("6")
    cell.get_by_role("button", name="保存").click()
    level = page.locator("th.level", has_text="主动公开的内容")
    expect(level).to_contain_text("6 分")
    expect(level).to_contain_text("差 0.5")
    expect(page.locator("#attention")).to_contain_text("1 处标注分值与下级合计不符")


def test_wrong_points_are_refused_in_the_row_and_the_typed_words_stay(visit: Visit, draft: int) -> None:
    page = visit("office", f"/ledgers/{draft}/")
    _edit(page, "政策解读")
    form = page.locator("form.editor-form")
    form.get_by_label("名称").fill("政策解读情况")
    form.get_by_label("分值").fill("一分")
    form.get_by_role("button", name="保存").click()
    expect(form).to_contain_text("分值填数字，例如 0.5")
    expect(form.get_by_label("名称")).to_have_value("政策解读情况")


def test_of_two_editors_the_second_is_told_and_overwrites_nothing(visit: Visit, site: Site, draft: int) -> None:
    first, second = (visit("office", f"/ledgers/{draft}/") for _ in range(2))
    for page, words in ((first, "甲改的"), (second, "乙改的")):
        _edit(page, "政策解读")
        page.locator("form.editor-form").get_by_label("名称").fill(words)
    first.locator("form.editor-form").get_by_role("button", name="保存").click()
    expect(first.locator("tr.is-here")).to_contain_text("甲改的")
    second.locator("form.editor-form").get_by_role("button", name="保存").click()
    form = second.locator("form.editor-form")
    expect(form).to_contain_text("刚被别人修改过，您的内容没有保存")
    expect(form.get_by_label("名称")).to_have_value("乙改的")
    names = [name for (name,) in site.rows(f"SELECT name FROM indicators_indicator WHERE ledger_id = {draft}")]
    assert "甲改的" in names
    assert "乙改的" not in names


def test_filters_find_by_pinyin_initials_and_keep_a_short_address(visit: Visit, site: Site) -> None:
    (ledger,) = site.rows("SELECT id FROM indicators_ledger WHERE title = '浏览器台账'")[0]
    page = visit("office", f"/ledgers/{ledger}/")
    page.get_by_label("查找").fill("zfwz")
    page.get_by_label("查找").press("Enter")
    expect(page.get_by_role("heading", name="没有符合条件的指标")).to_be_visible()
    page.get_by_label("查找").fill("wzjs")
    page.get_by_label("查找").press("Enter")
    expect(page.locator("table.ledger tbody tr")).to_have_count(1)
    expect(page.locator("table.ledger")).to_contain_text("网站建设")
    assert page.url.endswith("?q=wzjs")
    page.get_by_role("link", name="清除条件").click()
    expect(page.locator("table.ledger tbody tr")).to_have_count(6)


def test_folded_to_the_first_level_each_row_carries_its_sum(visit: Visit, site: Site) -> None:
    (ledger,) = site.rows("SELECT id FROM indicators_ledger WHERE title = '浏览器台账'")[0]
    page = visit("office", f"/ledgers/{ledger}/")
    page.get_by_label("层级").select_option(index=1)
    expect(page.locator("table.ledger tbody tr")).to_have_count(2)
    expect(page.locator("table.ledger")).to_contain_text("下级 5.5 分")
    expect(page.locator("#facts")).to_contain_text("6 项")


def test_on_paper_no_merged_cell_covers_more_than_four_rows_and_each_piece_says_whose_they_are(
    visit: Visit, site: Site
) -> None:
    title = "2019年政务公开考核任务分工台账"
    found = site.rows(f"SELECT id FROM indicators_ledger WHERE title = '{title}' AND status = 'published'")
    page = visit("leader", f"/ledgers/{found[0][0]}/")
    table = page.locator("table.ledger")
    before = table.inner_html()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    spans = page.eval_on_selector_all("th.level", "cells => cells.map(cell => cell.rowSpan)")
    edges = page.eval_on_selector_all(
        "table.ledger tbody tr",
        "rows => rows.map(row => Math.round(row.lastElementChild.getBoundingClientRect().right))",
    )
    assert max(spans) == 4
    assert len(edges) == 100
    assert len(set(edges)) == 1
    assert page.locator("th.level", has_text="行政权力运行公开").count() > 5
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert table.inner_html() == before
