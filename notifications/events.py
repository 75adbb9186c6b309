"""Reminders: what the calendar makes happen, told like what people do. They stay inside this app."""

from typing import Self

from bookings.domain import BookingSummary
from bookings.events import BookingEvent
from kernel.clock import to_rfc3339


class Reminder(BookingEvent):
    """Base of all reminders of a booking."""

    @classmethod
    def of(cls, booking: BookingSummary) -> Self:
        """The reminder of the booking as it is now."""
        return cls(
            subject_id=booking.booking_id,
            version=booking.version,
            occurred_at=booking.updated_at,
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
            actor_role="system",
        )


class AppointmentReminderDue(Reminder):
    """The appointment is near. One for each time that the appointment was moved to."""

    type = "reminder.appointment"

    @property
    def event_id(self) -> str:
        return f"{self.subject_id}#appointment-reminder#{to_rfc3339(self.starts_at)}"


class ReviewReminderDue(Reminder):
    """The customer may have forgotten to review the job. One for each booking."""

    type = "reminder.review"

    @property
    def event_id(self) -> str:
        return f"{self.subject_id}#review-reminder"


class AppointmentStays(Reminder):
    """The provider was suspended; the appointment stays. One for each suspension: `version` is the provider's."""

    type = "booking.provider_suspended"

    @property
    def event_id(self) -> str:
        return f"{self.subject_id}#provider-suspended#{self.version}"


class CompletionReminderDue(Reminder):
    """An appointment is over, and its provider has not said what became of it. One for each time of asking."""

    type = "reminder.completion"

    @property
    def event_id(self) -> str:
        return f"{self.subject_id}#completion-reminder#{to_rfc3339(self.occurred_at)}"
