"""The photos of providers and services: claimed, ordered, removed, and kept as what became of them.

None of this changes a version: what somebody edits meanwhile can still be saved. The condition of each write is the
list as it was read.
"""

from collections.abc import Sequence
from datetime import datetime

from catalog.domain import Provider, Service, check_may_manage
from catalog.models import ProviderItem, ServiceItem
from catalog.queries import get_provider, get_service
from catalog.records import cover_value
from kernel import storage
from kernel.actors import SYSTEM, Actor
from kernel.errors import NotFoundError
from kernel.ids import parent_provider_id
from photos.domain import Owner, OwnerKind, Photo, Photos, cover, in_order, photo_not_found, with_outcome
from photos.services import ListChange, claiming, list_write, removal_writes, removing, transact_list

MAX_PROVIDER_PHOTOS = 12
MAX_SERVICE_PHOTOS = 6


def claim_photo(*, actor: Actor, owner: Owner, upload_id: str, now: datetime) -> Photos:
    """Make the actor's upload the last photo of a provider or service; all of them. Repeating it changes nothing.

    Raises `NotFoundError`, `ForbiddenError`, `InvalidInputError` (`upload`), and `ConflictError` (`too_many_photos`).
    """
    most = MAX_PROVIDER_PHOTOS if owner.kind is OwnerKind.PROVIDER else MAX_SERVICE_PHOTOS
    claim = claiming(actor=actor, upload_id=upload_id, owner=owner, most=most, now=now)
    return _change(actor, owner, claim)


def order_photos(*, actor: Actor, owner: Owner, photo_ids: Sequence[str]) -> Photos:
    """Show the photos in this order; all of them. The first stands for the provider in lists.

    Raises `NotFoundError`, `ForbiddenError` and `InvalidInputError` (`order`).
    """
    return _change(actor, owner, lambda photos: (in_order(photos, photo_ids), ()))


def remove_photo(*, actor: Actor, owner: Owner, photo_id: str, now: datetime) -> Photos:
    """Take a photo away, and have its files deleted; those that are left.

    Raises `NotFoundError` and `ForbiddenError`.
    """
    return _change(actor, owner, removing(photo_id, now=now))


def remove_all_photos(*, actor: Actor, owner: Owner, now: datetime) -> None:
    """Take all photos of a provider or service away, and have their files deleted. May be repeated."""
    _change(actor, owner, lambda photos: ((), removal_writes([photo.photo_id for photo in photos], now=now)))


def keep_outcome(*, owner: Owner, outcome: Photo) -> None:
    """Keep with its owner what became of a photo, unless it was removed meanwhile. May be repeated."""
    try:
        _change(SYSTEM, owner, lambda photos: (with_outcome(photos, outcome), ()))
    except NotFoundError:
        return


def list_photos(*, actor: Actor, owner: Owner) -> Photos:
    """All photos of a provider or service, for those who manage it. Raises `NotFoundError` and `ForbiddenError`."""
    return _read(actor, owner).photos


def _read(actor: Actor, owner: Owner) -> Provider | Service:
    provider_id = owner.id if owner.kind is OwnerKind.PROVIDER else parent_provider_id(owner.id)
    if owner.kind is OwnerKind.BOOKING or provider_id is None:
        raise photo_not_found()
    if actor != SYSTEM:
        check_may_manage(actor, provider_id)
    if owner.kind is OwnerKind.PROVIDER:
        return get_provider(provider_id)
    return get_service(owner.id)


def _change(actor: Actor, owner: Owner, change: ListChange) -> Photos:
    """Change an owner's list in one transaction with what goes with it; the list then."""

    def attempt() -> Photos:
        before = _read(actor, owner)
        photos, others = change(before.photos)
        if photos != before.photos:
            if isinstance(before, Provider):
                writes = _provider_writes(before, photos)
            else:
                writes = [list_write(ServiceItem, before.service_id, before.photos, photos)]
            transact_list([*writes, *others])
        return photos

    return storage.retrying(attempt)


def _provider_writes(before: Provider, photos: Photos) -> list[storage.Write]:
    """The list, and the copies of its first that search shows. No service comes meanwhile: that changes the version."""
    old, new = ({"photo": cover_value(cover(each))} for each in (before.photos, photos))
    writes = [
        list_write(ProviderItem, before.provider_id, before.photos, photos, ProviderItem.version == before.version)
    ]
    if old != new:
        actions = storage.changes(ServiceItem, old, new)
        exists = ServiceItem.version.exists()
        writes += [
            storage.update(f"service:{service_id}", ServiceItem, service_id, actions=actions, condition=exists)
            for service_id in before.service_ids
        ]
    return writes
