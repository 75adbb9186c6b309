"""What people without an account are told of the bookings that a provider made for them."""

from dataclasses import replace
from typing import Any

import pytest
from django.core import mail

from bookings.domain import Status
from bookings.services import erase_caller
from kernel import storage
from kernel.clock import now
from notifications.domain import DeliveryStatus
from notifications.events import AppointmentReminderDue, ReviewReminderDue
from notifications.models import BELL_ID, BellItem, DeliveryItem
from notifications.services import announce
from notifications.services.emails import deliver_email, reopen_last_emails
from tests.factories.bookings import CALLER, Scene, next_day
from tests.factories.letters import event_of
from tests.factories.notifications import make_addressed_scene


@pytest.fixture
def scene() -> Scene:
    return make_addressed_scene(time_zone="America/Chicago")


def tell(event: Any) -> dict[str, DeliveryStatus]:
    """How the emails of the event fared, by recipient."""
    statuses = {}
    for delivery_id in announce(event=event, now=now()):
        deliver_email(delivery_id=delivery_id, now=now())
        row = storage.get_row(DeliveryItem, delivery_id)
        assert row is not None
        statuses[row["recipient_id"]] = DeliveryStatus(row["status"])
    return statuses


def to_caller() -> Any:
    """The one email that the caller got."""
    (message,) = [message for message in mail.outbox if message.to == [CALLER.email]]
    mail.outbox.clear()
    return message


def test_a_caller_with_an_address_is_sent_the_confirmation_without_links_that_need_an_account(scene: Scene) -> None:
    booking = scene.book_for_caller(next_day(15))
    assert tell(event_of(booking))[booking.booking_id] is DeliveryStatus.SENT
    message = to_caller()
    html, _ = message.alternatives[0]
    assert message.subject == "Confirmed: Leak repair with Elm Plumbing"
    for text in (message.body, html):
        assert "12 Elm Street" in text
        assert "/bookings/" not in text
        assert "/account/" not in text
        # They cancel by telephone, and that costs nothing.
        assert "cancel" not in text
    assert any(kind.startswith("text/calendar") for _, kind in message.alternatives)


def test_it_is_in_the_callers_language(scene: Scene) -> None:
    booking = scene.book_for_caller(caller=replace(CALLER, language="fr"))
    tell(event_of(booking))
    assert to_caller().subject.startswith("Confirmé")


def test_without_an_address_nothing_is_sent(scene: Scene) -> None:
    booking = scene.book_for_caller(caller=replace(CALLER, email=None))
    assert tell(event_of(booking))[booking.booking_id] is DeliveryStatus.UNREACHABLE
    assert not [message for message in mail.outbox if CALLER.email in message.to]


def test_nobody_is_told_after_the_caller_was_erased(scene: Scene) -> None:
    booking = scene.bring(scene.book_for_caller(), Status.CANCELLED)
    erase_caller(actor=scene.provider, booking_id=booking.booking_id, now=now())
    assert tell(event_of(booking))[booking.booking_id] is DeliveryStatus.UNREACHABLE


def test_the_receipt_has_the_invoice_and_nobody_asks_for_a_review(scene: Scene) -> None:
    done = scene.bring(scene.book_for_caller(), Status.COMPLETED)
    assert done.booking_id not in tell(event_of(done))
    assert done.booking_id not in tell(ReviewReminderDue.of(done))
    paid = scene.bring(done, Status.PAID)
    assert tell(event_of(paid))[paid.booking_id] is DeliveryStatus.SENT
    assert [name for name, *_ in to_caller().attachments] == ["INV-00001.pdf"]


def test_they_are_reminded_and_told_of_a_cancellation(scene: Scene) -> None:
    booking = scene.book_for_caller(next_day(15))
    assert tell(AppointmentReminderDue.of(booking))[booking.booking_id] is DeliveryStatus.SENT
    assert "Please tell Elm Plumbing." in to_caller().body
    cancelled = scene.bring(booking, Status.CANCELLED)
    assert tell(event_of(cancelled))[booking.booking_id] is DeliveryStatus.SENT
    assert "Elm Plumbing cancelled your booking" in to_caller().body


def test_a_caller_has_no_notes(scene: Scene) -> None:
    booking = scene.book_for_caller(next_day(15))
    tell(event_of(booking))
    assert storage.get_row(BellItem, booking.booking_id, BELL_ID) is None
    bell = storage.get_row(BellItem, scene.provider_id, BELL_ID)
    assert bell is not None


def test_the_last_email_is_sent_again_to_the_caller_as_to_the_provider(scene: Scene) -> None:
    booking = scene.book_for_caller(next_day(15))
    tell(event_of(booking))
    to_caller()
    asked_at = now()
    owed = reopen_last_emails(booking_id=booking.booking_id, asked_at=asked_at, now=asked_at)
    for delivery_id in owed:
        deliver_email(delivery_id=delivery_id, now=now())
    assert to_caller().subject == "Confirmed: Leak repair with Elm Plumbing"
