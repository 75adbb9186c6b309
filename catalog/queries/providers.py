"""Reads of one provider and what belongs to it, by key."""

from collections.abc import Sequence

from catalog.domain import Provider, Service, check_may_manage
from catalog.models import ProviderItem, ServiceItem
from catalog.records import PROVIDERS, SERVICES
from kernel import storage
from kernel.actors import Actor
from kernel.errors import NotFoundError
from kernel.ids import is_provider_id, parent_provider_id
from kernel.sentences import sentence
from kernel.values import dataclass


def provider_read(provider_id: str) -> storage.Read[Provider]:
    """The read of a provider (one item), to be read beside others'. Raises `NotFoundError` when it is read."""
    return storage.item_read((ProviderItem, provider_id), PROVIDERS.read).then(_found_provider)


@dataclass(frozen=True, slots=True)
class ProviderContact:
    """Who owns a provider, the number of its business, empty without one, and whether it has a page for everyone."""

    owner_id: str
    phone: str
    is_public: bool


def contact_read(provider_id: str) -> storage.Read[ProviderContact | None]:
    """The read of who to ask about a provider (one item), to be read beside others'; None for one that is not there."""
    return storage.item_read((ProviderItem, provider_id), PROVIDERS.read).then(
        lambda provider: (
            ProviderContact(provider.owner_id, provider.phone, not provider.is_suspended) if provider else None
        )
    )


def get_provider(provider_id: str) -> Provider:
    """The provider as it is now (one GetItem). Raises `NotFoundError`."""
    if not is_provider_id(provider_id):
        return _found_provider(None)
    return storage.read(provider_read(provider_id))


def public_provider_read(provider_id: str) -> storage.Read[Provider]:
    """As `provider_read`, for everyone: one that is suspended does not exist."""
    return provider_read(provider_id).then(_public)


def get_public_provider(provider_id: str) -> Provider:
    """The provider as everyone may see it (one GetItem). Raises `NotFoundError`, also for one that is suspended."""
    return _public(get_provider(provider_id))


def list_public_providers(provider_ids: Sequence[str]) -> list[Provider]:
    """Those of these providers that everyone may see, in this order (one BatchGetItem for up to 100)."""
    rows = storage.get_rows([(ProviderItem, provider_id) for provider_id in provider_ids])
    providers = (PROVIDERS.read(row) for row in rows if row)
    return [provider for provider in providers if not provider.is_suspended]


def _public(provider: Provider) -> Provider:
    return _found_provider(None if provider.is_suspended else provider)


def _found_provider(provider: Provider | None) -> Provider:
    if provider is None:
        raise NotFoundError(sentence("There is no such provider."))
    return provider


def get_own_provider(*, actor: Actor, provider_id: str) -> Provider:
    """The provider for those who manage it. Raises `NotFoundError` and `ForbiddenError`."""
    check_may_manage(actor, provider_id)
    return get_provider(provider_id)


def get_own_service(*, actor: Actor, service_id: str) -> Service:
    """The service, active or not, for those who manage it. Raises `NotFoundError` and `ForbiddenError`."""
    provider_id = parent_provider_id(service_id)
    if provider_id is not None:
        check_may_manage(actor, provider_id)
    return get_service(service_id)


def get_service(service_id: str) -> Service:
    """The service as it is now, active or not (one GetItem). Raises `NotFoundError`."""
    row = storage.get_row(ServiceItem, service_id) if parent_provider_id(service_id) else None
    if row is None:
        raise NotFoundError(sentence("There is no such service."))
    return SERVICES.read(row)


def list_provider_services(provider: Provider) -> list[Service]:
    """All services of the provider, inactive ones too, in the order in which they are listed (one BatchGetItem)."""
    rows = storage.get_rows([(ServiceItem, service_id) for service_id in provider.service_ids])
    return [SERVICES.read(row) for row in rows if row is not None]


def service_reads(provider: Provider) -> list[storage.Read[Service | None]]:
    """The reads of all services of the provider (one item each, 50 at most), to be read beside others'."""
    return [storage.item_read((ServiceItem, service_id), SERVICES.read) for service_id in provider.service_ids]
