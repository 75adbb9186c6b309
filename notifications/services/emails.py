"""One email of the ledger: take its lease, see whether it may be sent, send it, record how it went."""

from datetime import datetime

from bookings.queries import get_booking
from kernel import storage
from kernel.actors import SYSTEM
from notifications.deliveries import ledger
from notifications.domain import Channel, Delivery, DeliveryStatus, delivery_id
from notifications.emails.composition import compose
from notifications.emails.mail import send
from notifications.messages import MESSAGES
from notifications.messages.base import Letter
from notifications.models import DeliveryItem
from notifications.queries import get_objections


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


def reopen_last_emails(*, booking_id: str, asked_at: datetime, now: datetime) -> list[str]:
    """Owe each party the last email about the booking once more; the ids of what is to be sent.

    What was settled after `asked_at` stays: repeated, it owes nothing again. What is not true any more is not sent, as
    ever. Raises `NotFoundError`.
    """
    booking, _ = get_booking(actor=SYSTEM, booking_id=booking_id)
    versions = range(booking.version, 0, -1)
    owed = []
    # A caller, who has no account, is known by the booking.
    for recipient_id in (booking.customer_id or booking_id, booking.provider_id):
        ids = [delivery_id(f"{booking_id}#{version}", recipient_id, Channel.EMAIL) for version in versions]
        rows = storage.get_rows([(DeliveryItem, each) for each in ids])
        last = next((each for each, row in zip(ids, rows, strict=True) if row is not None), None)
        if last is not None and ledger.reopen(last, settled_before=asked_at, now=now):
            owed.append(last)
    return owed


def _letter_or_reason(delivery: Delivery, now: datetime) -> Letter | DeliveryStatus:
    """What the email says, or why there is none."""
    message = MESSAGES[delivery.event.type]
    facts = message.find_facts(delivery.event, now)
    if facts is None:
        return DeliveryStatus.SUPERSEDED
    letter = message.write_letter(delivery, facts, now)
    if letter is None:
        return DeliveryStatus.UNREACHABLE
    muted, is_suppressed = get_objections(recipient_id=delivery.recipient.id, email=letter.reader.email)
    if delivery.event.type in muted:
        return DeliveryStatus.MUTED
    if is_suppressed:
        return DeliveryStatus.SUPPRESSED
    return message.complete(letter)
