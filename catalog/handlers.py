"""What a provider's event sets going inside this app."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from catalog import services
from catalog.events import EVENT_TYPES, ProviderChanged


def count_city(event: ProviderChanged, now: datetime) -> None:
    """Count the provider in the city in which it takes bookings. May be repeated, late, and out of order."""
    services.count_city(provider_id=event.provider_id)


# By type of event; a handler takes the events of its type and the present instant.
HANDLERS: dict[str, tuple[Callable[[Any, datetime], None], ...]] = dict.fromkeys(EVENT_TYPES, (count_city,))
