"""The appointment moved."""

from django.utils.translation import gettext_lazy as _

from bookings.domain import OPEN_STATUSES, Action
from bookings.events import BookingRescheduled
from kernel.actors import Role
from notifications.messages.bookings import BOTH, BookingMessage

MESSAGE = BookingMessage(
    event_type=BookingRescheduled,
    audience=BOTH,
    true_in=OPEN_STATUSES,
    action=Action.RESCHEDULE,
    notes={
        Role.CUSTOMER: _("%(service)s with %(provider)s has a new time"),
        Role.PROVIDER: _("%(service)s has a new time"),
    },
    for_callers=True,
)
