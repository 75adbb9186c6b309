"""What the state of a booking is called and what it means for whoever reads it, in the active language.

Pages and messages say the same words. A reader is the customer, the provider, or one of those who run the site.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.domain import Action, BookingDetails, BookingSummary, PaymentMethod, Status
from catalog.domain import YES, QuestionKind
from kernel.actors import Role
from kernel.values import dataclass
from kernel.wording.money import format_money
from kernel.wording.times import format_instant, format_moment


@dataclass(frozen=True, slots=True)
class StatusWords:
    """A state for one reader: a word or two, a sentence, and what follows from it (which may be nothing)."""

    word: str
    sentence: str
    note: str = ""


def status_words(booking: BookingSummary, party: Role | None, now: datetime) -> StatusWords:
    """How the booking stands at `now`, as that party reads it."""
    status = booking.status_at(now)
    by_party = _FOR_PROVIDER if party is Role.PROVIDER else _FOR_CUSTOMER
    return by_party[status](booking, now)


# Tables of words are made once: a list of bookings asks them for each of its rows.
_ACTIONS: dict[Action, Any] = {
    Action.CONFIRM: gettext_lazy("Accept"),
    Action.DECLINE: gettext_lazy("Decline…"),
    Action.CANCEL: gettext_lazy("Cancel the booking…"),
    Action.COMPLETE: gettext_lazy("The work is done"),
    Action.NO_SHOW: gettext_lazy("Nobody was in"),
    Action.PAY: gettext_lazy("Record the payment…"),
    Action.RESCHEDULE: gettext_lazy("Move to another time"),
    Action.PROPOSE: gettext_lazy("Propose another time"),
    Action.ACCEPT: gettext_lazy("Accept the new time"),
    Action.REFUSE: gettext_lazy("Keep the time"),
}


def action_words(action: Action) -> str:
    """What the button of an action says."""
    return str(_ACTIONS[action])


def answer_words(kind: QuestionKind, answer: str) -> str:
    """An answer to a provider's question as people read it."""
    if kind is not QuestionKind.YES_NO:
        return answer
    return _("Yes") if answer == YES else _("No")


def answers_in_words(details: BookingDetails | None) -> list[tuple[str, str]]:
    """The provider's questions with the answers as people read them."""
    return [(each.question, answer_words(each.kind, each.answer)) for each in details.answers] if details else []


def payment_words(method: PaymentMethod) -> str:
    """How somebody paid."""
    return {
        PaymentMethod.CARD: _("by card"),
        PaymentMethod.CASH: _("in cash"),
        PaymentMethod.TRANSFER: _("by bank transfer"),
    }[method]


_DONE_BY_READER: dict[Action, Any] = {
    Action.REQUEST: gettext_lazy("You asked for the appointment"),
    Action.BOOK: gettext_lazy("You booked the appointment"),
    Action.CONFIRM: gettext_lazy("You confirmed"),
    Action.DECLINE: gettext_lazy("You declined"),
    Action.CANCEL: gettext_lazy("You cancelled"),
    Action.COMPLETE: gettext_lazy("You said that the work is done"),
    Action.NO_SHOW: gettext_lazy("You said that nobody was in"),
    Action.PAY: gettext_lazy("You recorded the payment"),
    Action.RESCHEDULE: gettext_lazy("You moved it"),
    Action.PROPOSE: gettext_lazy("You proposed another time"),
    Action.ACCEPT: gettext_lazy("You accepted the proposed time"),
    Action.REFUSE: gettext_lazy("You refused the proposed time"),
}
_DONE_BY_OTHERS: dict[Action, Any] = {
    Action.REQUEST: gettext_lazy("%(who)s asked for the appointment"),
    Action.BOOK: gettext_lazy("%(who)s booked the appointment"),
    Action.CONFIRM: gettext_lazy("%(who)s confirmed"),
    Action.DECLINE: gettext_lazy("%(who)s declined"),
    Action.CANCEL: gettext_lazy("%(who)s cancelled"),
    Action.EXPIRE: gettext_lazy("The request lapsed without an answer"),
    Action.COMPLETE: gettext_lazy("%(who)s said that the work is done"),
    Action.NO_SHOW: gettext_lazy("%(who)s said that nobody was in"),
    Action.PAY: gettext_lazy("%(who)s recorded the payment"),
    Action.CLOSE: gettext_lazy("The appointment was closed without a word of what became of it"),
    Action.RESCHEDULE: gettext_lazy("%(who)s moved it"),
    Action.PROPOSE: gettext_lazy("%(who)s proposed another time"),
    Action.ACCEPT: gettext_lazy("%(who)s accepted the proposed time"),
    Action.REFUSE: gettext_lazy("%(who)s refused the proposed time"),
}


def history_words(booking: BookingSummary, action: Action, role: Role, party: Role | None) -> str:
    """What happened, as that party reads it; `role` is who did it."""
    texts = _DONE_BY_READER if role is party else _DONE_BY_OTHERS
    return str(texts[action]) % {"who": _who(booking, role)}


def _who(booking: BookingSummary, role: Role) -> str:
    if role is Role.PROVIDER:
        return booking.provider_name
    return _("The customer") if role is Role.CUSTOMER else _("The marketplace")


# --- As the customer reads it ----------------------------------------------------------------------------------------


def _pending(booking: BookingSummary, now: datetime) -> StatusWords:
    values = {"provider": booking.provider_name}
    until = format_instant(booking.expires_at or booking.starts_at, booking.time_zone)
    return StatusWords(
        _("Waiting for %(provider)s") % values,
        _("%(provider)s has your request") % values,
        _("They have until %(until)s to answer. Until then the time is held for you, and you owe nothing.")
        % {"until": until},
    )


def _confirmed(booking: BookingSummary, now: datetime) -> StatusWords:
    values = {"provider": booking.provider_name, "moment": format_moment(booking.starts_at, booking.time_zone)}
    word = _("Confirmed")
    if now < booking.starts_at:
        return StatusWords(word, _("%(provider)s comes on %(moment)s") % values)
    if now < booking.ends_at + timedelta(hours=1):
        return StatusWords(word, _("%(provider)s should be with you now") % values)
    return StatusWords(
        word,
        _("%(provider)s has not said yet that the work is done") % values,
        _("Once they have, you get an email, and can say how it was."),
    )


def _completed(booking: BookingSummary, now: datetime) -> StatusWords:
    values = {"provider": booking.provider_name, "price": format_money(booking.price)}
    return StatusWords(_("Done"), _("The work is done"), _("You pay %(price)s to %(provider)s.") % values)


def _paid(booking: BookingSummary, now: datetime) -> StatusWords:
    return StatusWords(_("Paid"), _("Done and paid"), _("The invoice is below."))


def _declined(booking: BookingSummary, now: datetime) -> StatusWords:
    return StatusWords(
        _("Declined"),
        _("%(provider)s cannot come") % {"provider": booking.provider_name},
        _("You owe nothing. Others may be free."),
    )


def _cancelled(booking: BookingSummary, now: datetime) -> StatusWords:
    return StatusWords(_("Cancelled"), _("This booking was cancelled"))


def _expired(booking: BookingSummary, now: datetime) -> StatusWords:
    return StatusWords(
        _("Not answered"),
        _("%(provider)s did not answer in time") % {"provider": booking.provider_name},
        _("You owe nothing. Others may be free."),
    )


def _no_show(booking: BookingSummary, now: datetime) -> StatusWords:
    return StatusWords(
        _("Nobody was in"),
        _("%(provider)s says that nobody was in") % {"provider": booking.provider_name},
        _("You owe nothing. If somebody was in, get in touch with them."),
    )


def _unconfirmed(booking: BookingSummary, now: datetime) -> StatusWords:
    return StatusWords(
        _("Closed"), _("Nobody said what became of this appointment"), _("It is closed, and nothing is owed for it.")
    )


_FOR_CUSTOMER: dict[Status, Callable[[BookingSummary, datetime], StatusWords]] = {
    Status.PENDING: _pending,
    Status.CONFIRMED: _confirmed,
    Status.COMPLETED: _completed,
    Status.PAID: _paid,
    Status.DECLINED: _declined,
    Status.CANCELLED: _cancelled,
    Status.EXPIRED: _expired,
    Status.NO_SHOW: _no_show,
    Status.UNCONFIRMED: _unconfirmed,
}


# --- As the provider reads it ----------------------------------------------------------------------------------------


def _asked(booking: BookingSummary, now: datetime) -> StatusWords:
    until = format_instant(booking.expires_at or booking.starts_at, booking.time_zone)
    return StatusWords(
        _("Waiting for you"),
        _("You have a request for %(moment)s") % {"moment": format_moment(booking.starts_at, booking.time_zone)},
        _("Answer by %(until)s; after that the request lapses. Address and notes are shown once you accept.")
        % {"until": until},
    )


def _agreed(booking: BookingSummary, now: datetime) -> StatusWords:
    word = _("Confirmed")
    if now < booking.starts_at:
        values = {"moment": format_moment(booking.starts_at, booking.time_zone)}
        return StatusWords(word, _("You are expected on %(moment)s") % values)
    if not booking.awaits_outcome_at(now):
        return StatusWords(word, _("You are with the customer now"), _what_follows(booking))
    closed = _("After a week without a word it is closed.")
    return StatusWords(_("Done?"), _("What became of this appointment?"), f"{_what_follows(booking)} {closed}")


def _what_follows(booking: BookingSummary) -> str:
    """What the provider's word about an appointment leads to."""
    if booking.is_for_caller:
        return _("Once you say that the work is done, you can record the payment. If nobody was in, nothing is owed.")
    return _(
        "Once you say that the work is done, the customer is told, and you can record the payment. If nobody was in, "
        "they are told so and owe nothing."
    )


def _unpaid(booking: BookingSummary, now: datetime) -> StatusWords:
    return StatusWords(
        _("Done"),
        _("The work is done"),
        _("Record the payment of %(price)s, and the invoice is made and sent.")
        % {"price": format_money(booking.price)},
    )


def _settled(booking: BookingSummary, now: datetime) -> StatusWords:
    return StatusWords(_("Paid"), _("Done and paid"))


def _refused(booking: BookingSummary, now: datetime) -> StatusWords:
    return StatusWords(_("Declined"), _("You declined this request"))


def _lapsed(booking: BookingSummary, now: datetime) -> StatusWords:
    return StatusWords(_("Not answered"), _("This request lapsed without an answer"))


def _absent(booking: BookingSummary, now: datetime) -> StatusWords:
    return StatusWords(_("Nobody was in"), _("You said that nobody was in"))


_FOR_PROVIDER = {
    **_FOR_CUSTOMER,
    Status.PENDING: _asked,
    Status.CONFIRMED: _agreed,
    Status.COMPLETED: _unpaid,
    Status.PAID: _settled,
    Status.DECLINED: _refused,
    Status.EXPIRED: _lapsed,
    Status.NO_SHOW: _absent,
}
