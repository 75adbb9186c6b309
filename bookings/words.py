"""Where a booking stands, in words: a word for a badge, and a sentence from the side of whoever reads it.

Pure: sentences, which pages and emails put into their reader's language.
"""

from datetime import datetime

from bookings.domain import BookingSummary, Status
from kernel.actors import Role
from kernel.sentences import Moment, Sentence, sentence

_STATUS_WORDS = {
    Status.PENDING: sentence("Waiting"),
    Status.CONFIRMED: sentence("Confirmed"),
    Status.DECLINED: sentence("Declined"),
    Status.CANCELLED: sentence("Cancelled"),
    Status.EXPIRED: sentence("Lapsed"),
    Status.COMPLETED: sentence("Done"),
    Status.NO_SHOW: sentence("No-show"),
    Status.PAID: sentence("Paid"),
    Status.UNCONFIRMED: sentence("Left open"),
}


def status_word(status: Status) -> Sentence:
    """The status in one or two words, for a badge or a list."""
    return _STATUS_WORDS[status]


def status_sentence(booking: BookingSummary, reader: Role, *, zone: str, now: datetime) -> Sentence:
    """Where the booking stands now and for whom it waits; `zone` is the one that times are told in."""
    status = booking.status_at(now)
    if status is Status.PENDING:
        return _waiting(booking, reader, zone)
    if status is Status.CONFIRMED:
        return _confirmed(booking, reader, now)
    return _over(booking, status, reader)


def _waiting(booking: BookingSummary, reader: Role, zone: str) -> Sentence:
    until = Moment(booking.expires_at or booking.starts_at, zone)
    if reader is Role.PROVIDER:
        return sentence("Waiting for your answer, until %(until)s.", until=until)
    name = booking.provider_name
    return sentence("Waiting for %(provider)s to confirm, until %(until)s.", provider=name, until=until)


def _confirmed(booking: BookingSummary, reader: Role, now: datetime) -> Sentence:
    if now < booking.starts_at:
        if reader is Role.PROVIDER:
            return sentence("Confirmed: the customer expects you.")
        return sentence("Confirmed by %(provider)s.", provider=booking.provider_name)
    if now < booking.ends_at:
        return sentence("Taking place now.")
    if reader is Role.PROVIDER:
        return sentence("The appointment is over. Say what became of it.")
    return sentence("The appointment is over. %(provider)s has not closed it yet.", provider=booking.provider_name)


def _over(booking: BookingSummary, status: Status, reader: Role) -> Sentence:
    is_provider, name = reader is Role.PROVIDER, booking.provider_name
    sentences = {
        Status.DECLINED: sentence("You declined this request.")
        if is_provider
        else sentence("%(provider)s declined this request.", provider=name),
        Status.CANCELLED: sentence("This booking was cancelled."),
        Status.EXPIRED: sentence("This request lapsed: you did not answer in time.")
        if is_provider
        else sentence("This request lapsed: %(provider)s did not answer in time.", provider=name),
        Status.COMPLETED: sentence("The job is done. The payment is still to be recorded.")
        if is_provider
        else sentence("%(provider)s has finished the job.", provider=name),
        Status.NO_SHOW: sentence("You came, and the customer was not there.")
        if is_provider
        else sentence("%(provider)s came, and nobody was there.", provider=name),
        Status.PAID: sentence("The job is done and paid."),
        Status.UNCONFIRMED: sentence("Nobody said what became of this appointment."),
    }
    return sentences[status]
