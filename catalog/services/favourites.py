"""The providers whom a customer keeps."""

from pynamodb.expressions.condition import size

from catalog.domain import MAX_FAVOURITES, check_may_keep
from catalog.models import FavouritesItem, ProviderItem
from kernel import storage
from kernel.actors import Actor
from kernel.errors import ConflictError, NotFoundError
from kernel.ids import is_provider_id
from kernel.sentences import sentence


def keep_favourite(*, actor: Actor, provider_id: str) -> None:
    """Keep the provider among the customer's favourites; repeating it changes nothing. One transaction.

    Raises `ForbiddenError` for anyone but a customer, `NotFoundError`, and `ConflictError` (`too_many_favourites`).
    """
    check_may_keep(actor)
    providers = FavouritesItem.providers
    has_room = providers.does_not_exist() | providers.contains(provider_id)
    has_room |= size(providers) < MAX_FAVOURITES
    if not is_provider_id(provider_id):
        raise _no_provider()
    is_there = ProviderItem.provider_id.exists() & ProviderItem.suspended_at.does_not_exist()
    try:
        storage.transact(
            [
                storage.update(
                    "favourites",
                    FavouritesItem,
                    actor.user_id,
                    actions=[providers.add({provider_id})],
                    condition=has_room,
                ),
                storage.check("provider", ProviderItem, provider_id, condition=is_there),
            ]
        )
    except storage.ConditionFailedError as failure:
        if "provider" in failure.failed:
            raise _no_provider() from failure
        message = sentence("Keep at most %(most)s favourites: remove one first.", most=MAX_FAVOURITES)
        raise ConflictError(message, code="too_many_favourites") from failure


def drop_favourite(*, actor: Actor, provider_id: str) -> None:
    """Keep the provider no longer; repeating it changes nothing. One UpdateItem. Raises `ForbiddenError`."""
    check_may_keep(actor)
    storage.write(
        storage.update(
            "favourites", FavouritesItem, actor.user_id, actions=[FavouritesItem.providers.delete({provider_id})]
        )
    )


def _no_provider() -> NotFoundError:
    return NotFoundError(sentence("There is no such provider."))
