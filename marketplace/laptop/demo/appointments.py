"""The bookings of the demo data.

Every planned visit gets a start that its provider would have offered, and goes through the same transitions, by the
same rules, as a booking made through the API.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from bookings.domain import (
    CLOSED_AFTER,
    Action,
    Booking,
    BookingDetails,
    Caller,
    after_reschedule,
    after_transition,
    checked_details,
    judge,
    new_booking,
    new_booking_for_caller,
    request_expiry,
)
from bookings.services.calls import checked_call
from catalog.domain import Offer, OwnTime, Service, offered_starts
from kernel.actors import SYSTEM, Actor, Role
from kernel.ids import derived_child_id
from kernel.values import dataclass
from marketplace.laptop.demo.chance import seeded
from marketplace.laptop.demo.content import TRADES
from marketplace.laptop.demo.firms import Firm
from marketplace.laptop.demo.people import Person, make_caller
from marketplace.laptop.demo.visits import COURSES, Journey, Visit

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
# How far a visit may slip when the planned day is closed or full.
_MAX_SLIP_DAYS = 30


@dataclass(frozen=True, slots=True)
class Appointment:
    """A booking with its details, and the firm and the customer, or caller, that it joins."""

    booking: Booking
    details: BookingDetails
    firm: Firm
    customer: Person


def make_appointments(
    visits: Sequence[Visit],
    firms: Sequence[Firm],
    customers: Sequence[Person],
    own_times: Sequence[OwnTime],
    now: datetime,
) -> list[Appointment]:
    """The bookings of the visits, in their order. No two of one provider overlap, whatever became of them.

    None lies in `own_times`, those of the first firm.
    """
    claimed: dict[int, set[int]] = defaultdict(set)
    claimed[0].update(*(own_time.cells for own_time in own_times))
    numbers: dict[int, int] = defaultdict(int)
    appointments = []
    for visit in visits:
        firm, number = firms[visit.firm], numbers[visit.firm]
        numbers[visit.firm] += 1
        customer = make_caller(firm.city, number, now) if visit.customer is None else customers[visit.customer]
        rng = seeded("visit", firm.city.name, firm.provider.name, number)
        service = rng.choice([service for service in firm.services if service.active])
        notes = rng.choice(TRADES[service.category].requests) if rng.random() < 0.6 else ""
        starts_at, day = _find_start(rng, visit, firm, service, claimed[visit.firm], now)
        story = _Story(rng, firm, service, customer, starts_at, now)
        story.begin(derived_child_id(firm.provider.provider_id, f"demo booking {number}"), visit.journey, day)
        for step in _STEPS[visit.journey]:
            step(story)
        claimed[visit.firm].update(story.booking.cells)
        details = _details(story.booking, customer, notes, number)
        appointments.append(Appointment(story.booking, details, firm, customer))
    return appointments


def _details(booking: Booking, customer: Person, notes: str, number: int) -> BookingDetails:
    if not booking.is_for_caller:
        return checked_details(customer.address, notes)
    # The numbers from 100 on are kept for such as these.
    caller = Caller(customer.name, f"+1512555{100 + number % 100:04}", customer.email, customer.city.language)
    return checked_call(customer.address, notes, caller, country=customer.city.country)


def _find_start(
    rng: Random, visit: Visit, firm: Firm, service: Service, claimed: set[int], now: datetime
) -> tuple[datetime, int]:
    """A free start on the planned day, or on the next one away from today that has any; and that day."""
    zone = ZoneInfo(firm.city.time_zone)
    today = now.astimezone(zone).date()
    choice = rng.random()
    for slip in range(_MAX_SLIP_DAYS):
        day = visit.day + (slip if visit.day >= 0 else -slip)
        midnight, next_midnight = (
            datetime.combine(today + timedelta(days=offset), datetime.min.time(), zone) for offset in (day, day + 1)
        )
        starts = offered_starts(
            firm.provider,
            duration_minutes=service.duration_minutes,
            start=midnight,
            end=next_midnight,
            claimed_cells=claimed,
            # As it looked some days before: nothing is requested later than that.
            now=midnight - 2 * _DAY,
        )
        # People like to begin on the hour, or the half.
        starts = [start for start in starts if start.minute % 30 == 0] or starts
        if starts:
            return starts[int(choice * len(starts))], day
    raise RuntimeError(f"{firm.provider.name} is booked up around day {visit.day}")


class _Story:
    """One booking on its way: each step is judged and taken as the services do it, at an instant of the past."""

    booking: Booking

    def __init__(
        self, rng: Random, firm: Firm, service: Service, customer: Person, starts_at: datetime, now: datetime
    ) -> None:
        self._rng = rng
        self._offer = Offer(service, firm.provider)
        self._starts_at = starts_at
        self._now = now
        self._customer = Actor(customer.user_id, Role.CUSTOMER)
        self._provider = Actor(firm.owner.user_id, Role.PROVIDER)

    def begin(self, booking_id: str, journey: Journey, day: int) -> None:
        """The customer's request or call: some days before; within the last hours if it is still to be answered."""
        # One in twenty was meant for another day, and moved.
        is_moved = journey in (Journey.PAID, Journey.CONFIRMED) and self._rng.random() < 0.05
        if journey is Journey.PENDING:
            requested_at = self._now - timedelta(seconds=self._rng.randrange(600, 36_000))
        else:
            days = max(day, 0) + COURSES[journey].least_lead_days + self._rng.randrange(7)
            requested_at = self._starts_at - timedelta(days=days, seconds=self._rng.randrange(4 * 3600))
        values: dict[str, Any] = {
            "starts_at": self._starts_at + _DAY if is_moved else self._starts_at,
            "booking_id": booking_id,
            "now": requested_at,
            "entry_id": _entry_id(booking_id, 1),
        }
        if journey is Journey.CALLED:
            self.booking = new_booking_for_caller(self._offer, provider=self._provider, **values)
            return
        self.booking = new_booking(self._offer, customer=self._customer, **values)
        if is_moved:
            self._step(Action.RESCHEDULE, self._customer, requested_at + 5 * _MINUTE, requested_at + _HOUR)

    def confirm(self) -> None:
        self._step(Action.CONFIRM, self._provider, self.booking.updated_at, self.booking.created_at + 11 * _HOUR)

    def decline(self) -> None:
        self._step(Action.DECLINE, self._provider, self.booking.updated_at, self.booking.created_at + 20 * _HOUR)

    def expire(self) -> None:
        lapsed_at = request_expiry(self.booking.created_at, self._starts_at)
        self._step(Action.EXPIRE, SYSTEM, lapsed_at, lapsed_at + _HOUR)

    def cancel_as_customer(self) -> None:
        self._cancel_early(self._customer)

    def cancel_as_provider(self) -> None:
        self._cancel_early(self._provider)

    def _cancel_early(self, actor: Actor) -> None:
        # Soon after the last step: whoever goes this way asked days before the appointment.
        self._step(Action.CANCEL, actor, self.booking.updated_at, self.booking.created_at + 23 * _HOUR)

    def cancel_late(self) -> None:
        # Within any firm's free time, which is twelve hours at least.
        latest = self._starts_at - _HOUR
        self._step(Action.CANCEL, self._customer, latest - 9 * _HOUR, latest)

    def complete(self) -> None:
        ends_at = self.booking.ends_at
        self._step(Action.COMPLETE, self._provider, ends_at, ends_at + 3 * _HOUR)

    def pay(self) -> None:
        completed_at = self.booking.updated_at
        self._step(Action.PAY, self._provider, completed_at, completed_at + 3 * _DAY)

    def miss(self) -> None:
        self._step(Action.NO_SHOW, self._provider, self._starts_at + 20 * _MINUTE, self._starts_at + 2 * _HOUR)

    def leave_open(self) -> None:
        closed_at = self.booking.ends_at + CLOSED_AFTER
        self._step(Action.CLOSE, SYSTEM, closed_at, closed_at + _DAY)

    def _step(self, action: Action, actor: Actor, earliest: datetime, latest: datetime) -> None:
        """Take the action between the two instants, and never in the future."""
        seconds = int((min(latest, self._now) - earliest).total_seconds())
        at = earliest + timedelta(seconds=self._rng.randint(0, seconds))
        judge(action, self.booking, actor, at)
        entry_id = _entry_id(self.booking.booking_id, self.booking.version + 1)
        if action is Action.RESCHEDULE:
            self.booking = after_reschedule(self.booking, self._starts_at, actor, at, entry_id)
        else:
            self.booking = after_transition(action, self.booking, actor, at, entry_id)


def _entry_id(booking_id: str, version: int) -> str:
    return hashlib.sha256(f"{booking_id}#{version}".encode()).hexdigest()[:16]


_STEPS: dict[Journey, tuple[Callable[[_Story], None], ...]] = {
    Journey.PENDING: (),
    Journey.CALLED: (),
    Journey.CONFIRMED: (_Story.confirm,),
    Journey.COMPLETED: (_Story.confirm, _Story.complete),
    Journey.PAID: (_Story.confirm, _Story.complete, _Story.pay),
    Journey.NO_SHOW: (_Story.confirm, _Story.miss),
    Journey.UNCONFIRMED: (_Story.confirm, _Story.leave_open),
    Journey.CANCELLED_EARLY: (_Story.confirm, _Story.cancel_as_customer),
    Journey.CANCELLED_LATE: (_Story.confirm, _Story.cancel_late),
    Journey.CANCELLED_BY_PROVIDER: (_Story.confirm, _Story.cancel_as_provider),
    Journey.WITHDRAWN: (_Story.cancel_as_customer,),
    Journey.DECLINED: (_Story.decline,),
    Journey.EXPIRED: (_Story.expire,),
}
