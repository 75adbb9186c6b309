"""Bookings that providers make for people without an account."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bookings.domain import Action, Caller, Status
from bookings.models import BookingDetailsItem, BookingItem, OpenRequestsItem
from bookings.queries import get_booking, list_bookings
from bookings.services import (
    book_for_caller,
    change_status,
    erase_caller,
    erase_details,
    get_invoice_file,
    propose_move,
    reschedule_booking,
)
from bookings.services.calls import CALLERS_KEPT_FOR
from bookings.services.open_requests import customer_key
from kernel import storage
from kernel.clock import epoch
from kernel.clock import now as clock_now
from kernel.dynamo_admin.audit import AuditEntry, AuditItem
from kernel.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from tests.factories.accounts import make_customer, make_provider
from tests.factories.bookings import (
    CALLER,
    Scene,
    assert_claims_match_bookings,
    idempotency_of,
    make_scene,
    next_day,
)


@pytest.fixture
def scene(cloud: Any) -> Scene:
    return make_scene()


def test_it_is_confirmed_at_once_and_nobodys_with_an_account(scene: Scene) -> None:
    booking = scene.book_for_caller(next_day(9))
    assert (booking.status, booking.customer_id, booking.expires_at) == (Status.CONFIRMED, None, None)
    (entry,) = booking.history
    assert (entry.action, entry.by) == (Action.BOOK, scene.provider.user_id)
    _, details = get_booking(actor=scene.provider, booking_id=booking.booking_id)
    assert details is not None
    assert details.caller == CALLER
    assert_claims_match_bookings(scene)
    with pytest.raises(NotFoundError):
        get_booking(actor=scene.customer, booking_id=booking.booking_id)
    mine = list_bookings(actor=scene.provider, status=Status.CONFIRMED, limit=10, now=clock_now()).results
    assert [each.booking_id for each in mine] == [booking.booking_id]
    assert mine[0].is_for_caller


def test_the_stream_sees_nothing_of_the_caller(scene: Scene) -> None:
    booking = scene.book_for_caller()
    row = str(storage.get_row(BookingItem, booking.booking_id))
    assert "Robin" not in row
    assert "2175550123" not in row


def test_the_same_rules_hold(scene: Scene) -> None:
    scene.book(next_day(9))
    for starts_at, code in ((next_day(9, 30), "slot_taken"), (next_day(10, 5), "invalid_input")):
        with pytest.raises((ConflictError, InvalidInputError)) as refusal:
            scene.book_for_caller(starts_at)
        assert refusal.value.code in (code, "unprocessable")
    assert_claims_match_bookings(scene)


def test_a_repeated_call_books_once(scene: Scene) -> None:
    first = scene.book_for_caller(key="once")
    assert scene.book_for_caller(key="once") == first


def test_who_may_book_for_callers(scene: Scene) -> None:
    def book(actor: Any) -> None:
        book_for_caller(
            actor=actor,
            service_id=scene.service_id,
            offer_version=scene.offer_version,
            starts_at=next_day(),
            caller=CALLER,
            address="",
            notes="",
            idempotency=idempotency_of(actor, "", lambda booking: {"id": booking.booking_id}),
            now=clock_now(),
        )

    with pytest.raises(ForbiddenError):
        book(scene.customer)
    with pytest.raises(ForbiddenError):
        book(scene.admin)
    with pytest.raises(NotFoundError):
        book(make_provider())


@pytest.mark.parametrize(
    ("change", "field"),
    [({"name": " "}, "name"), ({"phone": "12"}, "phone")]
    + [
        ({"email": email}, "email") for email in ("robin", "r@a.example, s@b.example", "r@a\r\nBcc: s@b.example", "r@a")
    ],
)
def test_what_a_contact_cannot_be(scene: Scene, change: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        scene.book_for_caller(caller=replace(CALLER, **change))
    assert [error.field for error in refusal.value.errors] == [field]


def test_a_number_is_that_of_the_providers_country_and_the_email_may_be_left_out(scene: Scene) -> None:
    caller = Caller(name=" Robin Reed ", phone="(217) 555-0123", email=None, language="fr")
    booking = scene.book_for_caller(caller=caller, address="")
    _, details = get_booking(actor=scene.provider, booking_id=booking.booking_id)
    assert details is not None
    assert (details.address, details.caller) == ("", replace(caller, name="Robin Reed", phone="+12175550123"))


def test_limits_of_requests_do_not_count_it(scene: Scene) -> None:
    for hour in range(5):
        scene.book_for_caller(next_day(hour))
    assert storage.get_row(OpenRequestsItem, customer_key("None")) is None
    assert storage.get_row(OpenRequestsItem, f"open-requests-from-new-accounts#{scene.provider_id}") is None


def test_the_provider_moves_it_at_once_and_proposes_nothing(scene: Scene) -> None:
    booking = scene.book_for_caller(next_day(9))
    assert Action.RESCHEDULE in booking.allowed_actions(scene.provider, clock_now())
    assert Action.PROPOSE not in booking.allowed_actions(scene.provider, clock_now())
    change: Any = {"booking_id": booking.booking_id, "expected_version": None, "now": clock_now()}
    with pytest.raises(ConflictError) as refusal:
        propose_move(actor=scene.provider, starts_at=next_day(12), **change)
    assert refusal.value.code == "for_a_caller"
    moved, _ = reschedule_booking(actor=scene.provider, starts_at=next_day(12, days=9), **change)
    assert (moved.status, moved.starts_at) == (Status.CONFIRMED, next_day(12, days=9))
    row = storage.get_row(BookingDetailsItem, booking.booking_id)
    assert row is not None
    assert row["purge_at"] == epoch(moved.ends_at + CALLERS_KEPT_FOR)
    assert_claims_match_bookings(scene)


def test_a_customers_booking_is_still_not_moved_by_its_provider(scene: Scene) -> None:
    booking = scene.bring(scene.book(next_day(9)), Status.CONFIRMED)
    with pytest.raises(ForbiddenError):
        reschedule_booking(
            actor=scene.provider,
            booking_id=booking.booking_id,
            starts_at=next_day(12),
            expected_version=None,
            now=clock_now(),
        )


def test_it_is_called_off_for_nothing(scene: Scene) -> None:
    booking = scene.book_for_caller(clock_now().replace(minute=0, second=0) + timedelta(hours=3))
    cancelled, _ = change_status(
        actor=scene.provider,
        booking_id=booking.booking_id,
        status=Status.CANCELLED,
        expected_version=None,
        now=clock_now(),
    )
    assert cancelled.cancellation_fee is None


def test_the_invoice_names_the_caller_also_after_they_were_erased(scene: Scene) -> None:
    from tests.integration.bookings.test_invoices import text_of

    booking = scene.bring(scene.book_for_caller(), Status.COMPLETED, Status.PAID)
    erase_caller(actor=scene.provider, booking_id=booking.booking_id, now=clock_now())
    assert "Robin Reed" in text_of(get_invoice_file(booking_id=booking.booking_id, now=clock_now()).content)
    _, details = get_booking(actor=scene.provider, booking_id=booking.booking_id)
    assert details is None
    erase_caller(actor=scene.admin, booking_id=booking.booking_id, now=clock_now())


def test_who_erases_what_is_gone_already_is_in_the_log_all_the_same(scene: Scene) -> None:
    booking = scene.bring(scene.book_for_caller(), Status.COMPLETED)
    subject = f"bookings.booking#{booking.booking_id}"
    for _ in range(2):
        entry = AuditEntry(subject, scene.admin, "erase-caller", clock_now())
        erase_caller(actor=scene.admin, booking_id=booking.booking_id, now=clock_now(), also=[entry.put_write()])
    # Also where it goes in between: there is nothing left to go with.
    entry = AuditEntry(subject, scene.admin, "erase-caller", clock_now())
    erase_details(booking_id=booking.booking_id, now=clock_now(), also=[entry.put_write()])
    assert len(list(storage.all_rows(AuditItem, subject))) == 3


def test_a_caller_is_erased_once_the_appointment_is_over_and_by_whom(scene: Scene) -> None:
    booking = scene.book_for_caller(next_day(9))
    customers = scene.book(next_day(12))
    for actor, booking_id, code in (
        (scene.provider, booking.booking_id, "still_open"),
        (scene.provider, customers.booking_id, "not_a_caller"),
        (scene.customer, booking.booking_id, "not_found"),
        (make_customer(), customers.booking_id, "not_found"),
        (scene.customer, customers.booking_id, "forbidden"),
    ):
        with pytest.raises((ConflictError, NotFoundError, ForbiddenError)) as refusal:
            erase_caller(actor=actor, booking_id=booking_id, now=clock_now())
        assert refusal.value.code == code


def test_a_caller_is_kept_for_a_year_after_the_appointment(scene: Scene) -> None:
    booking = scene.book_for_caller()
    row = storage.get_row(BookingDetailsItem, booking.booking_id)
    assert row is not None
    assert row["purge_at"] == epoch(booking.ends_at + timedelta(days=365))
    customers = storage.get_row(BookingDetailsItem, scene.book(next_day(9)).booking_id)
    assert customers is not None
    assert "purge_at" not in customers
