"""What search and lists find providers and services by, made anew for those that were stored by an earlier rule."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from catalog.models import ProviderItem, ServiceItem
from catalog.records import PROVIDERS, SERVICES, service_attributes
from catalog.services import count_city
from catalog.services.changes import unchanged
from kernel import storage
from kernel.backfills import Backfill, for_each_row, outbox_backfill
from kernel.storage import Item, Row

# What follows from other attributes of a provider; and of a service, from those of its provider, too.
_OF_PROVIDER = ("geohash", "listed_city", "accepting_key", "list_key", "rating_average", "rating_rank")
_OF_SERVICE = (
    "listed_category",
    "listed_city",
    "listed_area",
    "list_key",
    "rating_count",
    "rating_average",
    "rating_rank",
)


def renew_provider(provider_id: str) -> bool:
    """Give the provider and its services the derived attributes of today's rules, in one transaction; count its city.

    Whether any of them had others. Raises `BusyError`.
    """
    is_renewed = storage.retrying(partial(_renew, provider_id))
    return count_city(provider_id=provider_id) or is_renewed


def _renew(provider_id: str) -> bool:
    row = storage.get_row(ProviderItem, provider_id)
    if row is None:
        return False
    provider = PROVIDERS.read(row)
    wanted = _named(_OF_PROVIDER, PROVIDERS.attributes(provider)) | outbox_backfill(row)
    of_services = []
    for service_row in storage.get_rows([(ServiceItem, service_id) for service_id in provider.service_ids]):
        if service_row is not None:
            service = SERVICES.read(service_row)
            found = _changes(ServiceItem, service_row, _named(_OF_SERVICE, service_attributes(service, provider)))
            if found:
                same = ServiceItem.version == service.version
                name = f"service:{service.service_id}"
                of_services.append(storage.update(name, ServiceItem, service.service_id, actions=found, condition=same))
    actions, is_same = _changes(ProviderItem, row, wanted), unchanged(provider)
    if not actions and not of_services:
        return False
    of_provider = (
        storage.update("provider", ProviderItem, provider_id, actions=actions, condition=is_same)
        if actions
        else storage.check("provider", ProviderItem, provider_id, condition=is_same)
    )
    storage.transact([of_provider, *of_services])
    return True


def _named(names: tuple[str, ...], attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: attributes[name] for name in names}


def _changes(item_class: type[Item], row: Row, wanted: Mapping[str, Any]) -> list[Any]:
    return storage.changes(item_class, {name: row.get(name) for name in wanted}, wanted)


BACKFILLS = (
    Backfill(
        "providers",
        "keys of search and lists, ranks of ratings, outbox and city of each provider, and copies at its services",
        lambda: for_each_row(ProviderItem, renew_provider),
    ),
)
