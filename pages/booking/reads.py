"""What the pages for booking read."""

from datetime import date, datetime, timedelta

from accounts.queries import get_contacts
from bookings.domain import Booking
from bookings.queries import FoundBooking, booking_read, get_booking
from catalog.domain import Availability
from catalog.queries import ProviderContact, contact_read, get_availability
from kernel import storage
from kernel.actors import Actor, Role
from kernel.ids import parent_provider_id
from pages.booking.screens import DAYS_SHOWN, Calendar, calendar, today_in
from reviews.domain import Review
from reviews.queries import review_read


def free_times(
    service_id: str, *, first: date | None, chosen: date | None, start: datetime | None, now: datetime
) -> tuple[Availability, Calendar]:
    """Two weeks of the service's free times from `first` on, today at the earliest.

    One BatchGetItem of the offer and one Query of the provider's claims. Raises `NotFoundError`.
    """
    availability = get_availability(
        provider_id=parent_provider_id(service_id) or "",
        service_id=service_id,
        first=first,
        last=first + timedelta(days=DAYS_SHOWN - 1) if first else None,
        now=now,
    )
    provider = availability.offer.provider
    today = today_in(provider.time_zone, now)
    return availability, calendar(
        availability.starts,
        zone=provider.time_zone,
        first=max(first, today) if first else today,
        today=today,
        horizon=today + timedelta(days=provider.horizon_days),
        chosen=chosen,
        start=start,
    )


def read_booking(*, actor: Actor, booking_id: str) -> tuple[FoundBooking, Review | None, ProviderContact | None]:
    """The booking, its review, and for a customer whom to ask: one BatchGetItem.

    Raises `NotFoundError` for an unknown booking and for one that is none of the actor's business.
    """
    provider_id = parent_provider_id(booking_id)
    if provider_id is None:
        return get_booking(actor=actor, booking_id=booking_id), None, None
    booking, review = booking_read(actor=actor, booking_id=booking_id), review_read(booking_id)
    if actor.role is not Role.CUSTOMER:
        return *storage.read_all(booking, review), None
    return storage.read_all(booking, review, contact_read(provider_id))


def find_phone(booking: Booking, actor: Actor, *, provider: ProviderContact | None) -> str | None:
    """The other side's number, if they keep one: of a provider its business's, else its owner's. One GetItem at most.

    `provider` is given for a customer. It is for the two of a confirmed booking alone: ask for no other.
    """
    party = None if actor.is_observed else booking.party(actor)
    if party is Role.CUSTOMER and provider and provider.phone:
        return provider.phone
    owner_id = provider.owner_id if provider else None
    other_id = {Role.CUSTOMER: owner_id, Role.PROVIDER: booking.customer_id}.get(party) if party else None
    contact = get_contacts([other_id]).get(other_id) if other_id else None
    return contact.phone if contact else None
