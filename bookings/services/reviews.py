"""What a review's transaction asks of the booking."""

from bookings.domain import REVIEWABLE_STATUSES, Booking
from bookings.models import BookingItem
from kernel import storage


def reviewable_check_write(booking: Booking) -> storage.Write:
    """A check named `booking`: the appointment has taken place, and it is still the same customer's."""
    condition = BookingItem.status.is_in(*sorted(REVIEWABLE_STATUSES)) & (
        BookingItem.customer_id == booking.customer_id
    )
    return storage.check("booking", BookingItem, booking.booking_id, condition=condition)
