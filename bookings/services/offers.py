"""Whether an offer allows an appointment.

Offers are remembered and may be outdated: when a remembered one refuses, a fresh one decides.
"""

from datetime import datetime

from catalog.domain import Offer, check_bookable, check_start
from kernel.errors import ConflictError, DomainError, UnprocessableError
from kernel.sentences import sentence


class OfferRefusedError(Exception):
    """The offer, as it was read, does not allow this; `reason` says why."""

    def __init__(self, reason: DomainError) -> None:
        super().__init__(reason)
        self.reason = reason


def check_offer(offer: Offer, *, duration_minutes: int, starts_at: datetime, now: datetime) -> None:
    """Whether an appointment of that length can start then. Raises `OfferRefusedError`.

    Raises `InvalidInputError` for a time without UTC offset: no offer makes that right.
    """
    try:
        check_bookable(offer)
        check_start(offer.provider, duration_minutes=duration_minutes, starts_at=starts_at, now=now)
    except (ConflictError, UnprocessableError) as reason:
        raise OfferRefusedError(reason) from reason


def offer_changed() -> OfferRefusedError:
    """The refusal when the offer changed between its read and the write."""
    return OfferRefusedError(
        ConflictError(sentence("The provider has just changed this offer. Look at it again."), code="offer_changed")
    )
