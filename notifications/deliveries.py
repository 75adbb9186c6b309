"""From an event to who is told of it, and whether that would still be true."""

from dataclasses import dataclass
from datetime import datetime

from bookings.domain import Booking
from bookings.events import BookingEvent, BookingMoveProposed
from kernel.actors import Role
from notifications.domain import MESSAGES, Channel, Recipient
from notifications.events import AppointmentReminderDue, CompletionReminderDue


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one recipient over one channel."""

    event: BookingEvent
    recipient: Recipient
    channel: Channel

    @property
    def delivery_id(self) -> str:
        return delivery_id(self.event.event_id, self.recipient.id, self.channel)


def delivery_id(event_id: str, recipient_id: str, channel: Channel) -> str:
    """Under which the ledger keeps the delivery of an event to a recipient over a channel."""
    return f"{event_id}#{recipient_id}#{channel}"


def deliveries_of(event: BookingEvent) -> list[Delivery]:
    """All deliveries that the event asks for: the same however often it is asked.

    The app spares people the note of what they just did themselves; the email is their record of it.
    """
    return [
        Delivery(event, recipient, channel)
        for recipient in parties_of(event)
        for channel in Channel
        if channel in MESSAGES[event.type].audience.get(recipient.role, ())
        and not (channel is Channel.IN_APP and event.actor_role == recipient.role)
    ]


def parties_of(event: BookingEvent) -> tuple[Recipient, Recipient]:
    """The two whose booking it is."""
    return Recipient(event.customer_id, Role.CUSTOMER), Recipient(event.provider_id, Role.PROVIDER)


def is_still_true(event: BookingEvent, booking: Booking | None, now: datetime) -> bool:
    """Whether the message would not contradict the booking as it is now (None: it is gone).

    Messages show the present facts, so what must still hold is their sentence: that the booking is in a status of
    which the sentence is true, and that no later action of the same kind has a message of its own.
    """
    message = MESSAGES[event.type]
    if booking is None or booking.status_at(now) not in message.true_in:
        return False
    if isinstance(event, AppointmentReminderDue):
        return booking.starts_at == event.starts_at and now < booking.starts_at
    if isinstance(event, BookingMoveProposed) and booking.proposal_at(now) is None:
        return False
    if isinstance(event, CompletionReminderDue):
        return booking.ends_at == event.ends_at
    return not any(entry.action is message.action and entry.version > event.version for entry in booking.history)
