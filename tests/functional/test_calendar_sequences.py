"""Random sequences of hours, exceptions, own time, bookings, moves, cancellations and lapses.

Whatever came before: a start that availability offers is accepted, one that it does not offer is refused, and no two of
what was accepted overlap. Starts are judged by an oracle of their own, minute by minute of the local clock.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bookings.domain import CLAIMING_STATUSES, Booking, Status
from bookings.queries import get_times_to_move_to
from bookings.services import change_status, reschedule_booking
from catalog.domain import WEEKDAYS, OwnTime, OwnTimeKind, parse_hours
from catalog.queries import forget_offers, get_availability
from catalog.services import (
    OwnTimeValues,
    block_time,
    change_own_time,
    free_own_time,
    replace_hours,
)
from kernel.clock import now as clock_now
from kernel.errors import ConflictError, UnprocessableError
from tests.factories.accounts import make_customer
from tests.factories.bookings import Scene, idempotency_of, make_scene

SEQUENCES, TORTURE_SEQUENCES = 500, 10_000
STEPS = 4
# Each sequence has days of its own, so that a provider serves many.
DAYS, PER_PROVIDER = 2, 80
QUARTER = timedelta(minutes=15)
# Half hours and hours of both sides of the equator, without and with changes of the clock.
ZONES = ("UTC", "America/Chicago", "Europe/Paris", "Asia/Kathmandu", "Australia/Lord_Howe")

pytestmark = pytest.mark.usefixtures("cloud")


@dataclass
class Calendar:
    """The days of one sequence: what the services were asked, and what the oracle holds of it."""

    scene: Scene
    zone: ZoneInfo
    first: date
    dice: random.Random
    outcomes: Counter[str]
    now: datetime
    minutes: int
    buffer: int
    weekly: dict[str, Any]
    exceptions: dict[str, Any] = field(default_factory=dict)
    bookings: dict[str, Booking] = field(default_factory=dict)
    own_times: dict[str, OwnTime] = field(default_factory=dict)
    # What the oracle has worked out of the hours.
    open_quarters: dict[datetime, bool] = field(default_factory=dict)

    # --- What may be done ---------------------------------------------------------------------------------------------

    def set_hours(self) -> None:
        self.open_quarters = {}
        self.weekly = {name: self.random_spans() for name in WEEKDAYS}
        self.exceptions = {
            str(self.first + timedelta(days=number)): self.dice.choice(([], self.random_spans()))
            for number in range(DAYS)
            if self.dice.random() < 0.3
        }
        replace_hours(
            actor=self.scene.provider,
            provider_id=self.scene.provider_id,
            hours=parse_hours(self.weekly, self.exceptions),
            now=self.now,
        )
        # Other processes would show what they remember for half a minute; what they book is decided by what is stored.
        forget_offers()

    def block(self) -> None:
        values, cells = self.random_own_time()
        booked = {each.booking_id for each in self.live() if cells & set(each.cells)}
        keep = frozenset(booked) if self.dice.random() < 0.5 else frozenset[str]()

        def act() -> None:
            outcome = block_time(
                actor=self.scene.provider,
                provider_id=self.scene.provider_id,
                values=values,
                keep=keep,
                idempotency=idempotency_of(self.scene.provider, {}, lambda own_time: {"id": own_time.own_time_id}),
                now=self.now,
            )
            own_time = outcome.created
            assert own_time is not None
            assert set(own_time.cells) == cells
            self.own_times[own_time.own_time_id] = own_time

        self.expect(booked <= keep, "block", act)

    def change_block(self) -> None:
        if not self.own_times:
            return self.block()
        before = self.own_times[self.dice.choice(sorted(self.own_times))]
        values, cells = self.random_own_time()
        booked = {each.booking_id for each in self.live() if (cells - set(before.cells)) & set(each.cells)}

        def act() -> None:
            self.own_times[before.own_time_id] = change_own_time(
                actor=self.scene.provider,
                provider_id=self.scene.provider_id,
                own_time_id=before.own_time_id,
                values=values,
                now=self.now,
            )

        self.expect(not booked, "change own time", act)
        return None

    def free(self) -> None:
        if not self.own_times:
            return self.block()
        own_time_id = self.dice.choice(sorted(self.own_times))
        free_own_time(
            actor=self.scene.provider, provider_id=self.scene.provider_id, own_time_id=own_time_id, now=self.now
        )
        del self.own_times[own_time_id]
        return None

    def book(self) -> None:
        offered = get_availability(
            provider_id=self.scene.provider_id,
            service_id=self.scene.service_id,
            first=self.first,
            last=self.first + timedelta(days=DAYS - 1),
            now=self.now,
        ).starts
        assert offered == [start for start in self.starts() if self.is_free(start)]
        start = self.random_start(offered)

        def act() -> None:
            if self.dice.random() < 0.3:
                booking = self.scene.book_for_caller(start, now=self.now)
            else:
                booking = self.scene.book(start, customer=make_customer(), now=self.now)
            self.bookings[booking.booking_id] = booking

        self.expect(start in offered, "book", act)

    def move(self) -> None:
        movable = [each for each in self.live() if each.status_at(self.now) in (Status.PENDING, Status.CONFIRMED)]
        if not movable:
            return self.book()
        booking = self.dice.choice(movable)
        offered = get_times_to_move_to(
            actor=self.scene.admin,
            booking_id=booking.booking_id,
            provider_id=self.scene.provider_id,
            first=self.first,
            last=self.first + timedelta(days=DAYS - 1),
            now=self.now,
        ).starts
        assert offered == [start for start in self.starts() if self.is_free(start, but_for=booking)]
        # To stay where it is is no move, and never refused.
        start = self.random_start([each for each in offered if each != booking.starts_at], but_for=booking.starts_at)

        def act() -> None:
            self.bookings[booking.booking_id], _ = reschedule_booking(
                actor=self.scene.admin,
                booking_id=booking.booking_id,
                starts_at=start,
                expected_version=None,
                now=self.now,
            )

        self.expect(start in offered, "move", act)
        return None

    def answer(self) -> None:
        """Confirm, decline or cancel something, or let it lapse."""
        open_ones = [each for each in self.live() if each.status in (Status.PENDING, Status.CONFIRMED)]
        if not open_ones:
            return self.book()
        booking = self.dice.choice(open_ones)
        is_pending = booking.status is Status.PENDING
        status = self.dice.choice((Status.CONFIRMED, Status.DECLINED) if is_pending else (Status.CANCELLED,))
        self.bookings[booking.booking_id], _ = change_status(
            actor=self.scene.provider,
            booking_id=booking.booking_id,
            status=status,
            expected_version=None,
            now=self.now,
        )
        self.outcomes[f"answer: {status}"] += 1
        return None

    def wait(self) -> None:
        """Until what waits has lapsed; nobody sweeps it."""
        self.now += timedelta(hours=25)
        self.outcomes["wait"] += 1

    # --- The oracle ---------------------------------------------------------------------------------------------------

    def live(self) -> list[Booking]:
        return [each for each in self.bookings.values() if each.status_at(self.now) in CLAIMING_STATUSES]

    def starts(self) -> list[datetime]:
        """All quarter hours of the days."""
        start, end = self.midnight(0), self.midnight(DAYS)
        return [start + number * QUARTER for number in range((end - start) // QUARTER)]

    def is_free(self, start: datetime, but_for: Booking | None = None) -> bool:
        end = start + timedelta(minutes=self.minutes)
        if start < self.now or not self.is_open(start, end):
            return False
        # The buffer is after each job.
        blocked_until = end + timedelta(minutes=self.buffer)
        others = [each for each in self.live() if each != but_for]
        taken = [
            *((each.starts_at, each.ends_at + timedelta(minutes=self.buffer)) for each in others),
            *((each.starts_at, each.ends_at) for each in self.own_times.values()),
        ]
        return all(ends <= start or blocked_until <= begins for begins, ends in taken)

    def is_open(self, start: datetime, end: datetime) -> bool:
        if not self.open_quarters:
            last = self.midnight(DAYS) + timedelta(minutes=self.minutes)
            quarters = (self.midnight(0) + number * QUARTER for number in range((last - self.midnight(0)) // QUARTER))
            self.open_quarters = {quarter: self.is_open_at(quarter) for quarter in quarters}
        quarters = (start + number * QUARTER for number in range((end - start) // QUARTER))
        return all(self.open_quarters[quarter] for quarter in quarters)

    def is_open_at(self, quarter: datetime) -> bool:
        local = quarter.astimezone(self.zone)
        spans = self.exceptions.get(str(local.date()), self.weekly[WEEKDAYS[local.weekday()]])
        clock = f"{local:%H:%M}"
        return any(begin <= clock < end for begin, end in spans)

    def check(self) -> None:
        """No two of what was accepted overlap."""
        claimed = [cell for each in self.live() for cell in each.cells]
        assert len(claimed) == len(set(claimed))

    # --- Dice ---------------------------------------------------------------------------------------------------------

    def expect(self, is_allowed: bool, name: str, act: Callable[[], None]) -> None:
        refused: ConflictError | UnprocessableError | None = None
        try:
            act()
        except (ConflictError, UnprocessableError) as refusal:
            refused = refusal
        assert (refused is None) is is_allowed, (name, refused)
        if isinstance(refused, ConflictError):
            assert refused.code in ("slot_taken", "time_is_booked")
        self.outcomes[f"{name}: {'accepted' if is_allowed else 'refused'}"] += 1
        self.check()

    def random_start(self, offered: list[datetime], but_for: datetime | None = None) -> datetime:
        others = [start for start in self.starts() if start not in offered and start != but_for]
        return self.dice.choice(offered if not others or (offered and self.dice.random() < 0.6) else others)

    def random_spans(self) -> list[list[str]]:
        opens, closes = sorted(self.dice.sample(range(25), 2))
        return [[f"{opens:02}:00", f"{closes:02}:00"]]

    def random_own_time(self) -> tuple[OwnTimeValues, set[int]]:
        kind = self.dice.choice(list(OwnTimeKind))
        if self.dice.random() < 0.3:
            first, last = sorted(self.dice.choices(range(DAYS), k=2))
            values = OwnTimeValues(kind, self.first + timedelta(days=first), self.first + timedelta(days=last))
            start, end = self.midnight(first), self.midnight(last + 1)
        else:
            start, end = sorted(self.dice.sample(self.starts(), 2))
            values = OwnTimeValues(kind, start, end)
        return values, set(range(int(start.timestamp()) // 900, int(end.timestamp()) // 900))

    def midnight(self, days: int) -> datetime:
        return datetime.combine(self.first + timedelta(days=days), time(), self.zone).astimezone(UTC)


STEPS_BY_WEIGHT = {
    Calendar.book: 6,
    Calendar.move: 4,
    Calendar.block: 3,
    Calendar.answer: 2,
    Calendar.set_hours: 1,
    Calendar.change_block: 1,
    Calendar.free: 1,
    Calendar.wait: 1,
}


def test_what_is_offered_is_accepted_and_what_is_not_is_refused(
    is_torture: bool, record_property: Callable[[str, object], None]
) -> None:
    dice = random.Random(430)  # noqa: S311
    outcomes: Counter[str] = Counter()
    steps, weights = list(STEPS_BY_WEIGHT), list(STEPS_BY_WEIGHT.values())
    started = clock_now()
    scene, zone, minutes, buffer = make_scene(), ZONES[0], 60, 0
    weekly: dict[str, Any] = {}
    for number in range(TORTURE_SEQUENCES if is_torture else SEQUENCES):
        place = number % PER_PROVIDER
        if place == 0:
            zone, minutes, buffer = dice.choice(ZONES), dice.choice((30, 60, 150, 480)), dice.choice((0, 15, 45))
            scene = make_scene(duration_minutes=minutes, time_zone=zone, horizon_days=365, buffer_after_minutes=buffer)
            weekly = {name: [["00:00", "24:00"]] for name in WEEKDAYS}
        calendar = Calendar(
            scene=scene,
            zone=ZoneInfo(zone),
            first=(started + timedelta(days=6)).date() + timedelta(days=place * (DAYS + 1)),
            dice=dice,
            outcomes=outcomes,
            now=started,
            minutes=minutes,
            buffer=buffer,
            weekly=weekly,
        )
        for step in dice.choices(steps, weights, k=STEPS):
            step(calendar)
        weekly = calendar.weekly
        for own_time_id in list(calendar.own_times):
            # The list of one provider has an end.
            free_own_time(
                actor=scene.provider, provider_id=scene.provider_id, own_time_id=own_time_id, now=calendar.now
            )
    record_property("outcomes", sorted(outcomes.items()))
    for name in ("book", "move", "block"):
        assert outcomes[f"{name}: accepted"] > 20
        assert outcomes[f"{name}: refused"] > 20
    assert outcomes["change own time: accepted"] > 5
