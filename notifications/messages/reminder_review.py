"""The customer may have forgotten to review the job."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from bookings.events import BookingEvent
from kernel.actors import Role
from notifications.events import ReviewReminderDue
from notifications.messages.bookings import CUSTOMER, DONE, BookingMessage, Facts
from reviews.queries import find_review


class _Reminder(BookingMessage):
    def holds(self, event: BookingEvent, facts: Facts, now: datetime) -> bool:
        return super().holds(event, facts, now) and not find_review(event.booking_id)


MESSAGE = _Reminder(
    event_type=ReviewReminderDue,
    audience=CUSTOMER,
    true_in=DONE,
    notes={
        Role.CUSTOMER: _("How was %(service)s with %(provider)s?"),
    },
    optional=True,
)
