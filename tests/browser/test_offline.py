"""Without a network: what a browser shows, and what it has kept."""

from collections.abc import Callable

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

    assert visitor.page.get_by_role("heading", name="You are offline").is_visible()
    assert "customer@example.com" not in visitor.page.content()

    visitor.find_network()
    visitor.page.get_by_role("link", name="Try again").click()
    assert visitor.page.get_by_role("heading", name="Your profile").is_visible()


def test_a_filter_without_a_network_says_so_too_and_can_be_tried_again(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.go("/search")
    visitor.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    visitor.go("/search")

    visitor.lose_network()
    visitor.page.locator("[name=rating][value='4']").click()
    visitor.page.get_by_role("heading", name="You are offline").wait_for()

    visitor.find_network()
    visitor.page.get_by_role("link", name="Try again").click()
    assert visitor.page.locator("[name=rating][value='4']").is_checked()
