"""The provider refused the request."""

from django.utils.translation import gettext_lazy as _

from bookings.domain import Action, Status
from bookings.events import BookingDeclined
from kernel.actors import Role
from notifications.messages.bookings import CUSTOMER, BookingMessage

MESSAGE = BookingMessage(
    event_type=BookingDeclined,
    audience=CUSTOMER,
    true_in={Status.DECLINED},
    action=Action.DECLINE,
    notes={
        Role.CUSTOMER: _("%(provider)s declined your request for %(service)s"),
    },
)
