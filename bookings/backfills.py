"""What lists and jobs find bookings by, made anew for those that were stored by an earlier rule."""

from typing import Any

from bookings.models import BookingItem
from bookings.records import BOOKINGS, index_keys
from kernel.backfills import Backfill, for_each_row, outbox_backfill, renew
from kernel.storage import Row


def renew_booking(booking_id: str) -> bool:
    """Give the booking the derived attributes of today's rules; whether it had others. Raises `BusyError`."""
    return renew(BookingItem, booking_id, _derived, unless_changed=("version",))


def _derived(row: Row) -> dict[str, Any]:
    keys = index_keys(BOOKINGS.read(row))
    if keys["provider_status_key"] is None:
        # Older bookings have one in every status: the release before asks for it.
        del keys["provider_status_key"]
    return {**keys, **outbox_backfill(row)}


BACKFILLS = (
    Backfill(
        "bookings",
        "keys of lists and jobs, and the outbox, of each booking",
        lambda: for_each_row(BookingItem, renew_booking),
    ),
)
