"""People who are told, what they are told by, and where each delivery stands. Pure: no Django, no storage, no clock."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from kernel.actors import Actor, Role
from kernel.ids import parent_provider_id
from kernel.values import dataclass

# How long notes are shown and deliveries are remembered: far longer than any message can be repeated.
KEPT_FOR = timedelta(days=90)


class Channel(StrEnum):
    """How a person is told."""

    EMAIL = "email"
    IN_APP = "in_app"


class DeliveryStatus(StrEnum):
    """Where a delivery stands. All but the first two are final, unless an admin has the email sent again."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    # What it tells of has moved on: it would have contradicted the present state.
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
class Recipient:
    """Someone who is told: a customer by user id, a provider by provider id, a caller by the booking's."""

    id: str
    role: Role

    @property
    def has_account(self) -> bool:
        """Whether the person can read notes in the app; a caller, for whom a provider booked, can not."""
        return parent_provider_id(self.id) is None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one recipient over one channel."""

    event: Any
    recipient: Recipient
    channel: Channel

    @property
    def delivery_id(self) -> str:
        return delivery_id(self.event.event_id, self.recipient.id, self.channel)


def delivery_id(event_id: str, recipient_id: str, channel: Channel) -> str:
    """Under which the ledger keeps the delivery of an event to a recipient over a channel."""
    return f"{event_id}#{recipient_id}#{channel}"


def recipient_of(actor: Actor) -> Recipient:
    """As which recipient a signed-in person reads notifications."""
    return Recipient(actor.provider_id or actor.user_id, actor.role)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a note refers to: the kind of thing, such as "booking", and its id."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Note:
    """An entry of someone's list in the app, which is numbered from 1: what happened, and to what.

    `type` is the type of the event. `values` are texts, by the names that the sentence of that type has for them; an
    instant is in RFC 3339.
    """

    recipient_id: str
    number: int
    type: str
    recipient_role: Role
    subject: Subject
    values: Mapping[str, str]
    occurred_at: datetime
    is_read: bool = False


# The last number that `note_id` can write. DynamoDB refuses to compare with one of more than 38 digits.
MAX_NUMBER = 10**12 - 1


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
