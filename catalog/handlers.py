"""What a provider's event, or a photo's, sets going inside this app."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from catalog import services
from catalog.events import EVENT_TYPES, ProviderChanged
from photos.domain import OwnerKind
from photos.events import PhotoProcessed
from photos.queries import get_outcome


def count_city(event: ProviderChanged, now: datetime) -> None:
    """Count the provider in the city in which it takes bookings. May be repeated, late, and out of order."""
    services.count_city(provider_id=event.provider_id)


def keep_photo(event: PhotoProcessed, now: datetime) -> None:
    """Show what became of a provider's or service's photo. May be repeated, late, and out of order."""
    if event.belongs_to.kind is not OwnerKind.BOOKING:
        outcome = get_outcome(event.photo_id)
        if outcome is not None:
            services.keep_outcome(owner=event.belongs_to, outcome=outcome)


# By type of event; a handler takes the events of its type and the present instant.
HANDLERS: dict[str, tuple[Callable[[Any, datetime], None], ...]] = {
    **dict.fromkeys(EVENT_TYPES, (count_city,)),
    PhotoProcessed.type: (keep_photo,),
}
