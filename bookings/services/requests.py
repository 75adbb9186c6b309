"""Making bookings."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bookings.domain import Booking, BookingDetails, checked_details, new_booking
from bookings.models import BookingItem
from bookings.records import booking_item, details_item
from bookings.services import open_requests
from bookings.services.offers import OfferRefusedError, check_offer, offer_changed
from bookings.services.open_requests import MiscountedError
from catalog.domain import Offer, checked_answers
from catalog.queries import get_offer
from catalog.services import offer_unchanged_write, slots
from kernel import storage
from kernel.actors import Actor, Role
from kernel.errors import BusyError, ForbiddenError
from kernel.idempotency import IdempotentRequest, Outcome, find_outcome, remember_write, replayed_outcome
from kernel.ids import new_child_id
from kernel.rate_limits import RateLimit, charge_write, raise_if_exceeded
from kernel.sentences import sentence

# A request holds a provider's time for a day at most: nobody may hold more than 50 at once. Counted in the booking's
# own transaction, so it costs no call, and what was refused or repeated does not count.
BOOKINGS_PER_CUSTOMER = RateLimit("bookings", allowed=24, window=timedelta(days=1))


def request_booking(
    *,
    actor: Actor,
    service_id: str,
    offer_version: str,
    starts_at: datetime,
    address: str,
    notes: str,
    answers: Mapping[str, str] | None = None,
    idempotency: IdempotentRequest[Booking],
    now: datetime,
) -> Outcome[Booking]:
    """Ask a provider for an appointment: the time is held until the provider answers or the request lapses.

    Where the service says so, it is confirmed at once. `offer_version` is what the customer was shown and agrees to:
    `OfferChangedError` if the terms are others by now. `answers` has those to the service's questions by their ids.

    One transaction; the same call under the same key is answered with the first booking. Raises `ForbiddenError` for
    anyone but a customer, `InvalidInputError` and `UnprocessableError` for what the rules refuse, `NotFoundError` for
    an unknown service, `TooManyRequestsError` for a customer's 25th booking of a day, and `ConflictError`
    (`slot_taken`, `not_bookable`, `offer_changed`, `too_many_open_requests`, `provider_busy`).
    """
    if actor.role is not Role.CUSTOMER:
        raise ForbiddenError(sentence("Only customers can book."))
    details = checked_details(address, notes)
    wish = Wish(actor, offer_version, starts_at, details, answers or {}, idempotency, now)
    return book(service_id, wish)


@dataclass(frozen=True, slots=True)
class Wish:
    """The appointment that somebody wants, whatever the offer turns out to be. A customer's own, unless a subclass says
    otherwise.
    """

    actor: Actor
    offer_version: str
    starts_at: datetime
    details: BookingDetails
    answers: Mapping[str, str]
    idempotency: IdempotentRequest[Booking]
    now: datetime

    def booking_of(self, offer: Offer) -> Booking:
        """The booking that it becomes."""
        return new_booking(offer, customer=self.actor, **self._new(offer))

    def details_write(self, booking: Booking, details: BookingDetails) -> storage.Write:
        """The write of the personal part."""
        return storage.put("details", details_item(booking.booking_id, details))

    def counting_writes(self, booking: Booking) -> list[storage.Write]:
        """The writes that hold the limits on such bookings."""
        return [
            *open_requests.count_writes(booking, self.now),
            charge_write(BOOKINGS_PER_CUSTOMER, self.actor.user_id, now=self.now),
        ]

    def refuse_too_many(self, booking: Booking, failure: storage.ConditionFailedError) -> None:
        """Raises why, if the transaction failed because of a limit; returns if it did not."""
        raise_if_exceeded(BOOKINGS_PER_CUSTOMER, failure, now=self.now)
        open_requests.refuse_or_recount(booking, failure, now=self.now)

    def _new(self, offer: Offer) -> dict[str, Any]:
        return {
            "starts_at": self.starts_at,
            "booking_id": new_child_id(offer.provider.provider_id),
            "now": self.now,
            "entry_id": secrets.token_hex(8),
        }


def book(service_id: str, wish: Wish) -> Outcome[Booking]:
    """Make the booking, if a fresh offer allows it where a remembered one refuses. Raises as `request_booking`."""

    def request(offer: Offer) -> Outcome[Booking]:
        return storage.retrying(lambda: _request(offer, wish), after=MiscountedError)

    try:
        return request(get_offer(service_id))
    except OfferRefusedError:
        offer = get_offer(service_id, fresh=True)
    try:
        return request(offer)
    except OfferRefusedError as refusal:
        # By now a start may be refused that the first call with this key has booked.
        earlier = find_outcome(wish.idempotency, now=wish.now)
        if earlier is None:
            raise refusal.reason from refusal
        return earlier


def _request(offer: Offer, wish: Wish, own_times: slots.OwnTimes = slots.NO_OWN_TIMES) -> Outcome[Booking]:
    now, idempotency, provider_id = wish.now, wish.idempotency, offer.provider.provider_id
    check_offer(offer, offer_version=wish.offer_version, starts_at=wish.starts_at, now=now)
    details = replace(wish.details, answers=checked_answers(offer.service.questions, wish.answers))
    booking = wish.booking_of(offer)
    outcome = idempotency.outcome(booking)
    try:
        storage.transact(
            [
                remember_write(idempotency, outcome, now=now),
                storage.put("booking", booking_item(booking), condition=BookingItem.booking_id.does_not_exist()),
                wish.details_write(booking, details),
                offer_unchanged_write(offer),
                *slots.claim_writes(
                    provider_id=provider_id,
                    booking_id=booking.booking_id,
                    cells=booking.cells,
                    held_until=booking.expires_at,
                    now=now,
                    own_times=own_times,
                ),
                *wish.counting_writes(booking),
            ]
        )
    except storage.ConditionFailedError as failure:
        earlier = replayed_outcome(idempotency, failure)
        if earlier is not None:
            return earlier
        wish.refuse_too_many(booking, failure)
        if "offer" in failure.failed:
            raise offer_changed(offer) from failure
        if slots.is_refusal(failure):
            learned = slots.learn_own_time(booking.cells, failure, own_times)
            if learned is None:
                raise slots.slot_taken() from failure
            return _request(offer, wish, learned)
        raise
    except BusyError:
        # Where many want the same time, their transactions refuse each other without looking at a condition.
        earlier = find_outcome(idempotency, now=now)
        if earlier is not None:
            return earlier
        if slots.are_taken(provider_id=provider_id, cells=booking.cells, now=now):
            raise slots.slot_taken() from None
        raise
    return outcome
