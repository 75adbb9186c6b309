"""Booking on pages, without JavaScript: choosing a time, agreeing to what is shown, and what each side may do after."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from django.utils import translation

from accounts.queries import get_contacts
from accounts.services import change_role, update_profile
from bookings.domain import Booking, Status
from bookings.services import change_status, propose_move
from catalog.domain import Question, QuestionKind, parse_hours
from catalog.services import change_profile, change_service, replace_hours, suspend_provider
from kernel.actors import Role
from kernel.clock import now, to_rfc3339
from kernel.money import Money
from kernel.wording.times import format_briefly, format_span
from pages.booking.screens import booking_screen
from pages.customer import views
from tests.factories.accounts import make_account, make_admin, make_customer
from tests.factories.bookings import ALWAYS_OPEN, Scene, make_scene, next_day
from tests.factories.browsers import Browser, forms_of, signed_in
from tests.factories.reviews import completed_booking

ADDRESS = {"address": "12 Elm Street, Springfield"}


@pytest.fixture
def scene(cloud: Any) -> Scene:
    return make_scene(provider=make_account(Role.PROVIDER), customer=make_account(Role.CUSTOMER))


def book_page(scene: Scene, start: datetime | None = None) -> str:
    address = f"/services/{scene.service_id}/book"
    return f"{address}?start={quote(to_rfc3339(start))}" if start else address


def text_of(response: Any) -> str:
    return unescape(response.content.decode())


def booked(browser: Browser, scene: Scene, start: datetime) -> Booking:
    """The booking that the page makes."""
    response = browser.submit(book_page(scene, start), ADDRESS, action=book_page(scene, start))
    assert response.status_code == 302, text_of(response)
    return scene.stored(response.url.rsplit("/", 1)[1])


# --- Choosing a time and agreeing ------------------------------------------------------------------------------------


def test_a_stranger_chooses_a_time_and_is_led_back_to_it(scene: Scene) -> None:
    start = next_day(9)
    page = text_of(Browser().get(f"{book_page(scene)}?day={start.date()}"))
    assert f'value="{to_rfc3339(start)}"' in page

    chosen = text_of(Browser().get(book_page(scene, start)))

    assert f"/account/sign-in?next={quote(book_page(scene) + '?start=', safe='')}" in chosen
    assert f"/account/sign-up?next={quote(book_page(scene) + '?start=', safe='')}" in chosen
    assert 'name="address"' not in chosen


def test_a_name_from_right_to_left_leaves_the_numbers_beside_it_in_their_places() -> None:
    scene = make_scene(name="אינסטלציה שלום")

    assert "<bdi>אינסטלציה שלום</bdi> · 1\xa0h ·" in text_of(Browser().get(book_page(scene)))


def test_the_page_books_what_it_shows(scene: Scene) -> None:
    start = next_day(9)
    browser = signed_in(scene.customer)
    page = text_of(browser.get(book_page(scene, start)))
    assert "100.00\xa0USD" in page
    assert "09:00–10:00" in page

    booking = booked(browser, scene, start)

    assert (booking.status, booking.starts_at, booking.price) == (Status.PENDING, start, Money(10_000, "USD"))
    assert "12 Elm Street" in text_of(browser.get(f"/bookings/{booking.booking_id}"))


def test_whoever_lives_by_other_clocks_reads_both(scene: Scene) -> None:
    browser, start = signed_in(scene.customer), next_day(9)
    assert "On your clock" not in text_of(browser.get(book_page(scene, start)))
    update_profile(actor=scene.customer, user_id=scene.customer.user_id, changes={"time_zone": "Asia/Kolkata"})

    own = "14:30–15:30 (Kolkata time, UTC+5:30)"
    assert own in text_of(browser.get(book_page(scene, start)))
    assert own in text_of(browser.get(f"/bookings/{booked(browser, scene, start).booking_id}"))


def test_a_service_that_is_booked_at_once_says_so_before_and_is(scene: Scene) -> None:
    change_service(actor=scene.provider, service_id=scene.service_id, changes={"instant": True}, now=now())
    start, browser = next_day(9), signed_in(scene.customer)
    assert "booked at once" in text_of(Browser().get(f"/providers/{scene.provider_id}"))
    assert "booked at once" in text_of(browser.get(book_page(scene)))

    agreement = text_of(browser.get(book_page(scene, start)))

    assert "The appointment is confirmed at once." in agreement
    assert "has a day to answer" not in agreement
    assert booked(browser, scene, start).status is Status.CONFIRMED


def test_what_cancelling_costs_is_told_from_the_booking_on_where_nobody_has_to_confirm(scene: Scene) -> None:
    change_service(actor=scene.provider, service_id=scene.service_id, changes={"instant": True}, now=now())
    change_profile(
        actor=scene.provider,
        provider_id=scene.provider_id,
        changes={"free_cancellation_hours": 720, "late_cancellation_percent": 50, "cancellation_grace_minutes": 0},
        now=now(),
    )

    agreement = text_of(signed_in(scene.customer).get(book_page(scene, next_day(9))))

    assert "50.00\xa0USD from the moment you book, because the appointment is so soon." in agreement


def test_a_form_that_is_sent_twice_books_once(scene: Scene) -> None:
    browser, page = signed_in(scene.customer), book_page(scene, next_day(9))
    first = browser.submit(page, ADDRESS | {"idempotency_key": "k" * 24}, action=page)
    second = browser.submit(page, ADDRESS | {"idempotency_key": "k" * 24}, action=page)

    assert first.url == second.url
    assert len(scene.all_bookings()) == 1


def test_whoever_sends_a_form_once_more_with_other_words_is_told_of_the_first(scene: Scene) -> None:
    """The answer did not arrive, somebody wrote a word more and sent it again."""
    browser, page = signed_in(scene.customer), book_page(scene, next_day(9))
    sent = ADDRESS | {"idempotency_key": "k" * 24}
    browser.submit(page, sent, action=page)

    refused = browser.submit(page, sent | {"notes": "The bell is broken."}, action=page)

    assert refused.status_code == 422
    assert "This was sent before" in text_of(refused)
    assert len(scene.all_bookings()) == 1
    (form,) = (form for form in forms_of(refused) if form.action == page)
    later = form.fields | {"starts_at": to_rfc3339(next_day(12))}
    assert browser.post(page, later).status_code == 302
    assert len(scene.all_bookings()) == 2


FLOOR = Question("Which floor?", QuestionKind.TEXT, required=True)
LIFT = Question("Is there a lift?", QuestionKind.YES_NO)


def ask(scene: Scene, *questions: Question) -> None:
    change_service(actor=scene.provider, service_id=scene.service_id, changes={"questions": questions}, now=now())


def test_what_the_provider_asks_is_answered_and_read_by_both_sides(scene: Scene) -> None:
    ask(scene, FLOOR, LIFT)
    start, browser = next_day(9), signed_in(scene.customer)
    missing = browser.submit(book_page(scene, start), ADDRESS, action=book_page(scene, start))
    assert missing.status_code == 400
    assert "Which floor? – " in text_of(missing)

    answers = {f"answers.{FLOOR.question_id}": "Third", f"answers.{LIFT.question_id}": "no"}
    made = browser.submit(book_page(scene, start), ADDRESS | answers, action=book_page(scene, start))

    page = text_of(browser.get(made.url))
    assert "Which floor?" in page
    assert "Third" in page
    booking = scene.bring(scene.stored(made.url.rsplit("/", 1)[1]), Status.CONFIRMED)
    assert "Third" in text_of(signed_in(scene.provider).get(f"/bookings/{booking.booking_id}"))


def test_a_question_that_changed_meanwhile_is_shown_and_no_answer_stands_below_another(scene: Scene) -> None:
    ask(scene, FLOOR)
    browser, address = signed_in(scene.customer), book_page(scene, next_day(9))
    form = next(form for form in forms_of(browser.get(address)) if form.action == address)
    ask(scene, replace(FLOOR, text="How many windows?"))

    sent = form.fields | ADDRESS | {f"answers.{FLOOR.question_id}": "Third", "notes": "Ring twice"}
    response = browser.post(book_page(scene), sent)

    page = text_of(response)
    assert response.status_code == 409
    assert "How many windows?" in page
    assert ">\nRing twice</textarea>" in page
    assert "Third" not in page


def test_the_place_that_was_searched_near_is_handed_on_and_not_booked_from_too_far_away(scene: Scene) -> None:
    change_profile(actor=scene.provider, provider_id=scene.provider_id, changes={"travel_radius_km": 20}, now=now())
    browser, address = signed_in(scene.customer), book_page(scene)
    assert "The job is" not in text_of(browser.get(f"{address}?near=39.900,-89.600"))
    assert "near=39.900%2C-89.600" in text_of(browser.get(f"{address}?near=39.900,-89.600&from=2000-01-01"))
    assert "This provider drives up to 20\xa0km" in text_of(browser.get(f"{address}?near=40.100,-89.600"))

    page = book_page(scene, next_day(9))
    refused = browser.submit(page, ADDRESS | {"near": "40.100,-89.600"}, action=page)

    assert refused.status_code == 422
    assert "My job is elsewhere" in text_of(refused)
    assert scene.all_bookings() == []


def test_a_lost_race_keeps_what_was_typed_and_offers_the_nearest_times(scene: Scene) -> None:
    start = next_day(9)
    scene.book(start, customer=make_customer())
    browser = signed_in(scene.customer)

    lost = browser.submit(book_page(scene, start), ADDRESS | {"notes": "Ring twice"}, action=book_page(scene, start))

    page = text_of(lost)
    assert lost.status_code == 409
    assert 'value="12 Elm Street, Springfield"' in page
    assert ">\nRing twice</textarea>" in page
    assert "taken" in page
    offered = [f'value="{to_rfc3339(start + shift)}"' in page for shift in (-timedelta(hours=1), timedelta(hours=1))]
    assert all(offered)
    assert lost.context["zone"] == "UTC"


@pytest.mark.parametrize(
    ("free_hours", "percent", "grace", "sentence"),
    [
        (24, 50, 60, "Free until 1 day before the start; after that 50.00\xa0USD."),
        (720, 50, 60, "Free until 30 days before the start, and for 1 hour after it is confirmed; then 50.00\xa0USD."),
        (720, 50, 0, "Free until 30 days before the start; after that 50.00\xa0USD."),
        (0, 50, 60, "Free until the appointment starts."),
        (24, 0, 60, "Free until the appointment starts."),
    ],
)
def test_what_cancelling_costs_is_true_of_each_time_that_is_offered_in_place_of_a_lost_one(
    scene: Scene, free_hours: int, percent: int, grace: int, sentence: str
) -> None:
    rules = {
        "free_cancellation_hours": free_hours,
        "late_cancellation_percent": percent,
        "cancellation_grace_minutes": grace,
    }
    start = next_day(9)
    scene.book(start, customer=make_customer())
    change_profile(actor=scene.provider, provider_id=scene.provider_id, changes=rules, now=now())

    lost = signed_in(scene.customer).submit(book_page(scene, start), ADDRESS, action=book_page(scene, start))

    assert lost.status_code == 409
    assert lost.context["cancelling"] == sentence


def test_a_time_that_cannot_be_had_any_more_is_lost_like_one_that_was_taken(scene: Scene) -> None:
    start = next_day(9)
    browser = signed_in(scene.customer)
    browser.get(book_page(scene, start))
    closed: dict[str, list[Any]] = {start.date().isoformat(): []}
    replace_hours(
        actor=scene.provider, provider_id=scene.provider_id, hours=parse_hours(ALWAYS_OPEN, closed), now=now()
    )

    lost = browser.submit(book_page(scene, start), ADDRESS | {"notes": "Ring twice"}, action=book_page(scene, start))

    page = text_of(lost)
    assert lost.status_code == 422
    assert "The nearest free times" in page
    assert ">\nRing twice</textarea>" in page
    assert "Starts at" not in page


def test_where_no_time_is_left_none_is_offered(scene: Scene) -> None:
    start = next_day(9)
    browser = signed_in(scene.customer)
    browser.get(book_page(scene, start))
    replace_hours(actor=scene.provider, provider_id=scene.provider_id, hours=parse_hours({}, {}), now=now())

    page = text_of(browser.submit(book_page(scene, start), ADDRESS, action=book_page(scene, start)))

    assert "Nothing is free for this service" in page
    assert "Cancelling" not in page
    assert 'value="12 Elm Street, Springfield"' in page
    assert 'type="submit">' not in page.partition("3. Check")[2]


def test_a_changed_price_is_told_and_not_booked(scene: Scene) -> None:
    browser, page = signed_in(scene.customer), book_page(scene, next_day(9))
    shown = browser.get(page).context["form"]
    form = {"offer_version": scene.offer_version, "terms": shown["terms"].value()}
    change_service(
        actor=scene.provider, service_id=scene.service_id, changes={"price": Money(25_000, "USD")}, now=now()
    )

    refused = browser.submit(page, ADDRESS | form, action=page)

    assert refused.status_code == 409
    assert "The price was 100.00\xa0USD and is 250.00\xa0USD." in text_of(refused)
    assert scene.all_bookings() == []
    again = next(form for form in forms_of(refused) if form.action == page)
    assert browser.post(page, again.fields).status_code == 302


@pytest.mark.parametrize(
    "query",
    [
        "start=",
        "start=x",
        "start=2027-01-01",
        "start=9999-99-99T00:00:00Z",
        "start=9999-12-31T23:59:59Z",
        "start=9999-12-31T23:59:59-23:59",
        "start=0001-01-01T00:00:00%2B23:59",
        "day=x&from=y",
    ],
)
def test_what_is_no_time_shows_the_calendar(scene: Scene, query: str) -> None:
    response = Browser().get(f"{book_page(scene)}?{query}")

    assert response.status_code == 200
    assert 'name="day"' in text_of(response)


def test_a_time_that_has_passed_is_not_offered(scene: Scene) -> None:
    page = text_of(Browser().get(book_page(scene, now() - timedelta(days=1))))

    assert "has passed" in page


def test_providers_cannot_book(scene: Scene) -> None:
    browser = signed_in(make_account(Role.PROVIDER))

    assert "Only customers can book" in text_of(browser.get(book_page(scene, next_day(9))))


def test_who_runs_the_site_is_shown_no_button_that_is_refused(scene: Scene) -> None:
    booking = scene.bring(scene.book(next_day(9)), Status.CONFIRMED)
    page = text_of(signed_in(make_account(Role.ADMIN)).get(f"/bookings/{booking.booking_id}"))
    assert "Cancel the booking" in page
    assert "The work is done" not in page


# --- After that ------------------------------------------------------------------------------------------------------


def test_the_provider_accepts_with_a_button_and_then_sees_where_to_go(scene: Scene) -> None:
    booking = booked(signed_in(scene.customer), scene, next_day(9))
    page, browser = f"/bookings/{booking.booking_id}", signed_in(scene.provider)
    assert "12 Elm Street" not in text_of(browser.get(page))

    browser.submit(page, {"status": "confirmed"}, action=f"{page}/status")

    assert scene.stored(booking.booking_id).status is Status.CONFIRMED
    assert "12 Elm Street" in text_of(browser.get(page))


def test_a_button_pressed_on_an_old_page_changes_nothing_and_says_why(scene: Scene) -> None:
    booking = booked(signed_in(scene.customer), scene, next_day(9))
    page, browser = f"/bookings/{booking.booking_id}", signed_in(scene.provider)
    signed_in(scene.customer).submit(f"{page}/move", {"starts_at": to_rfc3339(next_day(15))}, action=f"{page}/move")

    answer = browser.submit(page, {"status": "confirmed", "version": "1"}, action=f"{page}/status")

    assert answer.status_code == 302
    assert scene.stored(booking.booking_id).status is Status.PENDING
    assert 'role="alert"' in text_of(browser.get(page))


def test_declining_gives_the_customer_the_reason_and_the_way_to_others(scene: Scene) -> None:
    booking = booked(signed_in(scene.customer), scene, next_day(9))
    page = f"/bookings/{booking.booking_id}"

    signed_in(scene.provider).submit(f"{page}/decline", {"reason": "The van is broken."})

    others = f'href="/search?like={scene.service_id}"'
    shown = text_of(signed_in(scene.customer).get(page))
    assert "The van is broken." in shown
    assert others in shown
    assert others in text_of(signed_in(scene.customer).get("/bookings"))
    assert others not in text_of(signed_in(scene.provider).get(page))


@pytest.mark.parametrize("canceller", [Role.PROVIDER, Role.CUSTOMER])
def test_whose_appointment_was_cancelled_is_led_to_others_unless_they_did_it(scene: Scene, canceller: Role) -> None:
    booking = booked(signed_in(scene.customer), scene, next_day(9))
    scene.bring(booking, Status.CONFIRMED)
    actor = scene.provider if canceller is Role.PROVIDER else scene.customer
    change_status(actor=actor, booking_id=booking.booking_id, status=Status.CANCELLED, expected_version=None, now=now())

    shown = text_of(signed_in(scene.customer).get(f"/bookings/{booking.booking_id}"))

    assert ("/search?like=" in shown) is (canceller is Role.PROVIDER)


def late_booking() -> tuple[Scene, Booking]:
    """An appointment whose free cancellation and grace are over: cancelling costs half."""
    scene = make_scene(
        provider=make_account(Role.PROVIDER),
        customer=make_account(Role.CUSTOMER),
        free_cancellation_hours=720,
        late_cancellation_percent=50,
    )
    before = now() - timedelta(hours=3)
    booking = scene.book(next_day(9), now=before)
    return scene, scene.bring(booking, Status.CONFIRMED, now=before)


@pytest.mark.usefixtures("cloud")
def test_cancelling_shows_the_fee_and_costs_just_that() -> None:
    scene, booking = late_booking()
    browser, page = signed_in(scene.customer), f"/bookings/{booking.booking_id}"
    assert "You owe 50.00\xa0USD" in text_of(browser.get(f"{page}/cancel"))

    browser.submit(f"{page}/cancel", {})

    assert scene.stored(booking.booking_id).cancellation_fee == Money(5_000, "USD")


@pytest.mark.usefixtures("cloud")
def test_what_cancelling_costs_is_told_until_it_begins() -> None:
    scene, booking = late_booking()
    before, after = (
        booking_screen(booking, None, scene.customer, moment, own_zone=None).cancelling
        for moment in (booking.starts_at - timedelta(minutes=1), booking.starts_at)
    )
    assert (before, after) == ("Cancelling costs 50.00\xa0USD.", "")


@pytest.mark.usefixtures("cloud")
def test_a_fee_that_was_not_shown_is_not_owed() -> None:
    scene, booking = late_booking()
    browser, page = signed_in(scene.customer), f"/bookings/{booking.booking_id}"

    refused = browser.submit(f"{page}/cancel", {"fee": "0"})

    assert refused.status_code == 409
    assert "You owe 50.00\xa0USD" in text_of(refused)
    assert "Nothing was done: cancelling cost 0.00\xa0USD, and costs 50.00\xa0USD by now." in text_of(refused)
    assert scene.stored(booking.booking_id).status is Status.CONFIRMED


def test_customers_move_at_once_and_providers_propose(scene: Scene) -> None:
    booking = scene.bring(booked(signed_in(scene.customer), scene, next_day(9)), Status.CONFIRMED)
    page = f"/bookings/{booking.booking_id}"

    moved = {"starts_at": to_rfc3339(next_day(12))}
    signed_in(scene.customer).submit(f"{page}/move", moved, action=f"{page}/move")
    assert scene.stored(booking.booking_id).starts_at == next_day(12)

    proposed = {"starts_at": to_rfc3339(next_day(15))}
    signed_in(scene.provider).submit(f"{page}/move", proposed, action=f"{page}/move")
    assert scene.stored(booking.booking_id).starts_at == next_day(12)
    assert "On your clock" not in text_of(signed_in(scene.customer).get(page))
    update_profile(actor=scene.customer, user_id=scene.customer.user_id, changes={"time_zone": "Asia/Tokyo"})
    begins = format_span(next_day(15), next_day(16), "Asia/Tokyo")
    assert f"On your clock: {begins}" in text_of(signed_in(scene.customer).get(page)).partition("Details")[0]

    signed_in(scene.customer).submit(page, {"answer": "accept"}, action=f"{page}/proposal")
    assert scene.stored(booking.booking_id).starts_at == next_day(15)


@pytest.mark.parametrize("days", [5, 40])
def test_whoever_loses_the_time_that_they_move_to_goes_on_at_its_day(scene: Scene, days: int) -> None:
    browser = signed_in(scene.customer)
    page = f"/bookings/{booked(browser, scene, next_day(9)).booking_id}/move"
    wanted = next_day(9, days=days)
    scene.book(wanted, customer=make_customer())

    lost = browser.submit(page, {"starts_at": to_rfc3339(wanted)}, action=page)

    assert lost.status_code == 409
    assert lost.context["calendar"].chosen == wanted.date()
    assert f'value="{to_rfc3339(wanted + timedelta(hours=1))}"' in text_of(lost)


@pytest.mark.parametrize(
    ("terms", "moving", "accepting"),
    [
        (
            {"cancellation_grace_minutes": 0},
            "free until 1 day before the new time; after that it costs",
            "cancelling is free until",
        ),
        (
            {"free_cancellation_hours": 720, "cancellation_grace_minutes": 0},
            "costs 50.00\xa0USD at the new time, too",
            "cancelling costs 50.00\xa0USD",
        ),
    ],
)
def test_it_is_said_what_cancelling_costs_at_another_time(
    scene: Scene, terms: dict[str, int], moving: str, accepting: str
) -> None:
    change_profile(actor=scene.provider, provider_id=scene.provider_id, changes=terms, now=now())
    booking = scene.bring(booked(signed_in(scene.customer), scene, next_day(9)), Status.CONFIRMED)
    page, customer = f"/bookings/{booking.booking_id}", signed_in(scene.customer)

    assert moving in text_of(customer.get(f"{page}/move"))
    propose_move(
        actor=scene.provider, booking_id=booking.booking_id, starts_at=next_day(12), expected_version=None, now=now()
    )
    assert f"If you accept, {accepting}" in text_of(customer.get(page))
    assert "If you accept" not in text_of(signed_in(scene.provider).get(page))


def test_the_last_move_sent_twice_is_one_move(scene: Scene) -> None:
    booking = scene.bring(booked(signed_in(scene.customer), scene, next_day(9)), Status.CONFIRMED)
    page, customer = f"/bookings/{booking.booking_id}", signed_in(scene.customer)
    customer.submit(f"{page}/move", {"starts_at": to_rfc3339(next_day(11))}, action=f"{page}/move")
    (form,) = (form for form in forms_of(customer.get(f"{page}/move")) if form.action == f"{page}/move")
    for _ in range(2):
        answer = customer.post(f"{page}/move", form.fields | {"starts_at": to_rfc3339(next_day(12))})
        assert answer["Location"] == page
    moved = scene.stored(booking.booking_id)
    assert (moved.starts_at, moved.customer_moves, moved.proposal) == (next_day(12), 2, None)


def test_the_payment_is_noted_and_reviewed_and_the_invoice_can_be_had(scene: Scene) -> None:
    booking = booked(signed_in(scene.customer), scene, next_day(9))
    page = f"/bookings/{booking.booking_id}"
    assert signed_in(scene.customer).get(f"{page}/review")["Location"] == page
    booking = scene.bring(booking, Status.CONFIRMED, Status.COMPLETED)

    signed_in(scene.provider).submit(f"{page}/payment", {"payment_method": "cash"})
    customer = signed_in(scene.customer)
    assert "in cash" in text_of(customer.get(page))
    assert customer.get(f"{page}/invoice.pdf").status_code == 302
    thanks = customer.submit(f"{page}/review", {"rating": "4", "comment": "Tidy and on time."})

    assert thanks.url == page
    assert customer.get(f"{page}/review")["Location"] == page
    assert "Thank you" in text_of(customer.get(page))
    shown = text_of(customer.get(page))
    assert "Your review" in shown
    assert f'href="{page}/review"' not in shown
    provider = signed_in(scene.provider)
    assert "Tidy and on time." in text_of(provider.get(page))
    answer_page = f"/provider/reviews/{booking.booking_id}/answer"
    assert f'href="{answer_page}"' in text_of(provider.get(page))
    assert f'href="{answer_page}"' not in text_of(signed_in(make_account(Role.ADMIN)).get(page))
    assert provider.submit(answer_page, {"answer": "Thank you."}).url == "/provider/reviews"
    # In another tab: nobody types one that is refused.
    assert provider.get(answer_page)["Location"] == "/provider/reviews"


def test_a_provider_who_has_no_page_any_more_is_named_without_a_link(scene: Scene) -> None:
    booking = scene.bring(scene.book(next_day(9)), Status.CONFIRMED, Status.COMPLETED)
    browser, page = signed_in(scene.customer), f"/bookings/{booking.booking_id}"
    ways = (f'href="/providers/{scene.provider_id}"', f'href="{book_page(scene)}"')
    assert all(way in text_of(browser.get(page)) for way in ways)

    suspend_provider(actor=scene.admin, provider_id=scene.provider_id, reason="Complaints", now=now())

    assert not any(way in text_of(browser.get(page)) for way in ways)


def test_a_service_that_is_paused_leads_to_what_else_its_provider_offers(scene: Scene) -> None:
    address, browser = book_page(scene, next_day(9)), signed_in(scene.customer)
    form = next(form for form in forms_of(browser.get(address)) if form.action == address)
    change_service(actor=scene.provider, service_id=scene.service_id, changes={"active": False}, now=now())

    for sent in (None, form.fields | ADDRESS):
        answer = browser.get(address) if sent is None else browser.post(address, sent)
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/providers/{scene.provider_id}")
        shown = text_of(browser.get(answer.headers["Location"]))
        assert "This service takes no bookings at the moment." in shown


def test_a_service_of_a_suspended_provider_leads_to_others_who_offer_the_same(scene: Scene) -> None:
    address, browser = book_page(scene, next_day(9)), signed_in(scene.customer)
    form = next(form for form in forms_of(browser.get(address)) if form.action == address)
    suspend_provider(actor=scene.admin, provider_id=scene.provider_id, reason="Complaints", now=now())

    for sent in (None, form.fields | ADDRESS):
        answer = browser.get(address) if sent is None else browser.post(address, sent)
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/search?like={scene.service_id}")
        shown = text_of(browser.get(browser.get(answer.headers["Location"]).headers["Location"]))
        assert "This service takes no bookings at the moment." in shown


@pytest.mark.parametrize("path", ["", "/cancel", "/move", "/decline", "/payment", "/invoice.pdf", "/review"])
def test_a_booking_of_others_is_absent(scene: Scene, path: str) -> None:
    booking, other = scene.book(next_day(9)), make_account(Role.CUSTOMER)

    answer = signed_in(other).get(f"/bookings/{booking.booking_id}{path}")

    assert answer.status_code == 404
    # Whoever has two accounts, and follows a link of the other's email, is told which one this browser has.
    assert f"You are signed in as {get_contacts([other.user_id])[other.user_id].email}." in text_of(answer)


@pytest.mark.parametrize("values", [{}, {"status": "paid"}, {"status": "cancelled"}, {"status": "x"}])
def test_only_what_needs_no_question_is_done_by_a_button(scene: Scene, values: dict[str, str]) -> None:
    booking = scene.bring(scene.book(next_day(9)), Status.CONFIRMED)
    browser, page = signed_in(scene.provider), f"/bookings/{booking.booking_id}"
    token = browser.get(page).cookies["csrftoken"].value

    answer = browser.post(f"{page}/status", {"version": "2", "csrfmiddlewaretoken": token, **values})

    assert answer.status_code == 404
    assert scene.stored(booking.booking_id).status is Status.CONFIRMED


# --- A customer's bookings -------------------------------------------------------------------------------------------


def test_the_list_begins_with_what_comes_next_and_what_needs_the_customer(scene: Scene) -> None:
    coming = scene.bring(scene.book(next_day(9)), Status.CONFIRMED)
    long_ago = now() - timedelta(days=9)
    done = scene.book(next_day(9, days=-5), now=long_ago)
    scene.bring(done, Status.CONFIRMED, now=long_ago)
    scene.bring(done, Status.COMPLETED)

    page = text_of(signed_in(scene.customer).get("/bookings"))

    assert page.index("Next up") < page.index(coming.booking_id) < page.index("Needs you")
    assert f"/bookings/{done.booking_id}/review" in page


def test_the_steps_to_come_of_a_request_begin_with_the_answer(scene: Scene) -> None:
    booking = scene.book(next_day(9))
    assert booking.expires_at is not None
    with translation.override("en"):
        until = format_briefly(booking.expires_at, booking.time_zone)
    for reader, answer in ((scene.customer, f"{booking.provider_name} answers"), (scene.provider, "Your answer")):
        page = text_of(signed_in(reader).get(f"/bookings/{booking.booking_id}"))
        assert page.index(answer) < page.index(f"By {until}") < page.index("The visit")


def test_a_request_that_nobody_answered_leads_to_others(scene: Scene) -> None:
    start = next_day(9)
    booking = scene.book(start, now=now() - timedelta(hours=30))

    page = text_of(signed_in(scene.customer).get("/bookings"))

    assert "did not answer in time" in page
    before, _heading, needs = page.partition("Needs you")
    assert f'href="/bookings/{booking.booking_id}"' not in before
    assert f'href="/bookings/{booking.booking_id}"' in needs


def test_the_list_of_what_is_ahead_goes_on_to_its_end(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    bookings = [scene.bring(scene.book(next_day(hour)), Status.CONFIRMED) for hour in (8, 10, 12)]
    scene.bring(bookings[1], Status.CANCELLED)
    monkeypatch.setattr(views, "_AHEAD", 1)
    browser, page = signed_in(scene.customer), ""

    seen, address = [], "/bookings"
    while address:
        page = text_of(browser.get(address))
        seen.append([number for number, each in enumerate(bookings) if f'"/bookings/{each.booking_id}"' in page])
        assert "Nothing is planned" not in page
        address = next(iter(re.findall(r'href="(/bookings\?[^"]*later=[^"]*)"', page)), "")

    # Whether anything comes after the last, only the next page knows.
    assert seen == [[0], [1], [2], []]
    assert "Nothing after that." in page


@pytest.mark.parametrize("query", ["cursor=kept", "later=kept", "later=kept&from=0001-01-01T00:00:00%2B14:00"])
def test_a_link_to_more_of_another_list_leads_to_the_first_page(scene: Scene, query: str) -> None:
    """Kept from before, or by somebody who signed in here with another account."""
    browser = signed_in(scene.customer)
    assert browser.get(f"/bookings?{query}")["Location"] == "/bookings"
    assert browser.get("/search?category=plumbing&cursor=kept")["Location"] == "/search?category=plumbing"
    asked = browser.get(f"/bookings?{query}", headers={"HX-Request": "true"})
    assert (asked.status_code, asked["HX-Redirect"]) == (204, "/bookings")


def test_a_further_page_of_what_was_says_nothing_of_what_is_ahead(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_ago = now() - timedelta(days=9)
    for hour in (8, 9):
        done = scene.book(next_day(hour, days=-5), now=long_ago)
        scene.bring(done, Status.CONFIRMED, now=long_ago)
        scene.bring(done, Status.COMPLETED)
    monkeypatch.setattr(views, "_BEHIND", 1)
    browser = signed_in(scene.customer)
    (more,) = re.findall(r'href="(/bookings\?[^"]*cursor=[^"]*)"', text_of(browser.get("/bookings")))

    page = text_of(browser.get(more))

    assert "Nothing is planned" not in page
    assert "Needs you" not in page
    assert 'href="/bookings"' in page.partition('id="bookings"')[2]


def test_what_was_cancelled_is_listed_before_its_time_has_come(scene: Scene) -> None:
    booking = scene.bring(scene.book(next_day(9)), Status.CONFIRMED)
    change_status(
        actor=scene.customer, booking_id=booking.booking_id, status=Status.CANCELLED, expected_version=2, now=now()
    )

    page = text_of(signed_in(scene.customer).get("/bookings"))

    assert "Nothing is planned" in page
    assert f'href="/bookings/{booking.booking_id}"' in page.partition('id="h-cancelled"')[2]


def test_what_somebody_booked_before_they_became_a_provider_stays_theirs(scene: Scene) -> None:
    ahead = scene.bring(scene.book(next_day(9)), Status.CONFIRMED)
    done = completed_booking(scene, hour=12)
    change_role(actor=make_admin(), user_id=scene.customer.user_id, role=Role.PROVIDER, now=now())
    browser = signed_in(scene.customer)

    assert 'href="/bookings"' in text_of(browser.get("/account/profile"))
    assert "What you booked" not in text_of(signed_in(scene.provider).get("/account/profile"))
    assert f"/bookings/{ahead.booking_id}" in text_of(browser.get("/bookings"))
    assert signed_in(scene.provider).get("/bookings").headers["Location"] == "/provider/bookings"
    assert "12 Elm Street" in text_of(browser.get(f"/bookings/{ahead.booking_id}"))

    assert browser.submit(f"/bookings/{ahead.booking_id}/cancel").status_code == 302
    opinion = {"rating": "5", "comment": "Tidy and on time."}
    assert browser.submit(f"/bookings/{done.booking_id}/review", opinion).status_code == 302

    cancelled = scene.stored(ahead.booking_id)
    assert (cancelled.status, cancelled.history[-1].role) == (Status.CANCELLED, Role.CUSTOMER)
    assert "Your review" in text_of(browser.get(f"/bookings/{done.booking_id}"))
