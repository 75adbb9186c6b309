"""The provider did the job."""

from django.utils.translation import gettext_lazy as _

from bookings.domain import Action
from bookings.events import BookingCompleted
from kernel.actors import Role
from notifications.messages.bookings import CUSTOMER, DONE, BookingMessage

MESSAGE = BookingMessage(
    event_type=BookingCompleted,
    audience=CUSTOMER,
    true_in=DONE,
    action=Action.COMPLETE,
    notes={
        Role.CUSTOMER: _("%(provider)s has finished %(service)s. How was it?"),
    },
)
