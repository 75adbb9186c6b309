"""What becomes of the appointments of somebody who leaves, or cannot look after them any more."""

import logging
from datetime import datetime

from bookings.domain import OPEN_STATUSES, Status
from bookings.models import BookingItem, CustomerBookingsIndex, ProviderBookingsIndex
from bookings.queries import get_booking
from bookings.services.transitions import change_status
from kernel import storage
from kernel.actors import Actor, Role
from kernel.errors import ConflictError
from kernel.ids import provider_id_for

logger = logging.getLogger(__name__)


def cancel_upcoming(*, actor: Actor, now: datetime) -> None:
    """Cancel what the customer asked for, or decline and cancel what the provider was asked for and agreed to, as if
    the actor did it.

    What has begun stays for the other side to settle. May be repeated. Raises `BusyError`.
    """
    is_provider = actor.role is Role.PROVIDER
    rows = storage.all_rows(
        BookingItem,
        provider_id_for(actor.user_id) if is_provider else actor.user_id,
        index=(ProviderBookingsIndex if is_provider else CustomerBookingsIndex).Meta.index_name,
    )
    for row in rows:
        if row["status"] in OPEN_STATUSES:
            _cancel(actor, row["booking_id"], now)


def _cancel(actor: Actor, booking_id: str, now: datetime) -> None:
    booking, _ = get_booking(actor=actor, booking_id=booking_id)
    if now >= booking.starts_at:
        # Nobody can say any more that it did not take place.
        return
    is_declined = actor.role is Role.PROVIDER and booking.status is Status.PENDING
    status = Status.DECLINED if is_declined else Status.CANCELLED
    try:
        change_status(actor=actor, booking_id=booking_id, status=status, expected_version=None, now=now)
    except ConflictError:
        # It has lapsed, or the other side was faster.
        logger.info("booking %s of somebody who left stays as it is", booking_id)
