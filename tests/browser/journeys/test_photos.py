"""Adding photos in a browser: with a script, which shows how far it is, and without."""

from playwright.sync_api import APIResponse, FilePayload, Route, expect

from tests.browser.journeys.people import PASSWORD, Business, new_provider, open_business, request_appointment
from tests.browser.visitors import Visit, Visitor
from tests.factories.photos import picture

# From the upload to the picture, by stream, queue and worker.
_READY_WITHIN_MS = 60_000


def file(name: str, content: bytes, content_type: str = "image/jpeg") -> FilePayload:
    return FilePayload(name=name, mimeType=content_type, buffer=content)


def test_a_provider_adds_orders_and_removes_photos(visit: Visit) -> None:
    owner = new_provider(visit())
    business = open_business(owner)
    owner.go("/provider/profile")
    photos = owner.page.locator(".photo")
    ready = owner.page.locator(".photo img")

    owner.page.set_input_files(
        "[data-photo-input]",
        [
            file("van.jpg", picture(800, 600)),
            file("shop.png", picture(600, 800, "PNG"), "image/png"),
            file("notes.jpg", b"no picture at all"),
            file("empty.jpg", b""),
            file("film.gif", picture(format_="GIF"), "image/gif"),
        ],
    )
    # What is no photo by its name, or has nothing in it, is not even sent.
    expect(owner.page.get_by_text("Photos are JPEG, PNG or WebP files.")).to_have_count(2)
    expect(ready).to_have_count(2, timeout=_READY_WITHIN_MS)
    expect(owner.page.get_by_text("This file is no JPEG, PNG or WebP picture, or it is damaged.")).to_be_visible(
        timeout=_READY_WITHIN_MS
    )
    # What was refused stays to be read, whatever is shown anew beside it; whoever removes one goes on at the next.
    owner.page.get_by_role("button", name="Remove: empty.jpg").click()
    owner.page.get_by_role("button", name="Remove: film.gif").click()
    expect(owner.page.get_by_role("button", name="Remove photo 3")).to_be_focused()
    first = ready.first.get_attribute("src")
    owner.page.get_by_role("button", name="Remove photo 3").click()
    expect(photos).to_have_count(2)
    expect(owner.page.get_by_role("button", name="Remove photo 2")).to_be_focused()
    owner.page.get_by_role("button", name="Show photo 2 earlier").click()
    expect(ready.nth(1)).to_have_attribute("src", first or "")
    expect(owner.page.get_by_role("button", name="Remove photo 1")).to_be_focused()

    stranger = visit()
    stranger.go(business.address)
    expect(stranger.page.locator(".gallery img")).to_have_count(2)
    expect(stranger.page.locator("img.front")).to_have_attribute("alt", business.name)


def test_whoever_is_signed_out_by_the_time_they_add_a_photo_is_told_so(customer: Visitor, business: Business) -> None:
    booking = request_appointment(customer, business)
    signed_out = customer.page.get_by_text("You had been signed out.")
    tab = customer.page.context.new_page()
    tab.goto("/account/profile")
    tab.get_by_role("button", name="Sign out", exact=True).click()
    tab.wait_for_url("**/account/sign-in*")
    customer.page.set_input_files("[data-photo-input]", [file("leak.jpg", picture(80, 60))])
    expect(signed_out).to_have_count(1)

    tab.fill("[name=email]", customer.email)
    tab.fill("[name=password]", PASSWORD)
    tab.click("main [type=submit]")
    tab.wait_for_url("**/bookings")
    # The page has the token of the time before.
    customer.page.set_input_files("[data-photo-input]", [file("leak.jpg", picture(80, 60))])
    expect(signed_out).to_have_count(2)

    customer.go(booking)
    customer.page.set_input_files("[data-photo-input]", [file("leak.jpg", picture(80, 60))])
    expect(customer.page.locator(".photo img")).to_have_count(1, timeout=_READY_WITHIN_MS)


def test_a_photo_that_was_removed_stays_so_whatever_is_answered_late(visit: Visit) -> None:
    owner = new_provider(visit())
    open_business(owner)
    owner.go("/provider/profile")
    photos = owner.page.locator("#photos .photo")
    owner.page.set_input_files("[data-photo-input]", [file("van.jpg", picture(800, 600))])
    expect(photos.locator("img")).to_have_count(1, timeout=_READY_WITHIN_MS)
    late: list[tuple[Route, APIResponse]] = []
    owner.page.route(
        "**/photos/**",
        lambda route: late.append((route, route.fetch())) if route.request.method == "GET" else route.continue_(),
    )
    with owner.page.expect_request(lambda request: request.headers.get("hx-target") == "div#photos"):
        owner.page.set_input_files("[data-photo-input]", [file("shop.jpg", picture(600, 800))])
        expect(photos).to_have_count(2)
        owner.page.wait_for_timeout(2_500)
    owner.page.get_by_role("button", name="Remove photo 1").click()
    expect(photos).to_have_count(1)
    for route, response in late:
        route.fulfill(response=response)
    owner.page.wait_for_timeout(300)

    expect(photos).to_have_count(1, timeout=100)
    owner.page.unroute_all(behavior="ignoreErrors")


def test_without_javascript_a_form_goes_to_the_bucket_and_leads_back(visit: Visit) -> None:
    owner = new_provider(visit(has_javascript=False))
    open_business(owner)
    owner.go("/provider/start")
    owner.page.locator("li", has_text="Photo").get_by_role("link").click()
    owner.page.get_by_role("link", name="Add a photo").click()
    owner.page.set_input_files("[name=file]", [file("van.png", picture(format_="PNG"), "image/png")])
    owner.page.get_by_role("button", name="Upload it").click()
    expect(owner.page.get_by_text("Your photo is being prepared.")).to_be_visible()
    for _ in range(30):
        if owner.page.locator(".photo img").count():
            break
        owner.page.wait_for_timeout(1000)
        owner.page.reload()
    expect(owner.page.locator(".photo img")).to_have_count(1)
