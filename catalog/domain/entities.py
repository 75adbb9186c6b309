"""What the catalog holds: providers, the services they offer, and the pair of both that a booking is made from."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from catalog.domain.geo import Point
from catalog.domain.hours import WorkingHours
from kernel.money import Money


@dataclass(frozen=True, slots=True)
class RatingSummary:
    """The ratings of a provider: the sum of their stars, their number, and the mean in hundredths (0 without any)."""

    sum: int = 0
    count: int = 0

    @property
    def average(self) -> int:
        return (self.sum * 100 + self.count // 2) // self.count if self.count else 0

    def with_rating(self, rating: int) -> "RatingSummary":
        """The summary after one more rating of `rating` stars."""
        return RatingSummary(self.sum + rating, self.count + 1)


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider: profile, place, working hours and booking rules; the root of everything it offers.

    `version` rises with every change but ratings, also with changes of its services. Its prices include the tax, if it
    charges any; the tax number is for its invoices.
    """

    provider_id: str
    owner_id: str
    version: int
    name: str
    description: str
    city: str
    country: str
    location: Point
    time_zone: str
    hours: WorkingHours
    minimum_notice_minutes: int
    horizon_days: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    free_cancellation_hours: int
    late_cancellation_percent: int
    tax_rate_basis_points: int
    tax_number: str
    accepting_bookings: bool
    service_ids: tuple[str, ...]
    categories: tuple[str, ...]
    rating: RatingSummary
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Service:
    """Something that a provider does at a fixed price and length; inactive ones are kept but cannot be booked."""

    service_id: str
    provider_id: str
    version: int
    name: str
    description: str
    category: str
    price: Money
    duration_minutes: int
    active: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class MeanRating:
    """The mean of a provider's ratings in hundredths of a star (0 without any), and their number."""

    average: int
    count: int


@dataclass(frozen=True, slots=True)
class ListedService:
    """A service as search finds it, with what a list shows of its provider.

    `distance_meters` is from the point that the search was near; None if it was near none.
    """

    service_id: str
    name: str
    description: str
    category: str
    price: Money
    duration_minutes: int
    provider_id: str
    provider_name: str
    city: str
    country: str
    rating: MeanRating
    distance_meters: float | None = None


@dataclass(frozen=True, slots=True)
class ListedProvider:
    """A provider as search finds it."""

    provider_id: str
    name: str
    description: str
    city: str
    country: str
    time_zone: str
    categories: tuple[str, ...]
    rating: RatingSummary


@dataclass(frozen=True, slots=True)
class Offer:
    """A service together with its provider, as they were at one moment."""

    service: Service
    provider: Provider

    @property
    def is_bookable(self) -> bool:
        return self.service.active and self.provider.accepting_bookings


@dataclass(frozen=True, slots=True)
class Availability:
    """The starts, ascending and in UTC, from `start` to before `end` at which the offer's service can be booked."""

    offer: Offer
    start: datetime
    end: datetime
    starts: list[datetime]


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def search_words(text: str) -> list[str]:
    """The words of a text as search compares them: without case, accents and punctuation."""
    return "".join(letter if letter.isalnum() else " " for letter in _folded(text)).split()


def city_key(country: str, city: str) -> str:
    """`us/san jose`: one key for all spellings of a city's name. `country` is an ISO 3166 alpha-2 code."""
    return f"{country.lower()}/{' '.join(search_words(city))}"


def area_key(category: str, place: str) -> str:
    """`plumbing#us/austin`, `plumbing#9v6k`: a category in a city or a geohash cell, as the indexes key it."""
    return f"{category}#{place}"
