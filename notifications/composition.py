"""From a delivery and the present facts to a complete email, in the reader's language and time zone."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.charset import QP, Charset
from email.mime.text import MIMEText
from email.utils import formataddr
from functools import cache
from typing import Any

from css_inline import CSSInliner
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context, Engine
from django.utils import translation

from accounts.domain import Contact
from bookings.domain import Booking, BookingDetails, Status
from kernel.actors import Role
from kernel.addresses import canonical_email
from kernel.wording.money import format_money
from kernel.wording.text import lines, one_line
from kernel.wording.times import format_briefly, format_instant, format_span, have_same_clock
from notifications.calendar import calendar_entry, calendar_method
from notifications.deliveries import Delivery
from notifications.domain import MESSAGES
from notifications.links import booking_url, preferences_url, site_url, unsubscribe_url


@dataclass(frozen=True, slots=True)
class Letter:
    """All that an email says. `details` and `customer_name` are None where the reader may not know them.

    `invoice` is the PDF that goes with a receipt, by its file name.
    """

    delivery: Delivery
    booking: Booking
    details: BookingDetails | None
    customer_name: str | None
    reader: Contact
    now: datetime
    invoice: tuple[str, bytes] | None = None


def compose(letter: Letter) -> EmailMultiAlternatives:
    """The email: text, HTML and, where the message changes the reader's calendar, the entry. Nothing is sent."""
    with translation.override(_language(letter.reader)):
        context = _context(letter)
        context["subject"] = one_line(_render(letter, "subject.txt", context))
        message = EmailMultiAlternatives(
            subject=context["subject"],
            body=_render(letter, "body.txt", context),
            from_email=formataddr((settings.SITE_NAME, settings.EMAIL_FROM_ADDRESS)),
            # The bare address: no name of anybody's choice stands in a header.
            to=[canonical_email(letter.reader.email)],
            headers=_headers(letter),
        )
        message.attach_alternative(_inliner().inline(_render(letter, "body.html", context)), "text/html")
        _attach_calendar_entry(message, letter, context)
        if letter.invoice:
            message.attach(*letter.invoice, "application/pdf")
    # Not every server on the way takes 8-bit text.
    message.encoding = _quoted_printable()
    return message


def _language(reader: Contact) -> str:
    return reader.language if reader.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _render(letter: Letter, part: str, context: dict[str, Any]) -> str:
    folder = letter.delivery.event.type.replace(".", "_")
    template = Engine.get_default().get_template(f"email/{folder}/{part}")
    # Text is no HTML: escaped, it would show "&amp;".
    return template.render(Context(context, autoescape=part.endswith(".html")))


def _context(letter: Letter) -> dict[str, Any]:
    booking, reader = letter.booking, letter.reader
    recipient, type_ = letter.delivery.recipient, letter.delivery.event.type
    # Where the appointment takes place, its clocks count.
    zone, own_zone = booking.time_zone, reader.time_zone or booking.time_zone
    is_abroad = not have_same_clock(booking.starts_at, booking.ends_at, own_zone, zone)
    status, fee = booking.status_at(letter.now), booking.cancellation_fee
    # Where to go matters while there is somewhere to go.
    details = letter.details if status in (Status.PENDING, Status.CONFIRMED) else None
    late_fee = booking.late_cancellation_fee
    proposal = booking.proposal_at(letter.now)
    length = booking.ends_at - booking.starts_at
    return {
        "site_name": settings.SITE_NAME,
        "site_url": site_url("/"),
        "language": translation.get_language(),
        "for_provider": recipient.role is Role.PROVIDER,
        "is_by_reader": letter.delivery.event.actor_role == recipient.role,
        "actor_role": letter.delivery.event.actor_role,
        "status": status,
        "reader_name": one_line(reader.name),
        "service_name": one_line(booking.service_name),
        "provider_name": one_line(booking.provider_name),
        "customer_name": one_line(letter.customer_name or ""),
        "when_briefly": format_briefly(booking.starts_at, zone),
        "when": format_span(booking.starts_at, booking.ends_at, zone),
        "when_for_reader": format_span(booking.starts_at, booking.ends_at, own_zone) if is_abroad else "",
        "price": format_money(booking.price),
        "answer_until": _deadline(booking.expires_at, zone, letter.now),
        "free_until": _deadline(booking.free_cancellation_until, zone, letter.now) if late_fee.amount else "",
        "late_fee": format_money(late_fee) if late_fee.amount else "",
        "fee": format_money(fee) if fee else "",
        "address": one_line(details.address) if details else "",
        "notes": lines(details.notes) if details else "",
        "reason": lines(letter.details.reason) if letter.details else "",
        "proposed_when": format_span(proposal.starts_at, proposal.starts_at + length, zone) if proposal else "",
        "proposal_answer_until": format_instant(proposal.lapses_at, zone) if proposal else "",
        "booking_url": booking_url(booking.booking_id),
        "preferences_url": preferences_url(),
        "unsubscribe_url": unsubscribe_url(recipient.id, type_) if MESSAGES[type_].optional else "",
    }


def _deadline(instant: datetime | None, zone: str, now: datetime) -> str:
    """Until when something is possible, in words; empty once it is not: an email may be late."""
    return format_instant(instant, zone) if instant is not None and now < instant else ""


def _headers(letter: Letter) -> dict[str, str]:
    delivery, domain = letter.delivery, settings.EMAIL_FROM_ADDRESS.rpartition("@")[2]
    digest = hashlib.sha256(delivery.delivery_id.encode()).hexdigest()[:32]
    headers = {
        # The same for every try: mailboxes that look can tell a second copy.
        "Message-ID": f"<{digest}@{domain}>",
        # All emails of one booking are one conversation.
        "References": f"<booking-{letter.booking.booking_id}@{domain}>",
        # RFC 3834: no out-of-office replies.
        "Auto-Submitted": "auto-generated",
    }
    if MESSAGES[delivery.event.type].optional:
        # RFC 8058: one click in the mail program, no page.
        headers["List-Unsubscribe"] = f"<{unsubscribe_url(delivery.recipient.id, delivery.event.type)}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _attach_calendar_entry(message: EmailMultiAlternatives, letter: Letter, context: dict[str, Any]) -> None:
    method = calendar_method(MESSAGES[letter.delivery.event.type].action, letter.booking)
    if method is None:
        return
    counterpart = context["customer_name"] if context["for_provider"] else context["provider_name"]
    entry = calendar_entry(
        letter.booking,
        method=method,
        summary=" – ".join(filter(None, (context["service_name"], counterpart))),
        location=context["address"],
        attendee=canonical_email(letter.reader.email),
        stamped_at=letter.delivery.event.occurred_at,
    )
    # Twice: calendars that act by themselves read the alternative, people open the file.
    message.attach_alternative(entry, f"text/calendar; method={method}")
    file = MIMEText(entry, "calendar", _quoted_printable())  # type: ignore[arg-type]
    file.set_param("method", method)
    file.add_header("Content-Disposition", "attachment", filename="appointment.ics")
    message.attach(file)


@cache
def _inliner() -> CSSInliner:
    # Media queries cannot be inlined: they stay in the head, for the mail programs that heed them.
    return CSSInliner(keep_at_rules=True, remove_inlined_selectors=True, load_remote_stylesheets=False)


@cache
def _quoted_printable() -> Charset:
    charset = Charset("utf-8")
    charset.body_encoding = QP
    return charset
