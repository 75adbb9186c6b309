"""How the catalog is changed: a new state is made of the one that was read, and the difference is written at once.

The provider is the root: every write of it or of its services depends on `unchanged`, so changes that overlap in
time happen one after the other.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pynamodb.expressions.condition import Condition

from catalog.domain import Provider, Service
from catalog.models import ProviderItem, ServiceItem
from catalog.queries import list_provider_services
from catalog.records import PROVIDERS, service_attributes
from kernel import storage, versions
from kernel.outbox import outbox_actions
from kernel.sentences import sentence
from kernel.versions import ExpectedVersion
from photos.services import photos_unchanged

# What services carry copies of, or what decides whether search lists them.
_COPIED = (
    "name",
    "city",
    "country",
    "location",
    "travel_radius_km",
    "accepting_bookings",
    "verified_at",
    "suspended_at",
)


def check_version(version: int, expected_version: ExpectedVersion) -> None:
    """Raises `StaleVersionError` unless the version is an expected one."""
    versions.check_version(version, expected_version, sentence("This was changed in the meantime. Read it again."))


def unchanged(provider: Provider) -> Condition:
    """The condition that neither the provider nor its services, ratings or photos changed since it was read."""
    condition: Condition = (ProviderItem.version == provider.version) & photos_unchanged(ProviderItem, provider.photos)
    condition &= (ProviderItem.rating_count == provider.rating.count) & (ProviderItem.rating_sum == provider.rating.sum)
    return condition


def renewed(provider: Provider, now: datetime) -> Provider:
    """The provider at its next version."""
    return replace(provider, version=provider.version + 1, updated_at=now)


def provider_write(before: Provider, after: Provider) -> storage.Write:
    """The write, named `provider`, that turns one state of the provider into another."""
    actions = PROVIDERS.changes(before, after)
    actions += outbox_actions(ProviderItem, after.provider_id, after.updated_at)
    return storage.update("provider", ProviderItem, before.provider_id, actions=actions, condition=unchanged(before))


def service_writes(
    before: tuple[Provider, Sequence[Service]], after: tuple[Provider, Sequence[Service]]
) -> list[storage.Write]:
    """The writes of those services whose own attributes or copies of the provider's differ between two states."""
    writes = []
    for old, new in zip(before[1], after[1], strict=True):
        attributes = service_attributes(old, before[0]), service_attributes(new, after[0])
        actions = storage.changes(ServiceItem, *attributes)
        if actions:
            same = ServiceItem.version == old.version
            name = f"service:{old.service_id}"
            writes.append(storage.update(name, ServiceItem, old.service_id, actions=actions, condition=same))
    return writes


def store_provider(
    before: Provider,
    after: Provider,
    now: datetime,
    also: Sequence[storage.Write] = (),
    *,
    expected_version: ExpectedVersion = None,
) -> Provider:
    """Write the difference, if there is one, to the provider and to the copies that its services carry.

    `also` is written in the same transaction; without a difference, nothing is. The provider as it is stored.
    Raises `StaleVersionError` for a difference to another version than the expected one.
    """
    if after == before:
        # Perhaps the same change was made before, and its answer was lost.
        return before
    check_version(before.version, expected_version)
    after = renewed(after, now)
    writes = [provider_write(before, after), *also]
    if any(getattr(after, name) != getattr(before, name) for name in _COPIED):
        services = list_provider_services(before)
        writes += service_writes((before, services), (after, services))
    storage.transact(writes)
    return after
