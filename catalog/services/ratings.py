"""The provider's rating, kept with the provider and copied to its services for search."""

from collections.abc import Iterable
from typing import Any

from catalog.domain import Provider, RatingSummary
from catalog.models import ProviderItem, ServiceItem
from catalog.queries import get_provider
from kernel import storage
from kernel.errors import BusyError, NotFoundError

# Each round means that another review was counted while the copies were written.
_MAX_ROUNDS = 10


def rating_write(provider: Provider, rating: int, *, is_taken_back: bool = False) -> storage.Write:
    """The write that counts one more rating (1 to 5 stars), or takes one back, for the transaction of a review.

    It is named `provider`, and fails if another rating came in between: read the provider again
    (`catalog.queries.get_provider`) and repeat with a new write. What the provider changes meanwhile does not matter.
    """
    before = provider.rating
    summary = before.without_rating(rating) if is_taken_back else before.with_rating(rating)
    return storage.update(
        "provider",
        ProviderItem,
        provider.provider_id,
        actions=[
            ProviderItem.rating_sum.set(summary.sum),
            ProviderItem.rating_count.set(summary.count),
            ProviderItem.rating_numbers.set(list(summary.numbers)),
            ProviderItem.rating_average.set(summary.average),
            ProviderItem.rating_rank.set(summary.rank),
        ],
        # Both: one that was taken back and another that came leave the count as it was.
        condition=(ProviderItem.rating_count == before.count) & (ProviderItem.rating_sum == before.sum),
    )


def mend_rating(provider: Provider, ratings: Iterable[int]) -> bool:
    """Keep how many ratings have how many stars, if these are the provider's; whether they are. One call.

    Raises `ConditionFailedError` if another rating came in between.
    """
    summary = RatingSummary.of(ratings)
    if (summary.sum, summary.count) != (provider.rating.sum, provider.rating.count):
        return False
    storage.write(
        storage.update(
            "provider",
            ProviderItem,
            provider.provider_id,
            actions=[ProviderItem.rating_numbers.set(list(summary.numbers))],
            condition=(ProviderItem.rating_count == summary.count) & (ProviderItem.rating_sum == summary.sum),
        )
    )
    return True


def copy_rating(*, provider_id: str) -> int:
    """Give the provider's services the rating that the provider has now, where they have another; how many had.

    It looks again after writing, so that of several at the same time the last to finish has copied the last rating.
    Many ratings at once are copied together: who comes late finds nothing to do. Two reads, three or more if there is
    something to copy. Raises `BusyError`.
    """
    copied = 0
    for _ in range(_MAX_ROUNDS):
        try:
            provider = get_provider(provider_id)
        except NotFoundError:
            return copied
        outdated = _services_with_another_rating(provider)
        if not outdated:
            return copied
        for service_id in outdated:
            _copy(service_id, provider.rating)
        copied += len(outdated)
    raise BusyError


def _services_with_another_rating(provider: Provider) -> list[str]:
    rows = storage.get_rows([(ServiceItem, service_id) for service_id in provider.service_ids])
    copies = _copies(provider.rating)
    return [row["service_id"] for row in rows if row and any(row.get(name) != value for name, value in copies.items())]


def _copies(rating: RatingSummary) -> dict[str, Any]:
    """The attributes of a service that are copies of its provider's rating."""
    return {"rating_count": rating.count, "rating_average": rating.average, "rating_rank": rating.rank}


def _copy(service_id: str, rating: RatingSummary) -> None:
    actions = [getattr(ServiceItem, name).set(value) for name, value in _copies(rating).items()]
    exists = ServiceItem.service_id.exists()
    storage.write(storage.update("service", ServiceItem, service_id, actions=actions, condition=exists))
