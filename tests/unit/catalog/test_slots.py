"""Claims on a provider's time: which cells an appointment takes, and that the writes stay within DynamoDB's limits."""

import random
import re
from datetime import UTC, datetime, timedelta

import pytest

from catalog.domain import MAX_BLOCKED_CELLS, blocked_cells
from catalog.services import slots
from kernel.errors import UnprocessableError
from kernel.ids import new_child_id, provider_id_for
from kernel.storage import ConditionFailedError, Write

PROVIDER_ID = provider_id_for("somebody")
BOOKING_ID = new_child_id(PROVIDER_ID)
OTHER_ID = new_child_id(PROVIDER_ID)
MIDNIGHT = datetime(2026, 3, 10, tzinfo=UTC)
NOW = MIDNIGHT - timedelta(days=1)
FIRST_CELL = int(MIDNIGHT.timestamp()) // 900


def test_two_appointments_share_a_cell_exactly_if_their_rounded_times_overlap() -> None:
    """2,000 random sets of appointments against an oracle of minutes."""
    dice = random.Random(4)  # noqa: S311
    for _ in range(2_000):
        taken: list[tuple[range, set[int]]] = []
        for _ in range(6):
            start, before, after = dice.randrange(0, 48) * 15, dice.choice((0, 5, 15, 20)), dice.choice((0, 10, 30))
            duration = dice.randrange(15, 241)
            cells = blocked_cells(MIDNIGHT + timedelta(minutes=start), duration, before, after)
            # Each minute of the time from the full quarter before its start to the full quarter after its end.
            first, last = start - before, start + duration + after
            minutes = set(range(first - first % 15, last + -last % 15))
            for other_cells, other_minutes in taken:
                assert bool(set(cells) & set(other_cells)) is bool(minutes & other_minutes)
            taken.append((cells, minutes))


def claim(cells: range) -> list[Write]:
    return slots.claim_writes(
        provider_id=PROVIDER_ID, booking_id=BOOKING_ID, cells=cells, held_until=NOW + timedelta(hours=24), now=NOW
    )


def test_one_write_per_utc_day() -> None:
    assert [write.name for write in claim(range(FIRST_CELL - 2, FIRST_CELL))] == ["claims:2026-03-09"]
    both = claim(range(FIRST_CELL - 2, FIRST_CELL + 2))
    assert [write.name for write in both] == ["claims:2026-03-09", "claims:2026-03-10"]


def test_more_than_twelve_hours_are_refused() -> None:
    claim(range(FIRST_CELL, FIRST_CELL + MAX_BLOCKED_CELLS))
    too_long = range(FIRST_CELL, FIRST_CELL + MAX_BLOCKED_CELLS + 1)
    with pytest.raises(UnprocessableError):
        claim(too_long)
    with pytest.raises(UnprocessableError):
        slots.move_writes(
            provider_id=PROVIDER_ID,
            booking_id=BOOKING_ID,
            old=range(FIRST_CELL, FIRST_CELL + 1),
            new=too_long,
            held_until=None,
            now=NOW,
        )


@pytest.mark.parametrize("held_until", [None, NOW + timedelta(hours=1)])
@pytest.mark.parametrize("cells", range(36, MAX_BLOCKED_CELLS + 1))
def test_the_largest_moves_within_a_day_leave_room_in_dynamodbs_limits(held_until: datetime | None, cells: int) -> None:
    half = cells
    (write,) = slots.move_writes(
        provider_id=PROVIDER_ID,
        booking_id=BOOKING_ID,
        old=range(FIRST_CELL, FIRST_CELL + half),
        new=range(FIRST_CELL + half, FIRST_CELL + 2 * half),
        held_until=held_until,
        now=NOW,
    )
    condition = write.kwargs["ConditionExpression"]
    for expression in (condition, write.kwargs["UpdateExpression"]):
        assert len(expression) <= 4096
    # DynamoDB takes 300.
    assert len(re.findall(r"\bAND\b|\bOR\b|<=|=|attribute_not_exists", condition)) <= 240


def test_a_claim_is_conditional_on_what_the_provider_keeps_of_the_day() -> None:
    """Nothing, or what a failure has shown; where that is the claimed time itself, trying again is no use."""
    cells = range(FIRST_CELL - 1, FIRST_CELL + 3)
    before, after = claim(cells)
    for write in (before, after):
        assert "ownTime" in write.kwargs["ExpressionAttributeNames"].values()
    failure = ConditionFailedError({after.name: {"own_time": "a:40-44 b:50-96"}})
    learned = slots.learn_own_time(cells, failure, {})
    assert learned == {MIDNIGHT.date(): "a:40-44 b:50-96"}
    assert slots.learn_own_time(cells, failure, learned) is None
    assert slots.learn_own_time(cells, ConditionFailedError({after.name: None}), learned) == {}
    assert slots.learn_own_time(cells, ConditionFailedError({after.name: {"own_time": "a:2-44"}}), {}) is None
    assert slots.learn_own_time(cells, ConditionFailedError({after.name: {"c00": OTHER_ID}}), {}) is None


def test_confirming_and_giving_up_ask_for_no_own_time() -> None:
    """What is booked in it was kept by the provider."""
    cells = range(FIRST_CELL, FIRST_CELL + 2)
    confirmed = slots.confirm_writes(provider_id=PROVIDER_ID, booking_id=BOOKING_ID, cells=cells)
    given_up = slots.release_writes(provider_id=PROVIDER_ID, booking_id=BOOKING_ID, cells=cells)
    for write in (*confirmed, *given_up):
        assert "ownTime" not in write.kwargs["ExpressionAttributeNames"].values()


def test_lost_cells_are_those_that_a_failed_write_found_with_others() -> None:
    cells = range(FIRST_CELL - 1, FIRST_CELL + 3)
    failure = ConditionFailedError({"claims:2026-03-10": {"c00": BOOKING_ID, "c01": OTHER_ID}})
    # 00:15 is another's and 00:30 nobody's; the write of the day before did not fail.
    assert slots.lost_cells(BOOKING_ID, cells, failure) == {FIRST_CELL + 1, FIRST_CELL + 2}
    swept = ConditionFailedError({"claims:2026-03-09": None})
    assert slots.lost_cells(BOOKING_ID, cells, swept) == {FIRST_CELL - 1}
    assert slots.is_refusal(failure)
    assert not slots.is_refusal(ConditionFailedError({"offer": None}))


def test_nothing_is_written_to_release_what_is_lost() -> None:
    cells = range(FIRST_CELL, FIRST_CELL + 2)
    assert slots.release_writes(provider_id=PROVIDER_ID, booking_id=BOOKING_ID, cells=cells, lost=set(cells)) == []
