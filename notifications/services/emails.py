"""One email of the ledger: take its lease, see whether it may be sent, send it, record how it went."""

from dataclasses import replace
from datetime import datetime

from accounts.queries import get_contacts
from bookings.domain import Booking, BookingDetails
from bookings.services import get_invoice_file
from catalog.queries import get_provider
from kernel.actors import Actor, Role
from notifications import ledger
from notifications.composition import Letter, compose
from notifications.deliveries import Delivery
from notifications.domain import DeliveryStatus
from notifications.mail import send
from notifications.queries import get_objections
from notifications.services.present import find_present_booking


def deliver_email(*, delivery_id: str, now: datetime) -> None:
    """Send the email unless it is settled, would contradict the present state, or may not be sent.

    May be repeated and run at the same time: one sender at a time holds the delivery's lease. Raises
    `DeliveryInProgressError`, and whatever keeps the email from being sent, `LeaseNearlyOverError` among it: the
    delivery is then free for the next try.
    """
    lease = ledger.take_lease(delivery_id, now=now)
    if lease is None:
        return
    message_id = None
    try:
        letter = _letter_or_reason(lease.delivery, now)
        if isinstance(letter, DeliveryStatus):
            status = letter
        else:
            message = compose(letter)
            ledger.check_time(lease)
            message_id, status = send(message), DeliveryStatus.SENT
    except Exception:
        ledger.give_back(lease, now=now)
        raise
    ledger.settle(lease, status, now=now, message_id=message_id)


def _letter_or_reason(delivery: Delivery, now: datetime) -> Letter | DeliveryStatus:
    """What the email says, or why there is none."""
    present = find_present_booking(delivery.event, now)
    if present is None:
        return DeliveryStatus.SUPERSEDED
    letter = _letter(delivery, *present, now)
    if letter is None:
        return DeliveryStatus.UNREACHABLE
    muted, is_suppressed = get_objections(recipient_id=delivery.recipient.id, email=letter.reader.email)
    if delivery.event.type in muted:
        return DeliveryStatus.MUTED
    if is_suppressed:
        return DeliveryStatus.SUPPRESSED
    if delivery.event.type == "booking.paid":
        invoice = get_invoice_file(booking_id=letter.booking.booking_id, now=now)
        return replace(letter, invoice=invoice)
    return letter


def _letter(delivery: Delivery, booking: Booking, details: BookingDetails | None, now: datetime) -> Letter | None:
    """The letter with what its reader may know; None when the reader's account is gone."""
    role = delivery.recipient.role
    reader_id = get_provider(booking.provider_id).owner_id if role is Role.PROVIDER else booking.customer_id
    contacts = get_contacts([booking.customer_id, reader_id])
    reader = contacts.get(reader_id)
    if reader is None:
        return None
    customer = contacts.get(booking.customer_id)
    shows_details = booking.shows_details_to(Actor(reader.user_id, role), now)
    return Letter(
        delivery=delivery,
        booking=booking,
        details=details if shows_details else None,
        customer_name=customer.name if customer and shows_details else None,
        reader=reader,
        now=now,
    )
