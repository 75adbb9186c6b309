"""Customers' journeys: from the search to the review, and what comes between."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import FilePayload, Route, expect

from tests.browser.journeys.people import (
    FOLLOWS_WITHIN_MS,
    Business,
    agree,
    choose,
    choose_day,
    choose_time,
    fill_address,
    new_customer,
    new_provider,
    open_business,
    request_appointment,
    sign_up,
    submit,
    tab_to,
    tab_to_text,
    verdict,
)
from tests.browser.visitors import Visit, Visitor
from tests.factories.photos import picture


def accept(owner: Visitor, booking: str) -> None:
    """Accept a request, on the booking's own page."""
    owner.go(urlsplit(booking).path)
    owner.page.get_by_role("button", name="Accept", exact=True).click()
    expect(verdict(owner)).to_contain_text("You are expected")


def test_a_stranger_books_and_the_page_follows_the_job_to_the_review(
    visit: Visit, owner: Visitor, business: Business, tomorrow: str
) -> None:
    customer = visit()
    chosen = choose_time(customer, business)
    customer.page.get_by_role("link", name="Create an account").click()
    sign_up(customer)
    expect(customer.page).to_have_url(chosen)
    booking = agree(customer)
    path = urlsplit(booking).path
    expect(verdict(customer)).to_have_text(f"{business.name} has your request")

    owner.go("/provider/requests")
    owner.page.locator("li", has=owner.page.locator(f"a[href='{path}']")).get_by_role("button", name="Accept").click()
    expect(verdict(customer)).to_contain_text(f"{business.name} comes on", timeout=FOLLOWS_WITHIN_MS)
    expect(customer.page).to_have_title(re.compile(rf"^\(1\) {business.name} comes on"))

    owner.go(tomorrow + path)
    owner.page.get_by_role("button", name="The work is done").click()
    owner.page.get_by_role("link", name="Record the payment").click()
    owner.page.check("[name=payment_method][value=cash]")
    submit(owner)
    expect(verdict(customer)).to_have_text("Done and paid", timeout=FOLLOWS_WITHIN_MS)

    with customer.page.expect_download() as download:
        customer.page.get_by_role("link", name="Invoice (PDF)").click()
    assert download.value.path().read_bytes().startswith(b"%PDF")
    customer.page.get_by_role("link", name="Write a review").click()
    customer.page.check("[name=rating][value='4']")
    customer.page.fill("[name=comment]", "Came on time.")
    submit(customer)
    customer.go(business.address)
    expect(customer.page.get_by_text("Came on time.")).to_be_visible()
    customer.site.expect_mail(customer.email, "invoice")

    owner.site.expect_mail(owner.email, "4 of 5 stars")
    owner.go("/notifications")
    owner.page.get_by_role("link", name="A customer reviewed your work").click()
    owner.page.get_by_role("link", name="Answer").click()
    owner.page.fill("[name=answer]", "Any time again.")
    submit(owner)
    customer.go(path)
    expect(customer.page.get_by_text("Any time again.")).to_be_visible()


def test_cancelling_late_costs_what_the_page_said(
    customer: Visitor, owner: Visitor, business: Business, tomorrow: str
) -> None:
    # Of the day after tomorrow: less than a day before it, tomorrow, and past the grace.
    booking = request_appointment(customer, business, position=-1, days=1)
    accept(owner, booking)
    path = urlsplit(booking).path

    customer.go(path)
    customer.page.get_by_role("link", name="Cancel the booking").click()
    expect(customer.page.get_by_text("It costs nothing until")).to_be_visible()
    customer.go(f"{tomorrow}{path}/cancel")
    expect(customer.page.get_by_text("You owe 40.00 USD for cancelling now.")).to_be_visible()
    customer.page.fill("[name=reason]", "The leak is gone.")
    submit(customer)

    expect(verdict(customer)).to_have_text("This booking was cancelled")
    expect(customer.page.get_by_text("A fee of 40.00 USD is owed")).to_be_visible()
    owner.go(path)
    expect(owner.page.get_by_text("The leak is gone.")).to_be_visible()


def test_a_move_is_made_by_the_customer_and_agreed_with_the_provider(
    customer: Visitor, owner: Visitor, business: Business
) -> None:
    booking = request_appointment(customer, business, position=8, days=3)
    accept(owner, booking)
    path = urlsplit(booking).path

    customer.go(path)
    customer.page.get_by_role("link", name="Move to another time").click()
    # The appointment's own time counts as free: a quarter of an hour later is offered.
    choose_day(customer, 3)
    choose(customer.page.locator("#times .slot", has_text="02:15").locator("input"))
    customer.page.get_by_role("button", name="Move it").click()
    expect(customer.page.get_by_text("You moved it")).to_be_visible()
    expect(customer.page.get_by_text("02:15–03:15").first).to_be_visible()

    owner.go(path)
    owner.page.get_by_role("link", name="Propose another time").click()
    choose_day(owner, 5)
    choose(owner.page.locator("#times [name=starts_at]").nth(40))
    owner.page.get_by_role("button", name="Propose this time").click()
    expect(customer.page.get_by_role("button", name="Accept the new time")).to_be_visible(timeout=FOLLOWS_WITHIN_MS)
    customer.page.get_by_role("button", name="Accept the new time").click()
    expect(customer.page.get_by_text("You accepted the proposed time")).to_be_visible()


def test_an_offer_that_changed_meanwhile_is_told_before_it_is_booked(visit: Visit, customer: Visitor) -> None:
    owner = new_provider(visit())
    shop = open_business(owner)
    choose_time(customer, shop)
    fill_address(customer)
    owner.go("/provider/services")
    owner.page.get_by_role("link", name="Leak repair").click()
    owner.page.fill("[name=price]", "95")
    submit(owner)

    customer.expect_status(409)
    customer.page.get_by_role("button", name=re.compile("^Request ")).click()

    expect(customer.page.get_by_text("95.00 USD").first).to_be_visible()
    expect(customer.page.locator("[name=address]")).to_have_value("12 Elm Street, Springfield")
    customer.page.get_by_role("button", name=re.compile("^Request ")).click()
    customer.page.wait_for_url(re.compile("/bookings/"))
    expect(customer.page.get_by_text("95.00 USD").first).to_be_visible()


def test_of_two_browsers_that_want_one_time_one_gets_it_and_the_other_keeps_what_was_typed(
    visit: Visit, customer: Visitor, business: Business
) -> None:
    other = new_customer(visit())
    choose_time(customer, business, position=20, days=5)
    choose_time(other, business, position=20, days=5)
    agree(customer)

    other.expect_status(409)
    fill_address(other, "7 Oak Lane, Springfield")
    # Kept by the first attempt, it is none that the second has to choose.
    other.page.check("[name=save_address]")
    photos = [FilePayload(name=f"{n}.jpg", mimeType="image/jpeg", buffer=picture(40, 30)) for n in range(6)]
    request = other.page.get_by_role("button", name=re.compile("^Request "))
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    other.page.route(re.compile("/local-media-"), hold, times=1)
    with other.page.expect_request(re.compile("/local-media-")):
        other.page.set_input_files("[data-photo-input]", photos)
    # While a photo is on its way, the form stays and says why.
    request.click()
    assert other.page.locator("[data-photo-input]").evaluate("field => field.validationMessage")
    expect(other.page.locator("[name=uploads]")).to_have_count(0)
    held[0].continue_()
    expect(other.page.get_by_text("there can be 5 photos")).to_be_visible()
    # What was typed outlives a reload, and stays in this tab.
    other.page.reload()
    expect(other.page.locator("[name=uploads]")).to_have_count(5)
    request.click()
    expect(other.page.get_by_text("The nearest free times")).to_be_visible()

    expect(other.page.locator("[name=address]")).to_have_value("7 Oak Lane, Springfield")
    expect(other.page.locator("[name=starts_at][type=radio]")).to_have_count(3)
    expect(other.page.locator("[name=uploads]")).to_have_count(5)
    other.page.get_by_role("button", name="Request this time").click()
    other.page.wait_for_url(re.compile(r"/bookings/[^/?]+$"))


def test_near_me_finds_the_nearest_and_asks_for_a_city_where_the_browser_does_not_tell(visit: Visit) -> None:
    stranger = visit()
    near_me = stranger.page.get_by_role("button", name="Search near me")
    stranger.go("/")
    stranger.page.get_by_label("Place").fill("Berlin")
    near_me.click()
    expect(stranger.page.get_by_placeholder("Position unknown: which city?")).to_be_focused()

    stranger.page.context.grant_permissions(["geolocation"])
    stranger.page.context.set_geolocation({"latitude": 30.2672, "longitude": -97.7431})
    near_me.click()
    expect(stranger.page).to_have_url(re.compile(r"near=30\.267"))
    expect(stranger.page.get_by_text("Austin").first).to_be_visible()


def test_the_sheets_of_a_phone_close_over_what_they_found(visit: Visit) -> None:
    stranger = visit(width=375)
    stranger.go("/search")
    stranger.page.locator(".search-fold").click()
    stranger.page.fill("#search-what", "plumbing")
    stranger.page.press("#search-what", "Enter")

    expect(stranger.page.locator("#search-sheet")).to_be_hidden()
    expect(stranger.page.locator(".search-fold")).to_contain_text("Plumbing")

    stranger.page.get_by_role("button", name="Filters").click()
    stranger.page.get_by_role("button", name="Show results").click()
    expect(stranger.page.locator("#filters")).to_be_hidden()


def test_a_list_that_was_continued_stays_so_when_the_page_follows_what_happens(visit: Visit) -> None:
    customer = visit("customer")
    customer.go("/bookings")
    rows = customer.page.locator("[aria-labelledby=h-past] li:not(#more)")
    first = rows.count()
    customer.page.get_by_role("link", name="Show more").click()
    expect(rows.nth(first)).to_be_focused()
    shown = rows.count()

    with customer.page.expect_response(lambda answer: answer.url.endswith("/bookings")):
        customer.page.evaluate("document.body.dispatchEvent(new CustomEvent('live:changed', {bubbles: true}))")
    customer.page.wait_for_function("!document.querySelector('.htmx-request')")

    expect(rows.nth(first)).to_be_focused()
    expect(rows).to_have_count(shown)


def test_an_impatient_double_click_and_going_back_book_once(customer: Visitor, business: Business) -> None:
    choose_time(customer, business, position=30, days=6)
    fill_address(customer)
    customer.page.get_by_role("button", name=re.compile("^Request ")).dblclick()
    customer.page.wait_for_url(re.compile(r"/bookings/[^/?]+$"))
    booking = customer.page.url

    customer.page.go_back()
    button = customer.page.get_by_role("button", name=re.compile("^Request "))
    if button.is_visible():
        customer.expect_status(409)
        button.click()
        customer.page.wait_for_load_state()

    customer.go("/bookings")
    links = customer.page.locator("main a[href^='/bookings/']").evaluate_all(
        "links => links.map(link => link.pathname)"
    )
    assert {link for link in links if re.fullmatch("/bookings/[^/]+", link)} == {urlsplit(booking).path}


def test_a_job_is_booked_with_the_keyboard_alone(customer: Visitor, business: Business) -> None:
    page = customer.page
    customer.go(business.address)
    tab_to_text(customer, "Book Leak repair")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/book"))
    tab_to(customer, "[name=day]")
    page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile("day="))
    # The next press of an arrow goes on from there.
    expect(page.locator("[name=day]:checked")).to_be_focused()
    tab_to(customer, "[name=start]")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("start="))
    tab_to(customer, "[name=address]")
    page.keyboard.type("12 Elm Street, Springfield")
    tab_to_text(customer, "Request ")
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile(r"/bookings/[^/?]+$"))
    expect(verdict(customer)).to_have_text(f"{business.name} has your request")


def test_a_job_is_booked_without_javascript(visit: Visit, business: Business) -> None:
    visitor = new_customer(visit(has_javascript=False))
    page = visitor.page
    page.goto(business.book_address)
    choose(page.locator("[name=day]").nth(2))
    page.get_by_role("button", name="Show the times of this day").click()
    choose(page.locator("#times [name=start]").nth(3))
    page.get_by_role("button", name="Continue").click()

    agree(visitor)

    expect(verdict(visitor)).to_have_text(f"{business.name} has your request")


def test_a_job_is_booked_in_french(visit: Visit, business: Business) -> None:
    visitor = new_customer(visit(language="fr"))
    page = visitor.page
    page.goto(business.book_address)
    expect(page.get_by_text("sur demande").first).to_be_visible()
    choose_day(visitor, 2)
    choose(page.locator("#times [name=start]").nth(5))
    page.get_by_role("button", name="Continuer").click()
    fill_address(visitor)
    page.get_by_role("button", name=re.compile("^Demander ")).click()

    page.wait_for_url(re.compile(r"/bookings/[^/?]+$"))
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(verdict(visitor)).to_contain_text("a reçu votre demande")
