"""Providers' journeys: from the sign-up to a full day, and what may come between."""

import re
from urllib.parse import urlsplit
from uuid import uuid4

from playwright.sync_api import Route, expect

from tests.browser.journeys.people import (
    FOLLOWS_WITHIN_MS,
    PASSWORD,
    Business,
    choose,
    choose_day,
    fill_address,
    new_customer,
    new_provider,
    open_business,
    request_appointment,
    submit,
    tab_to_text,
    verdict,
)
from tests.browser.visitors import Visit, Visitor


def row_of(visitor: Visitor, booking: str) -> str:
    """The selector of a request's row on the page of requests."""
    return f"#request-{urlsplit(booking).path.rsplit('/', 1)[1]}"


def accept(owner: Visitor, booking: str) -> None:
    """Accept a request in its row."""
    owner.go("/provider/requests")
    owner.page.locator(row_of(owner, booking)).get_by_role("button", name="Accept").click()
    expect(owner.page.locator(row_of(owner, booking))).to_have_count(0)


def test_from_sign_up_to_the_first_request_accepted_on_a_phone(visit: Visit) -> None:
    owner = new_provider(visit(width=375), name="Kim Mason")
    expect(owner.page.get_by_role("heading", name="Set up your business")).to_be_visible()
    shop = open_business(owner)
    owner.go("/provider")
    expect(owner.page.get_by_text("Nobody waits for an answer.")).to_be_visible()

    booking = request_appointment(new_customer(visit()), shop)

    row = owner.page.locator(row_of(owner, booking))
    expect(row).to_be_visible(timeout=FOLLOWS_WITHIN_MS)
    expect(owner.page).to_have_title(re.compile(r"^\(1\)"))
    # To whoever does not see it, too.
    expect(owner.page.locator("[data-news]")).to_have_text("Unread notifications: 1")
    row.get_by_role("button", name="Accept").click()
    expect(row).to_have_count(0)
    owner.go(urlsplit(booking).path)
    expect(owner.page.get_by_text("12 Elm Street, Springfield")).to_be_visible()
    assert not owner.page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")


def test_a_full_day(visit: Visit, owner: Visitor, business: Business, tomorrow: str) -> None:
    customers = [new_customer(visit()) for _ in range(5)]
    bookings = [request_appointment(customer, business, position=4, days=None) for customer in customers]
    declined, missed, done, paid, kept = bookings

    owner.go("/provider/requests")
    row = owner.page.locator(row_of(owner, declined))
    row.get_by_text("Decline…").click()
    row.get_by_label("Why? The customer reads it.").fill("We are on holiday.")
    row.get_by_role("button", name="Decline").click()
    for booking in (missed, done, paid, kept):
        accept(owner, booking)
    customers[0].go(urlsplit(declined).path)
    expect(customers[0].page.get_by_text("We are on holiday.")).to_be_visible()

    owner.go(tomorrow + urlsplit(missed).path)
    owner.page.get_by_role("button", name="Nobody was in").click()
    expect(verdict(owner)).to_have_text("You said that nobody was in")
    for booking in (done, paid):
        owner.go(tomorrow + urlsplit(booking).path)
        owner.page.get_by_role("button", name="The work is done").click()
        expect(verdict(owner)).to_have_text("The work is done")
    owner.page.get_by_role("link", name="Record the payment").click()
    owner.page.check("[name=payment_method][value=cash]")
    submit(owner)

    expect(verdict(owner)).to_have_text("Done and paid")
    expect(owner.page.get_by_text("Paid in cash")).to_be_visible()
    owner.go(tomorrow + urlsplit(kept).path)
    expect(verdict(owner)).to_contain_text("What became of this appointment?")
    owner.go("/provider/money")
    expect(owner.page.get_by_text("80.00 USD").first).to_be_visible(timeout=FOLLOWS_WITHIN_MS)


def test_a_blocked_week_tells_what_is_booked_in_it_and_keeps_that(
    visit: Visit, owner: Visitor, business: Business
) -> None:
    customer = new_customer(visit())
    booking = request_appointment(customer, business, position=20, days=8)
    accept(owner, booking)
    customer.page.goto(business.book_address)
    days = [each.get_attribute("value") or "" for each in customer.page.locator("[name=day]").all()]

    owner.go("/provider/own-time")
    owner.page.check("[name=kind][value=holiday]")
    owner.page.fill("[name=first]", days[7])
    owner.page.fill("[name=last]", days[13])
    owner.expect_status(409)
    submit(owner)
    expect(owner.page.get_by_role("heading", name="Booked in this time")).to_be_visible()
    owner.page.get_by_role("button", name="Keep them and block the rest").click()
    expect(owner.page.get_by_role("heading", name="Booked in this time")).to_have_count(0)

    customer.page.reload()
    for day in range(7, 14):
        expect(customer.page.locator("[name=day]").nth(day)).to_be_disabled()
    expect(customer.page.locator("[name=day]").nth(6)).to_be_enabled()
    customer.go(urlsplit(booking).path)
    expect(verdict(customer)).to_contain_text("comes on")


def test_a_caller_is_booked_moved_cancelled_and_erased(owner: Visitor, business: Business) -> None:
    page, caller = owner.page, f"{uuid4().hex}@example.com"
    owner.go("/provider/bookings/add")
    page.get_by_role("link", name="Leak repair").click()
    choose_day(owner, 2)
    choose(page.locator("#times [name=start]").nth(70))
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(re.compile("start="))
    owner.assert_accessible()
    page.fill("[name=name]", "Grace Caller")
    page.fill("[name=phone]", "+1 217 555 0123")
    page.fill("[name=email]", caller)
    fill_address(owner)
    submit(owner)
    page.wait_for_url(re.compile(r"/bookings/[^/?]+$"))
    expect(verdict(owner)).to_contain_text("You are expected on")
    expect(page.get_by_text("Grace Caller")).to_be_visible()

    page.get_by_role("link", name="Move to another time").click()
    choose_day(owner, 4)
    choose(page.locator("#times [name=starts_at]").nth(10))
    page.get_by_role("button", name="Move it").click()
    expect(page.get_by_text("You moved it")).to_be_visible()
    # Who is still expected cannot be erased.
    page.get_by_role("link", name="Cancel the booking").click()
    submit(owner)
    page.get_by_role("link", name="Erase the caller").click()
    expect(page.get_by_role("heading", name="Erase the caller?")).to_be_visible()
    owner.assert_accessible()
    submit(owner)
    expect(page.get_by_text("Grace Caller")).to_have_count(0)
    owner.site.expect_mail(caller, "Leak repair")


def test_hours_are_saved_once_whatever_is_answered_meanwhile(visit: Visit) -> None:
    owner = new_provider(visit())
    open_business(owner)
    owner.go("/provider/hours")
    held: list[Route] = []
    owner.page.route("**/provider/hours", lambda route: held.append(route))
    owner.page.fill("[name=mon_0_from]", "7:30")
    # By itself: until the next page is there, Playwright waits for it.
    owner.page.get_by_role("button", name="Save the hours").evaluate(
        "button => { button.focus(); button.click(); setTimeout(() => button.click(), 1500) }"
    )
    while len(held) < 2:
        owner.page.wait_for_timeout(100)
    held[0].continue_()
    # Longer than until the second press.
    owner.page.wait_for_timeout(2_000)
    assert len(held) == 2
    held[1].continue_()

    expect(owner.page.locator("#notices [role=status]")).to_be_visible()
    expect(owner.page.locator("[name=mon_0_from]")).to_have_value("7:30")


def test_a_form_that_was_stopped_on_its_way_can_be_sent_again(visit: Visit) -> None:
    owner = new_provider(visit())
    open_business(owner)
    owner.page.clock.install()
    owner.go("/provider/hours")
    held: list[Route] = []
    owner.page.route("**/provider/hours", lambda route: held.append(route), times=1)
    save = owner.page.get_by_role("button", name="Save the hours")
    save.evaluate("button => { button.click(); setTimeout(stop, 500) }")
    owner.page.wait_for_timeout(1_000)
    owner.page.clock.fast_forward(30_000)
    save.click()

    expect(owner.page.locator("#notices [role=status]")).to_be_visible()
    assert held


def test_an_answer_that_is_on_its_way_is_shown_so_while_the_page_follows_what_happens(
    visit: Visit, owner: Visitor, business: Business
) -> None:
    booking = request_appointment(new_customer(visit()), business, position=9, days=4)
    owner.go("/provider/requests")
    held: list[Route] = []
    owner.page.route("**/bookings/*/status", lambda route: held.append(route), times=1)
    accept_it = owner.page.locator(row_of(owner, booking)).get_by_role("button", name="Accept")
    shown = accept_it.evaluate(
        """button => new Promise((resolve) => {
            const spinner = button.querySelector(".spinner");
            addEventListener("htmx:after:swap", () => resolve([button.ariaBusy, spinner.checkVisibility()]));
            button.click();
            document.body.dispatchEvent(new Event("live:changed", { bubbles: true }));
        })"""
    )
    assert shown == ["true", True]
    held[0].continue_()
    expect(owner.page.locator(row_of(owner, booking))).to_have_count(0)


def test_a_new_price_counts_for_new_requests_only(visit: Visit) -> None:
    owner, customer = new_provider(visit()), new_customer(visit())
    shop = open_business(owner)
    booking = request_appointment(customer, shop)

    owner.go("/provider/services")
    owner.page.get_by_role("link", name="Leak repair").click()
    owner.page.fill("[name=price]", "120")
    submit(owner)
    accept(owner, booking)

    owner.go(urlsplit(booking).path)
    expect(owner.page.get_by_text("80.00 USD").first).to_be_visible()
    customer.page.goto(shop.book_address)
    expect(customer.page.get_by_text("120.00 USD").first).to_be_visible()


def test_of_two_browsers_that_answer_one_request_the_second_is_told(
    visit: Visit, owner: Visitor, business: Business
) -> None:
    customer, office = new_customer(visit()), visit()
    booking = request_appointment(customer, business, position=30, days=3)
    office.sign_in(owner.email, PASSWORD)
    for visitor in (owner, office):
        visitor.go("/provider/requests")
        expect(visitor.page.locator(row_of(visitor, booking))).to_be_visible()
    # So that this page still shows the request when it is answered elsewhere.
    office.page.route("**/provider/dashboard*", lambda route: route.fulfill(status=304))
    # Whoever is writing is not disturbed by what comes in meanwhile.
    owner.page.locator(row_of(owner, booking)).get_by_text("Decline…").click()
    reason = owner.page.locator(row_of(owner, booking)).get_by_label("Why? The customer reads it.")
    reason.fill("We are")
    another = request_appointment(customer, business, position=36, days=3)
    expect(owner.page.locator(row_of(owner, another))).to_be_visible(timeout=FOLLOWS_WITHIN_MS)
    expect(reason).to_be_focused()
    expect(reason).to_have_value("We are")
    accept(owner, another)
    owner.page.locator(row_of(owner, booking)).get_by_role("button", name="Accept").click()
    expect(owner.page.locator(row_of(owner, booking))).to_have_count(0)

    row = office.page.locator(row_of(office, booking))
    row.get_by_text("Decline…").click()
    row.get_by_role("button", name="Decline").click()

    expect(office.page.locator("[role=alert], .toast, .notice").first).to_be_visible()
    office.go(urlsplit(booking).path)
    expect(verdict(office)).to_contain_text("You are expected on")


def test_a_request_is_answered_with_the_keyboard_alone(visit: Visit, owner: Visitor, business: Business) -> None:
    booking = request_appointment(new_customer(visit()), business, position=40, days=3)
    owner.go("/provider")
    tab_to_text(owner, "Accept: Leak repair")
    owner.page.keyboard.press("Enter")

    expect(owner.page.locator(row_of(owner, booking))).to_have_count(0)
    owner.go(urlsplit(booking).path)
    expect(verdict(owner)).to_contain_text("You are expected on")
    # Weeks are turned by arrows; with another key they are the browser's.
    owner.go("/provider/calendar")
    before = owner.page.get_by_role("link", name="Week before").get_attribute("href") or ""
    owner.page.keyboard.press("Control+ArrowRight")
    owner.page.keyboard.press("ArrowLeft")
    owner.page.wait_for_url(f"**{before}")


def test_a_request_is_answered_without_javascript(visit: Visit, owner: Visitor, business: Business) -> None:
    booking = request_appointment(new_customer(visit()), business, position=50, days=3)
    office = visit(has_javascript=False)
    office.sign_in(owner.email, PASSWORD)
    office.go("/provider")
    office.page.locator(row_of(office, booking)).get_by_role("button", name="Accept").click()

    office.go(urlsplit(booking).path)
    expect(verdict(office)).to_contain_text("You are expected on")


def test_a_request_is_answered_in_french(visit: Visit, owner: Visitor, business: Business) -> None:
    booking = request_appointment(new_customer(visit()), business, position=60, days=3)
    office = visit(language="fr")
    office.sign_in(owner.email, PASSWORD)
    office.go("/provider/requests")
    # The account's language is the one in which it was made; from now on it is this one.
    office.page.get_by_role("button", name="Français").click()
    office.page.wait_for_load_state()
    office.page.locator(row_of(office, booking)).get_by_role("button", name=re.compile("^Accepter")).click()

    office.go(urlsplit(booking).path)
    expect(office.page.locator("html")).to_have_attribute("lang", "fr")
    expect(verdict(office)).to_contain_text("attend")
