"""The customer paid: the email is the receipt, with the invoice."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from bookings.domain import Action, Status
from bookings.events import BookingPaid
from bookings.services import get_invoice_file
from kernel.actors import Role
from notifications.messages.base import Letter
from notifications.messages.bookings import ALL, IN_APP, BookingMessage


class _Receipt(BookingMessage):
    def complete(self, letter: Letter) -> Letter:
        invoice = get_invoice_file(booking_id=letter.delivery.event.subject_id, now=letter.now)
        return replace(letter, attachment=invoice)


MESSAGE = _Receipt(
    event_type=BookingPaid,
    audience={Role.CUSTOMER: ALL, Role.PROVIDER: IN_APP},
    true_in={Status.PAID},
    action=Action.PAY,
    notes={
        Role.CUSTOMER: _("Your payment for %(service)s has arrived"),
        Role.PROVIDER: _("%(service)s has been paid"),
    },
    for_callers=True,
)
