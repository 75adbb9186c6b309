"""One email of the ledger: claim it, see whether it may be sent, send it, record how it went."""

from datetime import datetime

from accounts.domain import SYSTEM, Contact, Role
from accounts.queries import get_contacts
from bookings.domain import Booking, BookingDetails
from bookings.queries import get_booking
from catalog.queries import get_provider
from marketplace.kernel.errors import NotFoundError
from notifications import ledger
from notifications.composition import Letter, compose
from notifications.domain import Delivery, DeliveryStatus, is_still_true
from notifications.mail import send
from notifications.queries import get_objections


def deliver_email(*, delivery_id: str, now: datetime) -> None:
    """Send the email unless it is settled, would contradict the present state, or may not be sent.

    May be repeated and run at the same time: one sender at a time holds the delivery's lease. Raises
    `DeliveryInProgressError`, and whatever keeps the email from being sent: the delivery is then free for the next try.
    """
    claim = ledger.claim(delivery_id, now=now)
    if claim is None:
        return
    message_id = None
    try:
        letter = _letter_or_reason(claim.delivery, now)
        if isinstance(letter, DeliveryStatus):
            status = letter
        else:
            message_id = send(compose(letter))
            status = DeliveryStatus.SENT
    except Exception:
        ledger.give_back(claim, now=now)
        raise
    ledger.settle(claim, status, now=now, message_id=message_id)


def _letter_or_reason(delivery: Delivery, now: datetime) -> Letter | DeliveryStatus:
    """What the email says, or why there is none."""
    event, recipient = delivery.event, delivery.recipient
    booking, details = _find_booking(event.booking_id)
    if booking is None or not is_still_true(event, booking, now):
        return DeliveryStatus.SUPERSEDED
    customer, owner = _find_parties(booking)
    reader, counterpart = (customer, owner) if recipient.role is Role.CUSTOMER else (owner, customer)
    if reader is None:
        return DeliveryStatus.UNREACHABLE
    muted, is_suppressed = get_objections(recipient_id=recipient.id, email=reader.email)
    if event.type in muted:
        return DeliveryStatus.MUTED
    if is_suppressed:
        return DeliveryStatus.SUPPRESSED
    shows_details = booking.shows_details_to(_as_actor(reader, recipient.role), now)
    return Letter(
        delivery=delivery,
        booking=booking,
        details=details if shows_details else None,
        reader=reader,
        customer_name=customer.name if customer and shows_details else None,
        now=now,
    )
