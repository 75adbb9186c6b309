"""The lifecycle of a booking: who may take which action in which status, when, and where it leads.

Pure: no Django, no storage, no clock. `TRANSITIONS` is the one declaration; services, API, pages and tests derive from
it. `judging` asks it for one actor, `changes` makes the booking that an action leads to.
"""

from collections.abc import Callable, Set
from datetime import datetime, timedelta
from typing import Protocol

from bookings.domain.statuses import Action, Proposal, Status
from kernel.actors import Role
from kernel.sentences import Sentence, sentence
from kernel.values import dataclass

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


def request_expiry(created_at: datetime, starts_at: datetime) -> datetime:
    """When a request lapses unless the provider confirms it."""
    return min(created_at + REQUEST_VALID_FOR, starts_at)


class Judged(Protocol):
    """What the rules look at: any form in which a booking is read has it."""

    @property
    def status(self) -> Status: ...
    @property
    def version(self) -> int: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def expires_at(self) -> datetime | None: ...
    @property
    def is_for_caller(self) -> bool: ...
    @property
    def customer_moves(self) -> int: ...
    def proposal_at(self, now: datetime) -> Proposal | None: ...


Holds = Callable[[Judged, Role | None, datetime], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition of an action beside the status. One with a `refusal` has words of its own, and a code."""

    holds: Holds
    code: str = "invalid_transition"
    refusal: Sentence | None = None


def _has_lapsed(booking: Judged, _party: Role | None, now: datetime) -> bool:
    return booking.expires_at is not None and now >= booking.expires_at


def _is_standing(booking: Judged, party: Role | None, now: datetime) -> bool:
    return not _has_lapsed(booking, party, now)


def _has_started(booking: Judged, _party: Role | None, now: datetime) -> bool:
    return now >= booking.starts_at


def _is_about_to_start(booking: Judged, party: Role | None, now: datetime) -> bool:
    # An admin who says why may put right what was recorded for another day.
    return party is Role.ADMIN or now >= booking.starts_at - COMPLETED_EARLIEST


def _is_long_over(booking: Judged, _party: Role | None, now: datetime) -> bool:
    return now >= booking.ends_at + CLOSED_AFTER


def _has_changes_left(booking: Judged, _party: Role | None, _now: datetime) -> bool:
    return booking.version < MAX_CHANGES


def _has_moves_left(booking: Judged, party: Role | None, _now: datetime) -> bool:
    is_counted = party is Role.CUSTOMER and booking.status is Status.CONFIRMED
    return not is_counted or booking.customer_moves < MAX_CUSTOMER_MOVES


def _cannot_just_move(booking: Judged, party: Role | None, _now: datetime) -> bool:
    # A customer moves a request at once.
    return party is not Role.CUSTOMER or booking.status is Status.CONFIRMED


def _has_somebody_to_ask(booking: Judged, _party: Role | None, _now: datetime) -> bool:
    return not booking.is_for_caller


def _is_asked(booking: Judged, party: Role | None, now: datetime) -> bool:
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


_SOMEBODY_TO_ASK = Rule(
    _has_somebody_to_ask,
    "for_a_caller",
    sentence("This booking was made for a caller, who cannot answer here. Agree with them and move it at once."),
)


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the lifecycle: from which statuses an action leads where, who may take it, and by which rules.

    `to_status` None keeps the status. Those in `until_start` may take it only before the appointment starts. Those in
    `for_callers` may take it where a caller has agreed to it on the telephone.
    """

    from_statuses: Set[Status]
    to_status: Status | None
    roles: Set[Role]
    rules: tuple[Rule, ...] = (_STANDING,)
    until_start: Set[Role] = frozenset()
    for_callers: Set[Role] = frozenset()

    def is_for(self, booking: Judged, party: Role | None) -> bool:
        """Whether the party has the right to it."""
        return party in self.roles or (booking.is_for_caller and party in self.for_callers)

    def applies_to(self, booking: Judged, party: Role | None, now: datetime) -> bool:
        """Whether the booking's state allows it to a party that has the right."""
        return self.is_open(booking, party, now) and all(rule.holds(booking, party, now) for rule in self.rules)

    def is_open(self, booking: Judged, party: Role | None, now: datetime) -> bool:
        """Whether status and time allow it; the rules may not."""
        is_too_late = party in self.until_start and _has_started(booking, party, now)
        return booking.status in self.from_statuses and not is_too_late


_PENDING, _CONFIRMED = {Status.PENDING}, {Status.CONFIRMED}
# In these the appointment lies ahead, as far as anybody said.
OPEN_STATUSES = frozenset({Status.PENDING, Status.CONFIRMED})
# In these nothing came of the request.
FAILED_STATUSES = frozenset({Status.DECLINED, Status.EXPIRED})
_RUNNING = {Role.ADMIN, Role.SUPPORT}
_PROVIDING = {Role.PROVIDER, *_RUNNING}
_PARTIES = {Role.CUSTOMER, Role.PROVIDER}

TRANSITIONS: dict[Action, Transition] = {
    Action.CONFIRM: Transition(_PENDING, Status.CONFIRMED, _PROVIDING),
    # The system declines what a suspended provider was asked.
    Action.DECLINE: Transition(_PENDING, Status.DECLINED, {*_PROVIDING, Role.SYSTEM}),
    Action.CANCEL: Transition(
        # The system cancels what nobody is there for any more.
        OPEN_STATUSES,
        Status.CANCELLED,
        {Role.CUSTOMER, *_PROVIDING, Role.SYSTEM},
        until_start={Role.CUSTOMER},
    ),
    Action.EXPIRE: Transition(_PENDING, Status.EXPIRED, {Role.SYSTEM}, (Rule(_has_lapsed),)),
    Action.COMPLETE: Transition(_CONFIRMED, Status.COMPLETED, _PROVIDING, (_ABOUT_TO_START,)),
    Action.NO_SHOW: Transition(_CONFIRMED, Status.NO_SHOW, _PROVIDING, (Rule(_has_started),)),
    Action.PAY: Transition({Status.COMPLETED}, Status.PAID, _PROVIDING),
    Action.CLOSE: Transition(_CONFIRMED, Status.UNCONFIRMED, {Role.SYSTEM}, (Rule(_is_long_over),)),
    Action.RESCHEDULE: Transition(
        OPEN_STATUSES,
        None,
        {Role.CUSTOMER, *_RUNNING},
        (_STANDING, _CHANGES_LEFT, _MOVES_LEFT),
        until_start={Role.CUSTOMER},
        for_callers={Role.PROVIDER},
    ),
    Action.PROPOSE: Transition(
        OPEN_STATUSES,
        None,
        _PARTIES,
        (_STANDING, _CHANGES_LEFT, _SOMEBODY_TO_ASK, Rule(_cannot_just_move)),
        until_start=_PARTIES,
    ),
    # Who accepts agrees to the appointment as a whole, so that a request needs no other answer.
    Action.ACCEPT: Transition(OPEN_STATUSES, Status.CONFIRMED, _PARTIES, (_STANDING, _ASKED), until_start=_PARTIES),
    Action.REFUSE: Transition(OPEN_STATUSES, None, _PARTIES, (_STANDING, _ASKED), until_start=_PARTIES),
}

# In the order of the table.
ACTIONS_IN: dict[Status, list[Action]] = {
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
CLAIMING_STATUSES = frozenset({*OPEN_STATUSES, Status.COMPLETED, Status.NO_SHOW, Status.PAID, Status.UNCONFIRMED})
REVIEWABLE_STATUSES = frozenset({Status.COMPLETED, Status.PAID})
