"""What a provider may say about itself and its services: the limits, and the check that every edge shares."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from catalog.domain.categories import category_slugs
from kernel.errors import FieldError, InvalidInputError
from kernel.money import CURRENCY_EXPONENTS, Money
from kernel.sentences import sentence
from kernel.time_zones import time_zone_names

# A provider's services are changed and read as one batch with it.
MAX_SERVICES = 50


@dataclass(frozen=True, slots=True)
class Limits:
    """The least and the most that a number, or the length of a text, may be."""

    least: int
    most: int


NAME_LENGTH = Limits(2, 80)
DESCRIPTION_LENGTH = Limits(0, 2000)
CITY_LENGTH = Limits(1, 80)
LATITUDE = Limits(-90, 90)
LONGITUDE = Limits(-180, 180)
NOTICE_MINUTES = Limits(0, 30 * 24 * 60)
HORIZON_DAYS = Limits(1, 365)
# The longest service with the longest buffers blocks `MAX_BLOCKED_CELLS`.
BUFFER_MINUTES = Limits(0, 120)
DURATION_MINUTES = Limits(15, 480)
FREE_CANCELLATION_HOURS = Limits(0, 30 * 24)
LATE_CANCELLATION_PERCENT = Limits(0, 100)
# Hundredths of a percent: 1900 is 19 %.
TAX_RATE_BASIS_POINTS = Limits(0, 5000)
TAX_NUMBER_LENGTH = Limits(0, 40)
PRICE_AMOUNT = Limits(0, 100_000_000)

_COUNTRY = re.compile(r"[A-Z]{2}")

_TEXTS = {"name": NAME_LENGTH, "description": DESCRIPTION_LENGTH, "city": CITY_LENGTH, "tax_number": TAX_NUMBER_LENGTH}
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


SERVICE_DEFAULTS = ServiceValues(description="", active=True)


def check_values(values: Mapping[str, Any]) -> None:
    """Raises `InvalidInputError` naming every profile's or service's value that is not allowed."""
    errors = [error for name, value in values.items() if (error := _value_error(name, value)) is not None]
    if errors:
        raise InvalidInputError(errors)


def _value_error(name: str, value: Any) -> FieldError | None:
    if name in _TEXTS:
        return _text_error(name, value, _TEXTS[name])
    if name in _NUMBERS:
        return _number_error(name, value, _NUMBERS[name])
    if name == "country" and not _COUNTRY.fullmatch(value):
        return FieldError(name, "invalid", sentence("Give the ISO 3166 code of the country, for example US."))
    if name == "time_zone" and value not in time_zone_names():
        return FieldError(name, "invalid", sentence("Give the IANA time zone of a place, for example America/Chicago."))
    if name == "category" and value not in category_slugs():
        return FieldError(name, "invalid", sentence("The categories are %(categories)s.", categories=category_slugs()))
    if name == "price":
        return _price_error(value)
    return None


def _text_error(name: str, value: str, length: Limits) -> FieldError | None:
    if not length.least <= len(value) <= length.most:
        return FieldError(
            name, "length", sentence("Give %(least)s to %(most)s characters.", least=length.least, most=length.most)
        )
    # Descriptions may have lines; nothing may have what no one can see.
    allowed = "\n" if name == "description" else ""
    if any(unicodedata.category(letter) == "Cc" and letter not in allowed for letter in value):
        return FieldError(name, "control_character", sentence("Leave out control characters."))
    return None


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
