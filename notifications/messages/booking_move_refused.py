"""The other party did not agree to the proposed time."""

from django.utils.translation import gettext_lazy as _

from bookings.domain import OPEN_STATUSES, Action
from bookings.events import BookingMoveRefused
from kernel.actors import Role
from notifications.messages.bookings import BOTH, BookingMessage

MESSAGE = BookingMessage(
    event_type=BookingMoveRefused,
    audience=BOTH,
    true_in=OPEN_STATUSES,
    action=Action.REFUSE,
    notes={
        Role.CUSTOMER: _("%(provider)s cannot do the time that you proposed for %(service)s"),
        Role.PROVIDER: _("The customer cannot do the time that you proposed for %(service)s"),
    },
)
