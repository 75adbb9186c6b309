"""Offers, kept in the process for half a minute: what most requests about one service need, at no read."""

import threading
import time
from collections import OrderedDict

from catalog.domain import Offer, Provider, Service
from catalog.models import ProviderItem, ServiceItem
from catalog.records import PROVIDERS, SERVICES
from kernel import storage
from kernel.errors import NotFoundError
from kernel.ids import parent_provider_id
from kernel.sentences import sentence

KEPT_SECONDS = 30
MAX_KEPT = 2_000

_kept: OrderedDict[str, tuple[float, Offer]] = OrderedDict()
_lock = threading.Lock()


class NotOfferedError(NotFoundError):
    """The service is not on offer at present; its provider, `provider_id`, is there for everyone, or not (None)."""

    def __init__(self, provider_id: str | None) -> None:
        super().__init__(sentence("There is no such service."))
        self.provider_id = provider_id


def get_offer(service_id: str, *, fresh: bool = False) -> Offer:
    """The service with its provider: from this process's memory if read in the last 30 s, else one BatchGetItem.

    A remembered offer may be outdated. Put `catalog.services.offer_unchanged_write` into the transaction that relies on
    it, and when that check fails, ask again with `fresh`. Raises `NotFoundError` for an unknown service.
    """
    offer = None if fresh else _recall(service_id)
    if offer is None:
        offer = storage.read(offer_read(service_id))
        _remember(offer)
    return offer


def offer_read(service_id: str) -> storage.Read[Offer]:
    """The read of a service with its provider (two items), to be read beside others'.

    Raises `NotFoundError` for an id that no service can have, and for an unknown service when it is read.
    """
    provider_id = parent_provider_id(service_id)
    if provider_id is None:
        raise NotFoundError(sentence("There is no such service."))
    return storage.joined(
        storage.item_read((ServiceItem, service_id), SERVICES.read),
        storage.item_read((ProviderItem, provider_id), PROVIDERS.read),
    ).then(_offer)


def get_public_offer(service_id: str) -> Offer:
    """The service with its provider as everyone may see it now (one BatchGetItem).

    Raises `NotFoundError` for an unknown service, and `NotOfferedError` for an inactive one and for those of a provider
    who is suspended.
    """
    offer = get_offer(service_id, fresh=True)
    if offer.provider.is_suspended:
        raise NotOfferedError(None)
    if not offer.service.active:
        raise NotOfferedError(offer.provider.provider_id)
    return offer


def forget_offers() -> None:
    """Empty this process's memory of offers."""
    with _lock:
        _kept.clear()


def _offer(pair: tuple[Service | None, Provider | None]) -> Offer:
    service, provider = pair
    if service is None or provider is None:
        raise NotFoundError(sentence("There is no such service."))
    return Offer(service, provider)


def _recall(service_id: str) -> Offer | None:
    with _lock:
        entry = _kept.get(service_id)
    # The monotonic clock measures how long; what time it is does not matter here.
    return entry[1] if entry is not None and time.monotonic() - entry[0] < KEPT_SECONDS else None


def _remember(offer: Offer) -> None:
    with _lock:
        _kept[offer.service.service_id] = (time.monotonic(), offer)
        _kept.move_to_end(offer.service.service_id)
        if len(_kept) > MAX_KEPT:
            _kept.popitem(last=False)
