"""What is the case now, against which every message is held before it goes out."""

from datetime import datetime

from bookings.domain import Booking, BookingDetails
from bookings.events import BookingEvent
from bookings.queries import get_booking
from kernel.actors import SYSTEM
from kernel.errors import NotFoundError
from notifications.deliveries import is_still_true
from notifications.events import ReviewReminderDue
from reviews.queries import get_review


def find_present_booking(event: BookingEvent, now: datetime) -> tuple[Booking, BookingDetails | None] | None:
    """The booking with its details if the event's message is still true of it, else None.

    One BatchGetItem; a reminder to review also looks for the review.
    """
    try:
        booking, details = get_booking(actor=SYSTEM, booking_id=event.booking_id)
    except NotFoundError:
        return None
    if not is_still_true(event, booking, now):
        return None
    if isinstance(event, ReviewReminderDue) and _is_reviewed(booking):
        return None
    return booking, details


def _is_reviewed(booking: Booking) -> bool:
    try:
        get_review(booking.booking_id)
    except NotFoundError:
        return False
    return True
