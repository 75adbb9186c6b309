"""What the catalog holds: providers, the services they offer, and the pair of both that a booking is made from."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import reduce
from zoneinfo import ZoneInfo

from catalog.domain.folding import search_words
from catalog.domain.geo import Point, distance_meters, roughly
from catalog.domain.hours import WorkingHours
from catalog.domain.questions import Question, questions_version
from kernel.money import Money
from kernel.values import dataclass
from photos.domain import Photo, Photos

# The rank of a provider without ratings.
UNRATED_RANK = 400


MOST_STARS = 5


@dataclass(frozen=True, slots=True)
class RatingSummary:
    """The ratings of a provider: the sum of their stars, their number, and the mean in hundredths (0 without any).

    `numbers` is how many have one star, two, and so on up to five.
    """

    sum: int = 0
    count: int = 0
    numbers: tuple[int, ...] = (0,) * MOST_STARS

    @property
    def adds_up(self) -> bool:
        """Whether sum and count are those of the numbers: not if ratings were counted before the numbers were kept."""
        sum_of_numbers = sum(stars * number for stars, number in enumerate(self.numbers, 1))
        return (sum_of_numbers, sum(self.numbers)) == (self.sum, self.count)

    @property
    def average(self) -> int:
        return (self.sum * 100 + self.count // 2) // self.count if self.count else 0

    @property
    def rank(self) -> int:
        """By what lists order: the mean in hundredths, as if there were ten ratings of four stars beside.

        So a few ratings, good or bad, move a provider less than many do.
        """
        return (100 * (40 + self.sum)) // (10 + self.count)

    def with_rating(self, rating: int) -> "RatingSummary":
        """The summary after one more rating of `rating` stars."""
        numbers = (number + (stars == rating) for stars, number in enumerate(self.numbers, 1))
        return RatingSummary(self.sum + rating, self.count + 1, tuple(numbers))

    @classmethod
    def of(cls, ratings: Iterable[int]) -> "RatingSummary":
        """The summary of these ratings."""
        return reduce(cls.with_rating, ratings, cls())

    def without_rating(self, rating: int) -> "RatingSummary":
        """The summary without one of its ratings, of `rating` stars."""
        # The numbers may be from before they were kept, and have nothing to take away from.
        numbers = (max(0, number - (stars == rating)) for stars, number in enumerate(self.numbers, 1))
        return RatingSummary(self.sum - rating, self.count - 1, tuple(numbers))


@dataclass(frozen=True, slots=True)
class FormerTaxRate:
    """A rate of tax, in hundredths of a percent, that applied to jobs before `until`, the start of a local day."""

    until: datetime
    basis_points: int


# Enough for a rate that changes every month for four years; with more, the oldest are forgotten.
MAX_FORMER_TAX_RATES = 48


@dataclass(frozen=True, slots=True)
class Terms:
    """What a customer agrees to by booking: price, length, what cancelling costs when, what is asked, who confirms.

    Cancelling is free until so many hours before the start, and for `cancellation_grace_minutes` after the provider
    confirmed; later it costs `late_cancellation_percent` of the price.
    """

    price: Money
    duration_minutes: int
    free_cancellation_hours: int
    late_cancellation_percent: int
    cancellation_grace_minutes: int
    # As `catalog.domain.questions_version` has it; None where nothing is asked.
    questions_version: str | None = None
    # Whether the booking is confirmed at once: what cancelling costs begins with that.
    instant: bool = False

    @property
    def version(self) -> str:
        """A short text that is another for other terms, and for these terms always the same."""
        values: tuple[object, ...] = (
            self.price.amount,
            self.price.currency,
            self.duration_minutes,
            self.free_cancellation_hours,
            self.late_cancellation_percent,
            self.cancellation_grace_minutes,
        )
        if self.questions_version is not None:
            values += (self.questions_version,)
        if self.instant:
            values += ("instant",)
        return hashlib.sha256(repr(values).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider: profile, place, working hours and booking rules; the root of everything it offers.

    `version` rises with every change but ratings and photos, also with changes of its services. Its prices include the
    tax, if it charges any; the tax number is for its invoices.
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
    cancellation_grace_minutes: int
    tax_rate_basis_points: int
    # The oldest first.
    former_tax_rates: tuple[FormerTaxRate, ...]
    tax_number: str
    # As E.164 writes it; empty until given. For customers with a confirmed booking.
    phone: str
    # The categories that it says it works in, whether or not it offers something in each.
    trades: tuple[str, ...]
    # How far from its place it drives to a job.
    travel_radius_km: int
    accepting_bookings: bool
    service_ids: tuple[str, ...]
    categories: tuple[str, ...]
    rating: RatingSummary
    created_at: datetime
    updated_at: datetime
    photos: Photos = ()
    # Since when admins vouch for who this is.
    verified_at: datetime | None = None
    # Since when, and why, an admin keeps it from being found and booked; and the version that changed that last.
    suspended_at: datetime | None = None
    suspension_reason: str | None = None
    suspension_version: int | None = None

    @property
    def is_suspended(self) -> bool:
        return self.suspended_at is not None

    @property
    def takes_bookings(self) -> bool:
        """Whether it can be found and booked: it wants to, and may."""
        return self.accepting_bookings and not self.is_suspended

    def distance_to(self, point: Point) -> float:
        """How far the provider drives there, in metres, from roughly where it begins."""
        return distance_meters(roughly(self.location), point)

    def reaches(self, point: Point) -> bool:
        """Whether the provider drives that far."""
        return self.distance_to(point) <= 1000 * self.travel_radius_km

    def tax_rate_at(self, instant: datetime) -> int:
        """The rate of tax, in hundredths of a percent, that applies to a job at that instant."""
        former = (rate.basis_points for rate in self.former_tax_rates if instant < rate.until)
        return next(former, self.tax_rate_basis_points)

    def with_tax_rate(self, basis_points: int, now: datetime) -> "Provider":
        """The provider with another rate of tax for jobs from the local day of `now` on."""
        if basis_points == self.tax_rate_basis_points:
            return self
        midnight = now.astimezone(ZoneInfo(self.time_zone)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        until = midnight.astimezone(now.tzinfo)
        former = [rate for rate in self.former_tax_rates if rate.until < until]
        # A rate that was entered and corrected on one day never applied.
        if len(former) == len(self.former_tax_rates):
            former.append(FormerTaxRate(until, self.tax_rate_basis_points))
        else:
            former.append(next(rate for rate in self.former_tax_rates if rate.until >= until))
        return replace(
            self,
            tax_rate_basis_points=basis_points,
            former_tax_rates=tuple(former[-MAX_FORMER_TAX_RATES:]),
        )


@dataclass(frozen=True, slots=True)
class Service:
    """Something that a provider does at a fixed price and length; inactive ones are kept but cannot be booked.

    `instant`: a booking of it is confirmed at once, without the provider's answer. `questions` are asked of whoever
    books it.
    """

    service_id: str
    provider_id: str
    version: int
    name: str
    description: str
    category: str
    price: Money
    duration_minutes: int
    active: bool
    instant: bool
    created_at: datetime
    updated_at: datetime
    photos: Photos = ()
    questions: tuple[Question, ...] = ()


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
    provider_verified: bool
    distance_meters: float | None = None
    # The provider's first.
    photo: Photo | None = None


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
    photo: Photo | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A service together with its provider, as they were at one moment."""

    service: Service
    provider: Provider

    @property
    def is_bookable(self) -> bool:
        return self.service.active and self.provider.takes_bookings

    @property
    def terms(self) -> Terms:
        """What whoever books this now agrees to."""
        return Terms(
            price=self.service.price,
            duration_minutes=self.service.duration_minutes,
            free_cancellation_hours=self.provider.free_cancellation_hours,
            late_cancellation_percent=self.provider.late_cancellation_percent,
            cancellation_grace_minutes=self.provider.cancellation_grace_minutes,
            questions_version=questions_version(self.service.questions),
            instant=self.service.instant,
        )


@dataclass(frozen=True, slots=True)
class Appointment:
    """An appointment that has its time already, as far as its provider's time is concerned."""

    booking_id: str
    terms: Terms
    buffer_before_minutes: int
    buffer_after_minutes: int


@dataclass(frozen=True, slots=True)
class Availability:
    """The starts, ascending and in UTC, from `start` to before `end` at which the offer can be had on these terms."""

    offer: Offer
    terms: Terms
    start: datetime
    end: datetime
    starts: list[datetime]


def city_key(country: str, city: str) -> str:
    """`us/san jose`: one key for all spellings of a city's name. `country` is an ISO 3166 alpha-2 code."""
    return f"{country.lower()}/{' '.join(search_words(city))}"


def area_key(category: str, place: str) -> str:
    """`plumbing#us/austin`, `plumbing#9v6k`: a category in a city or a geohash cell, as the indexes key it."""
    return f"{category}#{place}"
