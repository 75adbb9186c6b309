"""The providers whom a customer keeps."""

from catalog.domain import Provider, check_may_keep
from catalog.models import FavouritesItem
from catalog.queries.providers import list_public_providers
from kernel import storage
from kernel.actors import Actor


def favourite_ids(*, actor: Actor) -> set[str]:
    """The ids of the actor's favourites. One GetItem. Raises `ForbiddenError` for anyone but a customer."""
    return storage.read(favourites_read(actor))


def favourites_read(actor: Actor) -> storage.Read[set[str]]:
    """The read of the ids of the actor's favourites (one item), to be read beside others'. Raises `ForbiddenError`."""
    check_may_keep(actor)
    found = storage.item_read((FavouritesItem, actor.user_id), lambda row: set(row.get("providers") or ()))
    return found.then(lambda ids: ids or set())


def list_favourites(*, actor: Actor) -> list[Provider]:
    """The actor's favourites by name, without those who left or are suspended. Two reads. Raises `ForbiddenError`."""
    found = list_public_providers(sorted(favourite_ids(actor=actor)))
    return sorted(found, key=lambda provider: provider.name.casefold())
