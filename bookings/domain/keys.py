"""Keys of the indexes over bookings."""

import zlib
from datetime import datetime

from bookings.domain.lifecycle import CLAIMING_STATUSES, Booking, Status

STATUS_SHARDS = 4


def party_status_key(party_id: str, status: Status) -> str:
    """The partition of one provider's or customer's bookings in one status."""
    return f"{party_id}#{status}"


def due_at(booking: Booking) -> datetime:
    """When the booking's status wants attention: a request lapses, an appointment starts, a job has ended."""
    if booking.status is Status.PENDING and booking.expires_at is not None:
        return booking.expires_at
    if booking.status is Status.CONFIRMED:
        return booking.starts_at
    if booking.status in CLAIMING_STATUSES:
        return booking.ends_at
    return booking.updated_at


def status_key(booking: Booking) -> str:
    """The partition `status#day#shard` of the status index: at most a quarter of a day's bookings in one status."""
    shard = _shard(booking.booking_id)
    return f"{booking.status}#{due_at(booking):%Y-%m-%d}#{shard}"


UNHEARD_KEYS = tuple(f"unheard#{shard}" for shard in range(STATUS_SHARDS))


def unheard_key(booking_id: str) -> str:
    """The partition of the unheard index that the booking is in while its last change is not handled."""
    return UNHEARD_KEYS[_shard(booking_id)]


def _shard(booking_id: str) -> int:
    return zlib.crc32(booking_id.encode()) % STATUS_SHARDS
