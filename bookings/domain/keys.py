"""Keys of the indexes over bookings."""

import zlib
from datetime import date, datetime, timedelta

from bookings.domain.entities import Booking
from bookings.domain.lifecycle import CLAIMING_STATUSES
from bookings.domain.statuses import Status

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
    return _status_key(booking.status, due_at(booking).date(), _shard(booking.booking_id))


def status_keys(status: Status, due_from: datetime, due_before: datetime) -> list[str]:
    """All partitions of the status index that have bookings due in that span, day by day."""
    days = (due_before.date() - due_from.date()).days
    return [
        _status_key(status, due_from.date() + timedelta(days=day), shard)
        for day in range(days + 1)
        for shard in range(STATUS_SHARDS)
    ]


def _status_key(status: Status, day: date, shard: int) -> str:
    return f"{status}#{day:%Y-%m-%d}#{shard}"


def _shard(booking_id: str) -> int:
    return zlib.crc32(booking_id.encode()) % STATUS_SHARDS
