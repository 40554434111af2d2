"""A unit dragged onto another one stands below it, after a question."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.site import Site

pytestmark = pytest.mark.browser


def test_a_unit_is_dragged_below_another(site: Site, visit: Visit) -> None:
    page = visit("office", "/units/")
    page.on("dialog", lambda dialog: dialog.accept())
    rows = page.locator("tr[data-unit]")
    moved, onto = rows.filter(has_text="工伤处"), rows.filter(has_text="养老处")
    with page.expect_navigation():
        moved.drag_to(onto)
    ((parent,),) = site.rows(
        "SELECT p.name FROM units_unit u JOIN units_unit p ON p.id = u.parent_id WHERE u.name = '工伤处'"
    )
    assert parent == "养老处"
    page.goto(f"{site.address}/units/")
    expect(rows.filter(has_text="工伤处").locator(".tree-name--2")).to_have_count(1)
