"""What ties a booking to the offer that it was made from."""

from catalog.domain import Offer
from catalog.models import ProviderItem
from kernel import storage


def hours_unchanged_write(offer: Offer) -> storage.Write:
    """A check for the move of a booking, named `offer`: the provider is still as it was read, paused or not."""
    unchanged = ProviderItem.version == offer.provider.version
    return storage.check("offer", ProviderItem, offer.provider.provider_id, condition=unchanged)


def offer_unchanged_write(offer: Offer) -> storage.Write:
    """A check for a booking's transaction, named `offer`: the offer is still as it was read, and takes bookings.

    Services have no condition of their own, because each change of one raises its provider's version.
    """
    return _BOOKABLE.check("offer", offer.provider.provider_id, version=offer.provider.version)


_BOOKABLE = storage.Prepared(
    ProviderItem,
    condition=(ProviderItem.version == storage.number_parameter("version"))
    & (ProviderItem.accepting_bookings == True)  # noqa: E712
    & ProviderItem.suspended_at.does_not_exist(),
)
