"""The world's time zones, one list for people and for places, and the other names that zones go by."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

UTC = "UTC"

# Zones of the days before places had them: the IANA names a place for each, but not in the form that is installed.
_PLACES_OF_ABBREVIATIONS = {
    "CET": "Europe/Brussels",
    "CST6CDT": "America/Chicago",
    "EET": "Europe/Athens",
    "EST": "America/Panama",
    "EST5EDT": "America/New_York",
    "HST": "Pacific/Honolulu",
    "MET": "Europe/Brussels",
    "MST": "America/Phoenix",
    "MST7MDT": "America/Denver",
    "PST8PDT": "America/Los_Angeles",
    "WET": "Europe/Lisbon",
}
# Former names of places whose clocks have agreed with another country's: the IANA's list leads there instead.
_PLACES_OF_FORMER_NAMES = {
    "Africa/Asmera": "Africa/Asmara",
    "Africa/Timbuktu": "Africa/Bamako",
    "America/Virgin": "America/St_Thomas",
    "Atlantic/Jan_Mayen": "Arctic/Longyearbyen",
    "Iceland": "Atlantic/Reykjavik",
    "Pacific/Ponape": "Pacific/Pohnpei",
    "Pacific/Truk": "Pacific/Chuuk",
    "Pacific/Yap": "Pacific/Chuuk",
}
# No place's clocks are further behind UTC.
_FURTHEST_BEHIND = timedelta(hours=12)
_NAMES_OF_UTC = frozenset(
    f"{prefix}{name}"
    for prefix in ("", "Etc/")
    for name in (UTC, "UCT", "Universal", "Zulu", "GMT", "GMT0", "GMT+0", "GMT-0", "Greenwich")
)


@cache
def time_zone_names() -> tuple[str, ...]:
    """The IANA names of all zones that somebody can be in: UTC, then the places, in order.

    Not among them are aliases, and zones without a place such as `Etc/GMT+5`, whose sign says the opposite of what it
    seems to.
    """
    return (UTC, *sorted(_countries()))


def country_of_time_zone(name: str) -> str | None:
    """The ISO 3166 code of the country that a zone's place is in; None for UTC and unknown zones."""
    return _countries().get(name)


def earliest_date(now: datetime, countries: Collection[str] = ()) -> date:
    """The date where in these countries it is earliest, or where on Earth if there are none: before it, all is over."""
    zones = [ZoneInfo(name) for name, country in _countries().items() if country in countries]
    return min((now.astimezone(zone).date() for zone in zones), default=(now - _FURTHEST_BEHIND).date())


@cache
def _countries() -> dict[str, str]:
    """The country of each zone that has a place."""
    rows = (row.split("\t") for row in _tzdata("zone.tab").splitlines() if row and not row.startswith("#"))
    return {row[2]: row[0] for row in rows}


def canonical_time_zone(name: str) -> str | None:
    """The zone of that name, by its own name where the given one is an alias (`US/Pacific`); None if it is none."""
    if name in time_zone_names():
        return name
    if name in _NAMES_OF_UTC:
        return UTC
    found = _PLACES_OF_ABBREVIATIONS.get(name) or _PLACES_OF_FORMER_NAMES.get(name) or _links().get(name)
    return found if found in time_zone_names() else None


@cache
def _links() -> dict[str, str]:
    """From each alias to the zone that it stands for."""
    rows = (line.split() for line in _tzdata("tzdata.zi").splitlines() if line.startswith("L "))
    return {alias: target for _, target, alias in rows}


def _tzdata(name: str) -> str:
    return resources.files("tzdata").joinpath("zoneinfo", name).read_text()
