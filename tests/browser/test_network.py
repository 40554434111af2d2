"""The worksheet when the network or the server goes away: nothing typed is lost, and all of it arrives by itself."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.test_cells import paste, reason, rows, score, state, stored
from tests.site import Site

pytestmark = pytest.mark.browser


def _saved(page: Page) -> None:
    expect(page.locator("[data-row-state]", has_text="已保存")).to_have_count(2, timeout=10_000)


def test_without_network_a_red_strip_counts_what_is_kept_and_all_of_it_is_sent_when_it_is_back(
    visit: Visit, site: Site, round_: int
) -> None:
    page = visit("bgs-filler", f"/worklist/{round_}/")
    page.context.set_offline(True)
    strip = page.locator("#offline")
    expect(strip).to_be_visible()
    score(page, 0).fill("4")
    score(page, 0).press("Enter")
    paste(score(page, 1), "0.5\t断网时写的")
    expect(strip).to_have_text("网络已断开，已暂存 2 项，联网后自动保存")
    expect(state(page, 0)).to_contain_text("保存失败，已保留输入")
    assert stored(site, round_)[:2] == [(None, ""), (None, "")]
    page.context.set_offline(False)
    _saved(page)
    expect(strip).to_be_hidden()
    assert stored(site, round_)[:2] == [("4", ""), ("0.5", "断网时写的")]


def test_what_could_not_be_sent_is_still_there_after_the_page_was_closed_and_opened_again(
    visit: Visit, site: Site, round_: int
) -> None:
    page = visit("bgs-filler", f"/worklist/{round_}/")
    page.route("**/save/", lambda route: route.abort())
    paste(score(page, 0), "3\t没有传上去的原因")
    expect(state(page, 0)).to_contain_text("保存失败")
    page.on("dialog", lambda dialog: dialog.accept())
    again = page.context.new_page()
    page.close(run_before_unload=True)
    again.goto(f"{site.address}/worklist/{round_}/")
    expect(reason(again, 0)).to_have_value("没有传上去的原因")
    expect(state(again, 0)).to_contain_text("已保存")
    assert stored(site, round_)[0] == ("3", "没有传上去的原因")


def test_while_the_server_is_down_the_row_says_so_and_is_sent_again_by_itself(
    visit: Visit, site: Site, round_: int
) -> None:
    page = visit("bgs-filler", "/worklist/")
    page.clock.install()
    page.goto(f"{site.address}/worklist/{round_}/")
    site.stop_web()
    score(page, 0).fill("4")
    score(page, 0).press("Tab")
    expect(state(page, 0)).to_have_text("保存失败，已保留输入")
    expect(rows(page).nth(0)).to_have_attribute("data-state", "failed")
    expect(score(page, 0)).to_have_value("4")
    site.start_web()
    page.clock.run_for(15_000)
    expect(state(page, 0)).to_contain_text("已保存")
    assert stored(site, round_)[0] == ("4", "")


def test_a_session_that_has_ended_keeps_the_words_and_says_what_to_do(visit: Visit, site: Site, round_: int) -> None:
    page = visit("bgs-filler", f"/worklist/{round_}/")
    cookies = page.context.cookies()
    page.context.clear_cookies()
    paste(score(page, 0), "3\t会话过期前写的")
    expect(state(page, 0)).to_contain_text("登录已失效，已保留输入")
    page.context.add_cookies(cookies)
    score(page, 0).press("Enter")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(state(page, 0)).to_contain_text("已保存")
    assert stored(site, round_)[0] == ("3", "会话过期前写的")
