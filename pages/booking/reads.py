"""What the pages for booking read."""

from datetime import date, datetime, timedelta

from accounts.queries import get_contacts
from bookings.domain import Booking
from catalog.domain import Availability
from catalog.queries import get_availability, get_provider
from kernel.actors import Actor, Role
from kernel.ids import parent_provider_id
from pages.booking.screens import DAYS_SHOWN, Calendar, calendar, today_in


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


def find_phone(booking: Booking, actor: Actor) -> str | None:
    """The other side's number, if they keep one. One GetItem more for a customer, one BatchGetItem.

    It is for the two of a confirmed booking alone: ask for no other.
    """
    party = booking.party(actor)
    if party is Role.CUSTOMER:
        other_id = get_provider(booking.provider_id).owner_id
    elif party is Role.PROVIDER:
        other_id = booking.customer_id
    else:
        return None
    contact = get_contacts([other_id]).get(other_id)
    return contact.phone if contact else None
