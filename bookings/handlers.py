"""What a booking's event, or a photo's, sets going inside this app."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bookings import tasks
from bookings.events import (
    BookingCancelled,
    BookingCompleted,
    BookingConfirmed,
    BookingDeclined,
    BookingEvent,
    BookingExpired,
    BookingMarkedNoShow,
    BookingMoveAccepted,
    BookingPaid,
    BookingUnconfirmed,
)
from bookings.services import decline_requests_of, keep_job_photo_outcome, release_request
from catalog.events import ProviderSuspended
from photos.domain import OwnerKind
from photos.events import PhotoProcessed
from photos.queries import get_outcome


def keep_invoice(event: BookingPaid, now: datetime) -> None:
    """Have the invoice drawn and kept, whether or not anyone is sent it. May be repeated: it is kept once."""
    tasks.store_invoice.delay(event.booking_id)


def release_answered_request(event: BookingEvent, now: datetime) -> None:
    """Let the customer ask for something else: the provider has answered, or nothing is to be answered any more.

    A booking that was confirmed by itself was not answered by that. May be repeated, late, and out of order.
    """
    # What a provider booked for a caller was never counted.
    if event.version > 1 and event.customer_id is not None:
        release_request(booking_id=event.booking_id, customer_id=event.customer_id, provider_id=event.provider_id)


def keep_photo(event: PhotoProcessed, now: datetime) -> None:
    """Show what became of a job's photo. May be repeated, late, and out of order."""
    if event.belongs_to.kind is OwnerKind.BOOKING:
        outcome = get_outcome(event.photo_id)
        if outcome is not None:
            keep_job_photo_outcome(booking_id=event.belongs_to.id, outcome=outcome)


def decline_requests(event: ProviderSuspended, now: datetime) -> None:
    """Decline what a suspended provider was asked. May be repeated, late, and out of order."""
    decline_requests_of(provider_id=event.provider_id, now=now)


# By type of event; a handler takes the events of its type and the present instant.
HANDLERS: dict[str, tuple[Callable[[Any, datetime], None], ...]] = {
    **dict.fromkeys(
        (
            BookingConfirmed.type,
            BookingDeclined.type,
            BookingCancelled.type,
            BookingExpired.type,
            BookingMoveAccepted.type,
            BookingCompleted.type,
            BookingMarkedNoShow.type,
            BookingUnconfirmed.type,
        ),
        (release_answered_request,),
    ),
    BookingPaid.type: (keep_invoice,),
    PhotoProcessed.type: (keep_photo,),
    ProviderSuspended.type: (decline_requests,),
}
