"""The cities that have providers, and the providers that are listed."""

from collections.abc import Iterator
from statistics import fmean

from catalog.domain import Point, city_key
from catalog.models import AvailabilityIndex, CitiesItem, LocationIndex, ProviderItem
from catalog.records import ACCEPTING_KEYS, LISTED_PROVIDERS, rough_point_of
from kernel import storage
from kernel.values import dataclass

# The one item; and the prefixes of its attributes, before a city's key.
CITIES_KEY = "cities"
_COUNT, _LABEL = "count ", "name "
_LEAST_OF_A_MEAN, _PROVIDERS_OF_A_MEAN = 3, 50


@dataclass(frozen=True, slots=True)
class City:
    """A city and how many providers take bookings there. `key` is `us/austin`, as search knows it."""

    key: str
    country: str
    name: str
    providers: int


def list_cities() -> list[City]:
    """The cities with providers who take bookings, those with most first. One GetItem.

    It follows a change within seconds.
    """
    return storage.read(cities_read(), consistent=False)


def cities_read() -> storage.Read[list[City]]:
    """The read of what `list_cities` lists (one item), to be read beside others'."""
    return storage.item_read((CitiesItem, CITIES_KEY), _cities).then(lambda cities: cities or [])


def _cities(row: storage.Row) -> list[City]:
    cities = [
        City(key, key.partition("/")[0].upper(), row[label_name(key)], count)
        for name, count in row.items()
        if name.startswith(_COUNT) and count > 0
        for key in [name.removeprefix(_COUNT)]
    ]
    return sorted(cities, key=lambda city: (-city.providers, city.name))


def find_city_middle(*, country: str, city: str) -> Point | None:
    """Where a city is, to about a kilometre: the mean of where its listed providers are. One Query.

    None where fewer than three are: it would tell where one of them is.
    """
    page = storage.query_rows(
        ProviderItem, city_key(country, city), index=LocationIndex.Meta.index_name, limit=_PROVIDERS_OF_A_MEAN
    )
    points = [rough_point_of(row) for row in page.rows]
    if len(points) < _LEAST_OF_A_MEAN:
        return None
    latitude, longitude = (
        round(fmean(getattr(point, name) for point in points), 2) for name in ("latitude", "longitude")
    )
    return Point(latitude, longitude)


def count_name(city_key: str) -> str:
    """The attribute with how many providers a city has."""
    return f"{_COUNT}{city_key}"


def label_name(city_key: str) -> str:
    """The attribute with a city's name."""
    return f"{_LABEL}{city_key}"


def iterate_unmended_ratings() -> Iterator[str]:
    """The ids of providers who take bookings and of whose ratings it is not known how many have how many stars."""
    for key in ACCEPTING_KEYS:
        for row in storage.all_rows(ProviderItem, key, index=AvailabilityIndex.Meta.index_name):
            if not LISTED_PROVIDERS.read(row).rating.adds_up:
                yield row["provider_id"]


def iterate_listed_providers() -> Iterator[str]:
    """The ids of all providers who take bookings: for jobs. One Query for each hundred."""
    for key in ACCEPTING_KEYS:
        for row in storage.all_rows(ProviderItem, key, index=AvailabilityIndex.Meta.index_name):
            yield row["provider_id"]
