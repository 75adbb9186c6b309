"""The other party agreed to the proposed time."""

from django.utils.translation import gettext_lazy as _

from bookings.domain import Action, Status
from bookings.events import BookingMoveAccepted
from kernel.actors import Role
from notifications.messages.bookings import BOTH, BookingMessage

MESSAGE = BookingMessage(
    event_type=BookingMoveAccepted,
    audience=BOTH,
    true_in={Status.CONFIRMED},
    action=Action.ACCEPT,
    notes={
        Role.CUSTOMER: _("%(service)s with %(provider)s is confirmed for the proposed time"),
        Role.PROVIDER: _("%(service)s is confirmed for the proposed time"),
    },
)
