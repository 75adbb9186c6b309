"""A provider's day as its page shows it. Pure: no read, no clock."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.domain import OPEN_STATUSES, Action, BookingSummary, Earned, Status
from bookings.words import action_words, answers_in_words
from catalog.domain import OwnTime
from kernel.actors import Actor, Role
from kernel.money import Money
from kernel.values import dataclass
from kernel.wording.money import format_money
from kernel.wording.times import format_briefly, format_calendar_day, format_moment, format_span, format_zone
from pages.addresses import address_of, maps_address
from pages.provider.reads import Day, Job
from pages.words import Badge, booking_badge, format_minutes, own_time_word
from reviews.domain import Review

_MONTHS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request, or a customer's proposal of another time (`proposed`), with the time that is left to answer it."""

    booking_id: str
    version: int
    service: str
    when: str
    price: str
    answer_by: str
    expires_at: datetime
    proposed: str
    note: str


@dataclass(frozen=True, slots=True)
class StatusButton:
    """What brings an appointment on: a form that gives it a status; without one, a link to what asks for more."""

    label: str
    icon: str
    href: str
    status: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the agenda: `kind` is `job`, `own`, `gap` or `now`; what a kind does not need is empty."""

    kind: str
    starts: str = ""
    ends: str = ""
    text: str = ""
    state: str = ""
    href: str = ""
    booking_id: str = ""
    version: int = 0
    service: str = ""
    customer: str = ""
    address: str = ""
    map_href: str = ""
    answers: Sequence[tuple[str, str]] = ()
    notes: str = ""
    phone: str = ""
    badge: Badge | None = None
    buttons: Sequence[StatusButton] = ()
    own_time_id: str = ""


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A row of the newest reviews."""

    review_id: str
    stars: int
    comment: str
    date: str
    service: str
    answer: str


@dataclass(frozen=True, slots=True)
class MonthSum:
    """What was paid for the jobs of this month and of the last, in one currency."""

    now: str
    before: str


@dataclass(frozen=True, slots=True)
class DayScreen:
    """The whole of the day's page."""

    title: str
    date: str
    zone: str
    requests: Sequence[RequestRow]
    has_more_requests: bool
    # What ended before today: the id of the booking, its service, and when it was.
    unclosed: Sequence[tuple[str, str, str]]
    agenda: Sequence[Entry]
    jobs: int
    month: str
    month_before: str
    sums: Sequence[MonthSum]
    bars: Sequence[tuple[str, int, str]]
    rating: float
    rating_count: int
    reviews: Sequence[ReviewRow]
    is_bookable: bool
    # Only while it is suspended.
    suspension_reason: str | None


def day_screen(day: Day, actor: Actor, now: datetime) -> DayScreen:
    """What the page shows at `now`, by the clock of the provider's place."""
    zone = day.provider.time_zone
    local = now.astimezone(ZoneInfo(zone))
    month, before = f"{local:%Y-%m}", f"{local.replace(day=1) - timedelta(days=1):%Y-%m}"
    return DayScreen(
        title=format_calendar_day(local.date(), "l j F"),
        date=local.date().isoformat(),
        zone=format_zone(now, zone),
        requests=[request_row(booking, now) for booking in day.requests],
        has_more_requests=day.has_more_requests,
        unclosed=[(each.booking_id, each.service_name, format_briefly(each.starts_at, zone)) for each in day.unclosed],
        agenda=_agenda(day, actor, now, zone),
        jobs=sum(job.booking.status_at(now) is not Status.PENDING for job in day.jobs),
        month=date_format(local, "F"),
        month_before=date_format(local.replace(day=1) - timedelta(days=1), "F"),
        sums=_sums(day.earnings, month, before),
        bars=month_bars(day.earnings, local, _MONTHS_SHOWN),
        rating=day.provider.rating.average / 100,
        rating_count=day.provider.rating.count,
        reviews=[review_row(review, zone) for review in day.reviews],
        is_bookable=bool(day.provider.service_ids) and any(day.provider.hours.weekly),
        suspension_reason=day.provider.suspension_reason,
    )


def request_row(booking: BookingSummary, now: datetime) -> RequestRow:
    """A request, or a proposal of the customer's, as it waits for an answer at `now`."""
    proposal = booking.proposal_at(now)
    is_proposed = proposal is not None and proposal.by is Role.CUSTOMER
    moment = format_moment(proposal.starts_at, booking.time_zone) if proposal else ""
    expires_at = proposal.lapses_at if proposal and is_proposed else booking.expires_at or booking.starts_at
    span = format_span(booking.starts_at, booking.ends_at, booking.time_zone)
    return RequestRow(
        booking_id=booking.booking_id,
        version=booking.version,
        service=booking.service_name,
        when=f"{span.day}, {span.hours}",
        price=format_money(booking.price),
        answer_by=format_briefly(expires_at, booking.time_zone),
        expires_at=expires_at,
        proposed=moment if is_proposed else "",
        note=_("You proposed %(moment)s.") % {"moment": moment} if moment and not is_proposed else "",
    )


def review_row(review: Review, zone: str) -> ReviewRow:
    """A review as its provider reads it."""
    return ReviewRow(
        review_id=review.review_id,
        stars=review.rating,
        comment=review.comment,
        date=format_calendar_day(review.created_at.astimezone(ZoneInfo(zone)).date(), "j N Y"),
        service=review.service_name,
        answer=review.answer or "",
    )


def main_currency(earnings: Sequence[Earned]) -> str:
    """The currency of most invoices; nothing before the first."""
    counts: dict[str, int] = {}
    for each in earnings:
        counts[each.total.currency] = counts.get(each.total.currency, 0) + each.invoices
    return max(counts, key=lambda currency: counts[currency], default="")


def month_bars(earnings: Sequence[Earned], local: datetime, months: int) -> list[tuple[str, int, str]]:
    """What was paid for the jobs of each of the last months, for `pages.parts.chart_bars`, in the main currency."""
    currency = main_currency(earnings)
    if not currency:
        return []
    totals = {each.month: each.total for each in earnings if each.total.currency == currency}
    firsts = [local.replace(day=1)]
    while len(firsts) < months:
        firsts.insert(0, (firsts[0] - timedelta(days=1)).replace(day=1))
    return [
        (date_format(first, "N"), total.amount, format_money(total))
        for first in firsts
        for total in [totals.get(f"{first:%Y-%m}", Money(0, currency))]
    ]


def _sums(earnings: Sequence[Earned], month: str, before: str) -> list[MonthSum]:
    found = {(each.month, each.total.currency): each.total for each in earnings}
    currencies = sorted({currency for each, currency in found if each in (month, before)})
    return [
        MonthSum(
            now=format_money(found.get((month, currency), Money(0, currency))),
            before=format_money(found.get((before, currency), Money(0, currency))),
        )
        for currency in currencies
    ]


def _agenda(day: Day, actor: Actor, now: datetime, zone: str) -> list[Entry]:
    planned = [
        *((each.starts_at, each.ends_at, _own_entry(each, now, zone)) for each in day.own_times),
        *((job.booking.starts_at, job.booking.ends_at, _job(job, actor, now, zone)) for job in day.jobs),
    ]
    planned.sort(key=lambda each: each[0])
    entries: list[Entry] = []
    is_now_said = not planned
    last_end: datetime | None = None
    is_after_job = False
    for starts_at, ends_at, entry in planned:
        if not is_now_said and now < starts_at:
            entries.append(_now_line(now, zone))
            is_now_said = True
        if last_end is not None and starts_at > last_end:
            way = day.provider.buffer_after_minutes if is_after_job else 0
            way += day.provider.buffer_before_minutes if entry.kind == "job" else 0
            entries.append(Entry("gap", text=_gap(int((starts_at - last_end).total_seconds() // 60), way)))
        entries.append(entry)
        if last_end is None or ends_at >= last_end:
            last_end, is_after_job = ends_at, entry.kind == "job"
    if not is_now_said:
        entries.append(_now_line(now, zone))
    return entries


def _gap(minutes: int, way: int) -> str:
    """What the time between two entries is: free, or for the way, as far as the provider keeps some for that."""
    if not way:
        return _("%(length)s until the next") % {"length": format_minutes(minutes)}
    if minutes <= way:
        return _("%(length)s for the way") % {"length": format_minutes(minutes)}
    lengths = {"length": format_minutes(minutes), "way": format_minutes(way)}
    return _("%(length)s until the next, %(way)s of it for the way") % lengths


def _own_entry(own_time: OwnTime, now: datetime, zone: str) -> Entry:
    """Own time as the day shows it: only the hours that it has of this day are said."""
    today, place = now.astimezone(ZoneInfo(zone)).date(), ZoneInfo(zone)
    begins_today = own_time.starts_at.astimezone(place).date() == today
    ends_today = own_time.ends_at.astimezone(place).date() == today
    return Entry(
        "own",
        starts=_clock(own_time.starts_at, zone) if begins_today and not own_time.is_whole_days else "",
        ends=_clock(own_time.ends_at, zone) if ends_today and not own_time.is_whole_days else "",
        text=own_time_word(own_time.kind),
        state="past" if own_time.ends_at <= now else "",
        own_time_id=own_time.own_time_id,
    )


def _now_line(now: datetime, zone: str) -> Entry:
    return Entry("now", starts=_clock(now, zone))


def _clock(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(ZoneInfo(zone)):%H:%M}"


_BUTTONS = (
    (Action.COMPLETE, "check", "change-booking", Status.COMPLETED),
    (Action.NO_SHOW, "noshow", "change-booking", Status.NO_SHOW),
    (Action.PAY, "receipt", "pay-booking", ""),
)


def _job(job: Job, actor: Actor, now: datetime, zone: str) -> Entry:
    booking = job.booking
    status = booking.status_at(now)
    actions = booking.allowed_actions(actor, now) if now >= booking.starts_at else []
    address = job.details.address if job.details else ""
    is_waiting = status is Status.PENDING
    is_past = now >= booking.ends_at or status not in OPEN_STATUSES
    # A customer's number is there for the appointment, a caller's was given to the provider.
    has_number = status is Status.CONFIRMED or booking.is_for_caller
    return Entry(
        "job",
        starts=_clock(booking.starts_at, zone),
        ends=_clock(booking.ends_at, zone),
        state="waiting" if is_waiting else "past" if is_past else "",
        href=address_of("booking", booking.booking_id),
        booking_id=booking.booking_id,
        version=booking.version,
        service=booking.service_name,
        customer=job.contact.name if job.contact else "",
        address=address,
        map_href=maps_address(address) if address else "",
        answers=answers_in_words(job.details),
        notes=job.details.notes if job.details else "",
        phone=(job.contact.phone or "") if job.contact and has_number else "",
        badge=booking_badge(booking, Role.PROVIDER, now),
        buttons=[
            StatusButton(action_words(action), icon, address_of(page, booking.booking_id), status_to)
            for action, icon, page, status_to in _BUTTONS
            if action in actions
        ],
    )
