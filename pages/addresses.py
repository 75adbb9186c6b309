"""What stands in addresses: days, instants and places that they name, and those of pages and maps."""

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from urllib.parse import urlencode

from django.urls import get_script_prefix, reverse

from catalog.domain import Point

# What lies outside of these days nobody means, and one more day or another time zone would leave the calendar.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 1, 1)
_POINT = re.compile(r"(-?\d{1,2}(?:\.\d{1,10})?),(-?\d{1,3}(?:\.\d{1,10})?)", re.ASCII)


def address_of(name: str, *ids: str) -> str:
    """The address of a page that is about the things with these ids, as `reverse` has it.

    Lists name many; those asked for last are kept in the process.
    """
    return _kept_address(get_script_prefix(), name, ids)


@lru_cache(maxsize=4_096)
def _kept_address(_script_prefix: str, name: str, ids: tuple[str, ...]) -> str:
    return reverse(name, args=ids)


def read_date(text: str) -> date | None:
    """The day of these centuries that an address names; None for anything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


def read_instant(text: str) -> datetime | None:
    """The instant of these centuries that an address or a form names; None for anything else."""
    try:
        instant = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        return None
    if instant.tzinfo is None or not FIRST_DAY <= instant.date() <= LAST_DAY:
        return None
    return instant.astimezone(UTC)


def read_point(text: str) -> Point | None:
    """The place that an address names as `latitude,longitude` in degrees; None for anything else."""
    match = _POINT.fullmatch(text)
    point = Point(float(match[1]), float(match[2])) if match else None
    return point if point and abs(point.latitude) <= 90 and abs(point.longitude) <= 180 else None


def maps_address(place: str) -> str:
    """Where the place is shown on a map: an app for maps takes such links, too."""
    return f"https://www.openstreetmap.org/search?{urlencode({'query': place})}"
