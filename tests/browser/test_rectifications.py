"""A filler answers an order to put a lost point right, the office rechecks it: sent back once, then closed."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

# of the demo's spot check (抽查): ordered, and nobody has answered it yet
UNIT, FILLER = "办公室", "bgs-filler"


def _open_the_order(page: Page) -> None:
    page.get_by_role("link", name="去整改").click()
    page.locator("tr", has_text="抽查").first.get_by_role("link").first.click()


def _answer(page: Page, words: str) -> None:
    page.get_by_label("整改情况", exact=True).fill(words)
    page.get_by_role("button", name="报整改情况").click()
    expect(page.get_by_text("等待政务公开办公室复查")).to_be_visible()


def test_an_order_is_answered_sent_back_answered_again_and_closed(visit: Visit) -> None:
    filler = visit(FILLER, "/worklist/")
    _open_the_order(filler)
    heading = filler.get_by_role("heading", level=1).inner_text()
    filler.get_by_label("网址（可不填）").last.fill("https://www.example.gov.cn/zxgk/1.html")
    filler.get_by_role("button", name="添加佐证").click()
    expect(filler.get_by_role("link", name="https://www.example.gov.cn/zxgk/1.html")).to_be_visible()
    _answer(filler, "已更新 12 条信息")

    office = visit("office", "/desk/")
    panel = office.locator("section", has=office.get_by_role("heading", name="整改", exact=True))
    panel.get_by_role("link", name="项").first.click()
    row = office.locator("tr", has_text="已更新 12 条信息")
    row.get_by_role("link").first.click()
    expect(office.get_by_role("heading", level=1)).to_have_text(heading)
    office.get_by_role("button", name="退回重新整改").click()
    expect(office.get_by_role("alert")).to_be_visible()
    office.get_by_label("退回原因").fill("三月的还缺")
    office.get_by_role("button", name="退回重新整改").click()
    expect(office.get_by_text("已退回重新整改")).to_be_visible()

    filler.reload()
    expect(filler.locator(".strip--wrong", has_text="复查没有通过：三月的还缺")).to_be_visible()
    _answer(filler, "三月的也补齐了")
    office.reload()
    office.get_by_label("复查意见").fill("符合要求")
    office.get_by_role("button", name="销号", exact=True).click()
    expect(office.get_by_text("已销号，办理完毕")).to_be_visible()
    filler.reload()
    expect(filler.get_by_text("已销号，办理完毕")).to_be_visible()
