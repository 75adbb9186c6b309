"""The admin in a browser: every list, a change and its conflict, use cases, history, export, seeing as others."""

import re
from uuid import uuid4

import pytest

from tests.browser.visitors import THEMES, Visit, Visitor

# Those that open as a whole.
LISTS = ("accounts/person", "bookings/booking", "catalog/provider", "catalog/service", "reviews/review")
# Those of which the demo data have none, or few.
SPARSE = ("marketplace/auditentry", "reviews/report")
FILTERED = ("bookings/invoice", "notifications/delivery", "notifications/note", "notifications/suppression")


@pytest.fixture
def admin(visit: Visit) -> Visitor:
    return visit("admin")


def rows(admin: Visitor) -> int:
    return admin.page.locator("#result_list tbody tr").count()


def key_of(address: str | None) -> str:
    """The key in the address of a page about one object."""
    return str(address).partition("?")[0].rstrip("/").split("/")[-2]


def open_first(admin: Visitor, name: str) -> None:
    admin.go(f"/admin/{name}/")
    admin.page.locator("#result_list tbody tr th a").first.click()
    admin.page.wait_for_url(re.compile("/change/"))


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_paged_filtered_narrowed_to_a_year_and_searched(admin: Visitor, name: str) -> None:
    page = admin.page
    admin.go(f"/admin/{name}/")
    assert page.locator("a.exportlink").is_visible()
    first = page.locator("#result_list tbody").inner_text()
    page.click("a[rel=next]")
    page.wait_for_url(re.compile("[?&]p="))
    assert page.locator("#result_list tbody").inner_text() != first
    page.click("a[rel=prev]")
    page.wait_for_load_state()
    assert page.locator("#result_list tbody").inner_text() == first

    choices = page.locator("#changelist-filter li:not(.selected) a")
    if choices.count():
        choices.first.click()
        page.wait_for_url(re.compile("__exact="))
        assert page.locator("#changelist-filter li.selected a").first.inner_text() != "All"
    admin.go(f"/admin/{name}/")
    page.locator(".toplinks a").last.click()
    page.wait_for_url(re.compile("__year="))
    assert page.locator(".toplinks .date-back").is_visible()

    open_first(admin, name)
    key = key_of(page.url)
    admin.go(f"/admin/{name}/?q={key}")
    assert rows(admin) == 1
    admin.go(f"/admin/{name}/{key}/history/")


@pytest.mark.parametrize("name", SPARSE)
def test_a_list_of_little_opens(admin: Visitor, name: str) -> None:
    admin.go(f"/admin/{name}/")
    assert admin.page.locator("nav.paginator").is_visible()


@pytest.mark.parametrize("name", FILTERED)
def test_a_list_without_an_index_over_all_asks_for_a_filter(admin: Visitor, name: str) -> None:
    admin.go(f"/admin/{name}/")
    assert admin.page.locator(".needs-choice").is_visible()


def test_an_address_is_put_on_a_list_found_and_taken_from_it_and_all_of_it_is_in_the_log(admin: Visitor) -> None:
    page, address = admin.page, f"quincy-{uuid4().hex[:10]}@example.com"
    admin.go("/admin/notifications/suppression/add/")
    page.fill("[name=address]", address)
    page.click("[name=_save]")
    page.wait_for_url(re.compile("/suppression/$"))
    admin.go(f"/admin/notifications/suppression/?q={address}")
    page.locator("#result_list tbody tr th a").click()
    page.wait_for_url(re.compile("/change/"))
    key = key_of(page.url)
    page.click("a.deletelink")
    page.wait_for_url(re.compile("/delete/"))
    page.click("#content [type=submit]")
    page.wait_for_selector(".messagelist .success")
    admin.go("/admin/marketplace/auditentry/")
    page.fill("#id_filter_subject", f"notifications.suppression#{key}")
    page.locator(".value-filter", has=page.locator("#id_filter_subject")).locator("[type=submit]").click()
    page.wait_for_url(re.compile("subject__exact="))
    assert [what.split()[0] for what in page.locator("#result_list .field-what").all_inner_texts()] == ["delete", "add"]


def test_a_paid_booking_leads_to_its_invoice_and_to_what_was_told(admin: Visitor) -> None:
    page = admin.page
    admin.go("/admin/accounts/person/?q=customer@example.com")
    customer = key_of(page.locator("#result_list tbody tr th a").first.get_attribute("href"))
    admin.go(f"/admin/bookings/booking/?customer_id__exact={customer}")
    # Together with somebody, the status can be chosen, too.
    page.locator("#changelist-filter a[href*='status__exact=paid']").click()
    page.wait_for_url(re.compile("status__exact=paid"))
    page.locator("#result_list tbody tr th a").first.click()
    page.wait_for_url(re.compile("/change/"))
    page.click(".field-invoice a")
    page.wait_for_url(re.compile("/invoice/"))
    key = key_of(page.url)
    page.click("a.uselink")
    page.wait_for_url(re.compile("/do/download/"))
    page.click(".submit-row [type=submit]")
    with page.expect_download(timeout=60_000) as download:
        page.click("a.handout")
    assert download.value.suggested_filename.endswith(".pdf")
    admin.go(f"/admin/bookings/invoice/?q={key}")
    assert rows(admin) == 1


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


def test_a_report_is_found_by_its_state_and_dismissed(visit: Visit) -> None:
    admin = visit("admin")
    admin.go("/admin/catalog/provider/")
    provider = key_of(admin.page.locator("#result_list tbody tr th a").last.get_attribute("href"))
    reporter = visit("provider")
    reporter.go(f"/providers/{provider}/report")
    reporter.page.locator("[name=reason][value=fraud], [name=reason]").first.check()
    reporter.page.fill("[name=details]", f"Reported at {uuid4().hex}")
    reporter.page.click("main [type=submit]")
    reporter.page.wait_for_url(re.compile(f"/providers/{provider}$"))

    page = admin.page
    admin.go("/admin/reviews/report/?state__exact=open")
    page.locator("#result_list tbody tr", has_text=provider).locator("[name=_selected_action]").check()
    page.select_option("[name=action]", "dismiss")
    page.click("button[name=index]")
    page.fill("[name=reason]", "Looked into it")
    page.click(".submit-row [type=submit]")
    page.wait_for_url(re.compile("state__exact=open"))
    assert "done for 1" in page.inner_text(".messagelist")
    assert not page.locator("#result_list tbody tr", has_text=provider).count()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("address", ["/admin/", "/admin/dead-letters/"])
def test_our_own_pages_have_no_fault(visit: Visit, address: str, theme: str) -> None:
    admin = visit("admin", theme=theme)
    admin.go(address)
    admin.assert_accessible()
    admin.page.set_viewport_size({"width": 375, "height": 800})
    admin.assert_accessible()


@pytest.mark.parametrize("theme", THEMES)
def test_the_pages_that_are_made_of_django_s_have_none_either(visit: Visit, theme: str) -> None:
    admin = visit("admin", theme=theme)
    for address in ("/admin/bookings/booking/", "/admin/bookings/invoice/", "/admin/notifications/suppression/add/"):
        admin.go(address)
        admin.assert_accessible(preload=False)
    open_first(admin, "catalog/provider")
    admin.assert_accessible(preload=False)
    key = key_of(admin.page.url)
    for end in ("history", "do/suspend"):
        admin.go(f"/admin/catalog/provider/{key}/{end}/")
        admin.assert_accessible(preload=False)
