"""Claims with their real conditions, on the embedded cloud, against an oracle of intervals in memory."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from catalog.domain import blocked_cells
from catalog.domain.cells import first_cell
from catalog.models import CLAIM_ATTRIBUTES, HOLD_ATTRIBUTES, SlotClaimsItem
from catalog.queries.claims import claimed_cells
from catalog.services import slots
from kernel import storage
from kernel.ids import new_child_id, provider_id_for
from tests.factories.bookings import next_day

# In the future: the cloud sweeps days of long ago.
EVENING = next_day(18, days=10)
NOW = EVENING - timedelta(days=2)
STEP = timedelta(hours=1)


@dataclass
class Held:
    """What the oracle knows of one booking: its cells, and when they count no more (None: never)."""

    cells: range
    until: datetime | None

    def has(self, cell: int, now: datetime) -> bool:
        return cell in self.cells and (self.until is None or now < self.until)


class Calendar:
    """One provider's calendar, twice: in the table and in memory. Every operation must have the same outcome."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.provider_id = provider_id_for(uuid4().hex)
        self.held: dict[str, Held] = {}
        self.now = NOW

    def random_cells(self) -> range:
        # From 18:00 to 06:00, so that many cross midnight.
        start = EVENING + timedelta(minutes=15 * self.dice.randrange(48))
        return blocked_cells(start, self.dice.randrange(15, 200), self.dice.choice((0, 10)), self.dice.choice((0, 20)))

    def is_free(self, cells: range, but_for: str = "") -> bool:
        return not any(
            held.has(cell, self.now) for name, held in self.held.items() if name != but_for for cell in cells
        )

    def is_intact(self, name: str) -> bool:
        held = self.held[name]
        return held.until is None or self.now < held.until

    def write(self, writes: list[storage.Write]) -> bool:
        try:
            storage.transact(writes)
        except storage.ConditionFailedError as failure:
            return not slots.is_refusal(failure)
        return True

    def claim(self) -> None:
        name, cells = new_child_id(self.provider_id), self.random_cells()
        until = self.dice.choice((None, self.now + self.dice.randrange(1, 6) * STEP))
        done = self.write(
            slots.claim_writes(
                provider_id=self.provider_id, booking_id=name, cells=cells, held_until=until, now=self.now
            )
        )
        assert done is self.is_free(cells)
        if done:
            self.held[name] = Held(cells, until)

    def confirm(self, name: str) -> None:
        held = self.held[name]
        if self.is_intact(name):
            assert self.write(slots.confirm_writes(provider_id=self.provider_id, booking_id=name, cells=held.cells))
            held.until = None

    def move(self, name: str) -> None:
        held, cells = self.held[name], self.random_cells()
        if self.is_intact(name):
            done = self.write(
                slots.move_writes(
                    provider_id=self.provider_id,
                    booking_id=name,
                    old=held.cells,
                    new=cells,
                    held_until=held.until,
                    now=self.now,
                )
            )
            assert done is self.is_free(cells, but_for=name)
            held.cells = cells if done else held.cells

    def release(self, name: str) -> None:
        held, lost = self.held.pop(name), set[int]()
        while writes := slots.release_writes(
            provider_id=self.provider_id, booking_id=name, cells=held.cells, lost=lost
        ):
            try:
                storage.transact(writes)
            except storage.ConditionFailedError as failure:
                newly_lost = slots.lost_cells(name, held.cells, failure) - lost
            else:
                return
            # Only what has lapsed can have been taken.
            assert newly_lost
            assert held.until is not None
            assert held.until <= self.now
            lost |= newly_lost

    def check(self) -> None:
        """Whatever counts now in the table is what the oracle says."""
        stored = {}
        for row in storage.query_rows(SlotClaimsItem, self.provider_id, limit=10, consistent=True).rows:
            first = first_cell(datetime.fromisoformat(row["day"]).date())
            for position, (claimed, hold) in enumerate(zip(CLAIM_ATTRIBUTES, HOLD_ATTRIBUTES, strict=True)):
                if claimed in row and row.get(hold, self.now.timestamp() + 1) > self.now.timestamp():
                    stored[first + position] = row[claimed]
                assert (claimed in row) or (hold not in row), "a limit without a claim"
        expected = {cell: name for name, held in self.held.items() for cell in held.cells if held.has(cell, self.now)}
        assert stored == expected


def test_random_operations_have_the_outcome_that_intervals_have() -> None:
    """100 calendars with 12 operations each, while the clock goes on."""
    dice = random.Random(7)  # noqa: S311
    outcomes = {"claim": 0, "confirm": 0, "move": 0, "release": 0}
    for _ in range(100):
        calendar = Calendar(dice)
        for _ in range(12):
            operation = dice.choice(("claim", "claim", "claim", "confirm", "move", "release"))
            if operation == "claim" or not calendar.held:
                calendar.claim()
            else:
                getattr(calendar, operation)(dice.choice(sorted(calendar.held)))
            outcomes[operation] += 1
            calendar.now += STEP * dice.choice((0, 0, 1))
        calendar.check()
    assert min(outcomes.values()) > 100


def test_a_long_move_within_a_day_takes_over_lapsed_holds_and_nothing_else() -> None:
    morning = first_cell(next_day(0, days=20).date())
    before, after = range(morning, morning + 48), range(morning + 48, morning + 96)
    provider_id = provider_id_for(uuid4().hex)
    mover, lapsed, other = (new_child_id(provider_id) for _ in range(3))

    def claim(name: str, cells: range, held_until: datetime | None) -> None:
        storage.transact(
            slots.claim_writes(provider_id=provider_id, booking_id=name, cells=cells, held_until=held_until, now=NOW)
        )

    def move(lapsed: set[int]) -> None:
        storage.transact(
            slots.move_writes(
                provider_id=provider_id,
                booking_id=mover,
                old=before,
                new=after,
                held_until=None,
                now=NOW + 2 * STEP,
                lapsed=lapsed,
            )
        )

    claim(mover, before, None)
    claim(lapsed, after[3:9], NOW + STEP)
    with pytest.raises(storage.ConditionFailedError) as failure:
        move(set())
    found = slots.lapsed_cells(mover, after, failure.value, now=NOW + 2 * STEP)
    assert found == set(after[3:9])

    claim(other, after[20:21], None)
    with pytest.raises(storage.ConditionFailedError) as failure:
        move(found)
    assert slots.lapsed_cells(mover, after, failure.value, now=NOW + 2 * STEP) == set()

    storage.transact(slots.release_writes(provider_id=provider_id, booking_id=other, cells=after[20:21]))
    move(found)
    (row,) = storage.query_rows(SlotClaimsItem, provider_id, limit=10, consistent=True).rows
    assert {row[CLAIM_ATTRIBUTES[position]] for position in range(48, 96)} == {mover}
    assert claimed_cells(row, now=NOW) == set(after)
