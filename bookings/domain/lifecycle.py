"""The booking's rules: its states, who may move it between them and when, what it costs to cancel, what it blocks.

Pure: no Django, no storage, no clock. `TRANSITIONS` is the one declaration of the lifecycle; services, API, pages and
tests derive from it. `changes` makes the booking that an action leads to.
"""

from collections.abc import Callable, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from catalog.domain import Terms, blocked_cells
from kernel.actors import Actor, Role
from kernel.errors import ConflictError, ForbiddenError, NotFoundError
from kernel.ids import parent_provider_id
from kernel.money import Money
from kernel.sentences import Sentence, sentence

# A request that the provider does not answer in this time lapses.
REQUEST_VALID_FOR = timedelta(hours=24)
# So does the proposal of another time.
PROPOSAL_VALID_FOR = timedelta(hours=24)
# A job can be recorded as done from so long before its start: people come early.
COMPLETED_EARLIEST = timedelta(minutes=15)
# An appointment whose end nobody recorded in this time counts as unconfirmed.
CLOSED_AFTER = timedelta(days=7)
# How often a customer may move a confirmed appointment without asking the provider.
MAX_CUSTOMER_MOVES = 2
# The history is part of the booking's item: without a limit, moving a booking about could fill it.
MAX_CHANGES = 40


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
    # How often the customer has moved it since it was confirmed.
    customer_moves: int
    # The last one, lapsed or not, while nobody answered it.
    proposal: Proposal | None
    created_at: datetime
    updated_at: datetime

    def status_at(self, now: datetime) -> Status:
        """The status that counts: a request past its expiry is expired, whether or not that is stored already."""
        if self.status is Status.PENDING and self.expires_at is not None and now >= self.expires_at:
            return Status.EXPIRED
        return self.status

    def proposal_at(self, now: datetime) -> Proposal | None:
        """The proposal that can still be answered."""
        proposal = self.proposal
        return proposal if proposal is not None and now < proposal.lapses_at else None

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
    cancellation_grace_minutes: int
    # Once the customer has moved the appointment after its free cancellation had ended: when that was.
    free_cancellation_ended_at: datetime | None
    cancellation_fee: Money | None
    # Noted with the payment.
    payment_method: PaymentMethod | None
    history: tuple[HistoryEntry, ...]
    # Which questions were answered, of those that there were when it was made; None without any.
    questions_version: str | None = None

    @property
    def cells(self) -> range:
        """The quarter hours that the booking takes from the provider's calendar, buffers included."""
        return self.cells_from(self.starts_at)

    def cells_from(self, starts_at: datetime) -> range:
        """The same, were it to start then."""
        return blocked_cells(starts_at, self.duration_minutes, self.buffer_before_minutes, self.buffer_after_minutes)

    @property
    def terms(self) -> Terms:
        """What the customer agreed to."""
        return Terms(
            price=self.price,
            duration_minutes=self.duration_minutes,
            free_cancellation_hours=self.free_cancellation_hours,
            late_cancellation_percent=self.late_cancellation_percent,
            cancellation_grace_minutes=self.cancellation_grace_minutes,
            questions_version=self.questions_version,
        )

    @property
    def confirmed_at(self) -> datetime | None:
        """When the appointment was agreed on; None if it never was. Moving it later is no new agreement."""
        confirmations = (
            entry.at for entry in self.history if entry.to_status is Status.CONFIRMED is not entry.from_status
        )
        return next(confirmations, None)

    @property
    def free_cancellation_until(self) -> datetime:
        """Until when cancelling a confirmed appointment is free; once past, moving it does not bring that back.

        However late the provider confirmed, there is a grace after it, which ends with the start.
        """
        if self.free_cancellation_ended_at is not None:
            return self.free_cancellation_ended_at
        by_terms = self.starts_at - timedelta(hours=self.free_cancellation_hours)
        if self.confirmed_at is None:
            return by_terms
        grace_ends_at = self.confirmed_at + timedelta(minutes=self.cancellation_grace_minutes)
        return max(by_terms, min(grace_ends_at, self.starts_at))

    @property
    def late_cancellation_fee(self) -> Money:
        return self.price.percent(self.late_cancellation_percent)

    def fee_for(self, party: Role, now: datetime) -> Money:
        """What the party would owe for cancelling now.

        Only the customer ever pays, and only for an appointment that was agreed on and whose free time is over.
        """
        is_late = self.status is Status.CONFIRMED and now >= self.free_cancellation_until
        owes = party is Role.CUSTOMER and is_late
        return self.late_cancellation_fee if owes else Money(0, self.price.currency)


def request_expiry(created_at: datetime, starts_at: datetime) -> datetime:
    """When a request lapses unless the provider confirms it."""
    return min(created_at + REQUEST_VALID_FOR, starts_at)


# --- Lifecycle -------------------------------------------------------------------------------------------------------

Holds = Callable[[BookingSummary, Role | None, datetime], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition of an action beside the status. One with a `refusal` has words of its own, and a code."""

    holds: Holds
    code: str = "invalid_transition"
    refusal: Sentence | None = None


def _has_lapsed(booking: BookingSummary, _party: Role | None, now: datetime) -> bool:
    return booking.expires_at is not None and now >= booking.expires_at


def _is_standing(booking: BookingSummary, party: Role | None, now: datetime) -> bool:
    return not _has_lapsed(booking, party, now)


def _has_started(booking: BookingSummary, _party: Role | None, now: datetime) -> bool:
    return now >= booking.starts_at


def _is_about_to_start(booking: BookingSummary, party: Role | None, now: datetime) -> bool:
    # An admin who says why may put right what was recorded for another day.
    return party is Role.ADMIN or now >= booking.starts_at - COMPLETED_EARLIEST


def _is_long_over(booking: BookingSummary, _party: Role | None, now: datetime) -> bool:
    return now >= booking.ends_at + CLOSED_AFTER


def _has_changes_left(booking: BookingSummary, _party: Role | None, _now: datetime) -> bool:
    return booking.version < MAX_CHANGES


def _has_moves_left(booking: BookingSummary, party: Role | None, _now: datetime) -> bool:
    is_counted = party is Role.CUSTOMER and booking.status is Status.CONFIRMED
    return not is_counted or booking.customer_moves < MAX_CUSTOMER_MOVES


def _cannot_just_move(booking: BookingSummary, party: Role | None, _now: datetime) -> bool:
    # A customer moves a request at once.
    return party is not Role.CUSTOMER or booking.status is Status.CONFIRMED


def _is_asked(booking: BookingSummary, party: Role | None, now: datetime) -> bool:
    proposal = booking.proposal_at(now)
    return proposal is not None and proposal.by is not party and not _has_started(booking, party, now)


_STANDING = Rule(_is_standing)
_CHANGES_LEFT = Rule(
    _has_changes_left,
    "too_many_reschedules",
    sentence("This booking has been changed too often to be moved again. Cancel it and make a new one."),
)
_MOVES_LEFT = Rule(
    _has_moves_left,
    "too_many_reschedules",
    sentence(
        "You have moved this appointment %(times)s times since it was confirmed. "
        "Propose another time to the provider instead.",
        times=MAX_CUSTOMER_MOVES,
    ),
)
_ABOUT_TO_START = Rule(
    _is_about_to_start,
    "too_early",
    sentence("A job can be completed from %(length)s before its start on. Do it then.", length=COMPLETED_EARLIEST),
)
_ASKED = Rule(
    _is_asked,
    "no_proposal",
    sentence("There is no proposal of another time for you to answer. It may have lapsed."),
)


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the lifecycle: from which statuses an action leads where, who may take it, and by which rules.

    `to_status` None keeps the status. Those in `until_start` may take it only before the appointment starts.
    """

    from_statuses: Set[Status]
    to_status: Status | None
    roles: Set[Role]
    rules: tuple[Rule, ...] = (_STANDING,)
    until_start: Set[Role] = frozenset()

    def applies_to(self, booking: BookingSummary, party: Role | None, now: datetime) -> bool:
        """Whether the booking's state allows it to a party that has the right."""
        return self.is_open(booking, party, now) and all(rule.holds(booking, party, now) for rule in self.rules)

    def is_open(self, booking: BookingSummary, party: Role | None, now: datetime) -> bool:
        """Whether status and time allow it; the rules may not."""
        is_too_late = party in self.until_start and _has_started(booking, party, now)
        return booking.status in self.from_statuses and not is_too_late


_PENDING, _CONFIRMED = {Status.PENDING}, {Status.CONFIRMED}
_OPEN = {Status.PENDING, Status.CONFIRMED}
_RUNNING = {Role.ADMIN, Role.SUPPORT}
_PROVIDING = {Role.PROVIDER, *_RUNNING}
_PARTIES = {Role.CUSTOMER, Role.PROVIDER}

TRANSITIONS: dict[Action, Transition] = {
    Action.CONFIRM: Transition(_PENDING, Status.CONFIRMED, _PROVIDING),
    Action.DECLINE: Transition(_PENDING, Status.DECLINED, _PROVIDING),
    Action.CANCEL: Transition(_OPEN, Status.CANCELLED, {Role.CUSTOMER, *_PROVIDING}, until_start={Role.CUSTOMER}),
    Action.EXPIRE: Transition(_PENDING, Status.EXPIRED, {Role.SYSTEM}, (Rule(_has_lapsed),)),
    Action.COMPLETE: Transition(_CONFIRMED, Status.COMPLETED, _PROVIDING, (_ABOUT_TO_START,)),
    Action.NO_SHOW: Transition(_CONFIRMED, Status.NO_SHOW, _PROVIDING, (Rule(_has_started),)),
    Action.PAY: Transition({Status.COMPLETED}, Status.PAID, _PROVIDING),
    Action.CLOSE: Transition(_CONFIRMED, Status.UNCONFIRMED, {Role.SYSTEM}, (Rule(_is_long_over),)),
    Action.RESCHEDULE: Transition(
        _OPEN,
        None,
        {Role.CUSTOMER, *_RUNNING},
        (_STANDING, _CHANGES_LEFT, _MOVES_LEFT),
        until_start={Role.CUSTOMER},
    ),
    Action.PROPOSE: Transition(
        _OPEN, None, _PARTIES, (_STANDING, _CHANGES_LEFT, Rule(_cannot_just_move)), until_start=_PARTIES
    ),
    # Who accepts agrees to the appointment as a whole, so that a request needs no other answer.
    Action.ACCEPT: Transition(_OPEN, Status.CONFIRMED, _PARTIES, (_STANDING, _ASKED), until_start=_PARTIES),
    Action.REFUSE: Transition(_OPEN, None, _PARTIES, (_STANDING, _ASKED), until_start=_PARTIES),
}

_ACTIONS_IN = {
    status: [action for action, transition in TRANSITIONS.items() if status in transition.from_statuses]
    for status in Status
}
# The action by which each status is asked for. An appointment can also be confirmed by its proposal's acceptance.
ACTION_TO: dict[Status, Action] = {Status.PENDING: Action.REQUEST} | {
    transition.to_status: action
    for action, transition in TRANSITIONS.items()
    if transition.to_status and action is not Action.ACCEPT
}
# In these the booking has its time in the provider's calendar.
CLAIMING_STATUSES = frozenset({*_OPEN, Status.COMPLETED, Status.NO_SHOW, Status.PAID, Status.UNCONFIRMED})
REVIEWABLE_STATUSES = frozenset({Status.COMPLETED, Status.PAID})
_SHOW_DETAILS_TO_PROVIDER = CLAIMING_STATUSES - _PENDING


_VERBS = {
    Action.REQUEST: sentence("request"),
    Action.BOOK: sentence("book"),
    Action.CONFIRM: sentence("confirm"),
    Action.DECLINE: sentence("decline"),
    Action.CANCEL: sentence("cancel"),
    Action.EXPIRE: sentence("let lapse"),
    Action.COMPLETE: sentence("complete"),
    Action.NO_SHOW: sentence("record a no-show for"),
    Action.PAY: sentence("record the payment of"),
    Action.CLOSE: sentence("close"),
    Action.RESCHEDULE: sentence("reschedule"),
    Action.PROPOSE: sentence("propose another time for"),
    Action.ACCEPT: sentence("accept another time for"),
    Action.REFUSE: sentence("refuse another time for"),
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
    Status.UNCONFIRMED: sentence("unconfirmed"),
}


def judge(action: Action, booking: BookingSummary, actor: Actor, now: datetime) -> None:
    """Whether the actor may do this to the booking now; returns if so.

    Raises `NotFoundError` for a stranger, `ForbiddenError` for a party without the right, and `ConflictError` when the
    booking's state does not allow it (`invalid_transition`, `too_early`, `too_many_reschedules`, `no_proposal`).
    """
    transition = TRANSITIONS.get(action)
    party = require_party(booking, actor)
    if transition is not None and party not in transition.roles:
        raise ForbiddenError(sentence("You cannot %(action)s this booking.", action=_VERBS[action]))
    if transition is None or not transition.applies_to(booking, party, now):
        if transition is not None and transition.is_open(booking, party, now):
            broken = next(rule for rule in transition.rules if not rule.holds(booking, party, now))
            if broken.refusal is not None:
                raise ConflictError(broken.refusal, code=broken.code)
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


def is_unanswered(booking: Booking, now: datetime) -> bool:
    """Whether the booking takes time to which the provider has not agreed: it waits, or was confirmed by itself."""
    is_instant = booking.history[0].action is Action.BOOK and booking.status is Status.CONFIRMED
    return booking.status_at(now) is Status.PENDING or (is_instant and now < booking.starts_at)


def is_repetition(status: Status, booking: Booking, actor: Actor) -> bool:
    """Whether the actor's own last change brought the booking to this status: asking again changes nothing."""
    last = booking.history[-1]
    return booking.status is status and last.by == actor.user_id and last.action is ACTION_TO[status]
