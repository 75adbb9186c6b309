"""The cities that have providers."""

from dataclasses import dataclass

from catalog.models import CITIES_KEY, CitiesItem
from kernel import storage


@dataclass(frozen=True, slots=True)
class City:
    """A city, its country (ISO 3166 alpha-2), and how many of its providers take bookings."""

    name: str
    country: str
    providers: int


def list_cities() -> list[City]:
    """The cities with providers who take bookings, the largest first, as of an hour ago at most. One GetItem."""
    row = storage.get_row(CitiesItem, CITIES_KEY, consistent=False)
    return [City(*city) for city in row["cities"]] if row else []
