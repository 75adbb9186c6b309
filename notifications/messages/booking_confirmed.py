"""The appointment is agreed on."""

from django.utils.translation import gettext_lazy as _

from bookings.domain import Action, Status
from bookings.events import BookingConfirmed
from kernel.actors import Role
from notifications.messages.bookings import BOTH, BookingMessage

MESSAGE = BookingMessage(
    event_type=BookingConfirmed,
    audience=BOTH,
    true_in={Status.CONFIRMED},
    action=Action.CONFIRM,
    notes={
        Role.CUSTOMER: _("%(provider)s confirmed %(service)s"),
        Role.PROVIDER: _("%(service)s is confirmed"),
    },
    for_callers=True,
)
