"""Moving bookings in time: at once, or by a proposal that the other party accepts."""

from collections.abc import Sequence
from datetime import datetime

from bookings.domain import (
    Action,
    Booking,
    after_acceptance,
    after_proposal,
    after_reschedule,
    after_transition,
    judge,
    was_last,
    was_moved_to,
)
from bookings.queries import FoundBooking, get_booking
from bookings.services.calls import keep_caller_write
from bookings.services.offers import (
    Assent,
    OfferRefusedError,
    check_assent,
    check_provider_time,
)
from bookings.services.storing import LostRaceError, RefusedWriteError, store_change
from bookings.services.transitions import check_booking_version, concurrent_change, new_entry_id, race_refusal
from catalog.domain import Offer
from catalog.queries import get_offer
from catalog.services import hours_unchanged_write, slots
from kernel import storage
from kernel.actors import Actor
from kernel.errors import ConflictError
from kernel.sentences import sentence
from kernel.versions import ExpectedVersion


def reschedule_booking(
    *,
    actor: Actor,
    booking_id: str,
    starts_at: datetime,
    expected_version: ExpectedVersion,
    now: datetime,
    assent: Assent | None = None,
    also: Sequence[storage.Write] = (),
) -> FoundBooking:
    """Move the booking to another start, on its frozen terms; if it starts then already, nothing changes.

    The old time is given up and the new one taken in one transaction. What was agreed on can be moved also while the
    provider takes no new bookings. What they booked for a caller, providers move themselves. `also` is written in the
    same transaction. Raises `NotFoundError` for strangers, `ForbiddenError` for a party without the right,
    `InvalidInputError` and `UnprocessableError` for a start that the provider does not offer, `OfferChangedError` where
    `assent` names other terms or another fee, `ConflictError` (with the codes of `judge`, `concurrent_change`,
    `slot_taken`), `StaleVersionError` and `BusyError`.
    """
    booking, details = get_booking(actor=actor, booking_id=booking_id)
    if was_moved_to(starts_at, booking, actor):
        # The answer to it was lost: it may have been the last move that there was.
        return booking, details
    judge(Action.RESCHEDULE, booking, actor, now)
    if booking.starts_at == starts_at:
        return booking, details
    check_booking_version(booking, expected_version)
    check_assent(booking, assent or Assent(), actor, now)
    moved = after_reschedule(booking, starts_at, actor, now, new_entry_id())
    kept = [keep_caller_write(moved)] if booking.is_for_caller and details is not None else []
    return _move(Action.RESCHEDULE, booking, moved, actor, expected_version, now, [*also, *kept]), details


def propose_move(
    *, actor: Actor, booking_id: str, starts_at: datetime, expected_version: ExpectedVersion, now: datetime
) -> FoundBooking:
    """Propose another start to the other party, who has a day to answer. It takes no time until it is accepted.

    A later proposal replaces it, and so does any other change; the same one again changes nothing. Raises
    `NotFoundError` for strangers, `ForbiddenError` for a party without the right, `InvalidInputError` and
    `UnprocessableError` for a start that the provider does not offer, `ConflictError` (with the codes of `judge`,
    `concurrent_change`, `slot_taken`, `same_start` for the start that the booking has), `StaleVersionError` and
    `BusyError`.
    """
    booking, details = get_booking(actor=actor, booking_id=booking_id)
    proposal = booking.proposal_at(now)
    if proposal is not None and proposal.starts_at == starts_at and was_last(Action.PROPOSE, booking, actor):
        return booking, details
    judge(Action.PROPOSE, booking, actor, now)
    check_booking_version(booking, expected_version)
    if booking.starts_at == starts_at:
        raise ConflictError(sentence("The booking starts then already. Propose another time."), code="same_start")

    try:
        try:
            _check_time(booking, starts_at, get_offer(booking.service_id), now)
        except OfferRefusedError:
            _check_time(booking, starts_at, get_offer(booking.service_id, fresh=True), now)
    except OfferRefusedError as refusal:
        raise refusal.reason from refusal
    others = slots.are_taken(
        provider_id=booking.provider_id, cells=booking.cells_from(starts_at), now=now, but_by=booking_id
    )
    if others:
        raise slots.slot_taken()
    proposed = after_proposal(booking, starts_at, actor, now, new_entry_id())
    return _store(Action.PROPOSE, booking, proposed, actor, expected_version, now), details


def accept_move(*, actor: Actor, booking_id: str, expected_version: ExpectedVersion, now: datetime) -> FoundBooking:
    """Agree to the start that the other party proposed: the booking is confirmed at that time.

    How long before the start the provider takes requests was looked at when it was proposed. If the actor has just
    agreed, nothing changes. Raises `NotFoundError` for strangers, `ForbiddenError` for a party without the right,
    `InvalidInputError` and `UnprocessableError` for a start that the provider does not offer, `ConflictError` (with the
    codes of `judge`, `concurrent_change`, `slot_taken`, `no_proposal`), `StaleVersionError` and `BusyError`.
    """
    booking, details = get_booking(actor=actor, booking_id=booking_id)
    if was_last(Action.ACCEPT, booking, actor):
        return booking, details
    judge(Action.ACCEPT, booking, actor, now)
    check_booking_version(booking, expected_version)
    moved = after_acceptance(booking, actor, now, new_entry_id())
    return _move(Action.ACCEPT, booking, moved, actor, expected_version, now), details


def refuse_move(*, actor: Actor, booking_id: str, expected_version: ExpectedVersion, now: datetime) -> FoundBooking:
    """Refuse the start that the other party proposed: everything stays as it was.

    If the actor has just refused, nothing changes. Raises `NotFoundError` for strangers, `ForbiddenError` for a party
    without the right, `InvalidInputError`, `ConflictError` (with the codes of `judge`, `no_proposal`,
    `concurrent_change`), `StaleVersionError` and `BusyError`.
    """
    booking, details = get_booking(actor=actor, booking_id=booking_id)
    if was_last(Action.REFUSE, booking, actor):
        return booking, details
    judge(Action.REFUSE, booking, actor, now)
    check_booking_version(booking, expected_version)
    refused = after_transition(Action.REFUSE, booking, actor, now, new_entry_id())
    return _store(Action.REFUSE, booking, refused, actor, expected_version, now), details


def _move(
    action: Action,
    before: Booking,
    after: Booking,
    actor: Actor,
    expected_version: ExpectedVersion,
    now: datetime,
    also: Sequence[storage.Write] = (),
) -> Booking:
    """Store the booking at its new start, if the provider offers that. Returns it."""
    try:
        try:
            _store_move(before, after, get_offer(before.service_id), now, also)
        except OfferRefusedError:
            _store_move(before, after, get_offer(before.service_id, fresh=True), now, also)
    except OfferRefusedError as refusal:
        raise refusal.reason from refusal
    except LostRaceError as lost:
        return _found_done(action, after, lost, actor, expected_version, now)
    return after


def _store_move(before: Booking, after: Booking, offer: Offer, now: datetime, also: Sequence[storage.Write]) -> None:
    # A proposal is the last change of its booking: whoever accepts it was asked in time, and may take that time.
    asked_at = before.updated_at if after.history[-1].action is Action.ACCEPT else now
    _check_time(before, after.starts_at, offer, asked_at)
    try:
        store_change(before, after, hours_unchanged_write(offer), *also, now=now)
    except RefusedWriteError as refusal:
        raise OfferRefusedError(concurrent_change()) from refusal


def _check_time(booking: Booking, starts_at: datetime, offer: Offer, now: datetime) -> None:
    check_provider_time(offer, duration_minutes=booking.duration_minutes, starts_at=starts_at, now=now)


def _store(
    action: Action, before: Booking, after: Booking, actor: Actor, expected_version: ExpectedVersion, now: datetime
) -> Booking:
    """Store the booking with its proposal, or without. Returns it."""
    try:
        store_change(before, after, now=now)
    except LostRaceError as lost:
        return _found_done(action, after, lost, actor, expected_version, now)
    return after


def _found_done(
    action: Action,
    wanted: Booking,
    lost: LostRaceError,
    actor: Actor,
    expected_version: ExpectedVersion,
    now: datetime,
) -> Booking:
    """The stored booking if the same call of the actor's, sent twice, came first. Raises what the loser is told."""
    stored = lost.stored
    is_as_wanted = (stored.starts_at, stored.proposal) == (wanted.starts_at, wanted.proposal)
    if is_as_wanted and was_last(action, stored, actor):
        return stored
    raise race_refusal(stored, action, actor, expected_version, now) from lost
