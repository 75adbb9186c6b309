"""The booking's rules: its states, who may move it between them and when, what it costs to cancel, what it blocks.

Pure: no Django, no storage, no clock. `TRANSITIONS` is the one declaration of the lifecycle; services, API, pages and
tests derive from it.
"""

from collections.abc import Callable, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from catalog.domain import Offer, blocked_cells
from kernel.actors import Actor, Role
from kernel.errors import ConflictError, ForbiddenError, NotFoundError
from kernel.ids import parent_provider_id
from kernel.money import Money
from kernel.sentences import sentence

# A request that the provider does not answer in this time lapses.
REQUEST_VALID_FOR = timedelta(hours=24)
# The history is part of the booking's item: without a limit, moving a booking about could fill it.
MAX_RESCHEDULES = 20


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


class Action(StrEnum):
    """What can be done to a booking; `REQUEST` makes it."""

    REQUEST = "request"
    CONFIRM = "confirm"
    DECLINE = "decline"
    CANCEL = "cancel"
    EXPIRE = "expire"
    COMPLETE = "complete"
    NO_SHOW = "no_show"
    PAY = "pay"
    RESCHEDULE = "reschedule"


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


@dataclass(frozen=True, slots=True)
class BookingSummary:
    """A booking as a list shows it, with all that decides what may be done to it."""

    booking_id: str
    version: int
    status: Status
    service_id: str
    service_name: str
    provider_id: str
    provider_name: str
    customer_id: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    price: Money
    expires_at: datetime | None
    created_at: datetime
    updated_at: datetime

    def status_at(self, now: datetime) -> Status:
        """The status that counts: a request past its expiry is expired, whether or not that is stored already."""
        if self.status is Status.PENDING and self.expires_at is not None and now >= self.expires_at:
            return Status.EXPIRED
        return self.status

    def party(self, actor: Actor) -> Role | None:
        """As what the actor is concerned with this booking; None for a stranger."""
        if actor.role is Role.CUSTOMER:
            return Role.CUSTOMER if actor.user_id == self.customer_id else None
        if actor.role is Role.PROVIDER:
            return Role.PROVIDER if actor.provider_id == self.provider_id else None
        return actor.role

    def can(self, action: Action, actor: Actor, now: datetime) -> bool:
        """Whether the actor may do this now."""
        transition, party = TRANSITIONS[action], self.party(actor)
        return party in transition.roles and transition.applies_to(self, party, now)

    def allowed_actions(self, actor: Actor, now: datetime) -> list[Action]:
        """What the actor may do now, in the order of the table."""
        party = self.party(actor)
        return [
            action
            for action in _ACTIONS_IN[self.status]
            if party in TRANSITIONS[action].roles and TRANSITIONS[action].applies_to(self, party, now)
        ]

    def shows_details_to(self, actor: Actor, now: datetime) -> bool:
        """Whether the actor sees address and notes: the provider only from confirming on, while there is a job."""
        party = self.party(actor)
        return party is not None and (party is not Role.PROVIDER or self.status_at(now) in _SHOW_DETAILS_TO_PROVIDER)


@dataclass(frozen=True, slots=True)
class Booking(BookingSummary):
    """A booking with the terms that were frozen when it was made, and its history, oldest first."""

    duration_minutes: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    free_cancellation_hours: int
    late_cancellation_percent: int
    # Once the customer has moved the appointment after its free cancellation had ended: when that was.
    free_cancellation_ended_at: datetime | None
    cancellation_fee: Money | None
    history: tuple[HistoryEntry, ...]

    @property
    def cells(self) -> range:
        """The quarter hours that the booking takes from the provider's calendar, buffers included."""
        return self.cells_from(self.starts_at)

    def cells_from(self, starts_at: datetime) -> range:
        """The same, were it to start then."""
        return blocked_cells(starts_at, self.duration_minutes, self.buffer_before_minutes, self.buffer_after_minutes)

    @property
    def free_cancellation_until(self) -> datetime:
        """Until when cancelling a confirmed appointment is free; once past, moving it does not bring that back."""
        return self.free_cancellation_ended_at or self.starts_at - timedelta(hours=self.free_cancellation_hours)

    @property
    def late_cancellation_fee(self) -> Money:
        return self.price.percent(self.late_cancellation_percent)

    def cancellation_fee_for(self, party: Role, now: datetime) -> Money | None:
        """What cancelling costs the customer now; None if nothing.

        Only the customer pays, and only for an appointment that the provider had confirmed.
        """
        is_late = self.status is Status.CONFIRMED and now >= self.free_cancellation_until
        fee = self.late_cancellation_fee
        return fee if party is Role.CUSTOMER and is_late and fee.amount else None


def request_expiry(created_at: datetime, starts_at: datetime) -> datetime:
    """When a request lapses unless the provider confirms it."""
    return min(created_at + REQUEST_VALID_FOR, starts_at)


# --- Lifecycle -------------------------------------------------------------------------------------------------------

Guard = Callable[[BookingSummary, datetime], bool]


def _has_lapsed(booking: BookingSummary, now: datetime) -> bool:
    return booking.expires_at is not None and now >= booking.expires_at


def _is_standing(booking: BookingSummary, now: datetime) -> bool:
    return not _has_lapsed(booking, now)


def _has_started(booking: BookingSummary, now: datetime) -> bool:
    return now >= booking.starts_at


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the lifecycle: from which statuses an action leads where, who may take it, and when.

    `to_status` None keeps the status. Those in `until_start` may take it only before the appointment starts.
    """

    from_statuses: Set[Status]
    to_status: Status | None
    roles: Set[Role]
    guard: Guard = _is_standing
    until_start: Set[Role] = frozenset()

    def applies_to(self, booking: BookingSummary, party: Role | None, now: datetime) -> bool:
        """Whether the booking's state allows it to a party that has the right."""
        return (
            booking.status in self.from_statuses
            and self.guard(booking, now)
            and not (party in self.until_start and _has_started(booking, now))
        )


_PENDING, _CONFIRMED = {Status.PENDING}, {Status.CONFIRMED}
_OPEN = {Status.PENDING, Status.CONFIRMED}
_RUNNING = {Role.ADMIN, Role.SUPPORT}
_PROVIDING = {Role.PROVIDER, *_RUNNING}

TRANSITIONS: dict[Action, Transition] = {
    Action.CONFIRM: Transition(_PENDING, Status.CONFIRMED, _PROVIDING),
    Action.DECLINE: Transition(_PENDING, Status.DECLINED, _PROVIDING),
    Action.CANCEL: Transition(_OPEN, Status.CANCELLED, {Role.CUSTOMER, *_PROVIDING}, until_start={Role.CUSTOMER}),
    Action.EXPIRE: Transition(_PENDING, Status.EXPIRED, {Role.SYSTEM}, _has_lapsed),
    Action.COMPLETE: Transition(_CONFIRMED, Status.COMPLETED, _PROVIDING),
    Action.NO_SHOW: Transition(_CONFIRMED, Status.NO_SHOW, _PROVIDING, _has_started),
    Action.PAY: Transition({Status.COMPLETED}, Status.PAID, _PROVIDING),
    Action.RESCHEDULE: Transition(_OPEN, None, {Role.CUSTOMER, *_RUNNING}, until_start={Role.CUSTOMER}),
}

_ACTIONS_IN = {
    status: [action for action, transition in TRANSITIONS.items() if status in transition.from_statuses]
    for status in Status
}
# The action that leads to a status: there is one for each.
ACTION_TO: dict[Status, Action] = {Status.PENDING: Action.REQUEST} | {
    transition.to_status: action for action, transition in TRANSITIONS.items() if transition.to_status
}
# In these the booking has its time in the provider's calendar.
CLAIMING_STATUSES = frozenset({*_OPEN, Status.COMPLETED, Status.NO_SHOW, Status.PAID})
REVIEWABLE_STATUSES = frozenset({Status.COMPLETED, Status.PAID})
_SHOW_DETAILS_TO_PROVIDER = CLAIMING_STATUSES - _PENDING


_VERBS = {
    Action.REQUEST: sentence("request"),
    Action.CONFIRM: sentence("confirm"),
    Action.DECLINE: sentence("decline"),
    Action.CANCEL: sentence("cancel"),
    Action.EXPIRE: sentence("let lapse"),
    Action.COMPLETE: sentence("complete"),
    Action.NO_SHOW: sentence("record a no-show for"),
    Action.PAY: sentence("record the payment of"),
    Action.RESCHEDULE: sentence("reschedule"),
}

# The statuses as adjectives of a booking.
STATUS_WORDS = {
    Status.PENDING: sentence("pending"),
    Status.CONFIRMED: sentence("confirmed"),
    Status.DECLINED: sentence("declined"),
    Status.CANCELLED: sentence("cancelled"),
    Status.EXPIRED: sentence("expired"),
    Status.COMPLETED: sentence("completed"),
    Status.NO_SHOW: sentence("no-show"),
    Status.PAID: sentence("paid"),
}


def judge(action: Action, booking: BookingSummary, actor: Actor, now: datetime) -> None:
    """Whether the actor may do this to the booking now; returns if so.

    Raises `NotFoundError` for a stranger, `ForbiddenError` for a party without the right, and `ConflictError`
    (`invalid_transition`) when the booking's state does not allow it.
    """
    transition = TRANSITIONS.get(action)
    party = require_party(booking, actor)
    if transition is not None and party not in transition.roles:
        raise ForbiddenError(sentence("You cannot %(action)s this booking.", action=_VERBS[action]))
    if transition is None or not transition.applies_to(booking, party, now):
        message = sentence(
            "This booking is %(status)s: it is not possible to %(action)s it now.",
            status=STATUS_WORDS[booking.status_at(now)],
            action=_VERBS[action],
        )
        raise ConflictError(message, code="invalid_transition")


def require_party(booking: BookingSummary, actor: Actor) -> Role:
    """As what the actor is concerned. Raises `NotFoundError` for a stranger, as if there were no booking."""
    party = booking.party(actor)
    if party is None:
        raise booking_not_found()
    return party


def require_possible_party(booking_id: str, actor: Actor) -> str:
    """The id of the booking's provider, which needs no read.

    Raises `NotFoundError` for ids that no booking can have and for other providers' bookings.
    """
    provider_id = parent_provider_id(booking_id)
    if provider_id is None or (actor.role is Role.PROVIDER and actor.provider_id != provider_id):
        raise booking_not_found()
    return provider_id


def booking_not_found() -> NotFoundError:
    """The one answer for bookings that are not there and for other people's."""
    return NotFoundError(sentence("There is no such booking."))


def is_repetition(status: Status, booking: Booking, actor: Actor) -> bool:
    """Whether the actor's own last change brought the booking to this status: asking again changes nothing."""
    last = booking.history[-1]
    return booking.status is status and last.by == actor.user_id and last.action is ACTION_TO[status]


def new_booking(
    offer: Offer, *, customer: Actor, starts_at: datetime, booking_id: str, now: datetime, entry_id: str
) -> Booking:
    """The customer's request for the offer at its present price and terms, which are the booking's from now on."""
    service, provider = offer.service, offer.provider
    return Booking(
        booking_id=booking_id,
        version=1,
        status=Status.PENDING,
        service_id=service.service_id,
        service_name=service.name,
        provider_id=provider.provider_id,
        provider_name=provider.name,
        customer_id=customer.user_id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=service.duration_minutes),
        time_zone=provider.time_zone,
        price=service.price,
        expires_at=request_expiry(now, starts_at),
        created_at=now,
        updated_at=now,
        duration_minutes=service.duration_minutes,
        buffer_before_minutes=provider.buffer_before_minutes,
        buffer_after_minutes=provider.buffer_after_minutes,
        free_cancellation_hours=provider.free_cancellation_hours,
        late_cancellation_percent=provider.late_cancellation_percent,
        free_cancellation_ended_at=None,
        cancellation_fee=None,
        history=(_entry(entry_id, Action.REQUEST, customer, now, None, Status.PENDING, 1),),
    )


def after_transition(action: Action, booking: Booking, actor: Actor, now: datetime, entry_id: str) -> Booking:
    """The booking after the action, which `judge` has allowed."""
    party = require_party(booking, actor)
    to_status = TRANSITIONS[action].to_status or booking.status
    version = booking.version + 1
    entry = _entry(entry_id, action, actor, now, booking.status, to_status, version)
    return replace(
        booking,
        version=version,
        status=to_status,
        expires_at=booking.expires_at if to_status is Status.PENDING else None,
        cancellation_fee=booking.cancellation_fee_for(party, now) if action is Action.CANCEL else None,
        updated_at=now,
        history=(*booking.history, entry),
    )


def after_reschedule(booking: Booking, starts_at: datetime, actor: Actor, now: datetime, entry_id: str) -> Booking:
    """The booking moved to another start, which `judge` has allowed. A request keeps the time that it was made.

    Raises `ConflictError` (`too_many_reschedules`) after `MAX_RESCHEDULES`.
    """
    if sum(entry.action is Action.RESCHEDULE for entry in booking.history) >= MAX_RESCHEDULES:
        message = sentence("A booking can be moved %(most)s times. Cancel it and make a new one.", most=MAX_RESCHEDULES)
        raise ConflictError(message, code="too_many_reschedules")
    is_pending = booking.status is Status.PENDING
    is_late = booking.status is Status.CONFIRMED and now >= booking.free_cancellation_until
    # Else a customer could move a late appointment far away and then cancel it for nothing.
    ends_free_cancellation = is_late and booking.party(actor) is Role.CUSTOMER
    return replace(
        after_transition(Action.RESCHEDULE, booking, actor, now, entry_id),
        free_cancellation_ended_at=(
            booking.free_cancellation_until if ends_free_cancellation else booking.free_cancellation_ended_at
        ),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=booking.duration_minutes),
        expires_at=request_expiry(booking.created_at, starts_at) if is_pending else None,
    )


def _entry(
    entry_id: str,
    action: Action,
    actor: Actor,
    now: datetime,
    from_status: Status | None,
    to_status: Status,
    version: int,
) -> HistoryEntry:
    return HistoryEntry(entry_id, action, now, actor.user_id, actor.role, from_status, to_status, version)
