"""The appointment is near."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from bookings.domain import Booking, Status
from bookings.events import BookingEvent
from kernel.actors import Role
from notifications.events import AppointmentReminderDue
from notifications.messages.bookings import CUSTOMER, BookingMessage


class _Reminder(BookingMessage):
    def is_true(self, event: BookingEvent, booking: Booking, now: datetime) -> bool:
        is_coming = booking.starts_at == event.starts_at and now < booking.starts_at
        return is_coming and super().is_true(event, booking, now)


MESSAGE = _Reminder(
    event_type=AppointmentReminderDue,
    audience=CUSTOMER,
    true_in={Status.CONFIRMED},
    notes={
        Role.CUSTOMER: _("%(service)s with %(provider)s is coming up"),
    },
    optional=True,
    for_callers=True,
)
