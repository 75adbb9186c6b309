"""A month of a provider's working days, as a calendar shows it. Pure: no read, no clock."""

from calendar import Calendar
from collections.abc import Sequence
from datetime import date, timedelta

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.formats import date_format

from catalog.domain import Provider
from kernel.values import dataclass
from kernel.wording.times import format_calendar_day
from pages.addresses import FIRST_DAY, LAST_DAY
from pages.words import spans_in_words


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A day: `hours` in words, `is_exception` where they are not those of its week."""

    value: str
    number: int
    label: str
    hours: str
    is_exception: bool
    is_closed: bool
    is_today: bool
    is_chosen: bool
    can_be_changed: bool


@dataclass(frozen=True, slots=True)
class Month:
    """Weeks of seven days, None for those of other months; `before` and `after` name the months beside it, if any."""

    title: str
    weekdays: Sequence[str]
    weeks: Sequence[Sequence[MonthDay | None]]
    before: str
    after: str


def month(provider: Provider, *, first: date, today: date, chosen: date | None) -> Month:
    """The month that begins with that day, by the clock of the provider's place."""
    before, after = first - timedelta(days=1), (first + timedelta(days=31)).replace(day=1)
    return Month(
        title=date_format(first, "F Y"),
        weekdays=[str(name) for name in WEEKDAYS_ABBR.values()],
        weeks=[
            [_day(provider, day, today, chosen) if day.month == first.month else None for day in week]
            for week in Calendar().monthdatescalendar(first.year, first.month)
        ],
        before=f"{before:%Y-%m}" if before >= max(today.replace(day=1), FIRST_DAY) else "",
        after=f"{after:%Y-%m}" if after <= LAST_DAY else "",
    )


def _day(provider: Provider, day: date, today: date, chosen: date | None) -> MonthDay:
    spans = provider.hours.spans_on(day)
    return MonthDay(
        value=day.isoformat(),
        number=day.day,
        label=format_calendar_day(day, "l j F"),
        hours=spans_in_words(spans),
        is_exception=day in provider.hours.exceptions,
        is_closed=not spans,
        is_today=day == today,
        is_chosen=day == chosen,
        can_be_changed=day >= today,
    )
