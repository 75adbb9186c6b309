"""Making bookings."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bookings.domain import Booking, BookingDetails, checked_details, new_booking
from bookings.models import BookingItem
from bookings.records import booking_item, details_item
from bookings.services import open_requests
from bookings.services.offers import OfferRefusedError, OutdatedOfferError, check_offer, check_place
from bookings.services.open_requests import MiscountedError
from bookings.services.photos import job_owner
from catalog.domain import Offer, Point, checked_answers
from catalog.queries import get_offer
from catalog.services import offer_unchanged_write, slots
from kernel import storage
from kernel.actors import Actor, Role
from kernel.errors import BusyError, ForbiddenError, NotFoundError
from kernel.idempotency import IdempotentRequest, Outcome, find_outcome, remember_write, replayed_outcome
from kernel.ids import new_child_id
from kernel.sentences import sentence
from kernel.values import dataclass
from photos.services import UploadGoneError, claim_writes, refuse_claimed

# What the uploads of a new booking are called where they are refused.
_UPLOADS = "uploads"


def request_booking(
    *,
    actor: Actor,
    service_id: str,
    offer_version: str,
    starts_at: datetime,
    address: str,
    notes: str,
    answers: Mapping[str, str] | None = None,
    upload_ids: Sequence[str] = (),
    position: Point | None = None,
    idempotency: IdempotentRequest[Booking],
    now: datetime,
) -> Outcome[Booking]:
    """Ask a provider for an appointment: the time is held until the provider answers or the request lapses.

    Where the service says so, it is confirmed at once. `offer_version` is what the customer was shown and agrees to:
    `OfferChangedError` if the terms are others by now. `answers` has those to the service's questions by their ids;
    `upload_ids` are uploads of the customer's that become photos of the job.
    `position` is where the job is, if that is known: nobody can book a provider who does not drive there.

    One transaction; the same call under the same key is answered with the first booking. Raises `ForbiddenError` for
    anyone but a customer, `InvalidInputError` and `UnprocessableError` for what the rules refuse, `NotFoundError` for
    an unknown service, `TooManyRequestsError` for a customer's 25th booking in 24 hours, and `ConflictError`
    (`slot_taken`, `not_bookable`, `offer_changed`, `too_many_open_requests`, `provider_busy`).
    """
    if actor.role is not Role.CUSTOMER:
        raise ForbiddenError(sentence("Only customers can book."))
    details = checked_details(address, notes, upload_ids)
    return book(service_id, Wish(actor, offer_version, starts_at, details, answers or {}, position, idempotency, now))


@dataclass(frozen=True, slots=True)
class Wish:
    """The appointment that somebody wants, whatever the offer turns out to be.

    It is a customer's own; a subclass says what is another for others.
    """

    actor: Actor
    offer_version: str
    starts_at: datetime
    details: BookingDetails
    answers: Mapping[str, str]
    position: Point | None
    idempotency: IdempotentRequest[Booking]
    now: datetime

    def booking_of(self, offer: Offer) -> Booking:
        """The booking that it becomes."""
        return new_booking(offer, customer=self.actor, **self.new_values(offer))

    def details_writes(self, booking: Booking, details: BookingDetails) -> list[storage.Write]:
        """The writes of the personal part."""
        photo_ids = [photo.photo_id for photo in details.photos]
        owner = job_owner(booking.booking_id)
        return [
            storage.put("details", details_item(booking.booking_id, details)),
            *claim_writes(actor=self.actor, photo_ids=photo_ids, owner=owner, now=self.now, field=_UPLOADS),
        ]

    def counting_writes(self, booking: Booking) -> list[storage.Write]:
        """The writes that hold the limits on such bookings."""
        return open_requests.count_writes(booking, self.now)

    def refuse_too_many(self, booking: Booking, failure: storage.ConditionFailedError) -> None:
        """Raises why, if the transaction failed because of a limit; returns if it did not."""
        open_requests.refuse_or_recount(booking, failure, now=self.now)

    def new_values(self, offer: Offer) -> dict[str, Any]:
        """What a new booking of the offer is given beside who it is for."""
        return {
            "starts_at": self.starts_at,
            "booking_id": new_child_id(offer.provider.provider_id),
            "now": self.now,
            "entry_id": secrets.token_hex(8),
        }


def book(service_id: str, wish: Wish) -> Outcome[Booking]:
    """Make the booking; where a remembered offer refuses, a fresh one decides.

    Raises `NotFoundError` for an unknown service, `InvalidInputError` and `UnprocessableError` for what the rules
    refuse, `TooManyRequestsError`, and `ConflictError` (`slot_taken`, `not_bookable`, `offer_changed`,
    `too_many_open_requests`, `provider_busy`).
    """

    def request(offer: Offer) -> Outcome[Booking]:
        check_place(offer, wish.position)
        try:
            return storage.retrying(lambda: _request(offer, wish), after=MiscountedError)
        except UploadGoneError:
            # They may be photos of the booking that the first call with this key made.
            earlier = find_outcome(wish.idempotency, now=wish.now)
            if earlier is None:
                raise
            return earlier

    try:
        try:
            return request(get_offer(service_id))
        except OfferRefusedError:
            # Hours that change in this moment are no other terms: what it is that has changed, the next look tells.
            return storage.retrying(lambda: request(get_offer(service_id, fresh=True)), after=OutdatedOfferError)
    except (OfferRefusedError, NotFoundError) as refusal:
        # By now what the first call with this key has booked may be refused, or its provider gone.
        earlier = find_outcome(wish.idempotency, now=wish.now)
        if earlier is not None:
            return earlier
        if isinstance(refusal, OfferRefusedError):
            raise refusal.reason from refusal
        raise


_NEW = storage.Prepared(BookingItem, condition=BookingItem.booking_id.does_not_exist())


def _request(offer: Offer, wish: Wish, own_times: slots.OwnTimes = slots.NO_OWN_TIMES) -> Outcome[Booking]:
    now, idempotency, provider_id = wish.now, wish.idempotency, offer.provider.provider_id
    check_offer(offer, offer_version=wish.offer_version, starts_at=wish.starts_at, now=now)
    details = replace(wish.details, answers=checked_answers(offer.service.questions, wish.answers))
    booking = wish.booking_of(offer)
    outcome = idempotency.outcome(booking)
    details_writes = wish.details_writes(booking, details)
    try:
        storage.transact(
            [
                remember_write(idempotency, outcome, now=now),
                _NEW.put("booking", booking_item(booking)),
                *details_writes,
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
        refuse_claimed(failure, _UPLOADS)
        if "offer" in failure.failed:
            raise OutdatedOfferError from failure
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
