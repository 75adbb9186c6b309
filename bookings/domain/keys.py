"""Keys of the indexes over bookings."""

import zlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from bookings.domain.entities import Booking
from bookings.domain.lifecycle import CLAIMING_STATUSES
from bookings.domain.statuses import Status

STATUS_SHARDS = 4
# A payment leaves the booking where it is: it is due at the same time, and nothing asks for what is paid alone.
_LISTED_AS = {Status.PAID: Status.COMPLETED}


def pending_key(provider_id: str) -> str:
    """The partition of what waits for the provider's answer, requests and customers' proposals."""
    return f"{provider_id}#{Status.PENDING}"


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
    listed_as = _LISTED_AS.get(booking.status, booking.status)
    return _status_key(listed_as, due_at(booking).date(), _shard(booking.booking_id))


def status_keys(statuses: Iterable[Status], due_from: datetime, due_before: datetime) -> list[str]:
    """All partitions of the status index that have bookings in one of the statuses due in that span, each day by day.

    They may have bookings in others, too.
    """
    # Older bookings are listed as what they are.
    listed_as = dict.fromkeys(name for status in statuses for name in (_LISTED_AS.get(status, status), status))
    days = (due_before.date() - due_from.date()).days
    return [
        _status_key(name, due_from.date() + timedelta(days=day), shard)
        for name in listed_as
        for day in range(days + 1)
        for shard in range(STATUS_SHARDS)
    ]


def _status_key(status: Status, day: date, shard: int) -> str:
    return f"{status}#{day:%Y-%m-%d}#{shard}"


def _shard(booking_id: str) -> int:
    return zlib.crc32(booking_id.encode()) % STATUS_SHARDS
