"""What messages about bookings have in common: whose they are, when they are true, and their facts."""

from collections.abc import Mapping, Set
from dataclasses import field
from datetime import datetime
from typing import Any

from django.utils.functional import Promise

from accounts.domain import Contact
from accounts.queries import get_contacts
from bookings.domain import OPEN_STATUSES, Action, Booking, BookingDetails, Caller, Status
from bookings.events import BookingEvent
from bookings.queries import get_booking
from bookings.words import answers_in_words, status_words
from catalog.queries import get_provider
from kernel.actors import SYSTEM, Actor, Role
from kernel.addresses import canonical_email
from kernel.clock import to_rfc3339
from kernel.errors import NotFoundError
from kernel.money import Money
from kernel.values import dataclass
from kernel.wording.money import format_money
from kernel.wording.text import lines, one_line
from kernel.wording.times import format_briefly, format_instant, format_span, format_span_elsewhere
from notifications.domain import Channel, Delivery, Recipient
from notifications.links import booking_url, others_url
from notifications.messages.base import Letter, Message

ALL = frozenset(Channel)
IN_APP = frozenset({Channel.IN_APP})
CUSTOMER: Mapping[Role, Set[Channel]] = {Role.CUSTOMER: ALL}
BOTH: Mapping[Role, Set[Channel]] = {Role.CUSTOMER: ALL, Role.PROVIDER: ALL}
DONE = frozenset({Status.COMPLETED, Status.PAID})

# How an email's label shows a status: a sign, and the class of its colours in the style of emails.
_LOOKS = {
    Status.PENDING: ("◐", "waiting"),
    Status.CONFIRMED: ("✓", "agreed"),
    Status.COMPLETED: ("✓", "done"),
    Status.PAID: ("✓", "done"),
    **dict.fromkeys(
        (Status.DECLINED, Status.CANCELLED, Status.EXPIRED, Status.NO_SHOW, Status.UNCONFIRMED), ("—", "past")
    ),
}

# The booking and its details, None once erased.
Facts = tuple[Booking, BookingDetails | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingLetter(Letter):
    """An email about a booking. `details` have no more than the reason, and `customer_name` is None, where the reader
    may not know them.

    `calendar_action` is what was done to the appointment, if that changes calendars.
    """

    booking: Booking
    details: BookingDetails | None
    customer_name: str | None
    calendar_action: Action | None = None

    @property
    def conversation(self) -> str:
        return f"booking-{self.booking.booking_id}"

    def context(self) -> dict[str, Any]:
        booking, reader = self.booking, self.reader
        role, event = self.delivery.recipient.role, self.delivery.event
        # Where the appointment takes place, its clocks count.
        zone = booking.time_zone
        status, fee = booking.status_at(self.now), booking.cancellation_fee
        # Where to go matters while there is somewhere to go.
        details = self.details if status in OPEN_STATUSES else None
        # A caller has no page to cancel on, and by telephone it costs nothing.
        is_for_caller = role is Role.CUSTOMER and booking.is_for_caller
        late_fee = Money(0, booking.price.currency) if is_for_caller else booking.late_cancellation_fee
        words, (mark, tone) = status_words(booking, role, self.now), _LOOKS[status]
        proposal = booking.proposal_at(self.now)
        proposed = (proposal.starts_at, proposal.starts_at + booking.length) if proposal else None
        return {
            "for_provider": role is Role.PROVIDER,
            "is_by_reader": event.actor_role == role,
            "actor_role": event.actor_role,
            "status": status,
            "status_word": one_line(words.word),
            "status_sentence": one_line(words.sentence),
            "mark": mark,
            "tone": tone,
            "service_name": one_line(booking.service_name),
            "provider_name": one_line(booking.provider_name),
            "customer_name": one_line(self.customer_name or ""),
            "when_briefly": format_briefly(booking.starts_at, zone),
            "when": format_span(booking.starts_at, booking.ends_at, zone),
            "when_for_reader": format_span_elsewhere(booking.starts_at, booking.ends_at, zone, reader.time_zone),
            "price": format_money(booking.price),
            "answer_until": _deadline(booking.expires_at, zone, self.now),
            "free_until": _deadline(booking.free_cancellation_until, zone, self.now) if late_fee.amount else "",
            "late_fee": format_money(late_fee) if late_fee.amount else "",
            "fee": format_money(fee) if fee else "",
            "address": one_line(details.address) if details else "",
            "answers": [(one_line(question), lines(answer)) for question, answer in answers_in_words(details)],
            "notes": lines(details.notes) if details else "",
            "reason": lines(self.details.reason) if self.details else "",
            "proposed_when": format_span(*proposed, zone) if proposed else "",
            "proposed_for_reader": format_span_elsewhere(*proposed, zone, reader.time_zone) if proposed else None,
            "proposal_answer_until": format_instant(proposal.lapses_at, zone) if proposal else "",
            "booking_url": booking_url(booking.booking_id),
            "others_url": others_url(booking.service_id),
            "is_for_caller": is_for_caller,
            **({"preferences_url": ""} if is_for_caller else {}),
        }

    def calendar_entry(self) -> tuple[str, str] | None:
        # Here, so that the site need not load what writes calendars.
        from notifications.messages.calendar import calendar_entry, calendar_method

        method = calendar_method(self.calendar_action, self.booking)
        if method is None:
            return None
        context = self.context()
        counterpart = context["customer_name"] if context["for_provider"] else context["provider_name"]
        entry = calendar_entry(
            self.booking,
            method=method,
            summary=" – ".join(filter(None, (context["service_name"], counterpart))),
            location=context["address"],
            attendee=canonical_email(self.reader.email),
            stamped_at=self.delivery.event.occurred_at,
        )
        return method, entry


def _deadline(instant: datetime | None, zone: str, now: datetime) -> str:
    """Until when something is possible, in words; empty once it is not: an email may be late."""
    return format_instant(instant, zone) if instant is not None and now < instant else ""


def _reason_alone(details: BookingDetails | None) -> BookingDetails | None:
    """The details for whoever may not read them: why it ended is for both."""
    return BookingDetails(address="", notes="", reason=details.reason) if details else None


def _contact_of(caller: Caller | None) -> Contact | None:
    """How a caller is written to; None without an address."""
    if caller is None or caller.email is None:
        return None
    return Contact(user_id="", email=caller.email, name=caller.name, language=caller.language, time_zone=None)


@dataclass(frozen=True, kw_only=True)
class BookingMessage(Message):
    """A message about a booking.

    `audience`: who is told over which channels. `true_in`: the statuses of the booking in which it is still true.
    `action`: after a later action of the same kind it is not. `for_callers`: whether it is for people without an
    account, too, for whom the provider booked; its email must then need no page of theirs.
    """

    event_type: type[BookingEvent]
    subject_kind: str = "booking"
    audience: Mapping[Role, Set[Channel]]
    true_in: Set[Status]
    action: Action | None = None
    notes: Mapping[Role, str | Promise] = field(default_factory=dict)
    optional: bool = False
    for_callers: bool = False

    @property
    def roles(self) -> Set[Role]:
        return {role for role, channels in self.audience.items() if Channel.EMAIL in channels}

    def audience_of(self, event: BookingEvent) -> Mapping[Recipient, Set[Channel]]:
        """The two whose booking it is; a caller, for whom the provider booked, has emails alone.

        The app spares people the note of what they just did themselves; the email is their record of it.
        """
        provider = Recipient(event.provider_id, Role.PROVIDER)
        if event.customer_id is None:
            caller = Recipient(event.booking_id, Role.CUSTOMER)
            return {caller: {Channel.EMAIL} if self.for_callers else set(), provider: self._channels(event, provider)}
        customer = Recipient(event.customer_id, Role.CUSTOMER)
        return {party: self._channels(event, party) for party in (customer, provider)}

    def _channels(self, event: BookingEvent, party: Recipient) -> Set[Channel]:
        return set(self.audience.get(party.role, ())) - (IN_APP if event.actor_role == party.role else frozenset())

    def read_facts(self, event: BookingEvent) -> Facts | None:
        """The booking with its details. One BatchGetItem."""
        try:
            return get_booking(actor=SYSTEM, booking_id=event.booking_id)
        except NotFoundError:
            return None

    def holds(self, event: BookingEvent, facts: Facts, now: datetime) -> bool:
        return self.is_true(event, facts[0], now)

    def erased_of(self, facts: Facts) -> Set[Recipient]:
        booking, details = facts
        # They go with the customer's account alone.
        is_erased = booking.customer_id is not None and details is None
        return {Recipient(str(booking.customer_id), Role.CUSTOMER)} if is_erased else frozenset()

    def is_true(self, event: BookingEvent, booking: Booking, now: datetime) -> bool:
        """Whether the message would not contradict the booking as it is now.

        Messages show the present facts, so what must still hold is their sentence: that the booking is in a status of
        which the sentence is true, and that no later action of the same kind has a message of its own.
        """
        if booking.status_at(now) not in self.true_in:
            return False
        later = (entry.action for entry in booking.history if entry.version > event.version)
        return self.action is None or self.action not in later

    def write_letter(self, delivery: Delivery, facts: Facts, now: datetime) -> BookingLetter | None:
        booking, details = facts
        role = delivery.recipient.role
        reader_id = get_provider(booking.provider_id).owner_id if role is Role.PROVIDER else booking.customer_id
        contacts = get_contacts([user_id for user_id in (booking.customer_id, reader_id) if user_id])
        caller = details.caller if details else None
        reader = contacts.get(reader_id) if reader_id else _contact_of(caller)
        if reader is None:
            return None
        # A caller told the provider all that the details have.
        shows_details = reader_id is None or booking.shows_details_to(Actor(reader.user_id, role), now)
        customer = contacts.get(booking.customer_id) if booking.customer_id else caller
        return BookingLetter(
            delivery=delivery,
            reader=reader,
            now=now,
            booking=booking,
            details=details if shows_details else _reason_alone(details),
            customer_name=customer.name if customer and shows_details else None,
            calendar_action=self.action,
        )

    def note_values(self, event: BookingEvent) -> Mapping[str, str]:
        return {
            "service": event.service_name,
            "provider": event.provider_name,
            "starts_at": to_rfc3339(event.starts_at),
            "time_zone": event.time_zone,
        }
