"""The provider of an appointment to come is suspended; the appointment stays."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from bookings.domain import Booking, Status
from bookings.events import BookingEvent
from kernel.actors import Role
from notifications.events import AppointmentStays
from notifications.messages.bookings import BOTH, BookingMessage


class _Notice(BookingMessage):
    def is_true(self, event: BookingEvent, booking: Booking, now: datetime) -> bool:
        return now < booking.starts_at and super().is_true(event, booking, now)


MESSAGE = _Notice(
    event_type=AppointmentStays,
    audience=BOTH,
    true_in={Status.CONFIRMED},
    notes={
        Role.CUSTOMER: _("%(provider)s takes no new bookings at present. %(service)s stays as agreed"),
        Role.PROVIDER: _("%(service)s stays as agreed, although your business is suspended"),
    },
)
