"""Reads of one provider and what belongs to it, by key."""

from catalog.domain import Provider, Service
from catalog.models import ProviderItem, ServiceItem
from catalog.records import read_provider, read_service
from marketplace.kernel import storage
from marketplace.kernel.errors import NotFoundError
from marketplace.kernel.ids import is_provider_id


def get_provider(provider_id: str) -> Provider:
    """The provider as it is now (one GetItem). Raises `NotFoundError`."""
    row = storage.get_row(ProviderItem, provider_id) if is_provider_id(provider_id) else None
    if row is None:
        raise NotFoundError("There is no such provider.")
    return read_provider(row)


def list_provider_services(provider: Provider) -> list[Service]:
    """All services of the provider, inactive ones too, in the order in which they were added (one BatchGetItem)."""
    rows = storage.get_rows([(ServiceItem, service_id) for service_id in provider.service_ids])
    return [read_service(row) for row in rows if row is not None]
