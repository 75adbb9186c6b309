"""Times in the words of the active language and of a zone."""

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from kernel.wording import one_line

_DAY = "l j F Y"
_TIME = "H:i"


def format_instant(instant: datetime, zone: str) -> str:
    """`Tuesday 24 November 2026, 09:00 (Paris time, UTC+1)`."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{date_format(local, _DAY)}, {date_format(local, _TIME)} ({_zone_name(local, zone)})"


class Span(NamedTuple):
    """From when to when, in words: `Tuesday 24 November 2026`, `09:00–11:00`, `Paris time, UTC+1`."""

    day: str
    hours: str
    zone: str

    def __str__(self) -> str:
        return f"{self.day}, {self.hours} ({self.zone})"


def format_span(starts_at: datetime, ends_at: datetime, zone: str) -> Span:
    """The span as clocks in the zone show it; the day of its end is named when it is another."""
    start, end = (instant.astimezone(ZoneInfo(zone)) for instant in (starts_at, ends_at))
    until = date_format(end, _TIME)
    if start.date() != end.date():
        until = f"{date_format(end, _DAY)}, {until}"
    return Span(date_format(start, _DAY), f"{date_format(start, _TIME)}–{until}", _zone_name(start, zone))


def format_briefly(instant: datetime, zone: str) -> str:
    """`Tue 24 Nov., 09:00`: for a subject, where the rest of the email says it in full."""
    return date_format(instant.astimezone(ZoneInfo(zone)), "D j N, H:i")


def have_same_clock(instant: datetime, zone: str, other_zone: str) -> bool:
    """Whether clocks in both zones show the same time at that instant."""
    return instant.astimezone(ZoneInfo(zone)).utcoffset() == instant.astimezone(ZoneInfo(other_zone)).utcoffset()


def _zone_name(local: datetime, zone: str) -> str:
    offset = local.utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset else 0
    if zone == "UTC":
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    distance = f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02d}" if rest else "")
    city = zone.rpartition("/")[2].replace("_", " ")
    return _("%(city)s time, %(offset)s") % {"city": city, "offset": distance}


def lines(text: str) -> str:
    """The text with each of its lines made safe to show."""
    return "\n".join(map(one_line, text.split("\n")))
