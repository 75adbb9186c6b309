"""The booking was called off."""

from django.utils.translation import gettext_lazy as _

from bookings.domain import Action, Status
from bookings.events import BookingCancelled
from kernel.actors import Role
from notifications.messages.bookings import BOTH, BookingMessage

MESSAGE = BookingMessage(
    event_type=BookingCancelled,
    audience=BOTH,
    true_in={Status.CANCELLED},
    action=Action.CANCEL,
    notes={
        Role.CUSTOMER: _("%(service)s with %(provider)s was cancelled"),
        Role.PROVIDER: _("%(service)s was cancelled"),
    },
    for_callers=True,
)
