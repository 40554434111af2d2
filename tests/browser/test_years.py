"""The office copies last year's ledger, changes one line, and sees exactly that beside the old one."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.site import Site

pytestmark = pytest.mark.browser
TITLE = "2019年政务公开考核任务分工台账"


def test_a_year_is_copied_edited_and_laid_beside_the_last(site: Site, visit: Visit) -> None:
    ((ledger,),) = site.rows(f"SELECT id FROM indicators_ledger WHERE title = '{TITLE}' AND status = 'published'")
    page = visit("office", f"/ledgers/{ledger}/")
    page.get_by_text("年度", exact=True).click()
    page.get_by_role("link", name="复制为下一年度").click()
    expect(page.get_by_label("名称")).to_have_value(TITLE.replace("2019", "2020"))
    page.get_by_role("button", name="建立草稿").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE.replace("2019", "2020"))
    found = re.search(r"/ledgers/(\d+)/", page.url)
    assert found is not None
    copy = found[1]
    ((item, name),) = site.rows(
        f"SELECT id, name FROM indicators_indicator WHERE ledger_id = {copy} AND name LIKE '是否建立%预公开专栏'"
    )
    page.goto(f"{site.address}/ledgers/indicators/{item}/edit/")
    page.locator("[name=name]").fill(f"{name}并保持更新")
    page.get_by_role("button", name="保存").first.click()
    page.goto(f"{site.address}/ledgers/{copy}/")
    page.get_by_text("年度", exact=True).click()
    page.get_by_role("link", name="与上一年度对照").click()
    expect(page.locator(".facts")).to_contain_text("211 项没有变化 · 改名 1")
    row = page.locator("tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(f"{name}并保持更新")
