"""Nobody said what became of the appointment."""

from django.utils.translation import gettext_lazy as _

from bookings.domain import Action, Status
from bookings.events import BookingUnconfirmed
from kernel.actors import Role
from notifications.messages.bookings import IN_APP, BookingMessage

MESSAGE = BookingMessage(
    event_type=BookingUnconfirmed,
    # Nothing is asked of anybody any more: a note is enough.
    audience={Role.CUSTOMER: IN_APP, Role.PROVIDER: IN_APP},
    true_in={Status.UNCONFIRMED},
    action=Action.CLOSE,
    notes={
        Role.CUSTOMER: _("Nobody said what became of %(service)s with %(provider)s"),
        Role.PROVIDER: _("%(service)s was never completed: nothing can be billed any more"),
    },
)
