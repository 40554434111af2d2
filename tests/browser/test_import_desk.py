"""The import desk in a real browser, on real ledgers: guesses corrected and remembered, a repair, a changed file."""

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from playwright.sync_api import Browser, Page, expect

from tests.site import ROOT, Site

pytestmark = pytest.mark.browser

FILES = ROOT / "fixtures" / "ledgers"
PASSWORD = "Zwgk-kaohe-2026"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation with one office user, web server and worker."""
    made = Site(tmp_path_factory.mktemp("desk"))
    made.shell(
        "from units import offices\n"
        "from units.models import Membership, Role, User\n"
        "organisation = offices.found(name='某县人民政府')\n"
        f"user = User.objects.create_user('office', password='{PASSWORD}', must_change_password=False)\n"
        "Membership.objects.create(user=user, organisation=organisation, role=Role.OFFICE)\n"
    )
    made.start_web()
    made.start_worker()
    yield made
    made.stop()


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """Signed in as the office; no script error and no refused script goes unseen."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN", timezone_id="Asia/Shanghai")
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
    opened.goto(f"{site.address}/login/")
    opened.get_by_label("用户名").fill("office")
    opened.get_by_label("密码", exact=True).fill(PASSWORD)
    opened.get_by_role("button", name="登录").click()
    yield opened
    context.close()
    assert faults == []


def _keep(page: Page, name: str) -> None:
    """A screenshot for a person to look at, where SCREENS names a folder."""
    if folder := os.environ.get("SCREENS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"), caret="initial")


def _upload(page: Page, site: Site, name: str, content: bytes) -> None:
    page.goto(f"{site.address}/imports/")
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    page.get_by_label("选择文件，或拖到这里").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="上传").click()
    expect(page.locator("#desk")).to_be_visible(timeout=15_000)


def _strange(year: int) -> bytes:
    """The county sheet's shape under headings that no reader knows."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["某县数据资源管理局"],
        [f"{year}年公开事项一览"],
        ["头一栏", "事项", "要点说明", "分数栏", "谁来办"],
        ["公开", "决策公开", "公开决策草案", 5, "办公室"],
        ["", "结果公开", "公开执行结果", 3, ""],
        ["解读", "政策解读", "解读材料齐全", 2, "法规科"],
    ):
        sheet.append(row)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_finding_leads_to_its_cell_and_a_wrong_column_is_put_right_at_once(site: Site, page: Page) -> None:
    name = "county-department-2022-selfcheck.xlsx"
    _upload(page, site, name, (FILES / name).read_bytes())
    page.locator(".spotted a", has_text="意见征集").click()
    expect(page.locator("#c-D5")).to_have_class("g-level is-doubtful is-looked-at")
    expect(page.locator("#c-D5")).to_be_in_viewport()
    page.locator("#c-D32").click()
    expect(page.locator(".spotted li.is-looked-at")).to_contain_text("其他解读")
    _keep(page, "desk-county")
    page.get_by_role("link", name="台账信息与单位").click()
    page.get_by_label("名称").fill("改过的名称")
    page.get_by_role("link", name="表格", exact=True).click()
    # the office takes 权重 for the score by mistake, and back
    page.get_by_label("G 列“权重”是什么").select_option("score")
    expect(page.locator(".desk-summary")).to_contain_text("未标注分值")
    expect(page.locator(".spotted")).to_contain_text("G 列“权重”按更正读作“得分”")
    _keep(page, "desk-county-wrong")
    page.get_by_label("G 列“权重”是什么").select_option("points")
    expect(page.locator(".desk-summary")).to_contain_text("标注 100 分，下级合计 100 分")
    page.get_by_role("link", name="台账信息与单位").click()
    expect(page.get_by_label("名称")).to_have_value("改过的名称")
    page.get_by_role("button", name="确认入库").click()
    page.wait_for_url("**/ledgers/*/", timeout=15_000)
    expect(page.get_by_role("heading", name="改过的名称")).to_be_visible()


def test_a_row_is_named_as_header_and_next_years_file_is_read_the_same_way(site: Site, page: Page) -> None:
    _upload(page, site, "一览.xlsx", _strange(2024))
    expect(page.locator("#desk")).to_contain_text("没有找到指标表")
    page.get_by_role("link", name="第 3 行的更正").click()
    page.locator(".row-menu").get_by_role("button", name="这一行是表头").click()
    expect(page.get_by_label("A 列“头一栏”是什么")).to_be_visible()
    # the numbers below 分数栏 say by themselves what it is
    expect(page.get_by_label("D 列“分数栏”是什么")).to_have_value("points")
    for column, heading, role in (
        ("A", "头一栏", "level-1"),
        ("B", "事项", "level-2"),
        ("C", "要点说明", "content"),
        ("E", "谁来办", "unit"),
    ):
        page.get_by_label(f"{column} 列“{heading}”是什么").select_option(role)
        expect(page.locator("th.is-told", has=page.get_by_label(f"{column} 列“{heading}”是什么"))).to_be_visible()
    expect(page.locator(".desk-summary")).to_contain_text("一级 2 · 评估点 3")
    _keep(page, "desk-header-named")
    page.get_by_role("button", name="确认入库").click()
    page.wait_for_url("**/ledgers/*/", timeout=15_000)
    _upload(page, site, "一览2025.xlsx", _strange(2025))
    expect(page.locator("#desk")).to_contain_text("按上次更正的列设置读取（来自“一览.xlsx”）")
    expect(page.locator(".desk-summary")).to_contain_text("一级 2 · 评估点 3")
    _keep(page, "desk-remembered")


def test_hebeis_proposed_move_is_done_because_it_was_ticked(site: Site, page: Page) -> None:
    name = "hebei-statistics-2018.xlsx"
    _upload(page, site, name, (FILES / name).read_bytes())
    page.get_by_label("把“新媒体平台、政府公报”从“互联网+政务服务”移到“公开平台和载体建设”下").check()
    _keep(page, "desk-hebei")
    page.get_by_role("button", name="确认入库").click()
    page.wait_for_url("**/ledgers/*/", timeout=15_000)
    expect(page.locator("th.level", has_text="公开平台和载体建设")).to_contain_text("10 分 ✓")
    expect(page.locator("th.level", has_text="互联网+政务服务")).to_contain_text("10.5 分 ✓")


def test_a_changed_file_changes_what_was_ticked_and_nothing_else(site: Site, page: Page) -> None:
    name = "shandong-hrss-2019-ledger.xlsx"
    _upload(page, site, name, (FILES / name).read_bytes())
    page.get_by_role("button", name="确认入库").click()
    page.wait_for_url("**/ledgers/*/", timeout=15_000)
    book = load_workbook(FILES / name)
    sheet = book.worksheets[0]
    sheet["F4"] = 0.75
    sheet["G6"] = "政策法规处"
    sheet["E8"] = "是否公开会议议定事项并及时解读"
    stream = BytesIO()
    book.save(stream)
    _upload(page, site, "修订.xlsx", stream.getvalue())
    page.get_by_role("link", name="对照变更，只导入改动").click()
    expect(page.locator("table.changes tbody tr")).to_have_count(3)
    _keep(page, "desk-changes")
    page.get_by_role("checkbox", name="改分").check()
    page.get_by_role("checkbox", name="改名").check()
    page.get_by_role("button", name="导入勾选的变更").click()
    expect(page.locator("main")).to_contain_text("已导入 2 处变更")
    expect(page.locator("main")).to_contain_text("是否公开会议议定事项并及时解读")
    changed = site.rows("SELECT field, old, new FROM indicators_amendment ORDER BY id")
    assert [str(one[0]) for one in changed] == ["分值", "名称"]
    page.get_by_role("link", name="修改记录").click()
    expect(page.locator("main table")).to_contain_text("0.75")


def test_a_file_that_is_no_ledger_gets_a_sentence_and_the_way_on(site: Site, page: Page) -> None:
    page.goto(f"{site.address}/imports/")
    file = {"name": "扫描件.xlsx", "mimeType": "application/octet-stream", "buffer": b"%PDF-1.4 scan"}
    page.get_by_label("选择文件，或拖到这里").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="上传").click()
    expect(page.get_by_role("heading", name="怎么办")).to_be_visible()
    expect(page.get_by_role("alert")).to_be_visible()
    _keep(page, "desk-wrong-file")
