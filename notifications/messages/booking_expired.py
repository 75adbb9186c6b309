"""The provider did not answer the request in time."""

from django.utils.translation import gettext_lazy as _

from bookings.domain import Action, Status
from bookings.events import BookingExpired
from kernel.actors import Role
from notifications.messages.bookings import BOTH, BookingMessage

MESSAGE = BookingMessage(
    event_type=BookingExpired,
    audience=BOTH,
    true_in={Status.EXPIRED},
    action=Action.EXPIRE,
    notes={
        Role.CUSTOMER: _("%(provider)s did not answer your request for %(service)s"),
        Role.PROVIDER: _("A request for %(service)s has lapsed"),
    },
)
