"""Bookings that providers make for callers: people without an account, who are a contact beside the booking.

The contact is part of the booking's details: outside of the stream, and erased by itself: by the provider, by an admin,
or by DynamoDB a year after the appointment.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from accounts.domain import PERSON_NAME
from bookings.domain import (
    ADDRESS,
    NOTES,
    OPEN_STATUSES,
    Booking,
    BookingDetails,
    Caller,
    Status,
    new_booking_for_caller,
    require_party,
)
from bookings.models import BookingDetailsItem
from bookings.queries import get_booking
from bookings.records import details_item
from bookings.services.invoices import ensure_invoice_stored
from bookings.services.photos import erase_details
from bookings.services.requests import Wish, book
from catalog.domain import Offer
from catalog.queries import get_offer
from kernel import storage
from kernel.actors import Actor, Role
from kernel.addresses import reachable_email
from kernel.clock import epoch
from kernel.errors import ConflictError, FieldError, ForbiddenError, InvalidInputError, NotFoundError
from kernel.idempotency import IdempotentRequest, Outcome
from kernel.ids import parent_provider_id
from kernel.phones import canonical_phone
from kernel.rate_limits import RateLimit, charge_write, raise_if_exceeded
from kernel.sentences import sentence
from kernel.wording.text import clean_text, text_errors

# More than an office takes; whoever wants to write to strangers by it does not get far.
BOOKINGS_FOR_CALLERS = RateLimit("bookings for callers", allowed=100, window=timedelta(days=1))
# How long callers' contacts are kept after the appointment.
CALLERS_KEPT_FOR = timedelta(days=365)


def book_for_caller(
    *,
    actor: Actor,
    service_id: str,
    offer_version: str,
    starts_at: datetime,
    caller: Caller,
    address: str,
    notes: str,
    answers: Mapping[str, str] | None = None,
    idempotency: IdempotentRequest[Booking],
    now: datetime,
) -> Outcome[Booking]:
    """Book one of the provider's own services for somebody without an account: it is confirmed at once.

    Rules and transaction are those of customers' bookings, without the limits of customers. `address` may be empty.
    Raises `ForbiddenError` for anyone but a provider, `NotFoundError` for an unknown service and for another's,
    `InvalidInputError` and `UnprocessableError` for what the rules refuse, and `ConflictError` (`slot_taken`,
    `not_bookable`, `offer_changed`).
    """
    if actor.role is not Role.PROVIDER:
        raise ForbiddenError(sentence("Only providers book for callers."))
    if parent_provider_id(service_id) != actor.provider_id:
        raise NotFoundError(sentence("There is no such service."))
    country = get_offer(service_id).provider.country
    details = checked_call(address, notes, caller, country=country)
    return book(service_id, _Call(actor, offer_version, starts_at, details, answers or {}, None, idempotency, now))


class _Call(Wish):
    """What a provider books for a caller."""

    __slots__ = ()

    def booking_of(self, offer: Offer) -> Booking:
        return new_booking_for_caller(offer, provider=self.actor, **self.new_values(offer))

    def details_writes(self, booking: Booking, details: BookingDetails) -> list[storage.Write]:
        return [storage.put("details", details_item(booking.booking_id, details, purge_at=contact_purge_at(booking)))]

    def counting_writes(self, booking: Booking) -> list[storage.Write]:
        return [charge_write(BOOKINGS_FOR_CALLERS, booking.provider_id, now=self.now)]

    def refuse_too_many(self, booking: Booking, failure: storage.ConditionFailedError) -> None:
        raise_if_exceeded(BOOKINGS_FOR_CALLERS, failure, now=self.now)


def checked_call(address: str, notes: str, caller: Caller, *, country: str) -> BookingDetails:
    """What a provider notes of a call, as it is kept; a number without `+` is dialled in that country (ISO 3166).

    Raises `InvalidInputError` naming `name`, `phone`, `email`, `address` or `notes`.
    """
    errors: list[FieldError] = []
    phone, email = caller.phone, caller.email
    try:
        phone = canonical_phone(caller.phone, country=country)
    except InvalidInputError as refusal:
        errors += refusal.errors
    try:
        email = reachable_email(caller.email) if caller.email else None
    except InvalidInputError as refusal:
        errors += refusal.errors
    kept = Caller(clean_text(caller.name), phone, email, caller.language)
    details = BookingDetails(clean_text(address), clean_text(notes), caller=kept)
    errors = [
        *text_errors("name", kept.name, PERSON_NAME),
        *errors,
        *(text_errors("address", details.address, ADDRESS) if details.address else ()),
        *text_errors("notes", details.notes, NOTES),
    ]
    if errors:
        raise InvalidInputError(errors)
    return details


def contact_purge_at(booking: Booking) -> int:
    """The second from which DynamoDB may sweep the contact of whom the booking was made for."""
    return epoch(booking.ends_at + CALLERS_KEPT_FOR)


def keep_caller_write(moved: Booking) -> storage.Write:
    """The write, named `details`, that keeps a caller's contact for as long after the appointment's new time."""
    return storage.update(
        "details",
        BookingDetailsItem,
        moved.booking_id,
        actions=[BookingDetailsItem.purge_at.set(contact_purge_at(moved))],
        condition=BookingDetailsItem.booking_id.exists(),
    )


def erase_caller(*, actor: Actor, booking_id: str, now: datetime, also: Sequence[storage.Write] = ()) -> None:
    """Erase who the caller was, where the job was, and all that was noted of it. May be repeated.

    An invoice that nobody has drawn yet is drawn first: it is the provider's book. For the provider and for admins.
    `also` is written in the same transaction, and also when all of it is gone already.
    Raises `NotFoundError` for strangers, `ForbiddenError` for others of the site, and `ConflictError` (`not_a_caller`
    for a customer's booking, `still_open` before it is over or cancelled).
    """
    booking, details = get_booking(actor=actor, booking_id=booking_id)
    if require_party(booking, actor) not in (Role.PROVIDER, Role.ADMIN, Role.SYSTEM):
        raise ForbiddenError(sentence("Only its provider and admins erase a caller."))
    if not booking.is_for_caller:
        raise ConflictError(
            sentence("This booking is a customer’s, who erases their account themselves."), code="not_a_caller"
        )
    if booking.status_at(now) in OPEN_STATUSES:
        raise ConflictError(sentence("Say first what became of this appointment, or cancel it."), code="still_open")
    if booking.status is Status.PAID and details is not None:
        ensure_invoice_stored(booking_id=booking_id, now=now)
    erase_details(booking_id=booking_id, now=now, also=also)
