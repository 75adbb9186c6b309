"""The time zones and languages that people can choose."""

import zoneinfo
from functools import cache

from django.conf import settings

from accounts.models import DEFAULT_LANGUAGE, DEFAULT_TIME_ZONE

_REGIONS = (
    "Africa/",
    "America/",
    "Antarctica/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
)


@cache
def time_zones() -> tuple[str, ...]:
    """The IANA names of the world's zones, without aliases for other systems."""
    return ("UTC", *sorted(name for name in zoneinfo.available_timezones() if name.startswith(_REGIONS)))


def languages() -> tuple[str, ...]:
    """The codes of the languages that pages are written in."""
    return tuple(code for code, _ in settings.LANGUAGES)


def known_time_zone(name: str | None) -> str:
    """The name if it is one of ours, else the default."""
    return name if name in time_zones() else DEFAULT_TIME_ZONE


def known_language(code: str | None) -> str:
    """The language's code if pages are written in it, else the default."""
    return code if code in languages() else DEFAULT_LANGUAGE
