"""A customer asked for an appointment."""

from django.utils.translation import gettext_lazy as _

from bookings.domain import Action, Status
from bookings.events import BookingRequested
from kernel.actors import Role
from notifications.messages.bookings import BOTH, BookingMessage

MESSAGE = BookingMessage(
    event_type=BookingRequested,
    audience=BOTH,
    true_in={Status.PENDING},
    action=Action.REQUEST,
    notes={
        Role.CUSTOMER: _("%(provider)s has your request for %(service)s"),
        Role.PROVIDER: _("New request for %(service)s"),
    },
)
