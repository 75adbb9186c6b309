"""Making bookings."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bookings.domain import BookingDetails, checked_details, new_booking
from bookings.models import BookingItem
from bookings.records import booking_item, details_item
from bookings.representation import represent_booking, represent_details
from bookings.services.offers import OfferRefusedError, check_offer, offer_changed, with_offer
from catalog.domain import Offer
from catalog.services import offer_unchanged, slots
from kernel import storage
from kernel.actors import Actor, Role
from kernel.errors import BusyError, ForbiddenError
from kernel.idempotency import IdempotentRequest, find_response, remember, replayed_response
from kernel.ids import new_child_id
from kernel.rate_limits import RateLimit, charge_write, raise_if_exceeded

# A request holds a provider's time for a day at most: nobody may hold more than 50 at once. Counted in the booking's
# own transaction, so it costs no call, and what was refused or repeated does not count.
BOOKINGS_PER_CUSTOMER = RateLimit("bookings", allowed=24, window=timedelta(days=1))


@dataclass(frozen=True, slots=True)
class CreatedBooking:
    """A new booking as the API shows it; `replayed` if it is the answer to an earlier call with the same key."""

    representation: dict[str, Any]
    replayed: bool


def request_booking(
    *,
    actor: Actor,
    service_id: str,
    offer_version: str,
    starts_at: datetime,
    address: str,
    notes: str,
    idempotency: IdempotentRequest,
    now: datetime,
) -> CreatedBooking:
    """Ask a provider for an appointment: the time is held until the provider answers or the request lapses.

    Where the service says so, it is confirmed at once. `offer_version` is what the customer was shown and agrees to:
    `OfferChangedError` if the terms are others by now.

    One transaction; the same call under the same key is answered with the first booking. Raises `ForbiddenError` for
    anyone but a customer, `InvalidInputError` and `UnprocessableError` for what the rules refuse, `NotFoundError` for
    an unknown service, `TooManyRequestsError` for a customer's 25th booking of a day, and `ConflictError`
    (`slot_taken`, `not_bookable`, `offer_changed`).
    """
    if actor.role is not Role.CUSTOMER:
        raise ForbiddenError("Only customers can book.")
    details = checked_details(address, notes)

    def request(offer: Offer) -> CreatedBooking:
        return _request(offer, offer_version, actor, starts_at, details, idempotency, now)

    try:
        return with_offer(service_id, request)
    except OfferRefusedError as refusal:
        # By now a start may be refused that the first call with this key has booked.
        answer = find_response(idempotency, now=now)
        if answer is None:
            raise refusal.reason from refusal
        return _replayed(answer, details)


def _request(
    offer: Offer,
    offer_version: str,
    customer: Actor,
    starts_at: datetime,
    details: BookingDetails,
    idempotency: IdempotentRequest,
    now: datetime,
) -> CreatedBooking:
    check_offer(offer, offer_version=offer_version, starts_at=starts_at, now=now)
    provider_id = offer.provider.provider_id
    booking = new_booking(
        offer,
        customer=customer,
        starts_at=starts_at,
        booking_id=new_child_id(provider_id),
        now=now,
        entry_id=secrets.token_hex(8),
    )
    answer = represent_booking(booking, None, customer, now)
    try:
        storage.transact(
            [
                remember(idempotency, answer, now=now),
                storage.put("booking", booking_item(booking), condition=BookingItem.booking_id.does_not_exist()),
                storage.put("details", details_item(booking.booking_id, details)),
                offer_unchanged(offer),
                *slots.claim(
                    provider_id=provider_id,
                    booking_id=booking.booking_id,
                    cells=booking.cells,
                    held_until=booking.expires_at,
                    now=now,
                ),
                charge_write(BOOKINGS_PER_CUSTOMER, customer.user_id, now=now),
            ]
        )
    except storage.ConditionFailedError as failure:
        earlier_answer = replayed_response(idempotency, failure)
        if earlier_answer is not None:
            return _replayed(earlier_answer, details)
        raise_if_exceeded(BOOKINGS_PER_CUSTOMER, failure, now=now)
        if "offer" in failure.failed:
            raise offer_changed(offer) from failure
        if slots.is_refusal(failure):
            raise slots.slot_taken() from failure
        raise
    except BusyError:
        # Where many want the same time, their transactions refuse each other without looking at a condition.
        stored_answer = find_response(idempotency, now=now)
        if stored_answer is not None:
            return _replayed(stored_answer, details)
        if slots.are_taken(provider_id=provider_id, cells=booking.cells, now=now):
            raise slots.slot_taken() from None
        raise
    return CreatedBooking(answer | represent_details(details), replayed=False)


def _replayed(answer: dict[str, Any], details: BookingDetails) -> CreatedBooking:
    # Address and notes are not stored with the answer. Equal fingerprints mean that the first request had the same.
    return CreatedBooking(answer | represent_details(details), replayed=True)
