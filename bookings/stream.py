"""From a changed booking to what happened to it."""

from collections.abc import Mapping
from typing import Any

from bookings import events
from bookings.domain import Action, Booking, HistoryEntry
from bookings.models import BookingItem
from bookings.records import read_booking

EVENT_BY_ACTION: dict[Action, type[events.BookingEvent]] = {
    Action.REQUEST: events.BookingRequested,
    # Who books at once has the provider's word: for everyone, it is confirmed.
    Action.BOOK: events.BookingConfirmed,
    Action.CONFIRM: events.BookingConfirmed,
    Action.DECLINE: events.BookingDeclined,
    Action.CANCEL: events.BookingCancelled,
    Action.EXPIRE: events.BookingExpired,
    Action.RESCHEDULE: events.BookingRescheduled,
    Action.COMPLETE: events.BookingCompleted,
    Action.NO_SHOW: events.BookingMarkedNoShow,
    Action.PAY: events.BookingPaid,
    Action.CLOSE: events.BookingUnconfirmed,
    Action.PROPOSE: events.BookingMoveProposed,
    Action.ACCEPT: events.BookingMoveAccepted,
    Action.REFUSE: events.BookingMoveRefused,
}

Image = Mapping[str, Any]


def events_of(old_image: Image | None, new_image: Image | None) -> list[events.BookingEvent]:
    """What happened between the two images (DynamoDB's typed attribute values), oldest first.

    The history in the new image names each change, so also changes whose own record never came are named. A deleted
    booking (no new image) and a change of attributes without a new version are no events.
    """
    if new_image is None:
        return []
    row = BookingItem.read_row(new_image)
    # Bookings that come with their past, such as demo data, were heard when it happened.
    seen_version = max(int(old_image["version"]["N"]) if old_image else 0, row.get("heard_version", 0))
    return events_after(read_booking(row), seen_version)


def events_after(booking: Booking, seen_version: int) -> list[events.BookingEvent]:
    """What happened to the booking after that version, oldest first."""
    return [_event(booking, entry) for entry in booking.history if entry.version > seen_version]


def _event(booking: Booking, entry: HistoryEntry) -> events.BookingEvent:
    return EVENT_BY_ACTION[entry.action](
        subject_id=booking.booking_id,
        version=entry.version,
        occurred_at=entry.at,
        customer_id=booking.customer_id,
        provider_id=booking.provider_id,
        service_id=booking.service_id,
        service_name=booking.service_name,
        provider_name=booking.provider_name,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        time_zone=booking.time_zone,
        price_amount=booking.price.amount,
        price_currency=booking.price.currency,
        actor_role=entry.role.value,
    )
