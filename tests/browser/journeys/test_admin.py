"""The admin in a browser: every list, a change and its conflict, use cases, history, export, seeing as others."""

import re
from urllib.parse import quote, unquote
from uuid import uuid4

import pytest
from playwright.sync_api import Route, expect

from tests.browser.visitors import THEMES, Visit, Visitor

# What can be done with each model, and of the rest why not.
STEPS = ("list", "filter", "search", "pages", "add", "change", "delete", "action", "use", "history", "export")
_BY_USE_CASES = "what is decided about it is a use case, with a reason"
_ALONE = "each is looked at alone"
_IS_LOG = "it says what happened"
_FEW = "one page in the demo data"
LACKS: dict[str, dict[str, str]] = {
    "accounts/person": {
        "add": "people sign up",
        "change": _BY_USE_CASES,
        "delete": "erasing is a use case",
        "action": _ALONE,
    },
    "bookings/booking": {
        "add": "customers and providers book",
        "change": _BY_USE_CASES,
        "delete": "both parties need it",
        "action": _ALONE,
    },
    "bookings/invoice": {
        **dict.fromkeys(("list", "filter", "pages"), "it is found by its booking"),
        "add": "paying makes it",
        "change": "what is issued stays",
        "delete": "what is issued stays",
        "action": _ALONE,
    },
    "catalog/provider": {
        "filter": "no index knows less than all",
        "add": "providers set themselves up",
        "delete": "it is suspended in its stead",
        "action": _ALONE,
    },
    "catalog/service": {
        "add": "providers offer them",
        "delete": "it is made inactive in its stead",
        "action": _ALONE,
        "use": "all about it can be edited",
    },
    "marketplace/auditentry": {
        "pages": _FEW,
        **dict.fromkeys(("add", "change", "delete", "action"), _IS_LOG),
        "use": _IS_LOG,
    },
    "notifications/delivery": {
        **dict.fromkeys(("list", "filter", "pages"), "it is found by its event and recipient"),
        **dict.fromkeys(("add", "change", "delete", "action"), _IS_LOG),
        "use": "a booking has the button that sends its email again",
    },
    "notifications/note": {
        **dict.fromkeys(("list", "search"), "they are somebody's"),
        "pages": _FEW,
        **dict.fromkeys(("add", "change", "delete", "action"), _IS_LOG),
        "use": _IS_LOG,
    },
    "notifications/suppression": {
        **dict.fromkeys(("list", "filter", "pages"), "addresses are known by their hash alone"),
        "change": "it is on the list or not",
        "action": _ALONE,
        "use": "it is on the list or not",
    },
    "reviews/report": {
        "search": "it is found by its reporter and its state",
        "pages": _FEW,
        "add": "people report",
        "change": _BY_USE_CASES,
        "delete": "its decision stays",
    },
    "reviews/review": {
        "add": "customers review",
        "change": "what somebody wrote stays theirs",
        "delete": "it is hidden in its stead",
    },
}
# The field whose value the first filter of a list takes, where it offers no choices.
FILTERED_BY = {
    "bookings/booking": "provider",
    "reviews/review": "provider",
    "marketplace/auditentry": "user_id",
    "notifications/note": "recipient_id",
}


@pytest.fixture
def admin(visit: Visit) -> Visitor:
    return visit("admin")


def shown(admin: Visitor) -> set[str]:
    """The keys of the objects that a page of a list shows."""
    links = admin.page.locator("#result_list tbody tr th:first-of-type a:first-child").all()
    return {key_of(link.get_attribute("href")) for link in links}


def rows(admin: Visitor) -> int:
    return admin.page.locator("#result_list tbody tr").count()


def key_of(address: str | None) -> str:
    """The key in the address of a page about one object, as addresses have it."""
    return str(address).partition("?")[0].rstrip("/").split("/")[-2]


def open_last(admin: Visitor, name: str, query: str = "") -> None:
    """Open the last object of a list's page: the first are those that other tests work with at the same time."""
    admin.go(f"/admin/{name}/{query}")
    admin.page.locator("#result_list tbody tr").last.locator("th a").first.click()
    admin.page.wait_for_url(re.compile("/change/"))


def customer_of(admin: Visitor) -> str:
    """The id of the demo customer."""
    admin.go("/admin/accounts/person/?q=customer@example.com")
    return key_of(admin.page.locator("#result_list tbody tr th a").first.get_attribute("href"))


def told_of_a_confirmation(admin: Visitor) -> tuple[str, str]:
    """The ids of a booking that the admin confirms, and of its customer, once they are told."""
    page = admin.page
    provider = key_of(_first_pending(admin))
    admin.go(f"/admin/bookings/booking/{provider}/do/confirm/")
    page.click(".submit-row [type=submit]")
    page.wait_for_url(re.compile("/change/"))
    customer = key_of(page.locator(".field-customer a").get_attribute("href"))
    for _attempt in range(60):
        admin.go(f"/admin/notifications/delivery/?q={provider}%232%23{customer}%23in_app")
        if rows(admin):
            return provider, customer
        page.wait_for_timeout(500)
    raise AssertionError("nobody was told")


def _first_pending(admin: Visitor) -> str | None:
    admin.go("/admin/bookings/booking/")
    pending = admin.page.locator("#result_list tbody tr", has=admin.page.locator("td.field-status >> text=pending"))
    # The first are those that other tests work with at the same time.
    return pending.last.locator("th a").first.get_attribute("href")


def report_something(visit: Visit, admin: Visitor, *, number: int) -> str:
    """The id of the provider with that number in the list, whom somebody reports."""
    admin.go("/admin/catalog/provider/")
    provider = key_of(admin.page.locator("#result_list tbody tr th a").nth(number).get_attribute("href"))
    reporter = visit("provider")
    reporter.go(f"/providers/{provider}/report")
    reporter.page.locator("[name=reason][value=fraud], [name=reason]").first.check()
    reporter.page.fill("[name=details]", f"Reported at {uuid4().hex}")
    reporter.page.click("main [type=submit]")
    reporter.page.wait_for_url(re.compile(f"/providers/{provider}$"))
    return provider


def open_one(visit: Visit, admin: Visitor, name: str) -> str:
    """Open the page about one object, which is made where the demo data have none; the query that finds it."""
    query = ""
    if name == "bookings/invoice":
        customer = customer_of(admin)
        open_last(admin, "bookings/booking", f"?customer_id__exact={customer}&status__exact=paid")
        query = f"?q={key_of(admin.page.url)}"
    elif name == "notifications/suppression":
        address = f"quincy-{uuid4().hex[:10]}@example.com"
        admin.go(f"/admin/{name}/add/")
        admin.page.fill("[name=address]", address)
        admin.page.click("[name=_save]")
        admin.page.wait_for_url(re.compile("/suppression/$"))
        query = f"?q={address}"
    elif name in ("notifications/delivery", "notifications/note"):
        booking, customer = told_of_a_confirmation(admin)
        delivery = f"?q={booking}%232%23{customer}%23in_app"
        query = delivery if name == "notifications/delivery" else f"?recipient_id__exact={customer}"
    elif name == "reviews/report":
        report_something(visit, admin, number=22)
    elif name == "marketplace/auditentry":
        admin.page.request.get("/admin/catalog/provider/export/?q=nobody")
    open_last(admin, name, query)
    if name == "marketplace/auditentry":
        query = f"?q={quote(admin.page.inner_text('.field-subject .readonly'))}"
    return query or f"?q={key_of(admin.page.url)}"


@pytest.mark.parametrize("name", LACKS)
def test_what_can_be_done_with_a_model_is_done_and_nothing_else_is_offered(
    visit: Visit, admin: Visitor, name: str
) -> None:
    page, lacks = admin.page, LACKS[name]
    admin.go(f"/admin/{name}/")
    is_offered = {
        "list": not page.locator(".needs-choice").count(),
        "filter": page.locator("#changelist-filter").count() > 0,
        "search": page.locator("#searchbar").count() > 0,
        "add": page.locator("#content .addlink").count() > 0,
    }
    found_by = open_one(visit, admin, name)
    address, key = page.url.partition("?")[0], key_of(page.url)
    is_offered |= {
        "change": page.locator("[name=_save]").count() > 0,
        "delete": page.locator("a.deletelink").count() > 0,
        "use": page.locator("a.uselink").count() > 0,
    }
    admin.go(f"/admin/{name}/{found_by if 'list' in lacks else ''}")
    is_offered["action"] = page.locator("select[name=action]").count() > 0
    assert is_offered == {step: step not in lacks for step in is_offered}

    if "pages" not in lacks:
        first = shown(admin)
        page.click("a[rel=next]")
        page.wait_for_url(re.compile("[?&]p="))
        following = shown(admin)
        assert following
        assert not following & first
        page.click("a[rel=prev]")
        page.wait_for_load_state()
        # Other tests add to the list meanwhile.
        assert first & shown(admin)
        assert not following & shown(admin)
        page.locator(".toplinks a").last.click()
        page.wait_for_url(re.compile("__year="))
        expect(page.locator(".toplinks .date-back")).to_be_visible()
    if "filter" not in lacks:
        narrow(admin, name, address)
    if "search" not in lacks and "q=" in found_by:
        admin.go(f"/admin/{name}/")
        page.fill("#searchbar", unquote(found_by.removeprefix("?q=")))
        page.press("#searchbar", "Enter")
        page.wait_for_url(re.compile("[?&]q="))
        assert rows(admin) >= 1
    with page.expect_download(timeout=60_000) as download:
        page.click("a.exportlink")
    assert download.value.suggested_filename == f"{name.partition('/')[2]}.csv"
    assert len(download.value.path().read_text().splitlines()) >= 2
    admin.go(f"/admin/{name}/{key}/history/")
    if "change" not in lacks:
        change_at_the_same_time(admin, address)
    if "delete" not in lacks:
        page.goto(address)
        page.click("a.deletelink")
        page.wait_for_url(re.compile("/delete/"))
        page.click("#content [type=submit]")
        page.wait_for_selector(".messagelist .success")


def narrow(admin: Visitor, name: str, address: str) -> None:
    """Choose the first filter of a list: by its link, or by what the object at that address has."""
    page = admin.page
    admin.go(f"/admin/{name}/")
    links = page.locator("#changelist-filter li:not(.selected) a")
    if links.count():
        links.first.click()
    else:
        admin.page.goto(address)
        shown = page.locator(f".field-{FILTERED_BY[name]}")
        link = shown.locator("a")
        value = key_of(link.get_attribute("href")) if link.count() else shown.locator(".readonly").inner_text()
        admin.go(f"/admin/{name}/")
        field = page.locator(".value-filter").first.locator("[type=search]")
        field.fill(value)
        field.press("Enter")
    page.wait_for_url(re.compile("__exact="))
    assert rows(admin)


def change_at_the_same_time(admin: Visitor, address: str) -> None:
    """Two windows change the same object: the second is told, and loses nothing that was typed."""
    page, other, typed = admin.page, admin.page.context.new_page(), f"As Bea says {uuid4().hex}"
    page.goto(address)
    other.goto(address)
    page.fill("[name=description]", f"As Ada says {uuid4().hex}")
    page.click("[name=_continue]")
    page.wait_for_selector(".messagelist .success")
    other.fill("[name=description]", typed)
    other.click("[name=_continue]")
    other.wait_for_selector(".errornote")
    expect(other.locator("#content")).to_contain_text("Somebody else changed this")
    expect(other.locator("[name=description]")).to_have_value(typed)
    other.click("[name=_continue]")
    other.wait_for_selector(".messagelist .success")
    other.close()


def test_the_walk_knows_every_model() -> None:
    # The admin is loaded when it is asked for.
    from marketplace.admin.site import site

    assert {f"{model._meta.app_label}/{model._meta.model_name}" for model in site._registry} == set(LACKS)
    assert {step for lacks in LACKS.values() for step in lacks} <= set(STEPS)


def test_a_paid_booking_leads_to_its_invoice_and_to_what_was_told(admin: Visitor) -> None:
    page = admin.page
    customer = customer_of(admin)
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


def test_a_provider_is_suspended_not_found_and_reinstated(admin: Visitor) -> None:
    open_last(admin, "catalog/provider")
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
    expect(admin.page.locator(".messagelist")).to_contain_text("done for 1")


def test_a_list_is_taken_away_with_its_progress_also_when_the_connection_breaks(admin: Visitor) -> None:
    admin.go("/admin/catalog/provider/")
    broken: list[str] = []

    def break_once(route: Route) -> None:
        if broken:
            route.continue_()
        else:
            broken.append(route.request.url)
            route.abort("aborted")

    admin.page.route("**/export/**", break_once)
    with admin.page.expect_download(timeout=120_000) as download:
        admin.page.click("a.exportlink")
    assert download.value.suggested_filename == "provider.csv"
    expect(admin.page.locator(".export-progress")).to_contain_text(re.compile("[0-9]+ rows"))


def test_the_site_is_seen_as_a_customer(admin: Visitor) -> None:
    admin.go("/admin/accounts/person/?user_type__exact=customer")
    admin.page.locator("#result_list tbody tr th a").first.click()
    admin.page.locator("a.uselink").first.click()
    admin.page.fill("[name=reason]", "They asked")
    admin.page.click(".submit-row [type=submit]")
    admin.go("/bookings")
    expect(admin.page.locator(".observed")).to_be_visible()
    admin.assert_accessible()
    admin.page.click(".observed button")
    admin.page.wait_for_url(re.compile("/admin/accounts/person/"))


def test_a_report_is_found_by_its_state_and_dismissed(visit: Visit) -> None:
    admin = visit("admin")
    provider = report_something(visit, admin, number=10)
    page = admin.page
    admin.go("/admin/reviews/report/?state__exact=open")
    page.locator("#result_list tbody tr", has_text=provider).locator("[name=_selected_action]").check()
    page.select_option("[name=action]", "dismiss")
    page.click("button[name=index]")
    page.fill("[name=reason]", "Looked into it")
    page.click(".submit-row [type=submit]")
    page.wait_for_url(re.compile("state__exact=open"))
    expect(page.locator(".messagelist")).to_contain_text("done for 1")
    expect(page.locator("#result_list tbody tr", has_text=provider)).to_have_count(0)


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
    open_last(admin, "catalog/provider")
    admin.assert_accessible(preload=False)
    key = key_of(admin.page.url)
    for end in ("history", "do/suspend"):
        admin.go(f"/admin/catalog/provider/{key}/{end}/")
        admin.assert_accessible(preload=False)
