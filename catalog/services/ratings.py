"""The provider's rating, kept with the provider and copied to its services for search."""

from catalog.domain import Provider
from catalog.models import ProviderItem, ServiceItem
from catalog.services.changes import unchanged
from kernel import storage


def rating_writes(provider: Provider, rating: int) -> list[storage.Write]:
    """The writes that count one more rating (1 to 5 stars), for the transaction of a review: at most 51.

    The first is named `provider`. It fails if another rating, or a change of the services that the copies go to,
    came in between: read the provider again (`catalog.queries.get_provider`) and repeat with new writes.
    """
    summary = provider.rating.with_rating(rating)
    counted = storage.update(
        "provider",
        ProviderItem,
        provider.provider_id,
        actions=[
            ProviderItem.rating_sum.set(summary.sum),
            ProviderItem.rating_count.set(summary.count),
            ProviderItem.rating_average.set(summary.average),
        ],
        condition=unchanged(provider),
    )
    copies = [
        storage.update(
            f"service:{service_id}",
            ServiceItem,
            service_id,
            actions=[ServiceItem.rating_count.set(summary.count), ServiceItem.rating_average.set(summary.average)],
            condition=ServiceItem.service_id.exists(),
        )
        for service_id in provider.service_ids
    ]
    return [counted, *copies]
