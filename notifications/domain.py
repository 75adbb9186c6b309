"""Who hears of what over which channel, and while what a message is still true.

Pure: no Django, no storage, no clock. `MESSAGES` is the one table; handlers, preferences, documentation and tests
derive from it.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from accounts.domain import Actor, Role
from bookings.domain import Action, Booking, Status
from bookings.events import BookingEvent

# How long notes are shown and deliveries are remembered: far longer than any message can be repeated.
KEPT_FOR = timedelta(days=90)


class Channel(StrEnum):
    """How a person is told."""

    EMAIL = "email"
    IN_APP = "in_app"


class DeliveryStatus(StrEnum):
    """Where a delivery stands. All but the first two are final."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    # The booking has moved on: it would have contradicted its present state.
    SUPERSEDED = "superseded"
    # The recipient switched this kind off.
    MUTED = "muted"
    # The address bounced or complained before.
    SUPPRESSED = "suppressed"
    # The recipient is not there any more.
    UNREACHABLE = "unreachable"

    @property
    def is_final(self) -> bool:
        return self not in (DeliveryStatus.QUEUED, DeliveryStatus.SENDING)


@dataclass(frozen=True, slots=True)
class Message:
    """What one type of event tells.

    `true_in`: the statuses of the booking in which it is still true. `action`: after a later action of the same kind
    it is not. `optional`: its emails can be switched off.
    """

    audience: Mapping[Role, Set[Channel]]
    true_in: Set[Status]
    action: Action | None = None
    optional: bool = False


_ALL = frozenset(Channel)
_CUSTOMER = {Role.CUSTOMER: _ALL}
_BOTH = {Role.CUSTOMER: _ALL, Role.PROVIDER: _ALL}
_DONE = frozenset({Status.COMPLETED, Status.PAID})

MESSAGES: dict[str, Message] = {
    "booking.requested": Message(_BOTH, {Status.PENDING}, Action.REQUEST),
    "booking.confirmed": Message(_BOTH, {Status.CONFIRMED}, Action.CONFIRM),
    "booking.declined": Message(_CUSTOMER, {Status.DECLINED}, Action.DECLINE),
    "booking.cancelled": Message(_BOTH, {Status.CANCELLED}, Action.CANCEL),
    "booking.expired": Message(_BOTH, {Status.EXPIRED}, Action.EXPIRE),
    "booking.rescheduled": Message(_BOTH, {Status.PENDING, Status.CONFIRMED}, Action.RESCHEDULE),
    "booking.completed": Message(_CUSTOMER, _DONE, Action.COMPLETE),
    "booking.no_show": Message(_CUSTOMER, {Status.NO_SHOW}, Action.NO_SHOW),
    "booking.paid": Message(
        {Role.CUSTOMER: _ALL, Role.PROVIDER: frozenset({Channel.IN_APP})}, {Status.PAID}, Action.PAY
    ),
    "reminder.appointment": Message(_CUSTOMER, {Status.CONFIRMED}, optional=True),
    "reminder.review": Message(_CUSTOMER, _DONE, optional=True),
}
OPTIONAL_TYPES = tuple(type_ for type_, message in MESSAGES.items() if message.optional)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Someone who is told: a customer by user id, a provider by provider id."""

    id: str
    role: Role


def recipient_of(actor: Actor) -> Recipient:
    """As which recipient a signed-in person reads notifications."""
    return Recipient(actor.provider_id or actor.user_id, actor.role)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one recipient over one channel."""

    event: BookingEvent
    recipient: Recipient
    channel: Channel

    @property
    def delivery_id(self) -> str:
        return f"{self.event.event_id}#{self.recipient.id}#{self.channel}"


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
    if event.type == "reminder.appointment":
        return booking.starts_at == event.starts_at and now < booking.starts_at
    return not any(entry.action is message.action and entry.version > event.version for entry in booking.history)


@dataclass(frozen=True, slots=True)
class Bell:
    """How many notes someone ever got, up to which they have seen them, and how often anything of theirs changed."""

    sequence: int = 0
    seen: int = 0
    activity: int = 0

    @property
    def unread(self) -> int:
        return self.sequence - self.seen


def note_id(number: int) -> str:
    """The id of someone's `number`-th note: sorts as the number."""
    return f"{number:012d}"
