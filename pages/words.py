"""What pages say in a few words: names of categories, lengths and times, and how states look."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext, ngettext_lazy, override
from django.utils.translation import gettext_lazy as _

from bookings.domain import BookingSummary, Status
from bookings.words import status_words
from catalog.domain import OwnTime, OwnTimeKind, search_words, singulars
from catalog.queries import City
from kernel.actors import Role
from kernel.time_zones import earliest_date
from kernel.values import dataclass
from kernel.wording.times import format_briefly, format_calendar_day, format_clock, format_span, format_zone_throughout


@dataclass(frozen=True, slots=True)
class Badge:
    """A status as components/status.html shows it. `tone`: waiting, confirmed, danger, or nothing for what is past."""

    word: Any
    icon: str
    tone: str


# Amber waits for somebody, blue is agreed, red asks for attention, grey is over.
_LOOKS = {
    Status.PENDING: ("waiting", "waiting"),
    Status.CONFIRMED: ("confirmed", "confirmed"),
    Status.DECLINED: ("declined", ""),
    Status.CANCELLED: ("cancelled", ""),
    Status.EXPIRED: ("expired", ""),
    Status.COMPLETED: ("done", ""),
    Status.NO_SHOW: ("noshow", "danger"),
    Status.PAID: ("paid", ""),
    Status.UNCONFIRMED: ("expired", ""),
}


def booking_badge(booking: BookingSummary, party: Role | None, now: datetime) -> Badge:
    """How the booking stands at `now`, for that party; what a provider has to say yet waits as a request does."""
    is_waiting = party is Role.PROVIDER and booking.awaits_outcome_at(now)
    icon, tone = _LOOKS[Status.PENDING if is_waiting else booking.status_at(now)]
    return Badge(status_words(booking, party, now).word, icon, tone)


def own_time_word(kind: OwnTimeKind) -> str:
    """What a provider keeps time for."""
    return {OwnTimeKind.PRIVATE: gettext("Private"), OwnTimeKind.HOLIDAY: gettext("Holiday")}[kind]


def own_time_span(own_time: OwnTime) -> str:
    """`Tuesday 24 November 2026, all day`, from which day to which, or from when to when, by the clock of the place."""
    zone = ZoneInfo(own_time.time_zone)
    if not own_time.is_whole_days:
        span = format_span(own_time.starts_at, own_time.ends_at, own_time.time_zone)
        return f"{span.day}, {span.hours}"
    first = own_time.starts_at.astimezone(zone).date()
    last = (own_time.ends_at - timedelta(hours=1)).astimezone(zone).date()
    if first == last:
        return gettext("%(day)s, all day") % {"day": format_calendar_day(first, "l j F Y")}
    return f"{format_calendar_day(first, 'l j F Y')} – {format_calendar_day(last, 'l j F Y')}"


# By the slugs of catalog.domain.CATEGORIES, which are also the names of the icons.
CATEGORY_NAMES = {
    "appliances": _("Appliance repair"),
    "carpentry": _("Carpentry"),
    "cleaning": _("Cleaning"),
    "electrical": _("Electrical"),
    "gardening": _("Gardening"),
    "handyman": _("Handyman"),
    "heating": _("Heating and cooling"),
    "locksmith": _("Locksmith"),
    "moving": _("Moving"),
    "painting": _("Painting"),
    "plumbing": _("Plumbing"),
    "roofing": _("Roofing"),
}


# What else people type for a trade, between commas: who does it, above all. Read by `category_typed`.
_CATEGORY_WORDS = {
    "appliances": _("appliances, appliance engineer, repairman"),
    "carpentry": _("carpenter, joiner, joinery"),
    "cleaning": _("cleaner, cleaning lady, house cleaning, housekeeper"),
    "electrical": _("electrician, electrics, electricity"),
    "gardening": _("gardener, landscaper, landscaping"),
    "handyman": _("handymen, handywoman, odd jobs"),
    "heating": _("heating, cooling, heating engineer, air conditioning"),
    "locksmith": _("locksmithing"),
    "moving": _("mover, removals, moving company, house removal"),
    "painting": _("painter, decorator, house painter"),
    "plumbing": _("plumber"),
    "roofing": _("roofer, roofing contractor"),
}


def category_name(slug: str) -> Any:
    """What a category is called in the active language."""
    return CATEGORY_NAMES[slug]


def category_typed(text: str) -> str:
    """The slug of the trade that the whole text names, in any language of the site; "" if it names none."""
    words = search_words(text)
    spelled = [" ".join(words), *(" ".join([*words[:-1], last]) for last in singulars(words[-1]))] if words else []
    return next((_categories_by_name()[name] for name in spelled if name in _categories_by_name()), "")


@cache
def _categories_by_name() -> dict[str, str]:
    found = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            for slug, name in CATEGORY_NAMES.items():
                for each in (str(name), *str(_CATEGORY_WORDS[slug]).split(",")):
                    found[" ".join(search_words(each))] = slug
    return found


def format_minutes(minutes: int) -> str:
    """`45 min`, `1 h`, `1 h 30 min`; each number stays with its unit."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return gettext("%(minutes)d\u00a0min") % {"minutes": rest}
    if not rest:
        return gettext("%(hours)d\u00a0h") % {"hours": hours}
    return gettext("%(hours)d\u00a0h %(minutes)d\u00a0min") % {"hours": hours, "minutes": rest}


def format_soon(instant: datetime, zone: str, *, now: datetime) -> str:
    """A start in the next weeks by the clock of the place: `Today 13:15`, `Tomorrow 09:30`, `Wed 2 Dec., 08:00`."""
    local = instant.astimezone(ZoneInfo(zone))
    time = format_clock(local)
    days = (local.date() - now.astimezone(ZoneInfo(zone)).date()).days
    if days == 0:
        return gettext("Today %(time)s") % {"time": time}
    if days == 1:
        return gettext("Tomorrow %(time)s") % {"time": time}
    return format_briefly(instant, zone)


# Seconds, from how many on, and the words. Days from two on: what is 40 hours away is not "in 1 day".
_UNITS = (
    (
        86_400,
        2,
        ngettext_lazy("in %(number)d day", "in %(number)d days", "number"),
        ngettext_lazy("%(number)d day ago", "%(number)d days ago", "number"),
    ),
    (
        3_600,
        1,
        ngettext_lazy("in %(number)d hour", "in %(number)d hours", "number"),
        ngettext_lazy("%(number)d hour ago", "%(number)d hours ago", "number"),
    ),
    (
        60,
        1,
        ngettext_lazy("in %(number)d minute", "in %(number)d minutes", "number"),
        ngettext_lazy("%(number)d minute ago", "%(number)d minutes ago", "number"),
    ),
)


def format_distance(instant: datetime, *, now: datetime) -> str:
    """`in 3 days`, `in 40 hours`, `5 minutes ago`, `now`: as static/js/countdown.js keeps it true."""
    seconds = int((instant - now).total_seconds())
    for size, least, ahead, ago in _UNITS:
        if abs(seconds) >= size * least:
            return str((ahead if seconds > 0 else ago) % {"number": abs(seconds) // size})
    return gettext("now")


def zone_of_days(first: date, last: date, zone: str) -> str:
    """What clocks in the zone are called on these days; without an offset where it changes on one of them."""
    place = ZoneInfo(zone)
    return format_zone_throughout(
        datetime.combine(first, time.min, place), datetime.combine(last, time.max, place), zone
    )


def format_day(day: date) -> str:
    """`Wed 2 December`."""
    return format_calendar_day(day, "D j F")


def today_of_search(person: Any, city: City | None, cities: Sequence[City], *, now: datetime) -> date:
    """Today where the city is, else for the person who searches, else wherever there are providers: where a date is
    not known for sure, it is the earliest that it may be.
    """
    if city is None and person.is_authenticated and person.time_zone:
        return now.astimezone(ZoneInfo(person.time_zone)).date()
    return earliest_date(now, {city.country} if city else {each.country for each in cities})


def days_to_choose(today: date, chosen: date | None = None) -> list[tuple[str, str]]:
    """The next days as values and words, and the chosen one.

    Where the place is, it may already be tomorrow: one day more than a week.
    """
    days = {today + timedelta(days=offset) for offset in range(8)} | ({chosen} if chosen else set())
    return [(day.isoformat(), format_day(day)) for day in sorted(days)]


def spans_in_words(spans: Sequence[tuple[int, int]]) -> str:
    """Open times of a day as people read them, such as `8:00–12:00, 13:00–17:00`; `closed` without any."""
    return ", ".join(f"{clock_text(opens)}–{clock_text(closes)}" for opens, closes in spans) or gettext("closed")


def clock_text(minutes: int) -> str:
    """`8:30`, as people type it."""
    return f"{minutes // 60}:{minutes % 60:02}"
