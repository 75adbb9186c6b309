"""The stored keys under which search finds providers and services, made anew when the rule that makes them changes."""

from collections.abc import Iterator
from functools import partial

from catalog.models import ProviderItem, ServiceItem
from catalog.records import ACCEPTING_KEYS, PROVIDERS, SERVICES, service_attributes
from catalog.services.changes import unchanged
from catalog.services.cities import count_city
from kernel import storage

_KEYS = ("listed_category", "listed_city", "listed_area")


def rewrite_search_keys() -> Iterator[bool]:
    """Give every provider that takes bookings, and its services, the keys of today's rule.

    Yields for each provider whether it had others. May be repeated, also after it broke off, and while the marketplace
    is in use: a provider that is changed meanwhile is done with its newest state. One that takes no bookings has no
    keys, and gets today's when it takes some again. Raises `BusyError`.
    """
    for shard in ACCEPTING_KEYS:
        for row in storage.all_rows(ProviderItem, shard, index="availability-index"):
            yield storage.retrying(partial(_rewrite, row["provider_id"]))


def _rewrite(provider_id: str) -> bool:
    row = storage.get_row(ProviderItem, provider_id)
    if row is None:
        return False
    provider = PROVIDERS.read(row)
    writes = []
    for service_row in storage.get_rows([(ServiceItem, service_id) for service_id in provider.service_ids]):
        if service_row is not None:
            service = SERVICES.read(service_row)
            wanted = service_attributes(service, provider)
            actions = storage.changes(
                ServiceItem, {name: service_row.get(name) for name in _KEYS}, {name: wanted[name] for name in _KEYS}
            )
            if actions:
                same = ServiceItem.version == service.version
                name = f"service:{service.service_id}"
                writes.append(storage.update(name, ServiceItem, service.service_id, actions=actions, condition=same))
    city = PROVIDERS.attributes(provider)["listed_city"]
    actions = storage.changes(ProviderItem, {"listed_city": row.get("listed_city")}, {"listed_city": city})
    if not actions and not writes:
        return False
    if actions:
        writes.append(
            storage.update("provider", ProviderItem, provider_id, actions=actions, condition=unchanged(provider))
        )
    else:
        writes.append(storage.check("provider", ProviderItem, provider_id, condition=unchanged(provider)))
    storage.transact(writes)
    count_city(provider_id=provider_id)
    return True
