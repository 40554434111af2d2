"""One year's assessment as its four users live it, in a real browser against real processes.

The tests are chapters: each goes on where the one before it stopped.
"""

import json
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.site import ROOT, Site

pytestmark = pytest.mark.browser

SHANDONG = ROOT / "fixtures" / "ledgers" / "shandong-hrss-2019-ledger.xlsx"
PASSWORD = "Quiet-Harbour-47"
ROUND = "2019年度政务公开考核"
STAFF = {"office": "政务公开办公室", "reviewer": "评审员", "leader": "领导"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An empty installation with web server and worker."""
    made = Site(tmp_path_factory.mktemp("year"))
    made.start_web()
    made.start_worker()
    yield made
    made.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A browser window of its own, where no script error and no refused script goes unseen."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN", timezone_id="Asia/Shanghai")
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
    yield opened
    context.close()
    assert faults == []


def _keep(page: Page, name: str) -> None:
    """A screenshot for a person to look at, where SCREENS names a folder."""
    if folder := os.environ.get("SCREENS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def _go(page: Page, place: str) -> None:
    """To one of the places in the head bar."""
    page.get_by_role("navigation", name="主导航").get_by_role("link", name=place, exact=True).click()


def _sign_in(page: Page, site: Site, username: str, password: str = PASSWORD) -> None:
    page.goto(f"{site.address}/login/")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码", exact=True).fill(password)
    page.get_by_role("button", name="登录").click()


def _first_sign_in(page: Page, site: Site, username: str, password: str) -> None:
    """With the password that was shown once; it has to be changed before anything else."""
    _sign_in(page, site, username, password)
    page.get_by_label("现在的密码").fill(password)
    page.get_by_label("新密码", exact=True).fill(PASSWORD)
    page.get_by_label("再输一次新密码").fill(PASSWORD)
    page.get_by_role("button", name="修改密码").click()


def _open_account(page: Page, username: str, role: str, unit: str = "") -> str:
    """The new account's first password, read off the page that shows it once."""
    _go(page, "账号")
    page.get_by_role("link", name="开通账号").click()
    page.get_by_label("用户名").fill(username)
    page.get_by_label("角色").select_option(label=role)
    if unit:
        page.get_by_label("单位").select_option(label=f"　{unit}")
    page.get_by_role("button", name="开通").click()
    _keep(page, "account-password")
    return page.locator("#password").inner_text().strip()


def test_the_administrator_imports_the_ledger_and_opens_accounts(site: Site, page: Page, browser: Browser) -> None:
    said = site.manage("create_admin", "admin", "--organisation", "省人力资源和社会保障厅").stdout
    first = said.split("初始密码 ")[1].split("，")[0]
    _first_sign_in(page, site, "admin", first)
    _go(page, "导入")
    _keep(page, "imports-empty")
    page.get_by_label("选择文件，或拖到这里").set_input_files(SHANDONG)
    page.get_by_role("button", name="上传").click()
    confirm = page.get_by_role("button", name="确认入库")
    expect(confirm.first).to_be_visible(timeout=30_000)
    _keep(page, "import-preview")
    expect(page.get_by_text("一级 5").first).to_be_visible()
    expect(page.get_by_text("标注 100 分，下级合计 75.25 分").first).to_be_visible()
    confirm.first.click()
    page.wait_for_url("**/ledgers/*/", timeout=30_000)
    expect(page.locator("main")).to_contain_text("100 项")
    passwords = {name: _open_account(page, name, role) for name, role in STAFF.items()}
    passwords["filler"] = _open_account(page, "filler", "填报员", "办公室")
    for name, password in passwords.items():
        context = browser.new_context()
        _first_sign_in(context.new_page(), site, name, password)
        context.close()
    assert site.rows("SELECT count(*) FROM indicators_indicator WHERE is_item") == [(100,)]


def test_the_office_edits_an_indicator_and_opens_a_round(site: Site, page: Page) -> None:
    _sign_in(page, site, "office")
    _go(page, "台账")
    page.get_by_role("link", name="2019年政务公开考核任务分工台账").click()
    expect(page.get_by_text("有 16 处标注分值与下级合计不符").first).to_be_visible()
    page.get_by_role("link", name="是否建立意见征集、调查征集等预公开专栏").click()
    page.get_by_role("button", name="详细", exact=True).click()
    form = page.locator("form.editor-form")
    form.get_by_label("分值").fill("0.75")
    _keep(page, "indicator-editing")
    form.get_by_role("button", name="保存").click()
    expect(page.locator("tr.is-here")).to_contain_text("0.75")
    page.get_by_role("link", name="修改记录").click()
    expect(page.locator("main table")).to_contain_text("0.75")
    _keep(page, "amendments")
    page.go_back()
    page.get_by_role("link", name="开启考核轮次").click()
    page.get_by_label("名称").fill(ROUND)
    page.get_by_label("自评截止").fill("2099-07-30")
    _keep(page, "round-new")
    page.get_by_role("button", name="新建轮次").click()
    page.get_by_role("link", name="开启轮次").click()
    page.get_by_label("输入轮次名称").fill(ROUND)
    page.get_by_role("button", name="开启轮次").click()
    expect(page.get_by_role("heading", name=ROUND)).to_be_visible()
    expect(page.locator("main")).to_contain_text("应填 100 项", timeout=30_000)
    _keep(page, "round-opened")


def test_a_unit_fills_in_ten_items_by_keyboard_and_hands_them_in(site: Site, page: Page) -> None:
    _sign_in(page, site, "filler")
    page.get_by_role("link", name="填报").first.click()
    scores = page.locator("input[name=score]")
    for index in range(9):
        cell = scores.nth(index)
        cell.click()
        cell.fill(cell.get_attribute("data-maximum") or "")
        cell.press("Enter")
    ninth = scores.nth(9)
    ninth.click()
    ninth.fill("9")
    ninth.press("Tab")
    row = page.locator("tr[data-save-url]").nth(9)
    expect(row.locator("[data-row-state]")).to_contain_text("不能超过")
    _keep(page, "worksheet-too-much")
    ninth.fill("0.3")
    row.locator("textarea").fill("公开时间比规定晚了两天")
    row.locator("textarea").press("Tab")
    expect(page.locator("[data-row-state]", has_text="已保存")).to_have_count(10, timeout=15_000)
    _keep(page, "worksheet-ten")
    page.reload()
    page.get_by_role("link", name="提交（10 项已备齐）").click()
    _keep(page, "worksheet-submit")
    page.get_by_role("button", name="提交 10 项").click()
    expect(page.locator("main")).to_contain_text("已提交 10 项")
    assert site.rows("SELECT count(*) FROM assessments_entry WHERE stage = 'submitted'") == [(10,)]
    assert site.rows("SELECT count(*) FROM assessments_scoreevent WHERE action = 'submit'") == [(10,)]


def test_the_office_reviews_corrects_one_score_and_publishes(site: Site, page: Page) -> None:
    _sign_in(page, site, "office")
    _go(page, "考核轮次")
    page.get_by_role("link", name=ROUND).click()
    page.get_by_role("link", name="转入审核阶段").click()
    page.get_by_role("button", name="转入审核阶段").click()
    page.get_by_role("link", name="打开审核台").click()
    row = page.locator("tr[data-review]").first
    row.get_by_label("审核得分").fill("0.5")
    row.get_by_label("审核意见").fill("专栏内容不完整")
    row.get_by_role("button", name="调整").click()
    expect(row).to_contain_text("0.50")
    _keep(page, "review-adjusted")
    page.get_by_role("link", name="全部认可").click()
    page.get_by_role("button", name="全部认可").click()
    _go(page, "考核轮次")
    page.get_by_role("link", name=ROUND).click()
    page.get_by_role("link", name="公布结果").click()
    page.locator("form.form input[type=text]").fill(ROUND)
    for box in page.locator("form.form input[type=checkbox]").all():
        box.check()
    _keep(page, "round-publish")
    page.get_by_role("button", name="公布结果").click()
    expect(page.get_by_text("公布于").first).to_be_visible()
    number = site.rows("SELECT id FROM assessments_round")[0][0]
    assert site.manage("verify_round", str(number)).returncode == 0


def test_leadership_reads_the_board_and_opens_the_list_behind_a_number(site: Site, page: Page) -> None:
    _sign_in(page, site, "leader")
    expect(page.get_by_role("heading", name="领导看板")).to_be_visible()
    _keep(page, "board")
    number = site.rows("SELECT id FROM assessments_round")[0][0]
    report = json.loads(site.manage("score_report", str(number), "--json").stdout)["sheets"][0]
    stored = site.rows("SELECT total FROM assessments_scoresheet")[0][0]
    shown = page.locator(".stat-value").first.inner_text()
    assert shown.startswith(report["total"])
    assert Decimal(str(stored)) == Decimal(report["total"])
    expect(page.locator(".chart svg").first).to_be_visible()
    page.locator(".stat", has_text="失分").click()
    expect(page.locator("main table tbody tr")).to_have_count(2)
    expect(page.locator("main table")).to_contain_text("专栏内容不完整")
    _keep(page, "board-items")
    page.locator("main table tbody a").first.click()
    expect(page.locator("main")).to_contain_text("自评")
    _keep(page, "entry")
