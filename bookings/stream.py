"""From the images of a changed booking to what happened to it."""

from collections.abc import Mapping
from typing import Any

from bookings import events
from bookings.models import BookingItem
from marketplace.kernel.clock import from_rfc3339
from marketplace.kernel.events import Event

EVENT_BY_ACTION: dict[str, type[events.BookingEvent]] = {
    "request": events.BookingRequested,
    "confirm": events.BookingConfirmed,
    "decline": events.BookingDeclined,
    "cancel": events.BookingCancelled,
    "expire": events.BookingExpired,
    "reschedule": events.BookingRescheduled,
    "complete": events.BookingCompleted,
    "no_show": events.BookingMarkedNoShow,
    "pay": events.BookingPaid,
}

Image = Mapping[str, Any]


def events_of(old_image: Image | None, new_image: Image | None) -> list[Event]:
    """What happened between the two images (DynamoDB's typed attribute values), oldest first.

    The history in the new image names each change, so also changes whose own record never came are named. A deleted
    booking (no new image) and a change of attributes without a new version are no events.
    """
    if new_image is None:
        return []
    seen_version = int(old_image["version"]["N"]) if old_image else 0
    row = BookingItem.read_row(new_image)
    return [_event(row, entry) for entry in row["history"] if entry["version"] > seen_version]


def _event(row: Mapping[str, Any], entry: Mapping[str, Any]) -> Event:
    return EVENT_BY_ACTION[entry["action"]](
        subject_id=row["booking_id"],
        version=entry["version"],
        occurred_at=from_rfc3339(entry["at"]),
        customer_id=row["customer_id"],
        provider_id=row["provider_id"],
        service_id=row["service_id"],
        service_name=row["service_name"],
        provider_name=row["provider_name"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        time_zone=row["time_zone"],
        price_amount=row["price_amount"],
        price_currency=row["price_currency"],
        actor_role=entry["role"],
    )
