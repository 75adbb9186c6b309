"""A session that ends while somebody fills in a form: what was typed waits for them, and nothing is done with it."""

from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest

from accounts.queries import find_user
from accounts.services import sign_out_everywhere
from bookings.domain import Status
from bookings.queries import get_booking
from kernel.actors import Actor, Role
from kernel.clock import now, to_rfc3339
from notifications.queries import list_muted
from notifications.services import replace_muted
from tests.factories.accounts import make_account
from tests.factories.bookings import Scene, make_scene, next_day
from tests.factories.browsers import Browser, forms_of, signed_in

HOST = "http://testserver"
TYPED = {"address": "12 Elm Street, Springfield", "notes": "Ring twice, the bell is weak.", "uploads": "u1"}


@pytest.fixture
def scene(cloud: Any) -> Scene:
    return make_scene(provider=make_account(Role.PROVIDER), customer=make_account(Role.CUSTOMER))


def text_of(response: Any) -> str:
    return unescape(response.content.decode())


def book_page(scene: Scene) -> str:
    return f"/services/{scene.service_id}/book?start={quote(to_rfc3339(next_day(9)))}"


def send(browser: Browser, page: str, values: dict[str, str], fields: dict[str, str]) -> Any:
    """Send the form of a page as browsers do, which say where it comes from."""
    return browser.post(page.partition("?")[0], fields | values, headers={"referer": HOST + page, "origin": HOST})


def fields_of(browser: Browser, page: str) -> dict[str, str]:
    """The fields of the form that is the page's subject."""
    forms = forms_of(browser.get(page))
    return next(form for form in forms if form.action.partition("?")[0] in ("", page.partition("?")[0])).fields


def come_back(browser: Browser, actor: Actor) -> None:
    user = find_user(actor.user_id)
    assert user is not None
    browser.force_login(user)


def sign_in_elsewhere(browser: Browser) -> None:
    """Have the token that signing in gives to a browser, in whichever of its tabs."""
    browser.cookies["csrftoken"] = "b" * 32


def test_what_was_typed_for_a_booking_is_there_after_signing_in_again(scene: Scene) -> None:
    browser, page = signed_in(scene.customer), book_page(scene)
    fields = fields_of(browser, page)
    sign_out_everywhere(user_id=scene.customer.user_id)

    sent_away = send(browser, page, TYPED, fields)
    assert sent_away.url == f"/account/sign-in?next={quote(page, safe='')}"
    come_back(browser, scene.customer)
    shown = browser.get(page)

    assert shown.status_code == 200
    for typed in (*TYPED.values(), "What you typed is still here."):
        assert typed in text_of(shown)
    assert "Error:" not in text_of(shown)
    assert not scene.all_bookings()
    again = next(form for form in forms_of(shown) if form.action == page).fields
    assert again["idempotency_key"] == fields["idempotency_key"]
    # There is no such upload.
    del again["uploads"]
    booked = send(browser, page, {"notes": TYPED["notes"]}, again)
    assert booked.status_code == 302
    _booking, details = get_booking(actor=scene.customer, booking_id=booked.url.rsplit("/", 1)[1])
    assert details is not None
    assert (details.address, details.notes) == (TYPED["address"], TYPED["notes"])
    assert TYPED["notes"] not in text_of(browser.get(page))


def test_whoever_signed_in_again_in_another_tab_is_shown_what_they_typed(scene: Scene) -> None:
    browser, page = signed_in(scene.customer), book_page(scene)
    fields = fields_of(browser, page)
    sign_in_elsewhere(browser)

    led_back = send(browser, page, TYPED, fields)

    assert (led_back.status_code, led_back.url) == (302, page)
    assert TYPED["notes"] in text_of(browser.get(page))


def test_a_button_that_is_too_old_leads_back_to_its_page(scene: Scene) -> None:
    booking = scene.book(next_day(9))
    browser, page = signed_in(scene.provider), f"/bookings/{booking.booking_id}"
    fields = next(form for form in forms_of(browser.get(page)) if form.action == f"{page}/status").fields
    sign_in_elsewhere(browser)

    headers = {"referer": HOST + page, "origin": HOST}
    led_back: Any = browser.post(f"{page}/status", fields | {"status": "confirmed"}, headers=headers)

    assert led_back.url == page
    shown, user = text_of(browser.get(page)), find_user(scene.provider.user_id)
    assert user is not None
    # It may be somebody else than who opened the page.
    assert f"nothing was done. Please try again. You are signed in as {user.email}." in shown
    assert scene.stored(booking.booking_id).status is Status.PENDING


def test_whoever_signed_in_meanwhile_in_place_of_somebody_else_is_told_who_they_are(scene: Scene) -> None:
    browser = signed_in(scene.customer)
    other = find_user(make_account(Role.CUSTOMER).user_id)
    assert other is not None
    fields = fields_of(browser, "/account/profile")
    come_back(browser, other.actor)
    sign_in_elsewhere(browser)

    send(browser, "/account/profile", {"name": "Ada Lovelace-King"}, fields)
    shown = text_of(browser.get("/account/profile"))

    assert f"You are signed in as {other.email}." in shown
    assert "You had been signed out" not in shown


@pytest.mark.parametrize("page", ["{booking}", "/account/password", "/account/erase"])
def test_whoever_sent_what_does_not_wait_is_told_to_try_again(scene: Scene, page: str) -> None:
    page = page.format(booking=f"/bookings/{scene.book(next_day(9)).booking_id}")
    browser = signed_in(scene.provider)
    form = next(form for form in forms_of(browser.get(page)) if not form.action.startswith("/account/sign-out"))
    sign_out_everywhere(user_id=scene.provider.user_id)

    headers = {"referer": HOST + page, "origin": HOST}
    away: Any = browser.post(form.action or page, form.fields, headers=headers)

    assert "You had been signed out. Sign in and try again." in text_of(browser.get(away.url))


def test_a_part_for_the_page_of_somebody_else_has_the_whole_page_loaded_again(scene: Scene) -> None:
    page = f"/bookings/{scene.book(next_day(9)).booking_id}"
    browser = signed_in(scene.customer)
    assert f'"X-Page": "en {scene.customer.user_id}"' in text_of(browser.get(page))
    headers = {"HX-Request": "true", "HX-Target": "div#booking", "X-Page": f"en {scene.customer.user_id}"}
    assert browser.get(page, headers=headers).status_code == 200

    in_french = browser.get(page, headers={**headers, "Accept-Language": "fr"})
    come_back(browser, scene.provider)
    of_another = browser.get(page, headers=headers)

    for part in (in_french, of_another):
        assert (part.status_code, part.content, part.headers["HX-Refresh"]) == (204, b"", "true")


def test_a_filter_of_a_page_in_another_language_than_by_now_counts(client: Browser) -> None:
    headers = {"HX-Request": "true", "HX-Target": "div#browse", "HX-Current-URL": f"{HOST}/search", "X-Page": "en"}

    led = client.get("/search?sort=price", headers={**headers, "Accept-Language": "fr"})
    more = client.get("/search?sort=price&cursor=x", headers={**headers, "Accept-Language": "fr"})

    assert (led.status_code, led.headers["HX-Redirect"]) == (204, "/search?sort=price")
    assert (more.status_code, more.headers["HX-Refresh"]) == (204, "true")


@pytest.mark.parametrize("is_signed_out", [True, False])
def test_a_reason_that_was_typed_on_the_day_is_shown_again_where_it_is_asked_for(
    scene: Scene, *, is_signed_out: bool
) -> None:
    booking = scene.book(next_day(9))
    browser, address = signed_in(scene.provider), f"/bookings/{booking.booking_id}/decline"
    fields = next(form for form in forms_of(browser.get("/provider")) if form.action == address).fields
    if is_signed_out:
        sign_out_everywhere(user_id=scene.provider.user_id)
    else:
        sign_in_elsewhere(browser)

    headers = {"referer": f"{HOST}/provider", "origin": HOST}
    led: Any = browser.post(address, fields | {"reason": "Away that week."}, headers=headers)
    back = f"{address}?next=%2Fprovider"
    assert led.url == (f"/account/sign-in?next={quote(back, safe='')}" if is_signed_out else back)
    come_back(browser, scene.provider)

    assert "Away that week." in text_of(browser.get(back))
    assert scene.stored(booking.booking_id).status is Status.PENDING
    assert browser.submit(back, {"reason": "Away."}).url == "/provider"


@pytest.mark.parametrize("origin", ["https://example.org", "null", ""])
def test_no_page_of_others_leaves_anything_in_a_form(scene: Scene, origin: str) -> None:
    browser, page = signed_in(scene.customer), book_page(scene)
    fields = fields_of(browser, page) | {"csrfmiddlewaretoken": "a" * 64} | TYPED
    headers = {"referer": HOST + page} | ({"origin": origin} if origin else {})

    refused = browser.post(page.partition("?")[0], fields, headers=headers)

    assert refused.status_code == 403
    assert TYPED["notes"] not in text_of(browser.get(page))


@pytest.mark.parametrize(
    ("page", "typed"),
    [
        ("/account/profile", {"name": "Ada Lovelace-King"}),
        ("/account/addresses/add", {"label": "Mill", "address": "3 Mill Lane"}),
        ("{booking}/review", {"rating": "2", "comment": "Came late, left a mess."}),
        ("{ahead}/cancel", {"reason": "The leak has stopped."}),
        ("{ahead}/move", {"starts_at": to_rfc3339(next_day(11))}),
    ],
)
def test_every_form_of_a_customer_waits(scene: Scene, page: str, typed: dict[str, str]) -> None:
    long_ago = now() - timedelta(days=9)
    done = scene.book(next_day(9, days=-5), now=long_ago)
    scene.bring(done, Status.CONFIRMED, now=long_ago)
    scene.bring(done, Status.COMPLETED)
    page = page.format(booking=f"/bookings/{done.booking_id}", ahead=f"/bookings/{scene.book(next_day(9)).booking_id}")
    browser = signed_in(scene.customer)
    fields = fields_of(browser, page)
    sign_out_everywhere(user_id=scene.customer.user_id)

    send(browser, page, typed, fields)
    come_back(browser, scene.customer)
    shown = text_of(browser.get(page))

    for value in typed.values():
        assert value in shown
    if "starts_at" in typed:
        assert f'value="{typed["starts_at"]}" checked' in shown
    assert "What you typed is still here." not in text_of(browser.get(page))


def test_a_form_that_was_sent_without_a_mark_waits_too(scene: Scene) -> None:
    page = "/account/notifications"
    browser = signed_in(scene.customer)
    fields = fields_of(browser, page)
    del fields["wanted"]
    sign_out_everywhere(user_id=scene.customer.user_id)

    send(browser, page, {}, fields)
    come_back(browser, scene.customer)
    shown = text_of(browser.get(page))

    assert "What you typed is still here." in shown
    assert " checked" not in shown


def test_what_is_chosen_where_nothing_had_a_mark_is_saved_after_signing_in(scene: Scene) -> None:
    page, customer_id = "/account/notifications", scene.customer.user_id
    replace_muted(recipient_id=customer_id, types={"reminder.appointment", "reminder.review"})
    browser = signed_in(scene.customer)
    fields = fields_of(browser, page)
    sign_out_everywhere(user_id=customer_id)

    send(browser, page, {"wanted": "reminder.review"}, fields)
    come_back(browser, scene.customer)
    assert send(browser, page, {}, fields_of(browser, page)).status_code == 302

    assert list_muted(customer_id) == {"reminder.appointment"}


def test_a_form_that_is_full_of_another_script_waits_too(scene: Scene) -> None:
    page = f"/provider/services/{scene.service_id}"
    browser = signed_in(scene.provider)
    fields = fields_of(browser, page)
    sign_out_everywhere(user_id=scene.provider.user_id)
    typed = "".join(chr(0x4E00 + number * 7919 % 2000) for number in range(1990))

    send(browser, page, {"description": typed}, fields)
    come_back(browser, scene.provider)

    assert typed in text_of(browser.get(page))


def test_a_browser_that_does_not_say_where_it_was_is_led_to_the_form_itself(scene: Scene) -> None:
    page = f"/bookings/{scene.book(next_day(9)).booking_id}/cancel?next=%2Fbookings"
    browser = signed_in(scene.customer)
    fields = fields_of(browser, page)
    sign_out_everywhere(user_id=scene.customer.user_id)

    away: Any = browser.post(page, fields | {"reason": "The leak has stopped."}, headers={"origin": HOST})

    assert away.url == f"/account/sign-in?next={quote(page, safe='')}"


def test_nobody_else_on_the_browser_is_shown_what_was_typed(scene: Scene) -> None:
    browser, page = signed_in(scene.customer), book_page(scene)
    fields = fields_of(browser, page)
    sign_out_everywhere(user_id=scene.customer.user_id)

    send(browser, page, TYPED, fields)
    come_back(browser, make_account(Role.CUSTOMER))

    assert TYPED["address"] not in text_of(browser.get(page))


@pytest.mark.parametrize(("elsewhere", "later"), [("/account/profile", timedelta()), ("/bookings", timedelta(hours=2))])
def test_what_was_typed_waits_for_its_page_alone_and_for_an_hour(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, elsewhere: str, later: timedelta
) -> None:
    browser, page = signed_in(scene.customer), book_page(scene)
    fields = fields_of(browser, page)
    sign_out_everywhere(user_id=scene.customer.user_id)
    send(browser, page, TYPED, fields)
    come_back(browser, scene.customer)
    browser.get(elsewhere)
    monkeypatch.setattr("kernel.web.unsent.now", lambda: now() + later)

    assert TYPED["notes"] not in text_of(browser.get(page))
