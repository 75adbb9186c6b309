"""What the pages for booking read."""

from datetime import date, datetime, timedelta

from accounts.queries import get_contacts
from bookings.domain import Booking, Status
from bookings.queries import FoundBooking, booking_read, get_booking
from catalog.domain import Availability
from catalog.queries import ProviderContact, contact_read, get_availability
from kernel import storage
from kernel.actors import Actor, Role
from kernel.ids import parent_provider_id
from kernel.values import dataclass
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
    if actor.is_staff or actor.provider_id == provider_id:
        return *storage.read_all(booking, review), None
    return storage.read_all(booking, review, contact_read(provider_id))


# To be met, to be paid, and to be told that somebody was in.
_PROVIDER_IS_CALLED_IN = frozenset({Status.CONFIRMED, Status.COMPLETED, Status.NO_SHOW})


@dataclass(frozen=True, slots=True)
class OtherSide:
    """What a party knows of the other: the name of a customer, and a number; empty and None where they may not."""

    name: str = ""
    phone: str | None = None


def find_other_side(booking: Booking, actor: Actor, *, provider: ProviderContact | None, now: datetime) -> OtherSide:
    """Who the customer is, for a provider who has agreed to come; and a number for the two of a confirmed booking.

    Of a provider it is the business's, else its owner's, and the customer has it as well while there is something to
    pay or to put right. `provider` is given for a customer. One GetItem at most.
    """
    party = None if actor.is_observed else booking.party(actor)
    status = booking.status_at(now)
    if party is Role.PROVIDER and booking.customer_id and booking.shows_details_to(actor, now):
        customer = get_contacts([booking.customer_id]).get(booking.customer_id)
        if customer is None:
            return OtherSide()
        return OtherSide(customer.name, customer.phone if status is Status.CONFIRMED else None)
    if party is Role.CUSTOMER and provider and status in _PROVIDER_IS_CALLED_IN:
        owner = None if provider.phone else get_contacts([provider.owner_id]).get(provider.owner_id)
        return OtherSide(phone=provider.phone or (owner.phone if owner else None))
    return OtherSide()
