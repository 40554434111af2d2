"""The office copies last year's ledger, changes one line, and sees exactly that beside the old one."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.site import Site

pytestmark = pytest.mark.browser
SHANDONG = ("2019年政务公开考核任务分工台账", "published", 2019, "是否建立%预公开专栏")
LANGAO = ("岚皋县2023年政务公开工作绩效评估指标任务分解表", "draft", 2023, "稳岗就业%")


@pytest.mark.parametrize(("title", "status", "year", "like"), [SHANDONG, LANGAO])
def test_a_year_is_copied_edited_and_laid_beside_the_last(
    site: Site, visit: Visit, title: str, status: str, year: int, like: str
) -> None:
    ((ledger,),) = site.rows(f"SELECT id FROM indicators_ledger WHERE title = '{title}' AND status = '{status}'")
    next_title = title.replace(str(year), str(year + 1))
    page = visit("office", f"/ledgers/{ledger}/")
    page.get_by_text("年度", exact=True).click()
    page.get_by_role("link", name="复制为下一年度").click()
    expect(page.get_by_label("名称")).to_have_value(next_title)
    page.get_by_role("button", name="建立草稿").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(next_title)
    found = re.search(r"/ledgers/(\d+)/", page.url)
    assert found is not None
    copy = found[1]
    ((item, name),) = site.rows(
        f"SELECT id, name FROM indicators_indicator WHERE ledger_id = {copy} AND name LIKE '{like}' AND is_item"
    )
    ((count,),) = site.rows(f"SELECT count(*) FROM indicators_indicator WHERE ledger_id = {copy} AND level > 0")
    page.goto(f"{site.address}/ledgers/indicators/{item}/edit/")
    page.locator("[name=name]").fill(f"{name}并保持更新")
    page.get_by_role("button", name="保存").first.click()
    page.goto(f"{site.address}/ledgers/{copy}/")
    page.get_by_text("年度", exact=True).click()
    page.get_by_role("link", name="与上一年度对照").click()
    expect(page.locator(".facts")).to_contain_text(f"{count - 1} 项没有变化 · 改名 1")
    row = page.locator("tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(f"{name}并保持更新")
