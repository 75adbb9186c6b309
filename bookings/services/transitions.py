"""Moving bookings: from status to status, and in time."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from bookings.domain import (
    ACTION_TO,
    CLAIMING_STATUSES,
    Action,
    Booking,
    Status,
    after_reschedule,
    after_transition,
    booking_not_found,
    is_repetition,
    judge,
)
from bookings.models import BookingItem
from bookings.queries import FoundBooking, get_booking, get_payable
from bookings.records import BOOKINGS
from bookings.services.invoices import NumberTakenError, issuing_writes
from bookings.services.offers import OfferRefusedError, check_offer, offer_changed
from catalog.domain import Offer
from catalog.queries import get_offer
from catalog.services import offer_unchanged_write, slots
from kernel import storage
from kernel.actors import SYSTEM, Actor
from kernel.errors import ConflictError, StaleVersionError
from kernel.outbox import outbox_values
from kernel.sentences import sentence


class _LostRaceError(Exception):
    """Another change of the booking came first; `stored` is the booking as that one left it."""

    def __init__(self, stored: Booking) -> None:
        super().__init__(stored.booking_id)
        self.stored = stored


def change_status(
    *, actor: Actor, booking_id: str, status: Status, expected_version: int | None, now: datetime
) -> FoundBooking:
    """Bring the booking to the status; if the actor has just done so, nothing changes.

    What is paid is invoiced in the same transaction. Raises `NotFoundError` for strangers, `ForbiddenError` for a party
    without the right, `ConflictError` (`invalid_transition`, `concurrent_change`, `slot_taken`), `StaleVersionError`,
    and `BusyError` when too many payments of one provider are recorded at once.
    """

    def change() -> FoundBooking:
        return _change_status(actor, booking_id, status, expected_version, now)

    return storage.retrying(change, after=NumberTakenError)


def _change_status(
    actor: Actor, booking_id: str, status: Status, expected_version: int | None, now: datetime
) -> FoundBooking:
    payable = get_payable(actor=actor, booking_id=booking_id) if status is Status.PAID else None
    found = (payable.booking, payable.details) if payable else get_booking(actor=actor, booking_id=booking_id)
    booking, details = found
    if is_repetition(status, booking, actor):
        return found
    action = ACTION_TO[status]
    judge(action, booking, actor, now)
    _check_version(booking, expected_version)
    changed = after_transition(action, booking, actor, now, _new_entry_id())
    try:
        _store(booking, changed, *(issuing_writes(changed, payable, now) if payable else ()), now=now)
    except _LostRaceError as lost:
        if is_repetition(status, lost.stored, actor):
            return lost.stored, details
        raise _race_refusal(lost.stored, action, actor, expected_version, now) from lost
    return changed, details


def expire_booking(*, booking_id: str, now: datetime) -> FoundBooking:
    """Record that a request has lapsed, and free the time that it still holds. Raises as `change_status` does."""
    return change_status(actor=SYSTEM, booking_id=booking_id, status=Status.EXPIRED, expected_version=None, now=now)


def reschedule_booking(
    *, actor: Actor, booking_id: str, starts_at: datetime, expected_version: int | None, now: datetime
) -> FoundBooking:
    """Move the booking to another start, on its frozen terms; if it starts then already, nothing changes.

    The old time is given up and the new one taken in one transaction. Raises as `change_status` and
    `request_booking` do, and `ConflictError` (`too_many_reschedules`).
    """
    booking, details = get_booking(actor=actor, booking_id=booking_id)
    judge(Action.RESCHEDULE, booking, actor, now)
    if booking.starts_at == starts_at:
        return booking, details
    _check_version(booking, expected_version)

    try:
        try:
            changed = _reschedule(booking, get_offer(booking.service_id), starts_at, actor, now)
        except OfferRefusedError:
            changed = _reschedule(booking, get_offer(booking.service_id, fresh=True), starts_at, actor, now)
    except OfferRefusedError as refusal:
        raise refusal.reason from refusal
    except _LostRaceError as lost:
        raise _race_refusal(lost.stored, Action.RESCHEDULE, actor, expected_version, now) from lost
    return changed, details


def _reschedule(booking: Booking, offer: Offer, starts_at: datetime, actor: Actor, now: datetime) -> Booking:
    check_offer(offer, duration_minutes=booking.duration_minutes, starts_at=starts_at, now=now)
    changed = after_reschedule(booking, starts_at, actor, now, _new_entry_id())
    _store(booking, changed, offer_unchanged_write(offer), now=now)
    return changed


def _check_version(booking: Booking, expected_version: int | None) -> None:
    if expected_version is not None and booking.version != expected_version:
        raise StaleVersionError(sentence("The booking has changed since you read it. Read it again."))


def _race_refusal(
    stored: Booking, action: Action, actor: Actor, expected_version: int | None, now: datetime
) -> Exception:
    """What the loser of a race is told: what they asked for was decided on a booking that is no more."""
    try:
        judge(action, stored, actor, now)
        _check_version(stored, expected_version)
    except (ConflictError, StaleVersionError) as refusal:
        return refusal
    return ConflictError(
        sentence("The booking was changed at the same moment. Look at it again."), code="concurrent_change"
    )


def _new_entry_id() -> str:
    return secrets.token_hex(8)


# --- The write -------------------------------------------------------------------------------------------------------


def _store(before: Booking, after: Booking, *others: storage.Write, now: datetime) -> None:
    """Write the change, what it does to the booking's claims, and the others: all, if the booking is still as before.

    Raises `_LostRaceError`, `OfferRefusedError`, `NumberTakenError` and `ConflictError` (`slot_taken`).
    """
    lost: set[int] = set()
    lapsed: set[int] = set()
    while True:
        writes = [_booking_write(before, after), *others, *_claim_writes(before, after, lost, lapsed, now)]
        try:
            if len(writes) == 1:
                storage.write(writes[0])
            else:
                storage.transact(writes)
        except storage.ConditionFailedError as failure:
            if "booking" in failure.failed:
                _check_own(failure.failed["booking"], after)
                return
            if "offer" in failure.failed:
                raise offer_changed() from failure
            if "invoice number" in failure.failed:
                raise NumberTakenError from failure
            newly_lapsed = slots.lapsed_cells(before.booking_id, after.cells, failure, now=now) - lapsed
            if after.status in CLAIMING_STATUSES and newly_lapsed:
                lapsed |= newly_lapsed
                continue
            newly_lost = slots.lost_cells(before.booking_id, before.cells, failure) - lost
            if after.status in CLAIMING_STATUSES or not newly_lost:
                raise slots.slot_taken() from failure
            # A lapsed hold that others have taken parts of: give up the rest.
            lost |= newly_lost
        else:
            return


def _booking_write(before: Booking, after: Booking) -> storage.Write:
    """The update of the attributes that differ; the change is in the outbox until its event is handled."""
    actions = BOOKINGS.changes(before, after)
    outboxed = outbox_values(after.booking_id, after.updated_at)
    actions += [getattr(BookingItem, name).set(value) for name, value in outboxed.items()]
    unchanged = (BookingItem.version == before.version) & (BookingItem.status == before.status.value)
    return storage.update("booking", BookingItem, before.booking_id, actions=actions, condition=unchanged)


def _claim_writes(
    before: Booking, after: Booking, lost: set[int], lapsed: set[int], now: datetime
) -> Sequence[storage.Write]:
    owner = {"provider_id": before.provider_id, "booking_id": before.booking_id}
    if after.status not in CLAIMING_STATUSES:
        return slots.release_writes(**owner, cells=before.cells, lost=lost)
    if after.starts_at != before.starts_at:
        return slots.move_writes(
            **owner, old=before.cells, new=after.cells, held_until=after.expires_at, now=now, lapsed=lapsed
        )
    if before.status is Status.PENDING:
        return slots.confirm_writes(**owner, cells=before.cells)
    return ()


def _check_own(stored_row: storage.Row | None, after: Booking) -> None:
    """Return if the stored booking has this very change: a repeated write fails because the first try succeeded.

    Raises `_LostRaceError` otherwise.
    """
    if stored_row is None:
        raise booking_not_found()
    stored = BOOKINGS.read(stored_row)
    if after.history[-1].id not in {entry.id for entry in stored.history}:
        raise _LostRaceError(stored)
