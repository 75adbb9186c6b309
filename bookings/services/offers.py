"""Working with offers from memory, which may be outdated: whatever one refuses is decided by a fresh one."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from catalog.domain import Offer, check_bookable, check_start
from catalog.queries import get_offer
from kernel.errors import ConflictError, DomainError, UnprocessableError
from kernel.sentences import sentence

Result = TypeVar("Result")


class OfferRefusedError(Exception):
    """The offer, as it was read, does not allow this; `reason` says why."""

    def __init__(self, reason: DomainError) -> None:
        super().__init__(reason)
        self.reason = reason


def with_offer(service_id: str, use: Callable[[Offer], Result]) -> Result:
    """What `use` makes of the offer; if it refuses the remembered one, what it makes of a fresh one.

    Raises `NotFoundError` for an unknown service, and `OfferRefusedError` when the fresh one is refused, too.
    """
    try:
        return use(get_offer(service_id))
    except OfferRefusedError:
        return use(get_offer(service_id, fresh=True))


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
