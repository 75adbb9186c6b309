"""One party proposed another time."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from bookings.domain import OPEN_STATUSES, Action, Booking
from bookings.events import BookingEvent, BookingMoveProposed
from kernel.actors import Role
from notifications.messages.bookings import BOTH, BookingMessage


class _Proposal(BookingMessage):
    def is_true(self, event: BookingEvent, booking: Booking, now: datetime) -> bool:
        return booking.proposal_at(now) is not None and super().is_true(event, booking, now)


MESSAGE = _Proposal(
    event_type=BookingMoveProposed,
    audience=BOTH,
    true_in=OPEN_STATUSES,
    action=Action.PROPOSE,
    notes={
        Role.CUSTOMER: _("%(provider)s proposes another time for %(service)s"),
        Role.PROVIDER: _("The customer proposes another time for %(service)s"),
    },
)
