"""The admin in a browser: every list, a change and its conflict, use cases, history, export, seeing as others."""

import re
from collections.abc import Callable

import pytest

from tests.browser.visitors import THEMES, Visitor

Visit = Callable[..., Visitor]

# Those that open as a whole.
LISTS = (
    "accounts/person",
    "bookings/booking",
    "catalog/provider",
    "catalog/service",
    "marketplace/auditentry",
    "reviews/report",
    "reviews/review",
)
FILTERED = ("bookings/invoice", "notifications/delivery", "notifications/note", "notifications/suppression")


@pytest.fixture
def admin(visit: Visit) -> Visitor:
    return visit("admin")


def rows(admin: Visitor) -> int:
    return admin.page.locator("#result_list tbody tr").count()


def open_first(admin: Visitor, name: str) -> None:
    admin.go(f"/admin/{name}/")
    admin.page.locator("#result_list tbody tr th a").first.click()
    admin.page.wait_for_url(re.compile("/change/"))


@pytest.mark.parametrize("name", LISTS)
def test_a_list_opens_and_is_paged_forward_and_back(admin: Visitor, name: str) -> None:
    admin.go(f"/admin/{name}/")
    if admin.page.locator("a[rel=next]").count():
        first = admin.page.locator("#result_list tbody").inner_text()
        admin.page.click("a[rel=next]")
        admin.page.wait_for_url(re.compile("[?&]p="))
        assert admin.page.locator("#result_list tbody").inner_text() != first
        admin.page.click("a[rel=prev]")
        admin.page.wait_for_load_state()
        assert admin.page.locator("#result_list tbody").inner_text() == first


@pytest.mark.parametrize("name", FILTERED)
def test_a_list_without_an_index_over_all_asks_for_a_filter(admin: Visitor, name: str) -> None:
    admin.go(f"/admin/{name}/")
    assert admin.page.locator(".needs-choice").is_visible()


@pytest.mark.parametrize("name", ["accounts/person", "bookings/booking", "catalog/provider", "catalog/service"])
def test_an_object_is_found_by_its_key_and_shows_its_history(admin: Visitor, name: str) -> None:
    open_first(admin, name)
    key = admin.page.url.rstrip("/").split("/")[-2]
    admin.go(f"/admin/{name}/?q={key}")
    assert rows(admin) == 1
    open_first_again = admin.page.locator("#result_list tbody tr th a").first
    open_first_again.click()
    admin.page.click("a.historylink")
    admin.page.wait_for_url(re.compile("/history/"))


def test_two_admins_change_the_same_provider_and_nothing_typed_is_lost(visit: Visit) -> None:
    ada, bea = visit("admin"), visit("admin")
    open_first(ada, "catalog/provider")
    address = ada.page.url
    bea.page.goto(address)
    ada.page.fill("[name=description]", "As Ada says")
    ada.page.click("[name=_continue]")
    ada.page.wait_for_load_state()
    bea.page.fill("[name=description]", "As Bea says")
    bea.page.click("[name=_continue]")
    bea.page.wait_for_load_state()
    assert "Somebody else changed this" in bea.page.inner_text("#content")
    assert bea.page.input_value("[name=description]") == "As Bea says"


def test_a_provider_is_suspended_not_found_and_reinstated(admin: Visitor) -> None:
    open_first(admin, "catalog/provider")
    address = admin.page.url
    key = address.rstrip("/").split("/")[-2]
    for use, status in (("suspend", 404), ("reinstate", 200)):
        admin.page.goto(f"{address.rpartition('change/')[0]}do/{use}/")
        admin.page.fill("[name=reason]", "Looked into it")
        admin.page.click(".submit-row [type=submit]")
        admin.page.wait_for_url(re.compile("/change/"))
        admin.go(f"/providers/{key}", status=status)


def test_reviews_of_a_selection_are_hidden(admin: Visitor) -> None:
    admin.go("/admin/reviews/review/")
    admin.page.locator("#result_list [name=_selected_action]").first.check()
    admin.page.select_option("[name=action]", "hide")
    admin.page.click("button[name=index]")
    admin.page.fill("[name=reason]", "Insults somebody")
    admin.page.click(".submit-row [type=submit]")
    assert "done for 1" in admin.page.inner_text(".messagelist")


def test_a_list_is_taken_away_with_its_progress(admin: Visitor) -> None:
    admin.go("/admin/catalog/provider/")
    with admin.page.expect_download(timeout=120_000) as download:
        admin.page.click("a.exportlink")
    assert download.value.suggested_filename == "provider.csv"
    assert re.search(r"[0-9]+ rows", admin.page.inner_text(".export-progress"))


def test_the_site_is_seen_as_a_customer(admin: Visitor) -> None:
    admin.go("/admin/accounts/person/?user_type__exact=customer")
    admin.page.locator("#result_list tbody tr th a").first.click()
    admin.page.locator("a.uselink").first.click()
    admin.page.fill("[name=reason]", "They asked")
    admin.page.click(".submit-row [type=submit]")
    admin.go("/bookings")
    assert admin.page.locator(".observed").is_visible()
    admin.assert_accessible()
    admin.page.click(".observed button")
    admin.page.wait_for_url(re.compile("/admin/accounts/person/"))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("address", ["/admin/", "/admin/dead-letters/"])
def test_our_own_pages_have_no_fault(visit: Visit, address: str, theme: str) -> None:
    admin = visit("admin", theme=theme)
    admin.go(address)
    admin.assert_accessible()
    admin.page.set_viewport_size({"width": 375, "height": 800})
    admin.assert_accessible()
