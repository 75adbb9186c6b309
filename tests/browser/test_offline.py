"""Without a network: what a browser shows, and what it has kept."""

import json
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.visitors import Visitor

_KEPT = """
async () => {
  const kept = [];
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) kept.push(new URL(request.url).pathname);
  return kept;
}
"""


def test_without_a_network_the_one_page_that_is_kept_says_so(visit: Callable[..., Visitor]) -> None:
    visitor = visit("customer")
    visitor.go("/bookings")
    visitor.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    visitor.go("/account/profile")
    visitor.go("/bookings")
    assert visitor.page.evaluate(_KEPT) == ["/offline"]

    visitor.lose_network()
    visitor.page.goto("/account/profile")

    expect(visitor.page.get_by_role("heading", name="You are offline")).to_be_visible()
    kept = visitor.page.content()
    assert "customer@example.com" not in kept

    visitor.find_network()
    visitor.page.get_by_role("link", name="Try again").click()
    expect(visitor.page.get_by_role("heading", name="Your profile")).to_be_visible()


def test_a_filter_without_a_network_says_so_too_and_can_be_tried_again(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.go("/search")
    visitor.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    visitor.go("/search")

    visitor.lose_network()
    visitor.page.locator("[name=rating][value='4']").click()
    expect(visitor.page.get_by_role("heading", name="You are offline")).to_be_visible()

    visitor.find_network()
    visitor.page.get_by_role("link", name="Try again").click()
    expect(visitor.page.locator("[name=rating][value='4']")).to_be_checked()


def test_what_is_lost_or_answered_by_a_gateway_is_said_and_can_be_sent_again(visit: Callable[..., Visitor]) -> None:
    visitor = visit("customer")
    visitor.expect_status(429)
    visitor.go("/search")
    alert = visitor.page.locator("#notices [role=alert]")
    # As API Gateway says it, which is no part of a page.
    busy = json.dumps({"title": "Too many requests", "status": 429})
    visitor.page.route(
        "**/search?*",
        lambda route: route.fulfill(status=429, body=busy, content_type="application/problem+json"),
        times=1,
    )
    visitor.page.select_option("[name=category]", "plumbing")
    expect(alert).to_have_text("That did not arrive. Please try again in a moment.")
    expect(visitor.page.locator("h1")).to_have_text("Services")
    visitor.page.get_by_role("button", name="Show results").click()
    expect(visitor.page.locator("h1")).to_have_text("Plumbing")
    expect(alert).to_have_count(0)

    visitor.lose_network()
    heart = visitor.page.locator(".favourite button").first
    heart.press("Enter")
    expect(alert).to_be_visible()
    expect(heart).to_be_focused()
    expect(heart).to_have_attribute("aria-pressed", "false")

    visitor.find_network()
    visitor.go("/account/addresses/add")
    visitor.page.fill("[name=label]", "Workshop")
    visitor.page.fill("[name=address]", "12 Elm Street, Springfield")
    visitor.lose_network()
    send = visitor.page.get_by_role("button", name="Save")
    send.click()
    expect(alert).to_be_visible()
    expect(visitor.page.locator("[name=address]")).to_have_value("12 Elm Street, Springfield")
    expect(send).not_to_have_attribute("aria-busy", "true")
