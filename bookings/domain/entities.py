"""The booking: what a list shows of it, and the whole with its frozen terms, its fees and its history."""

from datetime import datetime, timedelta

from bookings.domain.lifecycle import ACTIONS_IN, CLAIMING_STATUSES, TRANSITIONS
from bookings.domain.statuses import Action, HistoryEntry, PaymentMethod, Proposal, Status
from catalog.domain import Terms, blocked_cells
from kernel.actors import Actor, Role
from kernel.money import Money
from kernel.values import dataclass

_TIME_ACTIONS = frozenset({Action.REQUEST, Action.BOOK, Action.CONFIRM, Action.RESCHEDULE, Action.ACCEPT})
_SHOW_DETAILS_TO_PROVIDER = CLAIMING_STATUSES - {Status.PENDING}


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
    # None: the provider made it for a caller, whom the details name; nobody has an account that it belongs to.
    customer_id: str | None
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

    @property
    def is_for_caller(self) -> bool:
        """Whether the provider made it for somebody without an account."""
        return self.customer_id is None

    def status_at(self, now: datetime) -> Status:
        """The status that counts: a request past its expiry is expired, whether or not that is stored already."""
        if self.status is Status.PENDING and self.expires_at is not None and now >= self.expires_at:
            return Status.EXPIRED
        return self.status

    def awaits_outcome_at(self, now: datetime) -> bool:
        """Whether it is over, and the provider has not said what became of it."""
        return self.status is Status.CONFIRMED and now >= self.ends_at

    def proposal_at(self, now: datetime) -> Proposal | None:
        """The proposal that can still be answered."""
        proposal = self.proposal
        return proposal if proposal is not None and now < proposal.lapses_at else None

    def is_to_be_answered_by(self, party: Role, now: datetime) -> bool:
        """Whether the party has something to answer: a provider a request, and either the other's proposal."""
        if party is Role.PROVIDER and self.status_at(now) is Status.PENDING:
            return True
        proposal = self.proposal_at(now)
        return proposal is not None and proposal.by is not party

    def party(self, actor: Actor) -> Role | None:
        """As what the actor is concerned with this booking; None for a stranger.

        What somebody booked before they became a provider stays theirs.
        """
        if actor.role in (Role.CUSTOMER, Role.PROVIDER) and actor.user_id == self.customer_id:
            return Role.CUSTOMER
        if actor.role is Role.CUSTOMER:
            return None
        if actor.role is Role.PROVIDER:
            return Role.PROVIDER if actor.provider_id == self.provider_id else None
        return actor.role

    def can(self, action: Action, actor: Actor, now: datetime) -> bool:
        """Whether the actor may do this now."""
        transition, party = TRANSITIONS[action], self.party(actor)
        return transition.is_for(self, party) and transition.applies_to(self, party, now)

    def allowed_actions(self, actor: Actor, now: datetime) -> list[Action]:
        """What the actor may do now, in the order of the table."""
        party = self.party(actor)
        return [
            action
            for action in ACTIONS_IN[self.status]
            if TRANSITIONS[action].is_for(self, party) and TRANSITIONS[action].applies_to(self, party, now)
        ]

    def shows_details_to(self, actor: Actor, now: datetime) -> bool:
        """Whether the actor sees address and notes: the provider only from confirming on, while there is a job."""
        party = None if actor.is_observed else self.party(actor)
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
            instant=self.customer_id is not None and self.history[0].action is Action.BOOK,
        )

    @property
    def confirmed_at(self) -> datetime | None:
        """When the appointment was agreed on; None if it never was. Moving it later is no new agreement."""
        confirmations = (
            entry.at for entry in self.history if entry.to_status is Status.CONFIRMED is not entry.from_status
        )
        return next(confirmations, None)

    @property
    def time_agreed_at(self) -> datetime:
        """When its present time was agreed on, or asked for. What was proposed and refused since is no agreement."""
        return next(entry.at for entry in reversed(self.history) if entry.action in _TIME_ACTIONS)

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
    def length(self) -> timedelta:
        return self.ends_at - self.starts_at

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
