"""The ledger's grid as a spreadsheet, on the real Shandong and Langao ledgers: blocks, undo, branches, two people."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.seed import CHAPTER
from tests.site import Site

pytestmark = pytest.mark.browser

PASTE = """text => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  const how = {clipboardData: data, bubbles: true, cancelable: true};
  document.activeElement.dispatchEvent(new ClipboardEvent("paste", how));
}"""
COPY = """() => {
  const data = new DataTransfer();
  const how = {clipboardData: data, bubbles: true, cancelable: true};
  document.activeElement.dispatchEvent(new ClipboardEvent("copy", how));
  return data.getData("text/plain");
}"""


TITLES = {
    "shandong": "2019年政务公开考核任务分工台账",
    "langao": "岚皋县2023年政务公开工作绩效评估指标任务分解表",
}
both = pytest.mark.parametrize("which", list(TITLES))


@pytest.fixture(scope="module")
def ledgers(site: Site) -> dict[str, int]:
    """Drafts of the real ledgers: `shandong`, `langao`."""
    found = dict(site.rows("SELECT title, id FROM indicators_ledger WHERE status = 'draft'"))
    return {name: int(found[title]) for name, title in TITLES.items()}


def cell(page: Page, row: int, field: str) -> Locator:
    return page.locator("table.ledger tbody tr[data-id]").nth(row).locator(f"td[data-f='{field}']")


def saved(page: Page) -> None:
    expect(page.locator("#grid-state")).to_contain_text("已")


def texts(page: Page, rows: int, fields: tuple[str, ...]) -> list[list[str]]:
    script = """([rows, fields]) => Array.from(document.querySelectorAll('tbody tr[data-id]')).slice(0, rows)
      .map(tr => fields.map(f => { const td = tr.querySelector(`td[data-f="${f}"]`);
        return td.dataset.v !== undefined ? td.dataset.v : (td.querySelector('[data-t]') || td).textContent; }))"""
    found: list[list[str]] = page.evaluate(script, [rows, list(fields)])
    return found


def stored(site: Site, ledger: int) -> list[tuple[Any, ...]]:
    return site.rows(
        "SELECT id, parent_id, name, points, criteria FROM indicators_indicator "
        f"WHERE ledger_id = {ledger} AND retired_at IS NULL ORDER BY lft"
    )


@both
def test_a_block_of_thirty_rows_and_four_columns_is_pasted_and_undone_whole(
    visit: Visit, site: Site, ledgers: dict[str, int], which: str
) -> None:
    ledger = ledgers[which]
    before = stored(site, ledger)
    page = visit("office", f"/ledgers/{ledger}/")
    fields = ("criteria", "points", "parts", "methods")
    was = texts(page, 31, fields)
    block = [
        [f"第{n}项的内容\n分两行", f"0.{n:02}", "县税务局会同县财政局", "网站采集、报送材料"] for n in range(1, 31)
    ]
    lines = ["\t".join([f'"{line[0]}"', *line[1:]]) for line in block]
    cell(page, 0, "criteria").click()
    page.evaluate(PASTE, "\r\n".join(lines) + "\r\n")
    saved(page)
    expect(cell(page, 29, "points")).to_have_text("0.30")
    assert [row[:1] + row[2:] for row in texts(page, 30, fields)] == [row[:1] + row[2:] for row in block]
    assert texts(page, 31, fields)[30] == was[30]
    assert page.evaluate(COPY).replace('"', "").split("\n")[0] == "第1项的内容"
    assert sum(row != old for row, old in zip(stored(site, ledger), before, strict=True)) == 30
    page.keyboard.press("Control+z")
    expect(page.locator("#grid-state")).to_contain_text("已撤销")
    assert texts(page, 31, fields) == was
    assert stored(site, ledger) == before
    page.keyboard.press("Control+y")
    expect(page.locator("#grid-state")).to_contain_text("已重做")
    expect(cell(page, 29, "points")).to_have_text("0.30")
    page.keyboard.press("Control+z")
    expect(page.locator("#grid-state")).to_contain_text("已撤销")
    assert stored(site, ledger) == before


@both
def test_lines_pasted_beyond_the_last_row_become_rows_and_go_again_with_one_step(
    visit: Visit, site: Site, ledgers: dict[str, int], which: str
) -> None:
    ledger = ledgers[which]
    before = stored(site, ledger)
    page = visit("office", f"/ledgers/{ledger}/")
    rows = page.locator("table.ledger tbody tr[data-id]")
    known = rows.count()
    cell(page, known - 1, "points").click()
    page.evaluate(PASTE, "\n".join(f"0.{n}\t办公室\t网站采集\t多出的列" for n in range(1, 4)))
    expect(page.locator("#grid-state")).to_contain_text("已增加 2 行")
    expect(page.locator("#grid-problems")).to_contain_text("粘贴的内容比表格宽，最右 1 列没有粘贴")
    expect(rows).to_have_count(known + 2)
    expect(cell(page, known - 1, "points")).to_have_text("0.10")
    expect(cell(page, known + 1, "points")).to_have_text("0.30")
    expect(cell(page, known + 1, "parts").locator(".chip")).to_have_text("办公室")
    page.get_by_role("button", name="知道了").click()
    expect(page.locator("#grid-problems")).to_be_hidden()
    page.keyboard.press("Control+z")
    expect(page.locator("#grid-state")).to_contain_text("已撤销")
    assert stored(site, ledger) == before


def test_beyond_a_part_of_the_ledger_nothing_is_added_and_it_is_said(
    visit: Visit, site: Site, ledgers: dict[str, int]
) -> None:
    page = visit("office", f"/ledgers/{ledgers['shandong']}/?q=会议")
    rows = page.locator("table.ledger tbody tr[data-id]")
    known = rows.count()
    was = texts(page, known, ("points",))[-1][0]
    cell(page, known - 1, "points").click()
    page.evaluate(PASTE, f"{was}\n1\n2")
    expect(page.locator("#grid-problems")).to_contain_text("表格只显示了一部分，后 2 行没有粘贴")
    assert rows.count() == known


def test_a_chapter_of_hundreds_of_rows_comes_in_pieces_and_is_edited_as_one(visit: Visit, site: Site) -> None:
    ((ledger,),) = site.rows("SELECT id FROM indicators_ledger WHERE title = '一章到底'")
    page = visit("office", f"/ledgers/{ledger}/")
    rows = page.locator("table.ledger tbody tr[data-id]")
    expect(page.locator("#later")).to_have_count(0)
    expect(rows).to_have_count(CHAPTER)
    assert page.locator("table.ledger tbody").count() == 1
    covers = """() => { const level = document.querySelector("th.level"), body = level.closest("tbody");
      return Math.abs(level.getBoundingClientRect().height - body.getBoundingClientRect().height); }"""
    assert page.evaluate(covers) < 2
    cell(page, CHAPTER - 2, "name").click()
    page.keyboard.press("Control+Enter")
    expect(cell(page, CHAPTER - 1, "name")).to_contain_text("（新指标）")
    page.keyboard.press("Escape")
    expect(rows).to_have_count(CHAPTER + 1)
    assert page.evaluate(covers) < 2
    page.keyboard.press("Control+z")
    expect(rows).to_have_count(CHAPTER)
    page.goto(f"{page.url}?q=第 {CHAPTER} 项")
    expect(rows).to_have_count(1)


def test_keys_move_type_and_take_back_as_in_a_spreadsheet(visit: Visit, ledgers: dict[str, int]) -> None:
    page = visit("office", f"/ledgers/{ledgers['shandong']}/")
    cell(page, 0, "points").click()
    page.keyboard.type("0.75")
    page.keyboard.press("Enter")
    page.keyboard.press("F2")
    page.keyboard.type("9")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    page.keyboard.type("jcc")
    expect(page.locator(".name-list li").first).to_have_text("监察处")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(cell(page, 1, "parts").locator(".chip")).to_have_text("监察处")
    expect(cell(page, 0, "points")).to_have_text("0.75")
    expect(cell(page, 1, "points")).to_have_text("0.50")
    expect(page.locator("th.level", has_text="意见征集").first).to_contain_text("差 0.25")
    page.keyboard.press("Control+z")
    expect(cell(page, 1, "parts").locator(".chip")).not_to_have_count(1)
    page.keyboard.press("Control+z")
    expect(cell(page, 0, "points")).to_have_text("0.50")


def test_a_wrong_value_stays_in_its_cell_beside_the_good_ones(visit: Visit, ledgers: dict[str, int]) -> None:
    page = visit("office", f"/ledgers/{ledgers['shandong']}/")
    cell(page, 3, "points").click()
    page.evaluate(PASTE, "一分\n0.25")
    expect(page.locator("#grid-problems")).to_contain_text("“一分”没有保存：分值填数字，例如 0.5")
    expect(cell(page, 3, "points")).to_have_text("一分")
    expect(cell(page, 4, "points")).to_have_text("0.25")
    page.get_by_role("button", name="改回原值").click()
    expect(page.locator("#grid-problems")).to_be_hidden()
    expect(cell(page, 3, "points")).to_have_text("0.50")
    page.get_by_role("button", name="撤销", exact=True).click()
    expect(cell(page, 4, "points")).to_have_text("0.50")


@pytest.mark.parametrize(
    ("which", "moved", "onto"), [("shandong", "会议公开", "决策公开"), ("langao", "政策文件", "主动公开")]
)
def test_a_branch_is_dragged_behind_another_and_put_back(
    visit: Visit, site: Site, ledgers: dict[str, int], which: str, moved: str, onto: str
) -> None:
    ledger = ledgers[which]
    before = stored(site, ledger)
    page = visit("office", f"/ledgers/{ledger}/")
    branch = page.locator("th.level", has_text=moved).first
    branch.hover()
    target = page.locator("th.level", has_text=onto).first.locator(".level-in")
    branch.locator(".grip").drag_to(target, target_position={"x": 20, "y": 25})
    saved(page)
    after = stored(site, ledger)
    assert [row[0] for row in after] != [row[0] for row in before]
    assert sorted(after, key=lambda row: row[0]) == sorted(before, key=lambda row: row[0])
    shown = page.eval_on_selector_all(
        "table.ledger tbody tr[data-id]", "rows => rows.map(row => Number(row.dataset.id))"
    )
    items = {row[0] for row in after} - {row[1] for row in after}
    assert shown == [row[0] for row in after if row[0] in items]
    page.locator("body").press("Control+z")
    expect(page.locator("#grid-state")).to_contain_text("已撤销")
    assert stored(site, ledger) == before


def test_rows_are_inserted_indented_merged_and_set_at_once(visit: Visit, site: Site, ledgers: dict[str, int]) -> None:
    ledger = ledgers["shandong"]
    before = stored(site, ledger)
    page = visit("office", f"/ledgers/{ledger}/")
    cell(page, 1, "name").click()
    page.keyboard.press("Control+Enter")
    expect(cell(page, 2, "name")).to_contain_text("（新指标）")
    page.keyboard.type("新增的评估点")
    page.keyboard.press("Enter")
    expect(cell(page, 2, "name")).to_contain_text("新增的评估点")
    page.locator("tbody .rowno").nth(1).click()
    page.locator("tbody .rowno").nth(2).click(modifiers=["Shift"])
    page.get_by_role("button", name="批量设置").click()
    expect(page.locator("#bulk-count")).to_have_text("已选 2 行")
    page.locator("#bulk").get_by_label("责任单位").last.fill("规财处")
    page.locator("#bulk select").select_option(label="增加配合")
    page.get_by_role("button", name="应用到选中行").click()
    expect(cell(page, 2, "parts")).to_contain_text("规财处")
    page.get_by_role("button", name="合并", exact=True).click()
    expect(cell(page, 1, "name")).to_contain_text("新增的评估点")
    for _ in range(4):
        page.get_by_role("button", name="撤销", exact=True).click()
        expect(page.locator("#grid-state")).to_contain_text("已撤销")
        page.wait_for_timeout(150)
    assert stored(site, ledger) == before


@both
def test_two_people_see_each_others_changes_and_both_values_of_one_cell(
    visit: Visit, site: Site, ledgers: dict[str, int], which: str
) -> None:
    first, second = (visit("office", f"/ledgers/{ledgers[which]}/") for _ in range(2))
    cell(first, 6, "points").click()
    first.keyboard.type("1.25")
    first.keyboard.press("Enter")
    expect(cell(second, 6, "points")).to_have_text("1.25", timeout=8000)
    cell(second, 7, "name").click()
    second.keyboard.press("F2")
    cell(first, 7, "name").click()
    first.keyboard.type("先改的名称")
    first.keyboard.press("Enter")
    saved(first)
    # it arrives below what is being typed, and still is not overwritten
    expect(cell(second, 7, "name")).to_contain_text("先改的名称", timeout=8000)
    second.keyboard.press("Control+a")
    second.keyboard.type("后改的名称")
    second.keyboard.press("Enter")
    expect(second.locator("#grid-problems")).to_contain_text("您填的“后改的名称”没有保存")
    expect(second.locator("#grid-problems")).to_contain_text("已改成“先改的名称”")
    second.get_by_role("button", name="用我的").click()
    expect(cell(first, 7, "name")).to_contain_text("后改的名称", timeout=8000)
    first.keyboard.press("Control+Enter")
    expect(second.locator("table.ledger")).to_contain_text("（新指标）", timeout=8000)


def test_one_change_is_restored_from_the_list_of_changes(visit: Visit, ledgers: dict[str, int]) -> None:
    page = visit("office", f"/ledgers/{ledgers['shandong']}/")
    cell(page, 9, "points").click()
    page.keyboard.type("3.5")
    page.keyboard.press("Enter")
    saved(page)
    page.get_by_role("link", name="修改记录").click()
    page.locator("tbody tr").first.get_by_role("button", name="恢复原值").click()
    expect(page.locator("main")).to_contain_text("已恢复为原值")
    expect(page.locator("tbody tr").nth(1)).to_contain_text("已撤回")


def test_pinyin_typed_on_a_selected_cell_is_not_lost(visit: Visit, ledgers: dict[str, int]) -> None:
    page = visit("office", f"/ledgers/{ledgers['shandong']}/")
    cell(page, 12, "name").click()
    session = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": "zheng", "selectionStart": 5, "selectionEnd": 5})
    session.send("Input.insertText", {"text": "政务"})
    page.keyboard.press("Enter")
    expect(cell(page, 12, "name").locator("a")).to_have_text("政务")


def test_columns_are_left_out_and_drawn_wider_and_stay_so(visit: Visit, ledgers: dict[str, int]) -> None:
    page = visit("office", f"/ledgers/{ledgers['langao']}/columns/")
    page.get_by_label("评估方式").uncheck()
    page.get_by_role("button", name="保存").click()
    expect(page.locator("thead [data-col=methods]")).to_have_count(0)
    head = page.locator("thead [data-col=points]")
    box = head.bounding_box() or {}
    page.mouse.move(box["x"] + box["width"] - 3, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] + 57, box["y"] + 10)
    page.mouse.up()
    page.wait_for_timeout(300)
    page.reload()
    assert abs((head.bounding_box() or {})["width"] - box["width"] - 60) < 6
    page.goto(page.url + "columns/")
    page.get_by_label("评估方式").check()
    page.get_by_role("button", name="保存").click()
    expect(page.locator("thead [data-col=methods]")).to_have_count(1)
    page.locator("thead [data-col=points] .col-resize").dblclick()
