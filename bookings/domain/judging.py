"""Whether an actor may take an action on a booking, and the sentences of the refusals."""

from datetime import datetime

from bookings.domain.entities import Booking, BookingSummary
from bookings.domain.lifecycle import ACTION_TO, TRANSITIONS
from bookings.domain.statuses import Action, Status
from kernel.actors import Actor, Role
from kernel.errors import ConflictError, ForbiddenError, NotFoundError
from kernel.ids import parent_provider_id
from kernel.sentences import sentence

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
    booking's state does not allow it (`invalid_transition`, `too_early`, `too_many_reschedules`, `no_proposal`,
    `for_a_caller`).
    """
    transition = TRANSITIONS.get(action)
    party = require_party(booking, actor)
    if transition is not None and not transition.is_for(booking, party):
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


def require_provider_id(booking_id: str) -> str:
    """The id of the booking's provider, without a read. Raises `NotFoundError` for ids that no booking can have."""
    provider_id = parent_provider_id(booking_id)
    if provider_id is None:
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
    return booking.status is status and was_last(ACTION_TO[status], booking, actor)


def was_moved_to(starts_at: datetime, booking: Booking, actor: Actor) -> bool:
    """Whether the actor's own last change moved the booking to this start: asking again changes nothing."""
    return booking.starts_at == starts_at and was_last(Action.RESCHEDULE, booking, actor)


def was_last(action: Action, booking: Booking, actor: Actor) -> bool:
    """Whether the booking's last change was this action of the actor's."""
    last = booking.history[-1]
    return last.by == actor.user_id and last.action is action
