"""The customer was not there."""

from django.utils.translation import gettext_lazy as _

from bookings.domain import Action, Status
from bookings.events import BookingMarkedNoShow
from kernel.actors import Role
from notifications.messages.bookings import CUSTOMER, BookingMessage

MESSAGE = BookingMessage(
    event_type=BookingMarkedNoShow,
    audience=CUSTOMER,
    true_in={Status.NO_SHOW},
    action=Action.NO_SHOW,
    notes={
        Role.CUSTOMER: _("%(provider)s could not meet you for %(service)s"),
    },
)
