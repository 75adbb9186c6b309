"""The times that providers keep for themselves."""

from collections.abc import Sequence
from datetime import datetime

from catalog.domain import OwnTime, check_may_manage, own_time_not_found
from catalog.models import OwnTimesItem
from catalog.records import read_own_times
from kernel import storage
from kernel.actors import Actor

# Where a provider's item is among the days of their claims.
OWN_TIMES_DAY = "own-time"


def own_times_read(provider_id: str) -> storage.Read[Sequence[OwnTime]]:
    """The read of what the provider keeps free (one item), to be read beside others'; in order of the starts."""
    found = storage.item_read((OwnTimesItem, provider_id, OWN_TIMES_DAY), read_own_times)
    return found.then(lambda own_times: own_times or ())


def list_own_times(*, actor: Actor, provider_id: str, now: datetime) -> list[OwnTime]:
    """What of the provider's own time is not over, by start (one GetItem).

    Raises `NotFoundError` and `ForbiddenError`.
    """
    check_may_manage(actor, provider_id)
    return [each for each in storage.read(own_times_read(provider_id)) if now < each.ends_at]


def get_own_time(*, actor: Actor, provider_id: str, own_time_id: str) -> OwnTime:
    """An own time of the provider (one GetItem). Raises `NotFoundError` and `ForbiddenError`."""
    check_may_manage(actor, provider_id)
    return find_own_time(storage.read(own_times_read(provider_id)), own_time_id)


def find_own_time(own_times: Sequence[OwnTime], own_time_id: str) -> OwnTime:
    """The one with that id. Raises `NotFoundError`."""
    for each in own_times:
        if each.own_time_id == own_time_id:
            return each
    raise own_time_not_found()
