"""Whether an offer allows an appointment, and whether it is the one that was shown.

Offers are remembered and may be outdated: when a remembered one refuses, a fresh one decides.
"""

from collections.abc import Sequence
from datetime import datetime

from bookings.domain import Booking, require_party
from catalog.domain import Offer, Point, Question, Terms, check_bookable, check_reach, check_start
from kernel.actors import Actor
from kernel.errors import BusyError, ConflictError, DomainError, UnprocessableError
from kernel.money import Money
from kernel.sentences import sentence
from kernel.values import dataclass


class OfferChangedError(ConflictError):
    """What was shown is not what is on offer now: `terms`, and, of a booking, `fee_now` for cancelling it.

    `questions` are those of the service that is to be booked.
    """

    code = "offer_changed"

    def __init__(self, terms: Terms, fee_now: Money | None = None, *, questions: Sequence[Question] = ()) -> None:
        super().__init__(
            sentence("This is not on offer any more as it was shown. See what has changed, and decide again.")
        )
        self.terms = terms
        self.fee_now = fee_now
        self.questions = questions


@dataclass(frozen=True, slots=True)
class Assent:
    """What somebody was shown of a booking, and agrees to; None: they do not say."""

    offer_version: str | None = None
    fee: Money | None = None


def check_assent(booking: Booking, assent: Assent, actor: Actor, now: datetime) -> None:
    """Raises `OfferChangedError` unless terms and fee are as they were shown."""
    terms, fee = booking.terms, booking.fee_for(require_party(booking, actor), now)
    if assent.offer_version not in (None, terms.version) or assent.fee not in (None, fee):
        raise OfferChangedError(terms, fee)


class OfferRefusedError(Exception):
    """The offer, as it was read, does not allow this; `reason` says why."""

    def __init__(self, reason: DomainError) -> None:
        super().__init__(reason)
        self.reason = reason


class OutdatedOfferError(OfferRefusedError):
    """Something of the provider's was changed since the offer was read; what, only reading it anew tells."""

    def __init__(self) -> None:
        super().__init__(BusyError())


def check_place(offer: Offer, position: Point | None) -> None:
    """Whether the provider drives to where the job is, None where that is not known. Raises `OfferRefusedError`."""
    try:
        check_reach(offer.provider, position)
    except UnprocessableError as reason:
        raise OfferRefusedError(reason) from reason


def check_offer(offer: Offer, *, offer_version: str, starts_at: datetime, now: datetime) -> None:
    """Raise `OfferRefusedError` unless the offer is the one that was shown and can be booked for that start.

    Raises `InvalidInputError` for a time without UTC offset: no offer makes that right.
    """
    try:
        check_bookable(offer)
    except ConflictError as reason:
        raise OfferRefusedError(reason) from reason
    if offer.terms.version != offer_version:
        raise offer_changed(offer)
    check_provider_time(offer, duration_minutes=offer.terms.duration_minutes, starts_at=starts_at, now=now)


def check_provider_time(offer: Offer, *, duration_minutes: int, starts_at: datetime, now: datetime) -> None:
    """Whether the provider would take an appointment of that length then, paused or not. Raises `OfferRefusedError`.

    Raises `InvalidInputError` for a time without UTC offset: no offer makes that right.
    """
    try:
        check_start(offer.provider, duration_minutes=duration_minutes, starts_at=starts_at, now=now)
    except UnprocessableError as reason:
        raise OfferRefusedError(reason) from reason


def offer_changed(offer: Offer) -> OfferRefusedError:
    """The refusal when the offer is another than the one that was shown."""
    return OfferRefusedError(OfferChangedError(offer.terms, questions=offer.service.questions))
