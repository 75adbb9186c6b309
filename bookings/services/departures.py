"""What becomes of the appointments of somebody who leaves, or cannot look after them any more."""

from datetime import datetime
from functools import partial

from bookings.domain import OPEN_STATUSES, Status
from bookings.models import BookingItem, CustomerBookingsIndex, ProviderBookingsIndex
from bookings.queries import get_booking
from bookings.services.transitions import change_status
from kernel import storage
from kernel.actors import SYSTEM, Actor, Role
from kernel.errors import ConflictError
from kernel.ids import provider_id_for


def cancel_upcoming(*, actor: Actor, now: datetime) -> None:
    """Cancel what the customer asked for, as if they did it; or decline and cancel what the provider was asked for and
    agreed to, which the marketplace does: whose account was closed has not cancelled anything.

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
            # Somebody else may change it in this moment: it is moved, or its request confirmed, and still ahead.
            cancel = partial(_cancel, SYSTEM if is_provider else actor, row["booking_id"], now)
            storage.retrying(cancel, after=ConflictError)


def _cancel(actor: Actor, booking_id: str, now: datetime) -> None:
    booking, _ = get_booking(actor=actor, booking_id=booking_id)
    if booking.status_at(now) not in OPEN_STATUSES or now >= booking.starts_at:
        # It has lapsed, or the other side was faster. What has begun, nobody can say any more that it did not take
        # place.
        return
    is_declined = actor is SYSTEM and booking.status is Status.PENDING
    status = Status.DECLINED if is_declined else Status.CANCELLED
    change_status(actor=actor, booking_id=booking_id, status=status, expected_version=None, now=now)
