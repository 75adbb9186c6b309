"""What a note says in the app, in the active language: one short sentence without the time, which stands beside it."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.actors import Role
from notifications.domain import Note

_CUSTOMER, _PROVIDER = Role.CUSTOMER, Role.PROVIDER
TEXTS: dict[tuple[str, Role], str | Promise] = {
    ("booking.requested", _CUSTOMER): _("%(provider)s has your request for %(service)s"),
    ("booking.requested", _PROVIDER): _("New request for %(service)s"),
    ("booking.confirmed", _CUSTOMER): _("%(provider)s confirmed %(service)s"),
    ("booking.confirmed", _PROVIDER): _("%(service)s is confirmed"),
    ("booking.declined", _CUSTOMER): _("%(provider)s declined your request for %(service)s"),
    ("booking.cancelled", _CUSTOMER): _("%(service)s with %(provider)s was cancelled"),
    ("booking.cancelled", _PROVIDER): _("%(service)s was cancelled"),
    ("booking.expired", _CUSTOMER): _("%(provider)s did not answer your request for %(service)s"),
    ("booking.expired", _PROVIDER): _("A request for %(service)s has lapsed"),
    ("booking.rescheduled", _CUSTOMER): _("%(service)s with %(provider)s has a new time"),
    ("booking.rescheduled", _PROVIDER): _("%(service)s has a new time"),
    ("booking.completed", _CUSTOMER): _("%(provider)s has finished %(service)s. How was it?"),
    ("booking.no_show", _CUSTOMER): _("%(provider)s could not meet you for %(service)s"),
    ("booking.paid", _CUSTOMER): _("Your payment for %(service)s has arrived"),
    ("booking.paid", _PROVIDER): _("%(service)s has been paid"),
    ("reminder.appointment", _CUSTOMER): _("%(service)s with %(provider)s is coming up"),
    ("reminder.review", _CUSTOMER): _("How was %(service)s with %(provider)s?"),
}


def note_text(note: Note) -> str:
    """The sentence of a note, for the customer or the provider that it is for."""
    sentence = str(TEXTS[note.type, note.recipient_role])
    return sentence % {"service": note.service_name, "provider": note.provider_name}
