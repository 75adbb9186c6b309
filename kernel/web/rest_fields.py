"""Fields of the API's input that take one spelling of each value.

DRF's own fields are lenient: `IntegerField` reads `"1_00"`, `true` and full-width digits as numbers, `CharField` reads
numbers as text. Bodies are JSON: their numbers are numbers and their text is text. Parameters of an address are text:
their numbers are ASCII digits.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from kernel.countries import country_refusal
from kernel.money import CURRENCY_EXPONENTS, MEANT_CURRENCIES
from kernel.time_zones import canonical_time_zone
from kernel.wording.text import TextRule, clean_text, text_errors

# Far from the ends of Python's calendar, where adding a day or taking off a UTC offset fails.
EARLIEST_YEAR, LATEST_YEAR = 1970, 2999
# Longer than any id that we give.
MAX_ID_LENGTH = 64

_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?([Zz]|([+-])(\d\d):(\d\d))", re.ASCII)
_WHOLE_NUMBER = re.compile(r"-?\d{1,18}", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,12})?", re.ASCII)


# --- Text ------------------------------------------------------------------------------------------------------------


class TextField(serializers.Field[str, str, str, Any]):
    """What a person wrote, by the rule that all such text follows; the value is clean."""

    default_error_messages: ClassVar = {"invalid": "Give a text."}

    def __init__(self, rule: TextRule, **kwargs: Any) -> None:
        self.rule = rule
        super().__init__(**kwargs)

    def to_representation(self, value: str) -> str:
        return value

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        text = clean_text(data)
        errors = text_errors("", text, self.rule)
        if errors:
            raise serializers.ValidationError([ErrorDetail(str(error.message), error.code) for error in errors])
        return text


class IdField(serializers.CharField):
    """An id as we gave it."""

    default_error_messages: ClassVar = {"invalid": "Give the id as you received it."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MAX_ID_LENGTH, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return data


class NameField(serializers.CharField):
    """The name of something in a list that is not ours, such as a time zone's."""

    default_error_messages: ClassVar = {"invalid": "Give a text."}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return data


class CountryField(serializers.CharField):
    """The ISO 3166-1 alpha-2 code of a country; the value is in capitals."""

    default_error_messages: ClassVar = {"invalid": "Give the ISO 3166 code of a country, for example US."}

    def to_internal_value(self, data: Any) -> str:
        # Before `upper`, which makes two ASCII letters of some others.
        if not isinstance(data, str) or re.fullmatch(r"[A-Za-z]{2}", data) is None:
            self.fail("invalid")
        refusal = country_refusal(data.upper())
        if refusal is not None:
            raise serializers.ValidationError(str(refusal), code="invalid")
        return data.upper()


class CurrencyField(serializers.ChoiceField):
    """The ISO 4217 code of a currency that the marketplace accepts."""

    default_error_messages: ClassVar = {
        "invalid_choice": f"Give one of the ISO 4217 codes {', '.join(CURRENCY_EXPONENTS)}.",
        "meant": "The ISO 4217 code of this currency is {code}.",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=list(CURRENCY_EXPONENTS), **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, str) and data in MEANT_CURRENCIES:
            self.fail("meant", code=MEANT_CURRENCIES[data])
        return str(super().to_internal_value(data))


# --- Numbers and truth -----------------------------------------------------------------------------------------------


class WholeNumberField(serializers.IntegerField):
    """A whole number of JSON: no text, no fraction, no truth value."""

    default_error_messages: ClassVar = {"invalid": "Give a whole number, without quotation marks."}

    def to_internal_value(self, data: Any) -> int:
        # `bool` is a kind of `int` for Python.
        if type(data) is not int:
            self.fail("invalid")
        return data


class NumberField(serializers.FloatField):
    """A number of JSON."""

    default_error_messages: ClassVar = {"invalid": "Give a number, without quotation marks."}

    def to_internal_value(self, data: Any) -> float:
        if type(data) not in (int, float):
            self.fail("invalid")
        return float(data)


class TruthField(serializers.BooleanField):
    """`true` or `false` of JSON."""

    default_error_messages: ClassVar = {"invalid": "Give true or false, without quotation marks."}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class WholeNumberParameter(serializers.IntegerField):
    """A whole number in an address, in ASCII digits."""

    default_error_messages: ClassVar = {"invalid": "Give a whole number in the digits 0 to 9."}

    def to_internal_value(self, data: Any) -> int:
        if _WHOLE_NUMBER.fullmatch(str(data)) is None:
            self.fail("invalid")
        return int(data)


class NumberParameter(serializers.FloatField):
    """A number in an address, in ASCII digits with a point before the fraction."""

    default_error_messages: ClassVar = {"invalid": "Give a number in the digits 0 to 9, for example 4.5."}

    def to_internal_value(self, data: Any) -> float:
        if _NUMBER.fullmatch(str(data)) is None:
            self.fail("invalid")
        return float(data)


# --- Times -----------------------------------------------------------------------------------------------------------


class _TimeField(serializers.Field[Any, Any, Any, Any]):
    """Base of the fields below, which know what texts they take."""

    default_error_messages: ClassVar = {
        "out_of_range": f"Give a year from {EARLIEST_YEAR} to {LATEST_YEAR}.",
        "no_such_day": "There is no such day in the calendar.",
        "no_such_time": "There is no such time of day: hours go from 00 to 23, minutes and seconds from 00 to 59.",
        "no_such_offset": "There is no such UTC offset: hours go from 00 to 23, minutes from 00 to 59.",
        "leap_second": "Clocks here have no leap seconds. Give the second before or after.",
    }

    def _day(self, text: str) -> date:
        year, month, day = (int(part) for part in text.split("-"))
        if not EARLIEST_YEAR <= year <= LATEST_YEAR:
            self.fail("out_of_range")
        try:
            return date(year, month, day)
        except ValueError:
            self.fail("no_such_day")

    def _instant(self, match: re.Match[str]) -> datetime:
        day_text, hour, minute, second, fraction, _, sign, offset_hour, offset_minute = match.groups()
        day = self._day(day_text)
        if int(hour) > 23 or int(minute) > 59 or int(second) > 60:
            self.fail("no_such_time")
        if int(second) == 60:
            self.fail("leap_second")
        if sign is not None and (int(offset_hour) > 23 or int(offset_minute) > 59):
            self.fail("no_such_offset")
        offset = timedelta(hours=int(offset_hour or 0), minutes=int(offset_minute or 0))
        # Finer than a microsecond, nothing here is told apart.
        microsecond = int((fraction or "")[:6].ljust(6, "0"))
        clock = time(int(hour), int(minute), int(second), microsecond, timezone(-offset if sign == "-" else offset))
        return datetime.combine(day, clock).astimezone(UTC)


class InstantField(_TimeField, serializers.DateTimeField):
    """An instant as RFC 3339 writes it, UTC offset included; the value is in UTC."""

    default_error_messages: ClassVar = {
        "invalid": "Write the time as RFC 3339 does, for example 2026-03-01T09:00:00Z.",
        "missing_offset": "Give the time with its UTC offset, for example 2026-03-01T09:00:00Z.",
    }

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str):
            self.fail("invalid")
        match = _INSTANT.fullmatch(value)
        if match is None:
            self.fail("missing_offset" if _INSTANT.fullmatch(f"{value}Z") else "invalid")
        return self._instant(match)


class DayField(_TimeField, serializers.DateField):
    """A date as YYYY-MM-DD and no other way."""

    default_error_messages: ClassVar = {"invalid": "Write the date as YYYY-MM-DD."}

    def to_internal_value(self, value: Any) -> date:
        if not isinstance(value, str) or _DATE.fullmatch(value) is None:
            self.fail("invalid")
        return self._day(value)


class DayOrInstantField(_TimeField):
    """A date, or an instant with its UTC offset, which is returned in UTC."""

    default_error_messages: ClassVar = {
        "invalid": "Write a date as 2026-03-01, or an instant with its UTC offset as 2026-03-01T09:00:00Z."
    }

    def to_internal_value(self, value: Any) -> date:
        if not isinstance(value, str):
            self.fail("invalid")
        if _DATE.fullmatch(value):
            return self._day(value)
        match = _INSTANT.fullmatch(value)
        if match is None:
            self.fail("invalid")
        return self._instant(match)


class TimeZoneField(NameField):
    """A zone of the IANA's list by any of its names; the value is the zone's own name."""

    default_error_messages: ClassVar = {"no_zone": "Give the IANA time zone of a place, for example America/Chicago."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=64, help_text="IANA name, for example America/Chicago.", **kwargs)

    def to_internal_value(self, data: Any) -> str:
        zone = canonical_time_zone(super().to_internal_value(data))
        if zone is None:
            self.fail("no_zone")
        return zone
