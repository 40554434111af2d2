"""A unit fills twenty items, its head signs, one comes back, one is objected to; the office closes the round."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.site import Site

pytestmark = pytest.mark.browser

PASSWORD = "Journey-2026-demo"
# a round of twenty items of 办公室 that asks for the signature of its head
ROUND = """
from assessments import rounds
from assessments.models import Shape
from assessments.scoring.policy import Policy
from tests.browser import seed
from units.models import Organisation, User
organisation, by = Organisation.objects.get(name=seed.demo.NAME), User.objects.get(username="office")
items = {f"第 {top} 类": tuple((f"评估点 {top}.{at}", "2") for at in range(1, 11)) for top in (1, 2)}
ledger = seed._ledger(organisation, "旅程台账", items, organisation.units.get(name="办公室"))
days = {"self_due": None, "review_due": None, "objection_due": None}
made = rounds.prepare(
    ledger, name="旅程轮次", shape=Shape.ALLOCATED, policy=Policy(), participants=[], sign_off=True, by=by, **days
)
print(rounds.open_round(made, by=by).pk)
"""
BLOCK = "".join(f"{score}\t{reason}\r\n" for score, reason in [("2", "")] * 8 + [("1.5", "缺一项")] * 2)
Person = Callable[[str], Page]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo organisation with web server and worker."""
    made = Site(tmp_path_factory.mktemp("unit"), DEMO_PASSWORD=PASSWORD)
    made.manage("load_demo")
    made.start_web()
    made.start_worker()
    yield made
    made.stop()


@pytest.fixture
def person(site: Site, browser: Browser) -> Iterator[Person]:
    """User name → that person's own window, signed in once; no script fault goes unseen."""
    windows: dict[str, Page] = {}
    faults: list[str] = []

    def window(username: str) -> Page:
        if username not in windows:
            context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
            page = windows[username] = context.new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.goto(f"{site.address}/login/")
            page.get_by_label("用户名").fill(username)
            page.get_by_label("密码", exact=True).fill(PASSWORD)
            page.get_by_role("button", name="登录").click()
            page.wait_for_url(lambda url: "/login/" not in url)
        return windows[username]

    yield window
    for page in windows.values():
        page.context.close()
    assert faults == []


def _keep(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"unit-{name}.png"))


def _paste(cell: Locator, text: str) -> None:
    cell.focus()
    cell.evaluate(
        """(cell, text) => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          cell.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        text,
    )


def _present_and_sign(site: Site, person: Person, round_: int) -> None:
    filler, signer = person("bgs-filler"), person("bgs-signer")
    filler.goto(f"{site.address}/worklist/{round_}/submit/")
    filler.get_by_role("button", name="送签").click()
    expect(filler.locator("main")).to_contain_text("等待单位负责人签审")
    signer.goto(f"{site.address}/worklist/{round_}/sign/")
    _keep(signer, "sign")
    signer.get_by_role("button", name="签审并提交").click()
    expect(signer.locator("main")).to_contain_text("已签审")


def _to_phase(site: Site, office: Page, round_: int, move: str) -> None:
    office.goto(f"{site.address}/rounds/{round_}/")
    office.get_by_role("link", name=move).click()
    office.get_by_role("button", name=move).click()
    expect(office.locator("main")).to_contain_text(f"已{move}")


def _stages(site: Site, round_: int) -> dict[str, int]:
    found = site.rows(
        "SELECT e.stage, count(*) FROM assessments_entry e JOIN assessments_scoresheet s ON s.id = e.sheet_id"
        f" WHERE s.round_id = {round_} GROUP BY e.stage"
    )
    return {str(stage): int(count) for stage, count in found}


def _fill(site: Site, person: Person, round_: int) -> None:
    """Ten items by keyboard alone, ten as a block from a spreadsheet."""
    filler = person("bgs-filler")
    filler.goto(f"{site.address}/worklist/{round_}/")
    cells = filler.get_by_label("自评得分")
    expect(cells).to_have_count(20)
    cells.first.focus()
    for _ in range(10):
        filler.keyboard.type("2")
        filler.keyboard.press("Enter")
    _paste(cells.nth(10), BLOCK)
    expect(filler.locator('tr[data-state="saved"]')).to_have_count(20, timeout=20_000)
    expect(filler.locator("#filled")).to_have_text("20")
    _keep(filler, "filled")
    _present_and_sign(site, person, round_)
    assert _stages(site, round_) == {"submitted": 20}


def _review(site: Site, person: Person, round_: int) -> None:
    """The office returns one, lowers one, accepts the others."""
    office = person("office")
    _to_phase(site, office, round_, "转入审核阶段")
    office.goto(f"{site.address}/reviews/{round_}/")
    rows = office.locator("tr[data-review]")
    rows.nth(0).get_by_label("审核意见").fill("网址打不开")
    rows.nth(0).get_by_role("button", name="退回").click()
    expect(rows.nth(0)).to_contain_text("已退回")
    rows.nth(1).get_by_label("审核得分").fill("1")
    rows.nth(1).get_by_label("审核意见").fill("更新不及时")
    rows.nth(1).get_by_role("button", name="调整").click()
    expect(rows.nth(1)).to_contain_text("1.00")
    _keep(office, "review")
    office.goto(f"{site.address}/reviews/{round_}/accept/")
    office.get_by_role("button", name="全部认可").click()
    assert _stages(site, round_) == {"returned": 1, "accepted": 19}


def _correct(site: Site, person: Person, round_: int) -> None:
    """The bell leads the filler to what came back; it is corrected, signed and accepted."""
    filler, office = person("bgs-filler"), person("office")
    filler.goto(f"{site.address}/notices/")
    returned = filler.get_by_role("row").filter(has_text="“评估点 1.1”被退回：网址打不开")
    expect(returned).to_contain_text("未读")
    _keep(filler, "notices")
    returned.get_by_role("button").click()
    expect(filler.locator("main")).to_contain_text("评估点 1.1")
    filler.goto(f"{site.address}/worklist/{round_}/?show=returned")
    filler.get_by_label("自评得分").fill("1.5")
    filler.get_by_label("扣分原因").fill("已更换网址，缺一件")
    filler.get_by_label("扣分原因").press("Enter")
    expect(filler.locator('tr[data-state="saved"]')).to_have_count(1)
    _present_and_sign(site, person, round_)
    office.goto(f"{site.address}/reviews/{round_}/accept/")
    office.get_by_role("button", name="全部认可").click()
    assert _stages(site, round_) == {"accepted": 20}


def _object(site: Site, person: Person, round_: int) -> None:
    """The lowered score is objected to, and the objection upheld."""
    filler, office = person("bgs-filler"), person("office")
    _to_phase(site, office, round_, "转入申诉阶段")
    filler.goto(f"{site.address}/worklist/{round_}/objections/")
    _keep(filler, "objections")
    filler.get_by_role("row").filter(has_text="评估点 1.2").get_by_role("link", name="申诉").click()
    filler.get_by_label("申诉理由").fill("栏目每周更新，附截图")
    filler.get_by_role("button", name="提出申诉").click()
    expect(filler.locator("main")).to_contain_text("提出申诉")
    office.goto(f"{site.address}/reviews/{round_}/objections/")
    office.locator("main").get_by_role("link", name="评估点 1.2").first.click()
    office.get_by_label("同意，按复核得分计入").check()
    office.get_by_role("textbox", name="复核得分").fill("2")
    office.get_by_label("答复理由").fill("核实属实")
    office.get_by_role("button", name="答复").click()
    expect(office.locator("main")).to_contain_text("已答复")


def _close(site: Site, person: Person, round_: int) -> None:
    """The round is closed, and the unit reads its result."""
    filler, office = person("bgs-filler"), person("office")
    office.goto(f"{site.address}/rounds/{round_}/publish/")
    office.get_by_label("输入轮次名称").fill("旅程轮次")
    office.get_by_role("button", name="公布结果").click()
    expect(office.locator("main")).to_contain_text("已公布")
    assert site.manage("verify_round", str(round_)).returncode == 0
    filler.goto(f"{site.address}/results/")
    expect(filler.locator("main")).to_contain_text("旅程轮次")
    _keep(filler, "results")


def test_a_unit_fills_signs_corrects_and_objects_and_the_office_closes_the_round(site: Site, person: Person) -> None:
    round_ = int(site.shell(ROUND).split()[-1])
    for chapter in (_fill, _review, _correct, _object, _close):
        chapter(site, person, round_)
