"""Two people change one booking at the same moment: the outcome is one that some order of the two would have."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from bookings.domain import TRANSITIONS, Action, Booking, Status
from bookings.services import change_status, reschedule_booking
from kernel.actors import Actor
from kernel.clock import now as clock_now
from kernel.errors import ConflictError
from tests.factories.bookings import Scene, assert_claims_match_bookings, make_scene, next_day

ROUNDS = 50
Change = Callable[[Scene, Booking], object]


def becoming(status: Status, who: str) -> Change:
    def change(scene: Scene, booking: Booking) -> object:
        actor: Actor = getattr(scene, who)
        return change_status(
            actor=actor, booking_id=booking.booking_id, status=status, expected_version=None, now=clock_now()
        )

    return change


def moving(hours: int, who: str = "customer") -> Change:
    def change(scene: Scene, booking: Booking) -> object:
        actor: Actor = getattr(scene, who)
        return reschedule_booking(
            actor=actor,
            booking_id=booking.booking_id,
            starts_at=booking.starts_at + timedelta(hours=hours),
            expected_version=None,
            now=clock_now(),
        )

    return change


def booking_elsewhere(hours: int) -> Change:
    """Another customer requests the time to which the booking is being moved."""

    def change(scene: Scene, booking: Booking) -> object:
        return scene.request(booking.starts_at + timedelta(hours=hours))

    return change


def attempt(change: Change, scene: Scene, booking: Booking, barrier: Barrier) -> str:
    barrier.wait()
    try:
        change(scene, booking)
    except ConflictError as refusal:
        return refusal.code
    return "done"


@pytest.mark.parametrize(
    ("first", "second", "both_may_succeed"),
    [
        # Confirming, then cancelling, is an order too; the reverse is not.
        (becoming(Status.CONFIRMED, "provider"), becoming(Status.CANCELLED, "customer"), True),
        (becoming(Status.CONFIRMED, "provider"), becoming(Status.DECLINED, "admin"), False),
        (moving(2), moving(1, "admin"), True),
        (moving(1), booking_elsewhere(1), False),
    ],
    ids=["confirm and cancel", "confirm and decline", "move and move", "move and request"],
)
def test_races_equal_some_order(first: Change, second: Change, both_may_succeed: bool) -> None:
    scene = make_scene()
    outcomes: Counter[tuple[str, ...]] = Counter()
    with ThreadPoolExecutor(2) as pool:
        for day in range(ROUNDS):
            booking, barrier = scene.book(next_day(9, days=3 + day)), Barrier(2)
            tries = [pool.submit(attempt, change, scene, booking, barrier) for change in (first, second)]
            codes = [future.result() for future in tries]
            outcomes[tuple(sorted(codes))] += 1
            assert_legal_history(scene.stored(booking.booking_id), changes=codes.count("done"))
    assert_claims_match_bookings(scene)
    for outcome in outcomes:
        assert "done" in outcome
        assert both_may_succeed or outcome != ("done", "done"), outcomes
        assert set(outcome) <= {"done", "concurrent_change", "invalid_transition", "slot_taken"}


def assert_legal_history(booking: Booking, *, changes: int) -> None:
    """The history is a path through the lifecycle, one version a step."""
    assert booking.history[0].action is Action.REQUEST
    assert booking.version == len(booking.history) <= changes + 1
    for before, entry in zip(booking.history, booking.history[1:], strict=False):
        row = TRANSITIONS[entry.action]
        assert entry.version == before.version + 1
        assert entry.from_status is before.to_status
        assert entry.from_status in row.from_statuses
        assert entry.to_status is (row.to_status or before.to_status)
    assert booking.history[-1].to_status is booking.status
