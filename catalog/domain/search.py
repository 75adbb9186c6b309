"""What can be searched for, and in which order it is listed."""

from datetime import date
from enum import StrEnum

from catalog.domain.geo import Point
from kernel.errors import FieldError, InvalidInputError
from kernel.sentences import sentence
from kernel.values import dataclass

MAX_RADIUS_KM = 50
DEFAULT_RADIUS_KM = 25


class Sort(StrEnum):
    """The order of listed services; `RATING` has the best first, `DISTANCE` the nearest."""

    PRICE = "price"
    PRICE_DESCENDING = "-price"
    RATING = "rating"
    DISTANCE = "distance"


@dataclass(frozen=True, slots=True)
class ServiceSearch:
    """Services that satisfy every filter that is not None.

    Prices in minor units, `min_rating` in hundredths of a star, `free_on` a date where the provider is; each of
    `words` begins a word of the service's name or description, its category, or its provider's name, or is the plural
    of one, and a search for no word at all, `()`, finds nothing.

    Raises `InvalidInputError` for filters that do not go together.
    """

    category: str | None = None
    price_min: int | None = None
    price_max: int | None = None
    currency: str | None = None
    city: str | None = None
    country: str | None = None
    near: Point | None = None
    radius_km: float | None = None
    min_rating: int | None = None
    free_on: date | None = None
    words: tuple[str, ...] | None = None
    sort: Sort | None = None

    def __post_init__(self) -> None:
        errors = _place_errors(self.city, self.country)
        if self.near is not None and self.city is not None:
            errors.append(FieldError("city", "exclusive", sentence("Give either a city or a point to be near.")))
        if self.near is None and self.radius_km is not None:
            errors.append(FieldError("near", "required", sentence("Give the point that the radius is about.")))
        if self.near is None and self.sort is Sort.DISTANCE:
            errors.append(
                FieldError("sort", "invalid", sentence("Only a search near a point can be sorted by distance."))
            )
        if self.price_min is not None and self.price_max is not None and self.price_min > self.price_max:
            errors.append(
                FieldError("price_max", "invalid", sentence("The highest price must not be below the lowest."))
            )
        if errors:
            raise InvalidInputError(errors)

    @property
    def order(self) -> Sort:
        """The order asked for; without one, the nearest or else the best rated come first."""
        return self.sort or (Sort.RATING if self.near is None else Sort.DISTANCE)

    @property
    def radius_meters(self) -> float:
        return 1000 * (DEFAULT_RADIUS_KM if self.radius_km is None else self.radius_km)


@dataclass(frozen=True, slots=True)
class ProviderSearch:
    """Providers that take bookings, the best rated first; `min_rating` in hundredths of a star."""

    city: str | None = None
    country: str | None = None
    min_rating: int | None = None

    def __post_init__(self) -> None:
        errors = _place_errors(self.city, self.country)
        if errors:
            raise InvalidInputError(errors)


def _place_errors(city: str | None, country: str | None) -> list[FieldError]:
    if (city is None) == (country is None):
        return []
    missing = "country" if country is None else "city"
    return [FieldError(missing, "required", sentence("Give a city together with its country."))]
