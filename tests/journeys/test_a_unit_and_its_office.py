"""A unit fills twenty items, its head signs, one comes back, one is objected to, one is put right; the office closes
the round.
"""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect

from tests.site import Site

pytestmark = pytest.mark.browser

PASSWORD = "Journey-2026-demo"
NAME = "旅程轮次"
FILLER, SIGNER, OFFICE, REVIEWER = "bgs-filler", "bgs-signer", "office", "reviewer"
# one unit, its two people, two of the office, and a round of twenty items that the unit's head has to sign
ROUND = f"""
from assessments import rounds
from assessments.scoring.policy import Policy
from tests.assessments import office as o
who = o.office(units=["办公室"])
people = [who.fillers[0], who.signers[0], who.office, who.reviewer]
for user, username in zip(people, {[FILLER, SIGNER, OFFICE, REVIEWER]}):
    user.username = username
    user.set_password("{PASSWORD}")
    user.save()
items = {{f"第 {{top}} 类": [(f"评估点 {{top}}.{{at}}", "2") for at in range(1, 11)] for top in (1, 2)}}
ledger = o.ledger(who.organisation, items, who.units)
made = o.prepared(who, ledger, name="{NAME}", policy=Policy(rectification="restore"), participants=[], sign_off=True)
print(rounds.open_round(made, by=who.office).pk)
"""
BLOCK = "".join(f"{score}\t{reason}\r\n" for score, reason in [("2", "")] * 8 + [("1.5", "缺一项")] * 2)
Person = Callable[[str], Page]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation with its web server; nothing on the way is done in the background."""
    made = Site(tmp_path_factory.mktemp("unit"))
    made.start_web()
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
    filler, signer = person(FILLER), person(SIGNER)
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
    """Ten items by keyboard alone, ten as a block from a spreadsheet: 8 × 2 + 2 × 1.5."""
    filler = person(FILLER)
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
    """The reviewer returns one, lowers one, accepts the others."""
    reviewer = person(REVIEWER)
    _to_phase(site, person(OFFICE), round_, "转入审核阶段")
    reviewer.goto(f"{site.address}/reviews/{round_}/")
    rows = reviewer.locator("tr[data-review]")
    rows.nth(0).get_by_label("审核意见").fill("网址打不开")
    rows.nth(0).get_by_role("button", name="退回").click()
    expect(rows.nth(0)).to_contain_text("已退回")
    rows.nth(1).get_by_label("审核得分").fill("1")
    rows.nth(1).get_by_label("审核意见").fill("更新不及时")
    rows.nth(1).get_by_role("button", name="调整").click()
    expect(rows.nth(1)).to_contain_text("1.00")
    _keep(reviewer, "review")
    _accept_all(site, reviewer, round_)
    assert _stages(site, round_) == {"returned": 1, "accepted": 19}


def _accept_all(site: Site, reviewer: Page, round_: int) -> None:
    reviewer.goto(f"{site.address}/reviews/{round_}/accept/")
    _keep(reviewer, "accept")
    reviewer.get_by_role("button", name="全部认可").click()
    expect(reviewer.locator("main")).to_contain_text("已认可")


def _correct(site: Site, person: Person, round_: int) -> None:
    """The bell leads the filler to what came back; it is corrected, signed and accepted."""
    filler = person(FILLER)
    filler.goto(f"{site.address}/notices/")
    returned = filler.get_by_role("row").filter(has_text="“评估点 1.1”被退回：网址打不开")
    expect(returned).to_contain_text("未读")
    _keep(filler, "notices")
    returned.get_by_role("button").click()
    expect(filler.locator("main")).to_contain_text("评估点 1.1")
    _keep(filler, "returned")
    filler.goto(f"{site.address}/worklist/{round_}/?show=returned")
    filler.get_by_label("自评得分").fill("1.5")
    filler.get_by_label("扣分原因").fill("已更换网址，缺一件")
    filler.get_by_label("扣分原因").press("Enter")
    expect(filler.locator('tr[data-state="saved"]')).to_have_count(1)
    _keep(filler, "corrected")
    _present_and_sign(site, person, round_)
    _accept_all(site, person(REVIEWER), round_)
    assert _stages(site, round_) == {"accepted": 20}


def _object(site: Site, person: Person, round_: int) -> None:
    """The lowered score is objected to, and the objection upheld."""
    filler, office = person(FILLER), person(OFFICE)
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
    _keep(office, "objection")
    office.get_by_role("button", name="答复").click()
    expect(office.locator("main")).to_contain_text("已答复")


def _rectify(site: Site, person: Person, round_: int) -> None:
    """A lost point is ordered to be put right, answered, sent back once, answered again, and closed with its points."""
    filler, office, reviewer = person(FILLER), person(OFFICE), person(REVIEWER)
    office.goto(f"{site.address}/boards/{round_}/items/?show=lost")
    office.get_by_role("row").filter(has_text="评估点 2.9").get_by_role("checkbox").check()
    office.get_by_role("button", name="把勾选的项列入整改").click()
    office.get_by_label("整改期限").fill(f"{timezone.localdate() + timedelta(days=9):%Y-%m-%d}")
    _keep(office, "order")
    office.get_by_role("button", name="要求整改").click()
    expect(office.locator("main")).to_contain_text("已要求整改 1 项")

    filler.goto(f"{site.address}/worklist/")
    _keep(filler, "owed")
    filler.get_by_role("link", name="去整改").click()
    filler.get_by_role("row").filter(has_text="评估点 2.9").get_by_role("link").first.click()
    heading = filler.get_by_role("heading", level=1).inner_text()
    filler.get_by_label("网址（可不填）").last.fill("https://www.example.gov.cn/zxgk/1.html")
    filler.get_by_role("button", name="添加佐证").click()
    expect(filler.get_by_role("link", name="https://www.example.gov.cn/zxgk/1.html")).to_be_visible()
    _put_right(filler, "已补齐 12 条")

    reviewer.goto(f"{site.address}/rectifications/{round_}/?show=answered")
    reviewer.get_by_role("row").filter(has_text="已补齐 12 条").get_by_role("link").first.click()
    expect(reviewer.get_by_role("heading", level=1)).to_have_text(heading)
    reviewer.get_by_role("button", name="退回重新整改").click()
    expect(reviewer.get_by_role("alert")).to_be_visible()
    reviewer.get_by_label("退回原因").fill("三月的还缺")
    reviewer.get_by_role("button", name="退回重新整改").click()
    expect(reviewer.get_by_text("已退回重新整改")).to_be_visible()

    filler.reload()
    expect(filler.locator(".strip--wrong", has_text="复查没有通过：三月的还缺")).to_be_visible()
    _keep(filler, "reopened")
    _put_right(filler, "三月的也补齐了")
    office.goto(filler.url)
    office.get_by_label("复查意见").fill("符合要求")
    office.get_by_label("整改后得分").fill("2")
    _keep(office, "recheck")
    office.get_by_role("button", name="销号", exact=True).click()
    expect(office.get_by_text("已销号，办理完毕")).to_be_visible()
    filler.reload()
    expect(filler.get_by_text("已销号，办理完毕")).to_be_visible()
    _keep(filler, "closed")


def _put_right(filler: Page, words: str) -> None:
    filler.get_by_label("整改情况", exact=True).fill(words)
    _keep(filler, "answer")
    filler.get_by_role("button", name="报整改情况").click()
    expect(filler.get_by_text("等待政务公开办公室复查")).to_be_visible()


def _close(site: Site, person: Person, round_: int) -> None:
    """The round is closed: 20 × 2, less 0.5 of 1.1 and 0.5 of 2.10. The unit reads that result."""
    filler, office = person(FILLER), person(OFFICE)
    office.goto(f"{site.address}/rounds/{round_}/publish/")
    office.get_by_label("输入轮次名称").fill(NAME)
    _keep(office, "publish")
    office.get_by_role("button", name="公布结果").click()
    expect(office.locator("main")).to_contain_text("已公布")
    assert site.manage("verify_round", str(round_)).returncode == 0
    filler.goto(f"{site.address}/results/")
    expect(filler.locator("main")).to_contain_text("牵头 20 项，得 39.00 分，满分 40.00 分")
    _keep(filler, "results")


def test_a_unit_fills_signs_corrects_objects_and_puts_right_and_the_office_closes_the_round(
    site: Site, person: Person
) -> None:
    round_ = int(site.shell(ROUND).split()[-1])
    for chapter in (_fill, _review, _correct, _object, _rectify, _close):
        chapter(site, person, round_)
