"""What a provider may say about itself and its services: the limits, and the check that every edge shares."""

from typing import Any, TypedDict, TypeVar, cast

from catalog.domain.categories import category_slugs
from catalog.domain.questions import Question, clean_questions, question_errors
from catalog.domain.search import MAX_RADIUS_KM
from kernel.countries import country_refusal
from kernel.errors import FieldError, InvalidInputError
from kernel.money import CURRENCY_EXPONENTS, Money
from kernel.phones import canonical_phone
from kernel.sentences import sentence
from kernel.time_zones import time_zone_names
from kernel.values import dataclass
from kernel.wording.text import TextRule, checked_text, clean_text, text_errors

# A provider's services are changed and read as one batch with it.
MAX_SERVICES = 50


@dataclass(frozen=True, slots=True)
class Limits:
    """The least and the most that a number may be."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class ProfileValue:
    """One value of a profile: the rule that it follows (None: it is one of a list), and its default.

    A value without a default is required of a new provider.
    """

    rule: TextRule | Limits | None
    default: str | int | tuple[str, ...] | None = None


NAME = TextRule(2, 80)
DESCRIPTION = TextRule(0, 2000, has_lines=True)
CITY = TextRule(1, 80)
TAX_NUMBER = TextRule(0, 40)
DURATION_MINUTES = Limits(15, 480)
# Why an admin decides something about a provider, or about what is said of one.
MODERATION_REASON = TextRule(3, 500, has_lines=True)
PRICE_AMOUNT = Limits(0, 100_000_000)
# The longest service with the longest buffers blocks `MAX_BLOCKED_CELLS`.
BUFFER_MINUTES = Limits(0, 120)

# What a provider decides about itself, its hours aside. Degrees, minutes, days, hours and percents.
PROFILE: dict[str, ProfileValue] = {
    "name": ProfileValue(NAME),
    "description": ProfileValue(DESCRIPTION, ""),
    "city": ProfileValue(CITY),
    "country": ProfileValue(None),
    "latitude": ProfileValue(Limits(-90, 90)),
    "longitude": ProfileValue(Limits(-180, 180)),
    "time_zone": ProfileValue(None),
    "minimum_notice_minutes": ProfileValue(Limits(0, 30 * 24 * 60), 120),
    "horizon_days": ProfileValue(Limits(1, 365), 60),
    "buffer_before_minutes": ProfileValue(BUFFER_MINUTES, 0),
    "buffer_after_minutes": ProfileValue(BUFFER_MINUTES, 0),
    "free_cancellation_hours": ProfileValue(Limits(0, 30 * 24), 24),
    "late_cancellation_percent": ProfileValue(Limits(0, 100), 50),
    "cancellation_grace_minutes": ProfileValue(Limits(0, 24 * 60), 60),
    # Hundredths of a percent: 1900 is 19 %.
    "tax_rate_basis_points": ProfileValue(Limits(0, 5000), 0),
    "tax_number": ProfileValue(TAX_NUMBER, ""),
    # Whether it is a number depends on the country; see `checked_phone`.
    "phone": ProfileValue(TextRule(0, 40), ""),
    "trades": ProfileValue(None, ()),
    "travel_radius_km": ProfileValue(Limits(1, 200), MAX_RADIUS_KM),
    "accepting_bookings": ProfileValue(None, default=True),
}

# Some or all of the values of `PROFILE`, by name.
ProfileValues = dict[str, Any]
# What a new provider has not to say.
PROFILE_DEFAULTS: ProfileValues = {name: value.default for name, value in PROFILE.items() if value.default is not None}

_RULES: dict[str, TextRule | Limits | None] = {
    "duration_minutes": DURATION_MINUTES,
    **{name: value.rule for name, value in PROFILE.items()},
}


class ServiceValues(TypedDict, total=False):
    """What a provider decides about a service."""

    name: str
    description: str
    category: str
    price: Money
    duration_minutes: int
    active: bool
    instant: bool
    questions: tuple[Question, ...]


SERVICE_DEFAULTS = ServiceValues(description="", active=True, instant=False, questions=())


def checked_moderation_reason(reason: str) -> str:
    """Why an admin decides something, as it is kept. Raises `InvalidInputError` naming `reason`."""
    return checked_text("reason", reason, MODERATION_REASON)


_Values = TypeVar("_Values", ProfileValues, ServiceValues)


def checked_values(values: _Values) -> _Values:
    """The values as they are kept. Raises `InvalidInputError` naming every value that is not allowed."""
    given: dict[str, Any] = dict(values)
    kept: Any = {name: _cleaned(name, value) for name, value in given.items()}
    errors = [error for name, value in kept.items() for error in _value_errors(name, value)]
    if errors:
        raise InvalidInputError(errors)
    return cast("_Values", kept)


def checked_phone(text: str, country: str) -> str:
    """The number as it is kept, dialled from that country; empty for none. Raises `InvalidInputError` naming it."""
    return canonical_phone(text, country=country) if text else ""


def _cleaned(name: str, value: Any) -> Any:
    if name == "questions":
        return clean_questions(value)
    if name == "trades":
        return tuple(sorted(set(value)))
    return clean_text(value) if isinstance(_RULES.get(name), TextRule) else value


def _value_errors(name: str, value: Any) -> list[FieldError]:
    if name == "questions":
        return question_errors(value)
    rule = _RULES.get(name)
    if isinstance(rule, TextRule):
        return text_errors(name, value, rule)
    error = _listed_error(name, value) if rule is None else _number_error(name, value, rule)
    return [] if error is None else [error]


def _listed_error(name: str, value: Any) -> FieldError | None:
    """What is wrong with a value that must be one of a list."""
    message = None
    if name == "country":
        message = country_refusal(value)
    elif name == "time_zone" and value not in time_zone_names():
        message = sentence("Give the IANA time zone of a place, for example America/Chicago.")
    elif (name == "category" and value not in category_slugs()) or (
        name == "trades" and not set(value) <= set(category_slugs())
    ):
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
