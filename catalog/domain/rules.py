"""What a provider may say about itself and its services: the limits, and the check that every edge shares."""

from dataclasses import dataclass
from typing import Any, TypedDict, TypeVar, cast

from catalog.domain.categories import category_slugs
from kernel.countries import country_refusal
from kernel.errors import FieldError, InvalidInputError
from kernel.money import CURRENCY_EXPONENTS, Money
from kernel.sentences import sentence
from kernel.time_zones import time_zone_names
from kernel.wording.text import TextRule, clean_text, text_errors

# A provider's services are changed and read as one batch with it.
MAX_SERVICES = 50


@dataclass(frozen=True, slots=True)
class Limits:
    """The least and the most that a number may be."""

    least: int
    most: int


NAME = TextRule(2, 80)
DESCRIPTION = TextRule(0, 2000, has_lines=True)
CITY = TextRule(1, 80)
TAX_NUMBER = TextRule(0, 40)
LATITUDE = Limits(-90, 90)
LONGITUDE = Limits(-180, 180)
NOTICE_MINUTES = Limits(0, 30 * 24 * 60)
HORIZON_DAYS = Limits(1, 365)
# The longest service with the longest buffers blocks `MAX_BLOCKED_CELLS`.
BUFFER_MINUTES = Limits(0, 120)
DURATION_MINUTES = Limits(15, 480)
FREE_CANCELLATION_HOURS = Limits(0, 30 * 24)
LATE_CANCELLATION_PERCENT = Limits(0, 100)
CANCELLATION_GRACE_MINUTES = Limits(0, 24 * 60)
# Hundredths of a percent: 1900 is 19 %.
TAX_RATE_BASIS_POINTS = Limits(0, 5000)
PRICE_AMOUNT = Limits(0, 100_000_000)

_TEXTS = {"name": NAME, "description": DESCRIPTION, "city": CITY, "tax_number": TAX_NUMBER}
_NUMBERS = {
    "latitude": LATITUDE,
    "longitude": LONGITUDE,
    "minimum_notice_minutes": NOTICE_MINUTES,
    "horizon_days": HORIZON_DAYS,
    "buffer_before_minutes": BUFFER_MINUTES,
    "buffer_after_minutes": BUFFER_MINUTES,
    "duration_minutes": DURATION_MINUTES,
    "free_cancellation_hours": FREE_CANCELLATION_HOURS,
    "late_cancellation_percent": LATE_CANCELLATION_PERCENT,
    "cancellation_grace_minutes": CANCELLATION_GRACE_MINUTES,
    "tax_rate_basis_points": TAX_RATE_BASIS_POINTS,
}


class ProfileValues(TypedDict, total=False):
    """What a provider decides about itself, its hours aside. Degrees, minutes, days, hours and percents."""

    name: str
    description: str
    city: str
    country: str
    latitude: float
    longitude: float
    time_zone: str
    minimum_notice_minutes: int
    horizon_days: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    free_cancellation_hours: int
    late_cancellation_percent: int
    cancellation_grace_minutes: int
    tax_rate_basis_points: int
    tax_number: str
    accepting_bookings: bool


# What a new provider has not to say; the other values are required.
PROFILE_DEFAULTS = ProfileValues(
    description="",
    minimum_notice_minutes=120,
    horizon_days=60,
    buffer_before_minutes=0,
    buffer_after_minutes=0,
    free_cancellation_hours=24,
    late_cancellation_percent=50,
    cancellation_grace_minutes=60,
    tax_rate_basis_points=0,
    tax_number="",
    accepting_bookings=True,
)


class ServiceValues(TypedDict, total=False):
    """What a provider decides about a service."""

    name: str
    description: str
    category: str
    price: Money
    duration_minutes: int
    active: bool
    instant: bool


SERVICE_DEFAULTS = ServiceValues(description="", active=True, instant=False)


_Values = TypeVar("_Values", ProfileValues, ServiceValues)


def checked_values(values: _Values) -> _Values:
    """The values as they are kept. Raises `InvalidInputError` naming every value that is not allowed."""
    given: dict[str, Any] = dict(values)
    kept: Any = {name: clean_text(value) if name in _TEXTS else value for name, value in given.items()}
    errors = [error for name, value in kept.items() for error in _value_errors(name, value)]
    if errors:
        raise InvalidInputError(errors)
    return cast("_Values", kept)


def _value_errors(name: str, value: Any) -> list[FieldError]:
    if name in _TEXTS:
        return text_errors(name, value, _TEXTS[name])
    error = _number_error(name, value, _NUMBERS[name]) if name in _NUMBERS else _listed_error(name, value)
    return [] if error is None else [error]


def _listed_error(name: str, value: Any) -> FieldError | None:
    """What is wrong with a value that must be one of a list."""
    message = None
    if name == "country":
        message = country_refusal(value)
    elif name == "time_zone" and value not in time_zone_names():
        message = sentence("Give the IANA time zone of a place, for example America/Chicago.")
    elif name == "category" and value not in category_slugs():
        message = sentence("The categories are %(categories)s.", categories=category_slugs())
    elif name == "price":
        return _price_error(value)
    return None if message is None else FieldError(name, "invalid", message)


def _number_error(name: str, value: float, limits: Limits) -> FieldError | None:
    if not limits.least <= value <= limits.most:
        return FieldError(
            name,
            "out_of_range",
            sentence("Give a number from %(least)s to %(most)s.", least=limits.least, most=limits.most),
        )
    return None


def _price_error(price: Money) -> FieldError | None:
    if price.currency not in CURRENCY_EXPONENTS:
        return FieldError(
            "price.currency",
            "invalid",
            sentence("The currencies are %(currencies)s.", currencies=tuple(CURRENCY_EXPONENTS)),
        )
    return _number_error("price.amount", price.amount, PRICE_AMOUNT)
