"""An appointment is over, and its provider has not said what became of it."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from bookings.domain import Booking, Status
from bookings.events import BookingEvent
from kernel.actors import Role
from notifications.events import CompletionReminderDue
from notifications.messages.bookings import ALL, BookingMessage


class _Reminder(BookingMessage):
    def is_true(self, event: BookingEvent, booking: Booking, now: datetime) -> bool:
        return booking.ends_at == event.ends_at and super().is_true(event, booking, now)


MESSAGE = _Reminder(
    event_type=CompletionReminderDue,
    audience={Role.PROVIDER: ALL},
    true_in={Status.CONFIRMED},
    notes={Role.PROVIDER: _("What became of %(service)s? Complete it, or record a no-show")},
    optional=True,
)
