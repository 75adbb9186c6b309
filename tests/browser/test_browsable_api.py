"""The API in a browser: pages of the site, whose forms send what programs send."""

from typing import Literal

import pytest
from playwright.sync_api import expect

from tests.browser.visitors import THEMES, Visit


@pytest.mark.parametrize("theme", THEMES)
def test_its_pages_are_accessible(visit: Visit, theme: Literal["light", "dark"]) -> None:
    visitor = visit("customer", theme=theme)
    for address, status in (("", 200), ("/services?category=plumbing", 200), ("/bookings", 200), ("/nowhere", 404)):
        visitor.page.set_viewport_size({"width": 1280, "height": 800})
        visitor.go(f"/api/v1{address}", status=status)
        expect(visitor.page.locator("html")).to_have_attribute("lang", "en")
        expect(visitor.page.get_by_role("main")).to_have_count(1)
        visitor.assert_accessible()
        visitor.page.set_viewport_size({"width": 320, "height": 640})
        visitor.assert_accessible()


def test_its_forms_send_json_and_show_the_answer(visit: Visit) -> None:
    visitor = visit("customer")
    visitor.go("/api/v1/notifications/preferences")
    form = visitor.page.locator("form[data-call=PUT]")
    form.get_by_role("button", name="Send PUT").click()
    visitor.page.get_by_text("200 OK", exact=False).nth(1).wait_for()

    visitor.expect_status(400)
    form.get_by_label("Body, as JSON").fill('{"muted": ["nothing"]}')
    form.get_by_role("button", name="Send PUT").click()
    visitor.page.get_by_text("400 Bad Request").wait_for()
