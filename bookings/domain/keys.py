"""Keys of the indexes over bookings."""

import zlib
from datetime import date, datetime, timedelta

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


# How long the normal way from the write to the handlers may take before a change is announced again.
ANNOUNCED_AGAIN_AFTER = timedelta(minutes=5)
# What cannot be handled is announced ever less often: it only fills the dead-letter queue until the cause is mended.
ANNOUNCED_AGAIN_EVERY = timedelta(days=1)
UNHEARD_KEYS = tuple(f"unheard#{shard}" for shard in range(STATUS_SHARDS))


def unheard_key(booking_id: str) -> str:
    """The partition of the unheard index that the booking is in while its last change is not handled."""
    return UNHEARD_KEYS[_shard(booking_id)]


def next_announcement(changed_at: datetime, now: datetime) -> datetime:
    """When a change that is still unheard is to be announced again: the pauses double up to a day."""
    return now + min(max(now - changed_at, ANNOUNCED_AGAIN_AFTER), ANNOUNCED_AGAIN_EVERY)


def _shard(booking_id: str) -> int:
    return zlib.crc32(booking_id.encode()) % STATUS_SHARDS
