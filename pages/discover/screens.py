"""What the pages for finding somebody show, made of what the apps answer. Pure: no read, no clock."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby, islice
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.domain import RatingSummary
from kernel.values import dataclass
from kernel.wording.times import format_calendar_day, format_clock_times
from pages.addresses import address_of

_DAYS_SHOWN = 3
_TIMES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of components/score.html."""

    label: str
    number: int
    percent: int


def bars_of(rating: RatingSummary) -> list[Bar]:
    """How many ratings have how many stars, five first; each bar is as long as its part of all."""
    return [
        Bar(
            ngettext("%(stars)s star", "%(stars)s stars", stars) % {"stars": stars},
            number,
            round(100 * number / rating.count),
        )
        for stars, number in reversed(list(enumerate(rating.numbers, 1)))
    ]


def booking_address(
    service_id: str, starts_at: datetime | None = None, *, near: str = "", day: date | None = None
) -> str:
    """The page for booking a service, with a time or a day chosen already, for a job near a searched point."""
    values = {
        "start": starts_at.isoformat() if starts_at else "",
        "day": day.isoformat() if day and not starts_at else "",
        "near": near,
    }
    query = urlencode({name: value for name, value in values.items() if value})
    address = address_of("book", service_id)
    return f"{address}?{query}" if query else address


@dataclass(frozen=True, slots=True)
class FreeTime:
    """A time of a day, and where it is booked."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class FreeDay:
    """A day with its first free times; `further` is how many more it has, which `href` shows."""

    value: str
    label: str
    times: Sequence[FreeTime]
    further: int
    href: str


def free_days(starts: Sequence[datetime], service_id: str, zone: str, *, now: datetime) -> list[FreeDay]:
    """The first days with free times, as clocks of the place have them."""
    place = ZoneInfo(zone)
    today = now.astimezone(place).date()
    days = groupby(starts, key=lambda start: start.astimezone(place).date())
    return [_free_day(day, list(found), service_id, zone, today) for day, found in islice(days, _DAYS_SHOWN)]


def _free_day(day: date, starts: Sequence[datetime], service_id: str, zone: str, today: date) -> FreeDay:
    shown = starts[:_TIMES_SHOWN] if len(starts) > _TIMES_SHOWN + 1 else starts
    times = [
        FreeTime(text, booking_address(service_id, start))
        for start, text in zip(shown, format_clock_times(shown, zone), strict=True)
    ]
    return FreeDay(
        value=day.isoformat(),
        label=_day_name(day, today),
        times=times,
        further=len(starts) - len(shown),
        href=f"{booking_address(service_id)}?{urlencode({'day': day})}",
    )


def _day_name(day: date, today: date) -> str:
    label = format_calendar_day(day, "l j F")
    if day == today:
        return _("Today, %(day)s") % {"day": label}
    if day == today + timedelta(days=1):
        return _("Tomorrow, %(day)s") % {"day": label}
    return label
