"""Dates, instants and time zones in the API's input, written in one way each."""

import re
from datetime import UTC, date, datetime
from typing import Any, ClassVar

from rest_framework import serializers

from kernel.time_zones import canonical_time_zone

# Far from the ends of Python's calendar, where adding a day or taking off a UTC offset fails.
EARLIEST_YEAR, LATEST_YEAR = 1970, 2999

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


class _TimeField(serializers.Field[Any, Any, Any, Any]):
    """Base of the fields below, which know what texts they take."""

    default_error_messages: ClassVar = {"out_of_range": f"Give a year from {EARLIEST_YEAR} to {LATEST_YEAR}."}

    def _day(self, text: str) -> date:
        day: date = self._existing(date, text)
        return day

    def _instant(self, text: str) -> datetime:
        instant: datetime = self._existing(datetime, text.upper())
        return instant.astimezone(UTC)

    def _existing(self, kind: Any, text: str) -> Any:
        """What the well-formed text says, unless there is no such day, hour or offset, or its year is out of range."""
        try:
            value = kind.fromisoformat(text)
        except ValueError:
            self.fail("invalid")
        if not EARLIEST_YEAR <= value.year <= LATEST_YEAR:
            self.fail("out_of_range")
        return value


class InstantField(_TimeField, serializers.DateTimeField):
    """An instant as RFC 3339 writes it, UTC offset included; the value is in UTC."""

    default_error_messages: ClassVar = {
        "invalid": "Write the time as RFC 3339 does, for example 2026-03-01T09:00:00Z.",
        "missing_offset": "Give the time with its UTC offset, for example 2026-03-01T09:00:00Z.",
    }

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str):
            self.fail("invalid")
        if _INSTANT.fullmatch(value) is None:
            self.fail("missing_offset" if _INSTANT.fullmatch(f"{value}Z") else "invalid")
        return self._instant(value)


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
        if isinstance(value, str) and _DATE.fullmatch(value):
            return self._day(value)
        if not isinstance(value, str) or _INSTANT.fullmatch(value) is None:
            self.fail("invalid")
        return self._instant(value)


class TimeZoneField(serializers.CharField):
    """A zone of the IANA's list by any of its names; the value is the zone's own name."""

    default_error_messages: ClassVar = {"no_zone": "Give the IANA time zone of a place, for example America/Chicago."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=64, help_text="IANA name, for example America/Chicago.", **kwargs)

    def to_internal_value(self, data: Any) -> str:
        zone = canonical_time_zone(super().to_internal_value(data))
        if zone is None:
            self.fail("no_zone")
        return zone
