"""What the pages of a booking show, made of what the apps answer. Pure: no read, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kernel.clock import to_rfc3339
from kernel.wording.times import format_clock_times

DAYS_SHOWN = 14
NEAREST_SHOWN = 3
_NOON, _EVENING = time(12), time(17)


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the strip, as components/date-strip.html shows it."""

    value: str
    weekday: str
    number: str
    label: str
    note: str
    is_disabled: bool
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Slot:
    """A time to choose; `value` is the instant in RFC 3339."""

    value: str
    text: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the day with its times, as components/slot-grid.html shows it; `none` says so if it has none."""

    legend: str
    slots: Sequence[Slot]
    none: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Two weeks to choose from. `parts` are those of the chosen day; `next_free` is the first day with a time.

    `earlier` and `later` are the days with which the weeks before and after begin, None where there is nothing.
    """

    days: Sequence[Day]
    chosen: date
    heading: str
    parts: Sequence[Part]
    next_free: Day | None
    earlier: str | None
    later: str | None


def calendar(
    starts: Sequence[datetime],
    *,
    zone: str,
    first: date,
    today: date,
    horizon: date,
    chosen: date | None,
    start: datetime | None = None,
) -> Calendar:
    """The days from `first` on with their free starts; the first free one is chosen where `chosen` is None.

    `horizon` is the last day that can be booked; `start` is the time that is marked as chosen.
    """
    place = ZoneInfo(zone)
    by_day: dict[date, list[datetime]] = {first + timedelta(days=number): [] for number in range(DAYS_SHOWN)}
    for each in starts:
        local = each.astimezone(place)
        if local.date() in by_day:
            by_day[local.date()].append(each)
    free = [day for day, found in by_day.items() if found]
    if chosen not in by_day:
        chosen = free[0] if free else first
    days = [_day(day, len(found), is_chosen=day == chosen) for day, found in by_day.items()]
    next_free = next((each for each in days if not each.is_disabled), None)
    last = first + timedelta(days=DAYS_SHOWN - 1)
    return Calendar(
        days=days,
        chosen=chosen,
        heading=date_format(chosen, "l j F"),
        parts=_parts(by_day[chosen], zone, chosen, start),
        next_free=None if by_day[chosen] else next_free,
        earlier=max(today, first - timedelta(days=DAYS_SHOWN)).isoformat() if first > today else None,
        later=(last + timedelta(days=1)).isoformat() if last < horizon else None,
    )


def _day(day: date, count: int, *, is_chosen: bool) -> Day:
    note = ngettext("1 free", "%(count)s free", count) % {"count": count} if count else _("none")
    return Day(
        value=day.isoformat(),
        weekday=date_format(day, "D"),
        number=date_format(day, "j"),
        label=date_format(day, "l j F"),
        note=note,
        is_disabled=not count,
        is_chosen=is_chosen,
    )


def _parts(starts: Sequence[datetime], zone: str, day: date, chosen: datetime | None) -> list[Part]:
    texts = format_clock_times(starts, zone)
    place = ZoneInfo(zone)
    morning: list[Slot] = []
    afternoon: list[Slot] = []
    evening: list[Slot] = []
    for start, text in zip(starts, texts, strict=True):
        clock = start.astimezone(place).time()
        part = morning if clock < _NOON else afternoon if clock < _EVENING else evening
        part.append(Slot(to_rfc3339(start), text, start == chosen))
    weekday = date_format(day, "l")
    return [
        Part(_("Morning"), morning, _("Nothing on %(weekday)s morning.") % {"weekday": weekday}),
        Part(_("Afternoon"), afternoon, _("Nothing on %(weekday)s afternoon.") % {"weekday": weekday}),
        Part(_("Evening"), evening, _("Nothing on %(weekday)s evening.") % {"weekday": weekday}),
    ]


def nearest(starts: Sequence[datetime], wanted: datetime, zone: str) -> list[Slot]:
    """The free starts nearest to the one that was wanted, in their order, with their days."""
    found = sorted(sorted(starts, key=lambda start: abs(start - wanted))[:NEAREST_SHOWN])
    return [Slot(to_rfc3339(start), date_format(start.astimezone(ZoneInfo(zone)), "D j M, H:i")) for start in found]


@dataclass(frozen=True, slots=True)
class Terms:
    """What booking at this time means, in sentences: what is paid to whom and when, and what cancelling costs."""

    price: str
    payment: str
    cancelling: str
    answer: str
    button: str


def as_choices(slots: Sequence[Slot]) -> list[tuple[Any, Any]]:
    """The slots as a form's choices."""
    return [(slot.value, slot.text) for slot in slots]
