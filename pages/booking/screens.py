"""What the pages of a booking show, made of what the apps answer. Pure: no read, no clock."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.domain import (
    COMPLETED_EARLIEST,
    FAILED_STATUSES,
    OPEN_STATUSES,
    REVIEWABLE_STATUSES,
    Action,
    Booking,
    BookingDetails,
    Caller,
    Proposal,
    Status,
    after_acceptance,
)
from bookings.words import StatusWords, action_words, answers_in_words, history_words, payment_words, status_words
from kernel.actors import Actor, Role
from kernel.clock import to_rfc3339
from kernel.values import dataclass
from kernel.wording.money import format_money
from kernel.wording.times import (
    Span,
    format_briefly,
    format_calendar_day,
    format_clock_times,
    format_instant,
    format_moment,
    format_span,
    format_span_elsewhere,
)
from pages.addresses import maps_address
from pages.parts import Day, Slot
from pages.words import Badge, booking_badge, format_minutes, zone_of_days

DAYS_SHOWN = 14
NEAREST_SHOWN = 3
_NOON, _EVENING = time(12), time(17)


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

    `zone` says by which clocks, with their offset where it is the same on all the days.
    `earlier` and `later` are the days with which the weeks before and after begin, None where there is nothing.
    """

    days: Sequence[Day]
    zone: str
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
    by_day = _by_day(starts, zone, first)
    free = [day for day, found in by_day.items() if found]
    if chosen not in by_day:
        chosen = free[0] if free else first
    days = [_day(day, len(found), is_chosen=day == chosen) for day, found in by_day.items()]
    next_free = next((each for each in days if not each.is_disabled), None)
    last = first + timedelta(days=DAYS_SHOWN - 1)
    return Calendar(
        days=days,
        zone=zone_of_days(first, last, zone),
        chosen=chosen,
        heading=format_calendar_day(chosen, "l j F"),
        parts=_parts(by_day[chosen], zone, chosen, start),
        next_free=None if by_day[chosen] else next_free,
        earlier=max(today, first - timedelta(days=DAYS_SHOWN)).isoformat() if first > today else None,
        later=(last + timedelta(days=1)).isoformat() if last < horizon else None,
    )


def _by_day(starts: Sequence[datetime], zone: str, first: date) -> dict[date, Sequence[datetime]]:
    """The starts, which ascend, by the days that are shown."""
    place = ZoneInfo(zone)
    days = [first + timedelta(days=number) for number in range(DAYS_SHOWN + 1)]
    # A day can have a hundred starts: only its midnights are converted.
    found = [_first_from(starts, day, time(), place) for day in days]
    return {day: starts[begin:end] for day, begin, end in zip(days, found, found[1:], strict=False)}


def _first_from(starts: Sequence[datetime], day: date, clock: time, place: ZoneInfo) -> int:
    """The position of the first of the starts, which ascend, that is not before this time of day there."""
    return bisect_left(starts, datetime.combine(day, clock, place).astimezone(UTC))


def _day(day: date, count: int, *, is_chosen: bool) -> Day:
    note = ngettext("1 free", "%(count)s free", count) % {"count": count} if count else _("none")
    return Day(
        value=day.isoformat(),
        weekday=format_calendar_day(day, "D"),
        number=str(day.day),
        label=format_calendar_day(day, "l j F"),
        note=note,
        is_disabled=not count,
        is_chosen=is_chosen,
    )


def _parts(starts: Sequence[datetime], zone: str, day: date, chosen: datetime | None) -> list[Part]:
    texts = format_clock_times(starts, zone)
    slots = [Slot(to_rfc3339(start), text, start == chosen) for start, text in zip(starts, texts, strict=True)]
    noon, evening = (_first_from(starts, day, clock, ZoneInfo(zone)) for clock in (_NOON, _EVENING))
    weekday = format_calendar_day(day, "l")
    return [
        Part(_("Morning"), slots[:noon], _("Nothing on %(weekday)s morning.") % {"weekday": weekday}),
        Part(_("Afternoon"), slots[noon:evening], _("Nothing on %(weekday)s afternoon.") % {"weekday": weekday}),
        Part(_("Evening"), slots[evening:], _("Nothing on %(weekday)s evening.") % {"weekday": weekday}),
    ]


def nearest(starts: Sequence[datetime], wanted: datetime) -> list[datetime]:
    """The free starts nearest to the one that was wanted, in their order."""
    return sorted(sorted(starts, key=lambda start: abs(start - wanted))[:NEAREST_SHOWN])


def offered(starts: Sequence[datetime], zone: str) -> list[Slot]:
    """The starts to choose from, with their days."""
    return [Slot(to_rfc3339(start), format_briefly(start, zone)) for start in starts]


# --- A booking -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Button:
    """Something to do. With `href` a page asks for more; with `status` or `answer` a press is all."""

    label: str
    href: str = ""
    status: str = ""
    answer: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """A line of the timeline, as components/timeline.html shows it."""

    text: str
    at: str = ""
    icon: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class BookingScreen:
    """A booking for one reader. `primary` are the buttons of the one thing to do now, `others` the rest.

    `own_span` is the appointment by the reader's clocks, where these show another time than those of the place.
    """

    booking_id: str
    version: int
    badge: Badge
    words: StatusWords
    service: str
    provider: str
    provider_id: str
    service_id: str
    span: Span
    own_span: Span | None
    length: str
    price: str
    cancelling: str
    fee: str
    is_cancelled: bool
    address: str
    map_href: str
    answers: Sequence[tuple[str, str]]
    notes: str
    caller: Caller | None
    can_erase_caller: bool
    reason: str
    paid: str
    proposal: str
    is_customer: bool
    is_provider: bool
    is_open: bool
    is_paid: bool
    is_owed: bool
    is_reviewable: bool
    is_sought_elsewhere: bool
    primary: Sequence[Button]
    others: Sequence[Button]
    moments: Sequence[Moment]


_ICONS = {
    Action.CONFIRM: "check",
    Action.DECLINE: "x",
    Action.CANCEL: "ban",
    Action.COMPLETE: "check",
    Action.NO_SHOW: "noshow",
    Action.PAY: "receipt",
    Action.RESCHEDULE: "calendar-clock",
    Action.PROPOSE: "calendar-clock",
}
_STATUS_OF = {Action.CONFIRM: Status.CONFIRMED, Action.COMPLETE: Status.COMPLETED, Action.NO_SHOW: Status.NO_SHOW}
_PAGE_OF = {
    Action.DECLINE: "decline-booking",
    Action.CANCEL: "cancel-booking",
    Action.PAY: "pay-booking",
    Action.RESCHEDULE: "move-booking",
    Action.PROPOSE: "move-booking",
}
# The one thing to do now, if it is among what is allowed: the first that is.
_PRIMARY = (Action.CONFIRM, Action.COMPLETE, Action.PAY)


def booking_screen(
    booking: Booking, details: BookingDetails | None, actor: Actor, now: datetime, *, own_zone: str | None
) -> BookingScreen:
    """The booking as this reader, whose clocks are those of `own_zone`, may see it at `now`."""
    party = booking.party(actor)
    status = booking.status_at(now)
    words = status_words(booking, party, now)
    actions = booking.allowed_actions(actor, now)
    if Action.COMPLETE in actions and now < booking.starts_at - COMPLETED_EARLIEST:
        # Whoever runs the site may say so before, with a reason: in the admin, which asks for it.
        actions.remove(Action.COMPLETE)
    shown = details if details is not None and booking.shows_details_to(actor, now) else None
    primary = [action for action in _PRIMARY if action in actions][:1]
    if Action.COMPLETE in primary and now < booking.starts_at:
        # It may be said from a quarter of an hour before; it is not what is to be done yet.
        primary = []
    if primary == [Action.CONFIRM]:
        primary.append(Action.DECLINE)
    if Action.COMPLETE in primary and Action.NO_SHOW in actions:
        primary.append(Action.NO_SHOW)
    # What ends it comes last.
    others = sorted((action for action in actions if action not in primary and action in _ICONS), key=_ends_it)
    if Action.CONFIRM in primary and Action.CANCEL in others:
        # Who declines need not cancel.
        others.remove(Action.CANCEL)
    if Action.RESCHEDULE in others and Action.PROPOSE in others:
        others.remove(Action.PROPOSE)
    zone = booking.time_zone
    proposal = booking.proposal_at(now)
    is_customer = party is Role.CUSTOMER
    is_ahead = status in OPEN_STATUSES and now < booking.starts_at
    return BookingScreen(
        booking_id=booking.booking_id,
        version=booking.version,
        badge=booking_badge(booking, party, now),
        words=words,
        service=booking.service_name,
        provider=booking.provider_name,
        provider_id=booking.provider_id,
        service_id=booking.service_id,
        span=format_span(booking.starts_at, booking.ends_at, zone),
        own_span=format_span_elsewhere(booking.starts_at, booking.ends_at, zone, own_zone),
        length=format_minutes(booking.duration_minutes),
        price=format_money(booking.price),
        cancelling=_cancelling(booking, now) if is_ahead and not booking.is_for_caller else "",
        fee=format_money(booking.cancellation_fee) if booking.cancellation_fee else "",
        is_cancelled=status is Status.CANCELLED,
        address=shown.address if shown else "",
        map_href=maps_address(shown.address) if shown and shown.address else "",
        caller=shown.caller if shown else None,
        can_erase_caller=(
            party is Role.PROVIDER and booking.is_for_caller and details is not None and status not in OPEN_STATUSES
        ),
        answers=answers_in_words(shown),
        notes=shown.notes if shown else "",
        reason=details.reason if details else "",
        paid=payment_words(booking.payment_method) if booking.payment_method else "",
        proposal=_proposal(booking, proposal, actor, now, own_zone) if proposal else "",
        is_customer=is_customer,
        is_provider=party is Role.PROVIDER,
        is_open=status in OPEN_STATUSES,
        is_paid=status is Status.PAID,
        is_owed=status in {*OPEN_STATUSES, Status.COMPLETED},
        is_reviewable=is_customer and status in REVIEWABLE_STATUSES,
        is_sought_elsewhere=is_customer and _was_let_down(booking, now),
        primary=_answers(actions) + [_button(action, booking.booking_id) for action in primary],
        others=[_button(action, booking.booking_id) for action in others],
        moments=_moments(booking, party, now),
    )


def _was_let_down(booking: Booking, now: datetime) -> bool:
    """Whether it did not come to be, or no longer is, for another reason than that the customer wants it no more."""
    status = booking.status_at(now)
    is_cancelled = status is Status.CANCELLED and booking.history[-1].role is not Role.CUSTOMER
    return is_cancelled or status in FAILED_STATUSES


def _ends_it(action: Action) -> bool:
    return action is Action.CANCEL


def _answers(actions: Sequence[Action]) -> list[Button]:
    return [
        Button(action_words(action), answer=answer, icon=icon)
        for action, answer, icon in ((Action.ACCEPT, "accept", "check"), (Action.REFUSE, "refuse", "x"))
        if action in actions
    ]


def _button(action: Action, booking_id: str) -> Button:
    status = _STATUS_OF.get(action, "")
    href = "" if status else reverse(_PAGE_OF[action], args=[booking_id])
    return Button(action_words(action), href=href, status=status, icon=_ICONS[action])


def _proposal(booking: Booking, proposal: Proposal, actor: Actor, now: datetime, own_zone: str | None) -> str:
    """What was proposed, by whom and until when, and what follows for a customer who accepts it."""
    party = booking.party(actor)
    values = {
        "moment": format_moment(proposal.starts_at, booking.time_zone),
        "until": format_instant(proposal.lapses_at, booking.time_zone),
        "provider": booking.provider_name,
    }
    if proposal.by is party:
        text = _("You proposed %(moment)s instead. It takes no time until they accept it, by %(until)s.") % values
    elif party is Role.CUSTOMER:
        text = _("%(provider)s proposes %(moment)s instead. Answer by %(until)s.") % values
        text = f"{text} {_accepting(booking, actor, now)}".strip()
    else:
        text = _("The customer proposes %(moment)s instead. Answer by %(until)s.") % values
    start, zone = proposal.starts_at, booking.time_zone
    own_span = format_span_elsewhere(start, start + booking.length, zone, own_zone)
    if own_span is None:
        return text
    return f"{text} {_('On your clock: %(own_span)s') % {'own_span': own_span}}"


def _accepting(booking: Booking, actor: Actor, now: datetime) -> str:
    """What cancelling will cost the customer who accepts now; empty if nothing."""
    accepted = after_acceptance(booking, actor, now, entry_id="")
    fee, until = accepted.late_cancellation_fee, accepted.free_cancellation_until
    if not fee.amount:
        return ""
    values = {"fee": format_money(fee), "until": format_instant(until, booking.time_zone)}
    if now < until:
        return _("If you accept, cancelling is free until %(until)s; after that it costs %(fee)s.") % values
    return _("If you accept, cancelling costs %(fee)s from then on.") % values


def _cancelling(booking: Booking, now: datetime) -> str:
    """What cancelling costs the customer, in one sentence that is true at `now`."""
    fee, until = booking.late_cancellation_fee, booking.free_cancellation_until
    values = {"fee": format_money(fee), "until": format_instant(until, booking.time_zone)}
    if not fee.amount:
        return _("Free to cancel until it starts.")
    if now < until:
        return _("Free to cancel until %(until)s; after that %(fee)s.") % values
    if booking.status is Status.PENDING:
        return _("Free to cancel until it is confirmed; after that %(fee)s.") % values
    return _("Cancelling costs %(fee)s.") % values


def _moments(booking: Booking, party: Role | None, now: datetime) -> list[Moment]:
    zone = booking.time_zone
    moments = [
        Moment(history_words(booking, entry.action, entry.role, party), format_briefly(entry.at, zone), icon="check")
        for entry in booking.history
    ]
    status = booking.status_at(now)
    if status is Status.EXPIRED and booking.status is Status.PENDING and booking.expires_at:
        text = _("The request lapsed without an answer")
        moments.append(Moment(text, format_briefly(booking.expires_at, zone), icon="expired"))
    moments[-1] = replace(moments[-1], state="now")
    if status is Status.PENDING and booking.expires_at:
        is_own = party is Role.PROVIDER
        text = _("Your answer") if is_own else _("%(provider)s answers") % {"provider": booking.provider_name}
        until = _("by %(until)s") % {"until": format_briefly(booking.expires_at, zone)}
        moments.append(Moment(text, until, state="next"))
    if status in OPEN_STATUSES:
        moments.append(Moment(_("The visit"), format_briefly(booking.starts_at, zone), state="next"))
    if status in (*OPEN_STATUSES, Status.COMPLETED):
        moments.append(Moment(_("Payment, invoice, review"), state="next"))
    return moments


def today_in(zone: str, now: datetime, *, days: int = 0) -> date:
    """The date where the zone is, or so many days later."""
    return now.astimezone(ZoneInfo(zone)).date() + timedelta(days=days)
