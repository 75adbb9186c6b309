"""What happens to a booking, for everyone who wants to know. Names and fields are a public contract."""

from datetime import datetime
from typing import ClassVar

from kernel.events import Event
from kernel.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingEvent(Event):
    """Base of all booking events: the booking as the change left it, and as what the actor acted."""

    type: ClassVar[str]

    # None where the provider booked for somebody without an account.
    customer_id: str | None
    provider_id: str
    service_id: str
    service_name: str
    provider_name: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    price_amount: int
    price_currency: str
    actor_role: str

    @property
    def booking_id(self) -> str:
        return self.subject_id


class BookingRequested(BookingEvent):
    """A customer asked for an appointment; the provider has until the request expires to answer."""

    type = "booking.requested"


class BookingConfirmed(BookingEvent):
    """The appointment is agreed on: the provider accepted the request, or lets customers book without asking."""

    type = "booking.confirmed"


class BookingDeclined(BookingEvent):
    """The provider refused the request."""

    type = "booking.declined"


class BookingCancelled(BookingEvent):
    """The customer, the provider or an admin called it off."""

    type = "booking.cancelled"


class BookingExpired(BookingEvent):
    """The provider did not answer the request in time."""

    type = "booking.expired"


class BookingRescheduled(BookingEvent):
    """The appointment moved; `starts_at` is the new time."""

    type = "booking.rescheduled"


class BookingCompleted(BookingEvent):
    """The provider did the job."""

    type = "booking.completed"


class BookingMarkedNoShow(BookingEvent):
    """The customer was not there."""

    type = "booking.no_show"


class BookingPaid(BookingEvent):
    """The customer paid."""

    type = "booking.paid"


class BookingUnconfirmed(BookingEvent):
    """Nobody said what became of the appointment: neither review nor receipt follow."""

    type = "booking.unconfirmed"


class BookingMoveProposed(BookingEvent):
    """One party proposed another time; the other has a day to answer. `starts_at` is still the agreed one."""

    type = "booking.move_proposed"


class BookingMoveAccepted(BookingEvent):
    """The other party agreed: the appointment is confirmed, and `starts_at` is the new time."""

    type = "booking.move_accepted"


class BookingMoveRefused(BookingEvent):
    """The other party did not agree: everything stays as it was."""

    type = "booking.move_refused"


EVENT_TYPES: dict[str, type[Event]] = {
    event.type: event
    for event in (
        BookingRequested,
        BookingConfirmed,
        BookingDeclined,
        BookingCancelled,
        BookingExpired,
        BookingRescheduled,
        BookingCompleted,
        BookingMarkedNoShow,
        BookingPaid,
        BookingUnconfirmed,
        BookingMoveProposed,
        BookingMoveAccepted,
        BookingMoveRefused,
    )
}
