"""People and their accounts in several tabs of one browser, and what they are told of what they did."""

import re

from playwright.sync_api import expect

from tests.browser.journeys.people import PASSWORD, sign_up
from tests.browser.visitors import Visit, Visitor


def test_what_was_saved_is_told_where_the_focus_is(customer: Visitor) -> None:
    customer.go("/account/profile")
    customer.page.get_by_role("button", name="Save").click()

    saved = customer.page.get_by_role("status").filter(has_text="Your profile is saved.")
    expect(saved).to_be_focused()

    customer.go("/account/addresses/add")
    customer.page.fill("[name=label]", "Mill")
    customer.page.fill("[name=address]", "3 Mill Lane")
    customer.page.get_by_role("button", name="Save the address").click()
    # That leads to a part of its page.
    customer.page.wait_for_url("**#addresses")
    expect(customer.page.locator("#addresses")).to_be_focused()


def test_a_copy_of_one_s_data_is_had_twice(customer: Visitor) -> None:
    customer.go("/account/profile")
    button = customer.page.get_by_role("button", name="Download")
    for _ in range(2):
        with customer.page.expect_download():
            button.click()

    expect(button).not_to_have_attribute("aria-busy", "true")


def test_a_page_of_one_person_takes_no_part_of_another_s(visit: Visit, customer: Visitor) -> None:
    other = visit()
    other.go("/account/sign-up")
    sign_up(other, name="Lin Marsh")
    customer.go("/bookings")
    expect(customer.page.get_by_role("button", name="Account of Ada Park")).to_be_visible()

    tab = customer.page.context.new_page()
    tab.goto("/account/profile")
    tab.get_by_role("button", name="Sign out", exact=True).click()
    tab.wait_for_url("**/account/sign-in*")
    tab.fill("[name=email]", other.email)
    tab.fill("[name=password]", PASSWORD)
    tab.click("main [type=submit]")
    tab.wait_for_url(re.compile("/bookings"))
    customer.page.evaluate("document.body.dispatchEvent(new Event('live:changed', { bubbles: true }))")

    expect(customer.page.get_by_role("button", name="Account of Lin Marsh")).to_be_visible()
