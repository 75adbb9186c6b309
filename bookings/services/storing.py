"""The one write of a booking's change: the booking, its claims, and what goes with it."""

from collections.abc import Sequence
from datetime import datetime

from bookings.domain import CLAIMING_STATUSES, Booking, Status, booking_not_found
from bookings.models import BookingDetailsItem, BookingItem
from bookings.records import BOOKINGS
from catalog.services import slots
from kernel import storage
from kernel.outbox import outbox_values


class LostRaceError(Exception):
    """Another change of the booking came first; `stored` is the booking as that one left it."""

    def __init__(self, stored: Booking) -> None:
        super().__init__(stored.booking_id)
        self.stored = stored


class RefusedWriteError(Exception):
    """Some of the writes that went with the change were refused; `names` are theirs."""

    def __init__(self, failure: storage.ConditionFailedError) -> None:
        super().__init__(str(failure))
        self.names = frozenset(failure.failed)


def reason_write(booking_id: str, reason: str) -> storage.Write:
    """The write, named `details`, that keeps the reason for how the booking ended, where its details are."""
    return storage.update(
        "details",
        BookingDetailsItem,
        booking_id,
        actions=[BookingDetailsItem.reason.set(reason)],
        condition=BookingDetailsItem.booking_id.exists(),
    )


def store_change(before: Booking, after: Booking, *others: storage.Write, now: datetime) -> None:
    """Write the change, what it does to the booking's claims, and the others: all, if the booking is still as before.

    Raises `LostRaceError`, `RefusedWriteError` for one of the others, and `ConflictError` (`slot_taken`).
    """
    lost: set[int] = set()
    lapsed: set[int] = set()
    own_times: slots.OwnTimes = slots.NO_OWN_TIMES
    names = {write.name for write in others}
    while True:
        writes = [_booking_write(before, after), *others, *_claim_writes(before, after, lost, lapsed, own_times, now)]
        try:
            if len(writes) == 1:
                storage.write(writes[0])
            else:
                storage.transact(writes)
        except storage.ConditionFailedError as failure:
            if "booking" in failure.failed:
                _check_own(failure.failed["booking"], after)
                return
            if names & failure.failed.keys():
                raise RefusedWriteError(failure) from failure
            newly_lapsed = slots.lapsed_cells(before.booking_id, after.cells, failure, now=now) - lapsed
            learned = slots.learn_own_time(after.cells, failure, own_times)
            if after.status in CLAIMING_STATUSES and (newly_lapsed or learned is not None):
                lapsed |= newly_lapsed
                own_times = own_times if learned is None else learned
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
    before: Booking, after: Booking, lost: set[int], lapsed: set[int], own_times: slots.OwnTimes, now: datetime
) -> Sequence[storage.Write]:
    owner = {"provider_id": before.provider_id, "booking_id": before.booking_id}
    if after.status not in CLAIMING_STATUSES:
        return slots.release_writes(**owner, cells=before.cells, lost=lost)
    if after.starts_at != before.starts_at:
        return slots.move_writes(
            **owner,
            old=before.cells,
            new=after.cells,
            held_until=after.expires_at,
            now=now,
            lapsed=lapsed,
            own_times=own_times,
        )
    if before.status is Status.PENDING and after.status is not Status.PENDING:
        return slots.confirm_writes(**owner, cells=before.cells)
    return ()


def _check_own(stored_row: storage.Row | None, after: Booking) -> None:
    """Return if the stored booking has this very change: a repeated write fails because the first try succeeded.

    Raises `LostRaceError` otherwise.
    """
    if stored_row is None:
        raise booking_not_found()
    stored = BOOKINGS.read(stored_row)
    if after.history[-1].id not in {entry.id for entry in stored.history}:
        raise LostRaceError(stored)
