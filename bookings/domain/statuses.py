"""The vocabulary of bookings: statuses, actions, and the records that name them."""

from datetime import datetime
from enum import StrEnum

from kernel.actors import Role
from kernel.values import dataclass


class Status(StrEnum):
    """Where a booking stands."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    COMPLETED = "completed"
    NO_SHOW = "no_show"
    PAID = "paid"
    # It was agreed on, and nobody said what became of it.
    UNCONFIRMED = "unconfirmed"


class Action(StrEnum):
    """What can be done to a booking; `REQUEST` makes it, and so does `BOOK`, which confirms it at once."""

    REQUEST = "request"
    BOOK = "book"
    CONFIRM = "confirm"
    DECLINE = "decline"
    CANCEL = "cancel"
    EXPIRE = "expire"
    COMPLETE = "complete"
    NO_SHOW = "no_show"
    PAY = "pay"
    CLOSE = "close"
    RESCHEDULE = "reschedule"
    PROPOSE = "propose"
    ACCEPT = "accept"
    REFUSE = "refuse"


class PaymentMethod(StrEnum):
    """How the customer paid, as the provider notes it."""

    CARD = "card"
    CASH = "cash"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class Proposal:
    """Another start that one party proposed; it takes no time until the other accepts it, and then lapses."""

    starts_at: datetime
    by: Role
    lapses_at: datetime


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One change of a booking. `id` is unique: it tells a writer whose answer was lost that the change is its own."""

    id: str
    action: Action
    at: datetime
    by: str
    role: Role
    from_status: Status | None
    to_status: Status
    version: int
