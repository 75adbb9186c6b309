"""Instants, spans and lengths of time in the active language and the words of a zone's clocks.

Zone and offset of a span are looked up at both of its ends: a clock change, a midnight or a change of zone may lie
between them.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from kernel.sentences import largest_unit
from kernel.wording.kept import kept_by_language

_DAY = "l j F Y"
_DATE = "j F Y"
# Django's French ones have no point.
_WEEKDAYS = (
    gettext_lazy("Mon"),
    gettext_lazy("Tue"),
    gettext_lazy("Wed"),
    gettext_lazy("Thu"),
    gettext_lazy("Fri"),
    gettext_lazy("Sat"),
    gettext_lazy("Sun"),
)


def format_instant(instant: datetime, zone: str) -> str:
    """`Tuesday 24 November 2026, 09:00 (Paris time, UTC+1)`."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{_at(local, _DAY)} ({_zone_at(local, zone)})"


class Span(NamedTuple):
    """From when to when, in words: `Tuesday 24 November 2026`, `09:00–11:00`, `Paris time, UTC+1`."""

    day: str
    hours: str
    zone: str

    def __str__(self) -> str:
        return f"{self.day}, {self.hours} ({self.zone})"


def format_span(starts_at: datetime, ends_at: datetime, zone: str) -> Span:
    """The span as clocks in the zone show it.

    The day of its end is named when it is another; where the clocks change in between, each end has its UTC offset.
    """
    start, end = (instant.astimezone(ZoneInfo(zone)) for instant in (starts_at, ends_at))
    day, begins, ends, dash = format_calendar_day(start.date(), _DAY), format_clock(start), format_clock(end), "–"
    zone_name = _zone_at(start, zone)
    if start.utcoffset() != end.utcoffset():
        begins, ends, dash = f"{begins} ({_offset(start)})", f"{ends} ({_offset(end)})", " – "
        zone_name = _zone_name(zone)
    if start.date() != end.date():
        ends, dash = _at(end, _DAY, clock=ends), " – "
    return Span(day, f"{begins}{dash}{ends}", zone_name)


def format_span_elsewhere(starts_at: datetime, ends_at: datetime, zone: str, own_zone: str | None) -> Span | None:
    """The span by the reader's own clocks; None where those of the place show the same, or the reader named none."""
    if own_zone is None or have_same_clock(starts_at, ends_at, zone, own_zone):
        return None
    return format_span(starts_at, ends_at, own_zone)


def format_dates(starts_at: datetime, ends_at: datetime, zone: str) -> tuple[str, ...]:
    """The dates on which the span begins and ends, `24 November 2026`; one if they are the same."""
    dates = (format_date(instant, zone) for instant in (starts_at, ends_at))
    return tuple(dict.fromkeys(dates))


def format_clock_times(instants: Sequence[datetime], zone: str) -> list[str]:
    """`09:00` for each of the instants of one day; with its UTC offset where clocks show the same time twice."""
    local = [instant.astimezone(ZoneInfo(zone)) for instant in instants]
    texts = [format_clock(each) for each in local]
    if len(set(texts)) == len(texts):
        return texts
    return [
        f"{text} ({_offset(each)})" if texts.count(text) > 1 else text for text, each in zip(texts, local, strict=True)
    ]


def format_clock(local: datetime) -> str:
    """`09:00`: what clocks show then."""
    return f"{local.hour:02d}:{local.minute:02d}"


@kept_by_language
def format_calendar_day(day: date, pattern: str) -> str:
    """A date as Django's pattern says, in the active language: `l j F`. In French the first of a month is `1er`."""
    if day.day == 1:
        # Translators: the first of a month, in a date.
        pattern = pattern.replace("j", _literally(_("1")))
    return date_format(day, pattern.replace("D", _literally(str(_WEEKDAYS[day.weekday()]))))


def format_zone(instant: datetime, zone: str) -> str:
    """What clocks in the zone are called then: `Paris time, UTC+1`."""
    return _zone_at(instant.astimezone(ZoneInfo(zone)), zone)


def format_zone_throughout(first: datetime, last: datetime, zone: str) -> str:
    """What clocks in the zone are called from the one to the other; without an offset where they change in between."""
    begin, end = (instant.astimezone(ZoneInfo(zone)) for instant in (first, last))
    return _zone_at(begin, zone) if begin.utcoffset() == end.utcoffset() else _zone_name(zone)


def format_date(instant: datetime, zone: str) -> str:
    """`24 November 2026`."""
    return format_calendar_day(instant.astimezone(ZoneInfo(zone)).date(), _DATE)


def format_moment(instant: datetime, zone: str) -> str:
    """`Tuesday 24 November, 09:00`: within a sentence, where the year is plain and the zone is named beside."""
    return _at(instant.astimezone(ZoneInfo(zone)), "l j F")


def format_briefly(instant: datetime, zone: str) -> str:
    """`Tue 24 Nov., 09:00`: for a subject or a list, where the rest says it in full."""
    return _at(instant.astimezone(ZoneInfo(zone)), "D j N")


def format_length(length: timedelta) -> str:
    """`2 hours`, `45 minutes`, `90 days`: in the largest unit that measures it in whole numbers."""
    number, unit = largest_unit(length)
    texts = {
        "day": ngettext("%(number)s day", "%(number)s days", number),
        "hour": ngettext("%(number)s hour", "%(number)s hours", number),
        "minute": ngettext("%(number)s minute", "%(number)s minutes", number),
    }
    return texts[unit] % {"number": number}


def have_same_clock(starts_at: datetime, ends_at: datetime, zone: str, other_zone: str) -> bool:
    """Whether clocks in both zones show the same times at both ends of the span."""
    return all(
        instant.astimezone(ZoneInfo(zone)).utcoffset() == instant.astimezone(ZoneInfo(other_zone)).utcoffset()
        for instant in (starts_at, ends_at)
    )


def _at(local: datetime, pattern: str, *, clock: str = "") -> str:
    """Day and time of day, the day as the pattern says."""
    return _("%(day)s, %(time)s") % {
        "day": format_calendar_day(local.date(), pattern),
        "time": clock or format_clock(local),
    }


def _literally(text: str) -> str:
    """The text as part of a pattern of Django's, whose letters stand for parts of a date."""
    return "".join(f"\\{letter}" for letter in text)


def _zone_at(local: datetime, zone: str) -> str:
    if zone == "UTC":
        return "UTC"
    values = {"city": _city(zone), "offset": _offset(local)}
    if _begins_with_a_vowel(zone):
        return pgettext("of a city that begins with a vowel", "%(city)s time, %(offset)s") % values
    return _("%(city)s time, %(offset)s") % values


def _zone_name(zone: str) -> str:
    values = {"city": _city(zone)}
    # Some languages shorten the word before it.
    if _begins_with_a_vowel(zone):
        return pgettext("of a city that begins with a vowel", "%(city)s time") % values
    return _("%(city)s time") % values


def _begins_with_a_vowel(zone: str) -> bool:
    return _city(zone)[0] in "AEIOU"


def _city(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")


def _offset(local: datetime) -> str:
    offset = local.utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset else 0
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02d}" if rest else "")
