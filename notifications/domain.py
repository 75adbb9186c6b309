"""Who hears of what over which channel, and in which statuses of the booking it is still true.

Pure: no Django, no storage, no clock. `MESSAGES` is the one table; handlers, preferences, documentation and tests
derive from it.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bookings.domain import Action, Status
from kernel.actors import Actor, Role

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
class Note:
    """An entry of someone's list in the app, which is numbered from 1: what happened to which booking."""

    recipient_id: str
    number: int
    type: str
    recipient_role: Role
    booking_id: str
    service_name: str
    provider_name: str
    starts_at: datetime
    time_zone: str
    occurred_at: datetime
    is_read: bool = False


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
