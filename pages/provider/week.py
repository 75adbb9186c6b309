"""A provider's week on a grid of quarter hours. Pure: no read, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.domain import BookingSummary, Status
from bookings.words import status_words
from catalog.domain import OwnTime, Provider
from kernel.actors import Role
from kernel.values import dataclass
from kernel.wording.times import format_briefly, format_calendar_day
from pages.words import clock_text, own_time_word

_QUARTER = 15
_QUARTERS = 96
# What the grid shows unless something lies outside of it: 7:00 to 19:00.
_FIRST, _LAST = 28, 76


@dataclass(frozen=True, slots=True)
class Event:
    """What stands in a day's column: its class says which kind, `quarter` and `length` where, in quarter hours."""

    kind: str
    quarter: int
    length: int
    starts: str = ""
    ends: str = ""
    booking_id: str = ""
    service: str = ""
    customer: str = ""
    word: str = ""
    note: str = ""
    own_time_id: str = ""
    is_whole_day: bool = False
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class WeekDay:
    """One column. `now` is the quarter hour that passes, None on other days."""

    name: str
    date: str
    is_today: bool
    is_exception: bool
    events: Sequence[Event]
    now: int | None

    @property
    def is_busy(self) -> bool:
        """Whether anything is booked, or kept free."""
        return any(event.booking_id or event.own_time_id for event in self.events)


@dataclass(frozen=True, slots=True)
class Week:
    """Seven columns. `is_whole`: all 24 hours are shown, because something lies outside of the usual ones."""

    first: date
    last: date
    days: Sequence[WeekDay]
    hours: Sequence[tuple[int, str]]
    is_whole: bool
    jobs: int
    waiting: int


_KINDS = {Status.PENDING: "is-held", Status.CONFIRMED: "is-booked"}


def week(
    provider: Provider,
    bookings: Sequence[BookingSummary],
    own_times: Sequence[OwnTime],
    *,
    names: Mapping[str, str],
    first: date,
    now: datetime,
) -> Week:
    """The week from that Monday on, by the clock of the provider's place; `names` are customers by booking."""
    zone = ZoneInfo(provider.time_zone)
    days = [
        _day(provider, bookings, own_times, names, first + timedelta(days=number), now, zone) for number in range(7)
    ]
    # What lasts all day is seen in any hours, and of time beside a job the job says enough.
    is_shown_anyhow = ("is-closed", "is-buffer")
    shown = [
        event for day in days for event in day.events if event.kind not in is_shown_anyhow and not event.is_whole_day
    ]
    is_whole = any(event.quarter < _FIRST or event.quarter + event.length > _LAST for event in shown) or any(
        # Hours of which nothing would be seen: a night would look closed.
        closes <= _FIRST * _QUARTER or opens >= _LAST * _QUARTER
        for number in range(7)
        for opens, closes in provider.hours.spans_on(first + timedelta(days=number))
    )
    start, end = (0, _QUARTERS) if is_whole else (_FIRST, _LAST)
    return Week(
        first=first,
        last=first + timedelta(days=6),
        days=[_clipped(day, start, end) for day in days],
        hours=[(quarter, f"{quarter // 4}:00") for quarter in range(start, end, 4)],
        is_whole=is_whole,
        jobs=sum(booking.status_at(now) is not Status.PENDING for booking in bookings),
        waiting=sum(booking.status_at(now) is Status.PENDING for booking in bookings),
    )


def monday_of(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def _day(
    provider: Provider,
    bookings: Sequence[BookingSummary],
    own_times: Sequence[OwnTime],
    names: Mapping[str, str],
    day: date,
    now: datetime,
    zone: ZoneInfo,
) -> WeekDay:
    local = now.astimezone(zone)
    is_today = local.date() == day
    events = _closed(provider, day)
    for own_time in own_times:
        events += _of_own_time(own_time, day, now, zone)
    for booking in bookings:
        events += _of_booking(provider, booking, names.get(booking.booking_id, ""), day, now, zone)
    return WeekDay(
        name=format_calendar_day(day, "D"),
        date=format_calendar_day(day, "j N"),
        is_today=is_today,
        is_exception=day in provider.hours.exceptions,
        events=sorted(events, key=lambda event: (event.kind != "is-closed", event.quarter)),
        now=(local.hour * 60 + local.minute) // _QUARTER if is_today else None,
    )


def _closed(provider: Provider, day: date) -> list[Event]:
    """The quarter hours of the day in which the provider does not work."""
    closed, end = [], 0
    for opens, closes in (*provider.hours.spans_on(day), (24 * 60, 24 * 60)):
        start = opens // _QUARTER
        if start > end:
            # Who does not see where it stands is told the times.
            starts, ends = clock_text(end * _QUARTER), clock_text(start * _QUARTER)
            closed.append(Event("is-closed", end, start - end, starts, ends))
        end = -(-closes // _QUARTER)
    return closed


def _of_booking(
    provider: Provider, booking: BookingSummary, customer: str, day: date, now: datetime, zone: ZoneInfo
) -> list[Event]:
    midnight = datetime.combine(day, time(), zone).astimezone(UTC)
    next_midnight = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    if booking.ends_at <= midnight or booking.starts_at >= next_midnight:
        return []
    start = _quarter_of(booking.starts_at, midnight, zone)
    end = _quarter_of(booking.ends_at, midnight, zone) if booking.ends_at < next_midnight else _QUARTERS
    kind = "is-due" if booking.awaits_outcome_at(now) else _KINDS.get(booking.status_at(now), "is-done")
    until = format_briefly(booking.expires_at, booking.time_zone) if kind == "is-held" and booking.expires_at else ""
    events = [
        Event(
            kind,
            start,
            max(end - start, 1),
            starts=date_format(booking.starts_at.astimezone(zone), "H:i"),
            ends=date_format(booking.ends_at.astimezone(zone), "H:i"),
            booking_id=booking.booking_id,
            service=booking.service_name,
            customer=customer,
            word=status_words(booking, Role.PROVIDER, now).word,
            note=until,
        )
    ]
    before = min(-(-provider.buffer_before_minutes // _QUARTER), start)
    after = min(-(-provider.buffer_after_minutes // _QUARTER), _QUARTERS - end)
    if before > 0:
        events.insert(0, Event("is-buffer", start - before, before, word=_("Time kept free before it")))
    if after > 0:
        events.append(Event("is-buffer", end, after, word=_("Time kept free after it")))
    return events


def _of_own_time(own_time: OwnTime, day: date, now: datetime, zone: ZoneInfo) -> list[Event]:
    midnight = datetime.combine(day, time(), zone).astimezone(UTC)
    next_midnight = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    if own_time.ends_at <= midnight or own_time.starts_at >= next_midnight:
        return []
    start = _quarter_of(own_time.starts_at, midnight, zone)
    end = _quarter_of(own_time.ends_at, midnight, zone) if own_time.ends_at < next_midnight else _QUARTERS
    return [
        Event(
            "is-own",
            start,
            max(end - start, 1),
            starts=_clock(start),
            ends=_clock(end),
            word=own_time_word(own_time.kind),
            # What is over can only be looked at.
            own_time_id=own_time.own_time_id,
            is_whole_day=(start, end) == (0, _QUARTERS),
            is_over=own_time.ends_at <= now,
        )
    ]


def _clock(quarter: int) -> str:
    return f"{quarter // 4:02}:{quarter % 4 * 15:02}"


def _quarter_of(instant: datetime, midnight: datetime, zone: ZoneInfo) -> int:
    """The quarter hour of the wall clock; the first, whatever the clock says, of what begins with the day or before."""
    if instant <= midnight:
        return 0
    local = instant.astimezone(zone)
    return (local.hour * 60 + local.minute) // _QUARTER


def _clipped(day: WeekDay, start: int, end: int) -> WeekDay:
    """The day with what is seen of it between two quarter hours."""
    events = []
    for event in day.events:
        first, last = max(event.quarter, start), min(event.quarter + event.length, end)
        if first < last:
            events.append(replace(event, quarter=first, length=last - first))
    now = day.now if day.now is not None and start <= day.now < end else None
    return replace(day, events=events, now=now)
