"""What the page of a confirmed booking adds: the other side's number, and a file for calendars."""

import pytest
from django.test import Client

from accounts.queries import find_user
from accounts.services import set_phone
from bookings.domain import Status
from catalog.services import change_profile
from kernel.actors import Actor
from kernel.clock import now
from tests.factories.bookings import next_day
from tests.factories.notifications import make_addressed_scene

NUMBERS = {"customer": "+12175550123", "provider": "+12175550188"}


def page_of(person: Actor, address: str) -> str:
    user = find_user(person.user_id)
    assert user is not None
    browser = Client()
    browser.force_login(user)
    return browser.get(address).content.decode()


def test_each_side_sees_the_others_number_once_it_is_confirmed() -> None:
    scene = make_addressed_scene()
    for person, number in zip((scene.customer, scene.provider), NUMBERS.values(), strict=True):
        set_phone(actor=person, user_id=person.user_id, phone=number)
    booking = scene.book(next_day(9))
    address = f"/bookings/{booking.booking_id}"
    for person in (scene.customer, scene.provider):
        assert not any(number in page_of(person, address) for number in NUMBERS.values())

    scene.bring(booking, Status.CONFIRMED)

    assert NUMBERS["provider"] in page_of(scene.customer, address)
    assert NUMBERS["customer"] in page_of(scene.provider, address)


@pytest.mark.parametrize(
    ("path", "is_shown"),
    [([Status.COMPLETED], True), ([Status.NO_SHOW], True), ([Status.COMPLETED, Status.PAID], False)],
)
def test_a_customer_who_is_to_pay_or_was_not_found_can_call_the_provider(path: list[Status], is_shown: bool) -> None:
    scene = make_addressed_scene()
    for person, number in zip((scene.customer, scene.provider), NUMBERS.values(), strict=True):
        set_phone(actor=person, user_id=person.user_id, phone=number)
    booking = scene.bring(scene.book(next_day(9)), Status.CONFIRMED, *path)
    address = f"/bookings/{booking.booking_id}"

    assert (NUMBERS["provider"] in page_of(scene.customer, address)) is is_shown
    assert NUMBERS["customer"] not in page_of(scene.provider, address)


def test_a_business_is_called_by_its_own_number() -> None:
    scene = make_addressed_scene()
    set_phone(actor=scene.provider, user_id=scene.provider.user_id, phone=NUMBERS["provider"])
    change_profile(actor=scene.provider, provider_id=scene.provider_id, changes={"phone": "(217) 555-0199"}, now=now())
    booking = scene.bring(scene.book(next_day(9)), Status.CONFIRMED)

    shown = page_of(scene.customer, f"/bookings/{booking.booking_id}")

    assert "+12175550199" in shown
    assert NUMBERS["provider"] not in shown


def test_a_confirmed_appointment_has_a_file_for_calendars() -> None:
    scene = make_addressed_scene()
    booking = scene.book(next_day(9), address="12 Elm Street")
    address = f"/bookings/{booking.booking_id}/calendar.ics"
    assert "BEGIN:VCALENDAR" not in page_of(scene.customer, address)

    scene.bring(booking, Status.CONFIRMED)

    entry = page_of(scene.customer, address)
    assert "METHOD:PUBLISH" in entry
    assert "LOCATION:12 Elm Street" in entry
    assert "ATTENDEE" not in entry
