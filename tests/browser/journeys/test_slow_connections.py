"""Slow connections and quick people: what was chosen last counts, whatever is answered late."""

import re

from playwright.sync_api import FilePayload, Route, expect

from tests.browser.journeys.people import Business, choose, choose_time, request_appointment
from tests.browser.visitors import Visit, Visitor
from tests.factories.photos import picture


def test_a_day_that_was_chosen_before_the_scripts_were_there_is_shown(customer: Visitor, business: Business) -> None:
    held: list[Route] = []
    customer.page.route("**/htmx*.js", lambda route: held.append(route))
    customer.page.goto(business.book_address, wait_until="commit")
    choose(customer.page.locator("[name=day]").nth(5))
    chosen = customer.page.locator("[name=day]").nth(5).get_attribute("value")
    held[0].continue_()
    customer.page.wait_for_url(re.compile(f"day={chosen}"))


def test_a_day_that_was_chosen_while_scripts_arrive_is_asked_for_once(customer: Visitor, business: Business) -> None:
    page = customer.page
    scripts: list[Route] = []
    answers: list[Route] = []
    page.route("**/build/site*.js", lambda route: scripts.append(route))
    page.route("**/book?*day=*", lambda route: answers.append(route))
    page.goto(business.book_address, wait_until="commit")
    day = page.locator("[name=day]").nth(5)
    # Whatever can listen without the script that is held listens by then.
    page.wait_for_timeout(1_000)
    choose(day)
    page.wait_for_timeout(300)
    scripts[0].continue_()
    page.wait_for_load_state()
    page.wait_for_timeout(300)
    answers[0].continue_()
    page.wait_for_url(re.compile(f"day={day.get_attribute('value')}"))
    time = page.locator("#times [name=start]").nth(3)
    choose(time)
    page.wait_for_timeout(300)

    assert len(answers) == 1
    expect(time).to_be_checked()


def test_no_time_of_the_day_before_is_taken_while_those_of_another_are_on_their_way(
    customer: Visitor, business: Business
) -> None:
    page = customer.page
    customer.go(business.book_address)
    held: list[Route] = []
    page.route("**/book?*day=*", lambda route: held.append(route), times=1)
    day = page.locator("[name=day]").nth(4)
    chosen = day.get_attribute("value")
    with page.expect_request(re.compile("day=")):
        choose(day)
    choose(page.locator("#times [name=start]").nth(2))
    page.get_by_role("button", name="Continue").click()
    page.wait_for_timeout(300)
    held[0].continue_()

    expect(page).to_have_url(re.compile(f"day={chosen}"))
    expect(day).to_be_checked()
    choose(page.locator("#times [name=start]").nth(2))
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(re.compile("start="))


def test_filters_that_are_chosen_in_a_quick_row_all_count(visit: Visit) -> None:
    stranger = visit()
    stranger.go("/search")
    held: list[Route] = []
    stranger.page.route("**/search?*", lambda route: held.append(route), times=1)
    stranger.page.select_option("#f-category", "cleaning")
    stranger.page.check("[name=rating][value='4']")
    stranger.page.select_option("#sort", "price")

    for chosen in ("category=cleaning", "rating=4", "sort=price"):
        expect(stranger.page).to_have_url(re.compile(chosen))
    assert held


def test_the_way_back_leads_to_what_stands_at_the_address(visit: Visit) -> None:
    customer = visit("customer")
    customer.go("/search")
    customer.page.select_option("#f-category", "cleaning")
    expect(customer.page).to_have_url(re.compile("category=cleaning$"))
    held: list[Route] = []
    customer.page.route("**/search?*rating=4*", lambda route: held.append(route), times=1)
    with customer.page.expect_request(re.compile("rating=4")):
        customer.page.check("[name=rating][value='4']")
    customer.page.route("**/search", lambda route: held.append(route), times=1)
    with customer.page.expect_request(re.compile("/search$")):
        customer.page.evaluate("setTimeout(() => history.back())")
    for route in held:
        route.continue_()
        customer.page.wait_for_timeout(300)

    expect(customer.page.locator("h1")).to_have_text("Services")
    expect(customer.page).to_have_url(re.compile("/search$"))
    # What the scripts do is there, too.
    expect(customer.page.get_by_role("button", name="Search near me")).to_be_visible()
    expect(customer.page.locator("[data-unread]")).to_have_text(re.compile(r"\d"))


def test_a_price_that_is_typed_while_another_place_is_looked_up_stays(visit: Visit) -> None:
    stranger = visit()
    stranger.go("/search?place=Austin%2C+US")
    held: list[Route] = []
    stranger.page.route("**/search?*Berlin*", lambda route: held.append(route), times=1)
    place = stranger.page.get_by_role("combobox", name="Place")
    place.fill("Berlin")
    with stranger.page.expect_request(re.compile("Berlin")):
        place.press("Enter")
    price = stranger.page.get_by_label("From", exact=True)
    price.press_sequentially("50")
    held[0].continue_()
    expect(stranger.page.get_by_text("Price in EUR")).to_be_visible()
    expect(price).to_have_value("50")
    expect(price).to_be_focused()
    expect(stranger.page).to_have_url(re.compile("place=Berlin$"))

    price.press("Tab")
    expect(stranger.page).to_have_url(re.compile("min=50&currency=EUR"))


def test_of_two_answers_about_what_is_unread_the_one_that_was_asked_for_later_counts(visit: Visit) -> None:
    customer = visit("customer")
    customer.go("/search")
    bell = customer.page.locator("[data-unread]")
    expect(bell).to_have_text(re.compile(r"\d"))
    asked: list[Route] = []
    customer.page.route("**/bell", lambda route: asked.append(route))
    for _ in range(2):
        with customer.page.expect_request("**/bell"):
            customer.page.evaluate("dispatchEvent(new Event('focus'))")
        customer.page.wait_for_timeout(200)
    for route, unread in ((asked[1], 7), (asked[0], 1)):
        route.fulfill(json={"unread": unread}, headers={"ETag": f'"{unread}"'})
        customer.page.wait_for_timeout(200)

    expect(bell).to_have_text("7")


def test_a_place_that_was_typed_meanwhile_counts_more_than_where_one_is(visit: Visit) -> None:
    stranger = visit()
    stranger.page.add_init_script(
        "navigator.geolocation.getCurrentPosition = (found, lost) => Object.assign(window, { found, lost })"
    )
    stranger.go("/search")
    place = stranger.page.get_by_role("combobox", name="Place")
    near_me = stranger.page.get_by_role("button", name="Search near me")
    for answer in ("found({ coords: { latitude: 30.2672, longitude: -97.7431 } })", "lost()"):
        near_me.click()
        place.fill(f"Berlin {answer[:4]}")
        stranger.page.evaluate(answer)
        stranger.page.wait_for_timeout(300)
        expect(place).to_have_value(f"Berlin {answer[:4]}")
        expect(near_me).not_to_have_attribute("aria-busy", "true")


def test_photos_that_are_chosen_while_others_are_on_their_way_count_and_one_that_hangs_is_removed(
    customer: Visitor, business: Business
) -> None:
    choose_time(customer, business, position=12, days=6)
    photos = [FilePayload(name=f"{n}.jpg", mimeType="image/jpeg", buffer=picture(40, 30)) for n in range(6)]
    held: list[Route] = []
    customer.page.route(re.compile("/local-media-"), lambda route: held.append(route), times=1)
    with customer.page.expect_request(re.compile("/local-media-")):
        customer.page.set_input_files("[data-photo-input]", photos[:3])
    customer.page.set_input_files("[data-photo-input]", photos[3:])
    expect(customer.page.locator("[name=uploads]")).to_have_count(3)
    customer.page.get_by_role("button", name="Remove: 0.jpg").click()

    expect(customer.page.locator("[name=uploads]")).to_have_count(5)
    expect(customer.page.get_by_text("The upload did not work")).to_have_count(0)
    assert customer.page.locator("[data-photo-input]").evaluate("field => field.validity.valid")
    customer.page.set_input_files("[data-photo-input]", photos[:1])
    expect(customer.page.get_by_text("there can be 5 photos")).to_be_visible()
    expect(customer.page.locator("[name=uploads]")).to_have_count(5)


def test_a_reason_stands_there_again_after_a_gateway_swallowed_it_and_after_looking_elsewhere(
    customer: Visitor, business: Business
) -> None:
    booking = request_appointment(customer, business, position=20)
    customer.go(f"{booking}/cancel")
    reason = customer.page.locator("[name=reason]")
    reason.press_sequentially("The leak has stopped.")
    customer.page.get_by_role("link", name="Back to the booking").click()
    customer.page.wait_for_url(booking)
    customer.go(f"{booking}/cancel")
    expect(reason).to_have_value("The leak has stopped.")

    reason.press_sequentially(" Thank you.")
    customer.expect_status(502)
    customer.page.route("**/cancel", lambda route: route.fulfill(status=502, body="Bad Gateway"), times=1)
    customer.page.get_by_role("button", name="Cancel the booking").click()
    expect(customer.page.get_by_text("Bad Gateway")).to_be_visible()
    # To see whether it was done.
    customer.go(booking)
    customer.go(f"{booking}/cancel")

    expect(reason).to_have_value("The leak has stopped. Thank you.")
