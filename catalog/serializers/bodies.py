"""Bodies of requests. The limits are the domain's, which checks them again for every other caller."""

import re
from typing import Any, ClassVar

from rest_framework import serializers

from catalog.domain import CATEGORIES, PROFILE_DEFAULTS, WEEKDAYS
from catalog.domain.rules import (
    BUFFER_MINUTES,
    CITY_LENGTH,
    DESCRIPTION_LENGTH,
    DURATION_MINUTES,
    FREE_CANCELLATION_HOURS,
    HORIZON_DAYS,
    LATE_CANCELLATION_PERCENT,
    LATITUDE,
    LONGITUDE,
    NAME_LENGTH,
    NOTICE_MINUTES,
    PRICE_AMOUNT,
    TAX_NUMBER_LENGTH,
    TAX_RATE_BASIS_POINTS,
    Limits,
)
from kernel.money import CURRENCY_EXPONENTS, Money
from kernel.web.rest_fields import TimeZoneField

CATEGORY_CHOICES = [(category.slug, category.name) for category in CATEGORIES]
CURRENCY_CHOICES = list(CURRENCY_EXPONENTS)

_DEFAULTS: dict[str, Any] = {**PROFILE_DEFAULTS}


def _number(limits: Limits, **kwargs: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=limits.least, max_value=limits.most, **kwargs)


def _text(limits: Limits, **kwargs: Any) -> serializers.CharField:
    return serializers.CharField(min_length=limits.least, max_length=limits.most, **kwargs)


def _rule(name: str, limits: Limits, help_text: str) -> serializers.IntegerField:
    return _number(limits, required=False, help_text=f"{help_text} {_DEFAULTS[name]} unless given.")


class CountryField(serializers.CharField):
    """The ISO 3166 alpha-2 code of a country; the value is in upper case."""

    default_error_messages: ClassVar = {"invalid": "Give the ISO 3166 code of the country, for example US."}

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        # Before `upper`, which makes two ASCII letters of some others.
        if re.fullmatch(r"[A-Za-z]{2}", text) is None:
            self.fail("invalid")
        return text.upper()


class _DegreesField(serializers.FloatField):
    """A number; for Python, true is one, too."""

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class ProfileBody(serializers.Serializer[Any]):
    """A provider's profile and booking rules."""

    name = _text(NAME_LENGTH)
    description = serializers.CharField(max_length=DESCRIPTION_LENGTH.most, allow_blank=True, required=False)
    city = _text(CITY_LENGTH)
    country = CountryField(min_length=2, max_length=2, help_text="ISO 3166 alpha-2 code.")
    latitude = _DegreesField(min_value=LATITUDE.least, max_value=LATITUDE.most, help_text="Degrees north.")
    longitude = _DegreesField(min_value=LONGITUDE.least, max_value=LONGITUDE.most, help_text="Degrees east.")
    time_zone = TimeZoneField()
    minimum_notice_minutes = _rule(
        "minimum_notice_minutes", NOTICE_MINUTES, "How long before its start an appointment can still be requested."
    )
    horizon_days = _rule("horizon_days", HORIZON_DAYS, "How far ahead appointments can be requested.")
    buffer_before_minutes = _rule("buffer_before_minutes", BUFFER_MINUTES, "Time kept free before each appointment.")
    buffer_after_minutes = _rule("buffer_after_minutes", BUFFER_MINUTES, "Time kept free after each appointment.")
    free_cancellation_hours = _rule(
        "free_cancellation_hours", FREE_CANCELLATION_HOURS, "Until how long before its start cancelling is free."
    )
    late_cancellation_percent = _rule(
        "late_cancellation_percent", LATE_CANCELLATION_PERCENT, "What cancelling later costs, of the price."
    )
    tax_rate_basis_points = _rule(
        "tax_rate_basis_points", TAX_RATE_BASIS_POINTS, "The tax that prices include, in hundredths of a percent."
    )
    tax_number = serializers.CharField(
        max_length=TAX_NUMBER_LENGTH.most, allow_blank=True, required=False, help_text="Printed on invoices."
    )
    accepting_bookings = serializers.BooleanField(
        required=False, help_text="Switched off, search does not list the provider and no one can book."
    )


class PriceBody(serializers.Serializer[Any]):
    """An amount in minor units (cents) of a currency."""

    amount = _number(PRICE_AMOUNT)
    currency = serializers.ChoiceField(choices=CURRENCY_CHOICES)

    def to_internal_value(self, data: Any) -> Money:
        values = super().to_internal_value(data)
        # Also in a PATCH, which makes the fields of a nested object optional, too.
        missing = {name: ["This field is required."] for name in ("amount", "currency") if name not in values}
        if missing:
            raise serializers.ValidationError(missing, code="required")
        return Money(**values)


class ServiceBody(serializers.Serializer[Any]):
    """A service."""

    name = _text(NAME_LENGTH)
    description = serializers.CharField(max_length=DESCRIPTION_LENGTH.most, allow_blank=True, required=False)
    category = serializers.ChoiceField(choices=CATEGORY_CHOICES)
    price = PriceBody()
    duration_minutes = _number(DURATION_MINUTES)
    active = serializers.BooleanField(required=False, help_text="Switched off, it is kept but cannot be booked.")


class _DayField(serializers.ListField):
    """The open spans of one day; what is allowed in them is the domain's."""

    child = serializers.ListField(child=serializers.CharField(), min_length=2, max_length=2)


class WeeklyHoursBody(serializers.Serializer[Any]):
    """The open spans of each day of the week, in local wall time; a day left out is closed."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {day: _DayField(required=False) for day in WEEKDAYS}


class HoursBody(serializers.Serializer[Any]):
    """Working hours."""

    weekly = WeeklyHoursBody(help_text='For example {"mon": [["09:00", "12:00"], ["13:00", "17:00"]]}.')
    exceptions = serializers.DictField(
        child=_DayField(),
        default=dict,
        help_text='Dates with hours of their own, or none: {"2026-12-24": [], "2026-12-31": [["09:00", "12:00"]]}.',
    )
