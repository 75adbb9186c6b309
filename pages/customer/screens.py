"""A customer's bookings as their page shows them. Pure: no read, no clock."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from bookings.domain import FAILED_STATUSES, OPEN_STATUSES, REVIEWABLE_STATUSES, BookingSummary, Status
from bookings.words import status_words
from kernel.actors import Role
from kernel.values import dataclass
from kernel.wording.money import format_money
from kernel.wording.times import format_calendar_day, format_clock, format_moment, format_zone
from pages.words import Badge, booking_badge


@dataclass(frozen=True, slots=True)
class Row:
    """A booking of a list."""

    booking_id: str
    service_id: str
    service: str
    provider: str
    day: str
    time: str
    zone: str
    date: str
    moment: str
    starts_at: datetime
    price: str
    badge: Badge
    sentence: str


@dataclass(frozen=True, slots=True)
class Need:
    """Something that waits for the customer: what, about which booking, and the way to it."""

    icon: str
    title: str
    text: str
    label: str
    kind: str
    row: Row


@dataclass(frozen=True, slots=True)
class Lists:
    """`next_up` is the first confirmed appointment, which is left out of `upcoming`.

    What was cancelled is among the past once its time has come; until then it is in `cancelled`.
    """

    next_up: Row | None
    needs: Sequence[Need]
    upcoming: Sequence[Row]
    cancelled: Sequence[Row]
    past: Sequence[Row]


def bookings_lists(
    ahead: Sequence[BookingSummary], behind: Sequence[BookingSummary], reviewed: set[str], now: datetime
) -> Lists:
    """The lists of the page, from what starts later and what has started; `reviewed` are bookings with a review."""
    confirmed = (booking for booking in ahead if booking.status_at(now) is Status.CONFIRMED)
    next_up = next(confirmed, None)
    lists = ahead_list(ahead, now, without=next_up)
    reviews = [
        _review(booking, now)
        for booking in behind
        if booking.status in REVIEWABLE_STATUSES and booking.booking_id not in reviewed
    ]
    return replace(
        lists,
        next_up=_row(next_up, now) if next_up else None,
        needs=[*lists.needs, *reviews],
        past=past_list(behind, now).past,
    )


def past_list(behind: Sequence[BookingSummary], now: datetime) -> Lists:
    """The lists of a further page, which has only more of what was."""
    return Lists(None, [], [], [], past=[_row(booking, now) for booking in behind])


def ahead_list(ahead: Sequence[BookingSummary], now: datetime, *, without: BookingSummary | None = None) -> Lists:
    """The lists of a further page, which has only more of what is ahead, and what that asks of the customer.

    `without` is left out of `upcoming`.
    """
    standing = [booking for booking in ahead if booking.status_at(now) in OPEN_STATUSES]
    return Lists(
        next_up=None,
        needs=[
            *(_answer(booking, now) for booking in standing if booking.is_to_be_answered_by(Role.CUSTOMER, now)),
            *(_elsewhere(booking, now) for booking in ahead if booking.status_at(now) in FAILED_STATUSES),
        ],
        upcoming=[_row(booking, now) for booking in standing if booking is not without],
        cancelled=[_row(booking, now) for booking in ahead if booking.status is Status.CANCELLED],
        past=[],
    )


def _row(booking: BookingSummary, now: datetime) -> Row:
    words = status_words(booking, Role.CUSTOMER, now)
    local = booking.starts_at.astimezone(ZoneInfo(booking.time_zone))
    return Row(
        booking_id=booking.booking_id,
        service_id=booking.service_id,
        service=booking.service_name,
        provider=booking.provider_name,
        day=format_calendar_day(local.date(), "D j N"),
        time=format_clock(local),
        zone=format_zone(booking.starts_at, booking.time_zone),
        date=format_calendar_day(local.date(), "j N Y"),
        moment=format_moment(booking.starts_at, booking.time_zone),
        starts_at=booking.starts_at,
        price=format_money(booking.price),
        badge=booking_badge(booking, Role.CUSTOMER, now),
        sentence=words.sentence,
    )


def _answer(booking: BookingSummary, now: datetime) -> Need:
    row = _row(booking, now)
    title = _("%(provider)s proposes another time") % {"provider": booking.provider_name}
    return Need("calendar-clock", title, f"{row.service}, {row.moment}", _("Answer"), "open", row)


def _elsewhere(booking: BookingSummary, now: datetime) -> Need:
    row = _row(booking, now)
    return Need("expired", row.sentence, f"{row.service}, {row.moment}", _("See who is free"), "search", row)


def _review(booking: BookingSummary, now: datetime) -> Need:
    row = _row(booking, now)
    title = _("How was it with %(provider)s?") % {"provider": booking.provider_name}
    return Need("star", title, f"{row.service}, {row.date}", _("Write a review"), "review", row)
