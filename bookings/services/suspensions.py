"""What becomes of the bookings of a provider who is suspended."""

import logging
from datetime import datetime
from functools import partial

from bookings.domain import Status, pending_key
from bookings.models import BookingItem, ProviderStatusIndex
from bookings.queries import get_booking
from bookings.services.transitions import change_status
from catalog.queries import get_provider
from kernel import storage
from kernel.actors import SYSTEM
from kernel.errors import ConflictError

logger = logging.getLogger(__name__)


def decline_requests_of(*, provider_id: str, now: datetime) -> int:
    """Decline the provider's open requests if it is suspended; how many. What is agreed on stays.

    May be repeated, late, and out of order. Raises `NotFoundError` and `BusyError`.
    """
    if not get_provider(provider_id).is_suspended:
        return 0
    declined = 0
    # Appointments that their customers want to move lie there, too.
    requests = storage.all_rows(
        BookingItem,
        pending_key(provider_id),
        index=ProviderStatusIndex.Meta.index_name,
        filter_condition=BookingItem.status == Status.PENDING.value,
    )
    for row in requests:
        # Its customer may move it in this moment, and then it still waits.
        declined += storage.retrying(partial(_decline, row["booking_id"], now), after=ConflictError)
    return declined


def _decline(booking_id: str, now: datetime) -> bool:
    """Whether there was still something to decline."""
    booking, _ = get_booking(actor=SYSTEM, booking_id=booking_id)
    if booking.status_at(now) is not Status.PENDING:
        logger.info("request %s is settled", booking_id)
        return False
    change_status(actor=SYSTEM, booking_id=booking_id, status=Status.DECLINED, expected_version=None, now=now)
    return True
