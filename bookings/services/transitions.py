"""Moving bookings from status to status."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bookings.domain import (
    ACTION_TO,
    COMPLETED_EARLIEST,
    Action,
    Booking,
    PaymentMethod,
    Status,
    after_transition,
    checked_reason,
    is_repetition,
    judge,
)
from bookings.queries import FoundBooking, get_booking, get_payable
from bookings.services.invoices import NumberTakenError, issuing_writes
from bookings.services.offers import Assent, check_assent
from bookings.services.storing import LostRaceError, RefusedWriteError, reason_write, store_change
from kernel import storage
from kernel.actors import SYSTEM, Actor
from kernel.errors import ConflictError, InvalidInputError, StaleVersionError
from kernel.sentences import sentence
from kernel.versions import ExpectedVersion, check_version

_ACTIONS_WITH_REASON = frozenset({Action.DECLINE, Action.CANCEL, Action.COMPLETE})


def change_status(
    *,
    actor: Actor,
    booking_id: str,
    status: Status,
    expected_version: ExpectedVersion,
    now: datetime,
    assent: Assent | None = None,
    reason: str = "",
    payment_method: PaymentMethod | None = None,
    also: Sequence[storage.Write] = (),
) -> FoundBooking:
    """Bring the booking to the status; if the actor has just done so, nothing changes.

    What is paid is invoiced in the same transaction. `reason` is for the other party, when declining, cancelling or
    completing; an admin who completes a job long before its start must give one. `also` is written with the change, in
    its transaction. Raises `NotFoundError` for strangers, `ForbiddenError` for a party without the right,
    `InvalidInputError`, `OfferChangedError` where `assent` names other terms or another fee, `ConflictError` (with the
    codes of `judge`, `concurrent_change`, `slot_taken`), `StaleVersionError`, and `BusyError` when too many payments of
    one provider are recorded at once.
    """

    def change() -> FoundBooking:
        return _change_status(
            actor, booking_id, status, expected_version, now, assent or Assent(), reason, payment_method, also
        )

    return storage.retrying(change, after=NumberTakenError)


def _check_extras(status: Status, reason: str, payment_method: PaymentMethod | None) -> None:
    if reason and ACTION_TO[status] not in _ACTIONS_WITH_REASON:
        raise InvalidInputError.of(
            "reason", sentence("Give a reason when you decline, cancel or complete, and else none.")
        )
    if payment_method is not None and status is not Status.PAID:
        raise InvalidInputError.of(
            "payment_method", sentence("Say how it was paid with the payment, and else leave it out.")
        )


def _change_status(
    actor: Actor,
    booking_id: str,
    status: Status,
    expected_version: ExpectedVersion,
    now: datetime,
    assent: Assent,
    reason: str,
    payment_method: PaymentMethod | None,
    also: Sequence[storage.Write],
) -> FoundBooking:
    payable = get_payable(actor=actor, booking_id=booking_id) if status is Status.PAID else None
    found = (payable.booking, payable.details) if payable else get_booking(actor=actor, booking_id=booking_id)
    booking, details = found
    if is_repetition(status, booking, actor):
        return found
    action = ACTION_TO[status]
    judge(action, booking, actor, now)
    _check_extras(status, reason, payment_method)
    reason = checked_reason(reason)
    check_booking_version(booking, expected_version)
    check_assent(booking, assent, actor, now)
    _check_early_completion(action, booking, reason, now)
    changed = after_transition(action, booking, actor, now, new_entry_id(), payment_method=payment_method)
    others = [*(issuing_writes(changed, payable, now) if payable else ()), *also]
    if reason and details is not None:
        others.append(reason_write(booking_id, reason))
        details = replace(details, reason=reason)
    try:
        store_change(booking, changed, *others, now=now)
    except LostRaceError as lost:
        if is_repetition(status, lost.stored, actor):
            return lost.stored, details
        raise race_refusal(lost.stored, action, actor, expected_version, now) from lost
    except RefusedWriteError as refusal:
        if "invoice number" in refusal.names:
            raise NumberTakenError from refusal
        # The customer was erased in this moment, and with them whatever is said to them.
        raise concurrent_change() from refusal
    return changed, details


def _check_early_completion(action: Action, booking: Booking, reason: str, now: datetime) -> None:
    """Raises `InvalidInputError` where an admin completes a job that cannot have begun and does not say why."""
    if action is Action.COMPLETE and now < booking.starts_at - COMPLETED_EARLIEST and not reason:
        raise InvalidInputError.of(
            "reason", sentence("This job has not begun yet. Say why it is completed now."), "required"
        )


def expire_booking(*, booking_id: str, now: datetime) -> FoundBooking:
    """Record that a request has lapsed, and free the time that it still holds.

    Raises `NotFoundError`, `ConflictError` (with the codes of `judge`, `concurrent_change`) and `BusyError`.
    """
    return change_status(actor=SYSTEM, booking_id=booking_id, status=Status.EXPIRED, expected_version=None, now=now)


def close_booking(*, booking_id: str, now: datetime) -> FoundBooking:
    """Record that nobody said what became of an appointment.

    Raises `NotFoundError`, `ConflictError` (with the codes of `judge`, `concurrent_change`) and `BusyError`.
    """
    return change_status(actor=SYSTEM, booking_id=booking_id, status=Status.UNCONFIRMED, expected_version=None, now=now)


def check_booking_version(booking: Booking, expected_version: ExpectedVersion) -> None:
    """Raises `StaleVersionError` unless the booking has an expected version, if any is expected."""
    check_version(
        booking.version, expected_version, sentence("The booking has changed since you read it. Read it again.")
    )


def race_refusal(
    stored: Booking, action: Action, actor: Actor, expected_version: ExpectedVersion, now: datetime
) -> Exception:
    """What the loser of a race is told: what they asked for was decided on a booking that is no more."""
    try:
        judge(action, stored, actor, now)
        check_booking_version(stored, expected_version)
    except (ConflictError, StaleVersionError) as refusal:
        return refusal
    return concurrent_change()


def concurrent_change() -> ConflictError:
    """The refusal when somebody changed the booking at the same moment."""
    message = sentence("The booking was changed at the same moment. Look at it again.")
    return ConflictError(message, code="concurrent_change")


def new_entry_id() -> str:
    """An id for an entry of a booking's history."""
    return secrets.token_hex(8)
