"""Moving bookings from status to status and in time, on the embedded cloud."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from bookings.domain import TRANSITIONS, Action, Booking, Status
from bookings.queries import FoundBooking, get_booking
from bookings.services import change_status, propose_move, reschedule_booking
from kernel import storage
from kernel.actors import Actor
from kernel.clock import now as clock_now
from kernel.errors import (
    ConflictError,
    DomainError,
    ForbiddenError,
    NotFoundError,
    StaleVersionError,
    UnprocessableError,
)
from tests.factories.accounts import make_customer, make_provider
from tests.factories.bookings import Scene, assert_claims_match_bookings, make_scene, next_day


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def move_to(
    scene: Scene, booking: Booking, starts_at: datetime, actor: Actor | None = None, **kwargs: Any
) -> FoundBooking:
    return reschedule_booking(
        actor=actor or scene.customer,
        booking_id=booking.booking_id,
        starts_at=starts_at,
        expected_version=kwargs.pop("expected_version", None),
        now=kwargs.pop("now", clock_now()),
        **kwargs,
    )


def change(
    booking: Booking,
    actor: Actor,
    status: Status,
    *,
    version: int | None = None,
    now: datetime | None = None,
    **kwargs: Any,
) -> FoundBooking:
    return change_status(
        actor=actor,
        booking_id=booking.booking_id,
        status=status,
        expected_version=version,
        now=now or moment_of(status, booking),
        **kwargs,
    )


def propose(scene: Scene, booking: Booking, starts_at: datetime, actor: Actor | None = None) -> FoundBooking:
    return propose_move(
        actor=actor or scene.customer,
        booking_id=booking.booking_id,
        starts_at=starts_at,
        expected_version=None,
        now=clock_now(),
    )


def moment_of(status: Status, booking: Booking) -> datetime:
    """When a booking comes into that status at the earliest: a job is not done before it starts."""
    happens = status in (Status.COMPLETED, Status.NO_SHOW, Status.PAID)
    return max(clock_now(), booking.starts_at) if happens else clock_now()


PATHS: dict[Status, tuple[Status, ...]] = {
    Status.PENDING: (),
    Status.CONFIRMED: (Status.CONFIRMED,),
    Status.DECLINED: (Status.DECLINED,),
    Status.CANCELLED: (Status.CONFIRMED, Status.CANCELLED),
    Status.COMPLETED: (Status.CONFIRMED, Status.COMPLETED),
    Status.NO_SHOW: (Status.CONFIRMED, Status.NO_SHOW),
    Status.PAID: (Status.CONFIRMED, Status.COMPLETED, Status.PAID),
}
HAPPENS_AT = dict.fromkeys((Status.COMPLETED, Status.NO_SHOW, Status.PAID), timedelta(days=10))


@pytest.mark.parametrize("status", PATHS)
def test_each_status_is_stored_with_its_claims_and_history(scene: Scene, status: Status) -> None:
    now = clock_now()
    booking = scene.book(now=now)
    for step in PATHS[status]:
        booking = scene.bring(booking, step, now=now + HAPPENS_AT.get(step, timedelta()))
    assert booking.status is status
    assert scene.stored(booking.booking_id) == booking
    assert [entry.version for entry in booking.history] == list(range(1, len(PATHS[status]) + 2))
    holds_time = status not in (Status.DECLINED, Status.CANCELLED)
    assert set(scene.claims()) == (set(booking.cells) if holds_time else set())
    assert_claims_match_bookings(scene)


def test_strangers_and_parties_without_the_right(scene: Scene) -> None:
    booking = scene.book()
    for stranger in (make_customer(), make_provider()):
        for status in Status:
            with pytest.raises(NotFoundError):
                change(booking, stranger, status)
        with pytest.raises(NotFoundError):
            move_to(scene, booking, next_day(12), stranger)
        with pytest.raises(NotFoundError):
            get_booking(actor=stranger, booking_id=booking.booking_id)
    with pytest.raises(ForbiddenError):
        change(booking, scene.customer, Status.CONFIRMED)
    with pytest.raises(ForbiddenError):
        change(booking, scene.admin, Status.EXPIRED)
    with pytest.raises(ForbiddenError):
        move_to(scene, booking, next_day(12), scene.provider)
    assert scene.stored(booking.booking_id) == booking


def test_asking_again_changes_nothing(scene: Scene) -> None:
    booking = scene.book()
    confirmed, _ = change(booking, scene.provider, Status.CONFIRMED)
    # Also with the version of before: RFC 9110 lets a change that has been made already succeed.
    assert change(booking, scene.provider, Status.CONFIRMED, version=1)[0] == confirmed
    with pytest.raises(ConflictError):
        change(booking, scene.admin, Status.CONFIRMED)
    with pytest.raises(ConflictError):
        change(booking, scene.provider, Status.PENDING)
    assert scene.stored(booking.booking_id) == confirmed


def test_a_stale_version_is_refused(scene: Scene) -> None:
    booking = scene.book()
    with pytest.raises(StaleVersionError):
        change(booking, scene.provider, Status.CONFIRMED, version=7)
    with pytest.raises(StaleVersionError):
        move_to(scene, booking, next_day(12), expected_version=7)
    assert change(booking, scene.provider, Status.CONFIRMED, version=1)[0].version == 2


def test_a_late_cancellation_by_the_customer_costs(scene: Scene) -> None:
    booking = scene.bring(scene.book(), Status.CONFIRMED)
    late = booking.starts_at - timedelta(hours=24)
    cancelled, _ = change(booking, scene.customer, Status.CANCELLED, now=late)
    assert cancelled.cancellation_fee is not None
    assert cancelled.cancellation_fee.amount == 5_000
    assert scene.stored(booking.booking_id) == cancelled


# --- Rescheduling ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [Status.PENDING, Status.CONFIRMED])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (next_day(9), next_day(15)),
        (next_day(9), next_day(9, 30)),
        (next_day(9, 45), next_day(9)),
        (next_day(9), next_day(9, days=5)),
        (next_day(23, 30), next_day(23, 45)),
        (next_day(23, 30), next_day(10)),
        (next_day(10), next_day(23, 30)),
        (next_day(23, 30), next_day(23, 30, days=4)),
    ],
    ids=["same day", "overlapping", "overlapping back", "another day", "midnight", "from midnight", "to", "three days"],
)
def test_moving_gives_up_the_old_time_for_the_new(scene: Scene, status: Status, old: datetime, new: datetime) -> None:
    booking = scene.bring(scene.book(old), *PATHS[status])
    neighbour = scene.book(next_day(2))
    moved, _ = move_to(scene, booking, new)
    assert (moved.status, moved.starts_at, moved.ends_at) == (status, new, new + timedelta(hours=1))
    assert scene.stored(booking.booking_id) == moved
    assert_claims_match_bookings(scene)
    assert scene.claims().keys() == {*moved.cells, *neighbour.cells}
    if status is Status.PENDING:
        # The hold moved as a hold: it lapses as before.
        assert moved.expires_at == booking.expires_at
        assert moved.expires_at is not None
        scene.book(new, now=moved.expires_at)
    else:
        with pytest.raises(ConflictError):
            scene.request(new, now=clock_now() + timedelta(hours=30))


def test_moving_onto_somebody_elses_time_is_refused_and_changes_nothing(scene: Scene) -> None:
    booking, other = scene.book(next_day(9)), scene.book(next_day(11))
    with pytest.raises(ConflictError) as refusal:
        move_to(scene, booking, next_day(10, 30))
    assert refusal.value.code == "slot_taken"
    assert scene.stored(booking.booking_id) == booking
    assert set(scene.claims()) == {*booking.cells, *other.cells}


def test_moving_to_the_same_start_changes_nothing(scene: Scene) -> None:
    booking = scene.book(next_day(9))
    assert move_to(scene, booking, next_day(9))[0] == booking
    moved, _ = move_to(scene, booking, next_day(12), expected_version=1)
    # The answer was lost, and the client repeats it.
    assert move_to(scene, booking, next_day(12), expected_version=1)[0] == moved


def test_moving_onto_a_lapsed_hold_takes_it_over(scene: Scene) -> None:
    now = clock_now()
    scene.book(next_day(11), now=now)
    later = now + timedelta(hours=24)
    booking = scene.bring(scene.book(next_day(9), now=later), Status.CONFIRMED, now=later)
    move_to(scene, booking, next_day(11), now=later)
    assert_claims_match_bookings(scene, later)
    with pytest.raises(ConflictError):
        scene.request(next_day(11), now=later + timedelta(hours=20))


def test_half_a_day_is_moved_onto_the_lapsed_hold_of_the_other_half() -> None:
    """All but one of a day's quarter hours are in one condition, and DynamoDB takes only so many operators."""
    scene = make_scene(duration_minutes=8 * 60, buffer_before_minutes=120, buffer_after_minutes=120)
    booking, lapsed = scene.book(next_day(2)), scene.book(next_day(14), customer=make_customer())
    assert lapsed.expires_at is not None
    scene.bring(booking, Status.CONFIRMED)

    moved, _ = move_to(scene, booking, next_day(14), now=lapsed.expires_at + timedelta(minutes=1))

    assert moved.starts_at == next_day(14)
    assert len(moved.cells) == 48
    assert set(scene.claims().values()) == {booking.booking_id}
    assert set(scene.claims()) == set(moved.cells)


def test_moving_follows_the_present_hours_with_the_frozen_length(scene: Scene) -> None:
    booking = scene.book(next_day(9))
    with pytest.raises(UnprocessableError) as refusal:
        move_to(scene, booking, next_day(9, 7))
    assert refusal.value.errors[0].code == "not_aligned"


# --- Answers that get lost -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status"), [((), Status.CONFIRMED), ((Status.CONFIRMED,), Status.COMPLETED), ((), Status.CANCELLED)]
)
def test_a_write_that_the_sdk_repeats_is_recognised(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, path: tuple[Status, ...], status: Status
) -> None:
    booking = scene.bring(scene.book(), *path)
    for name in ("write", "transact"):
        monkeypatch.setattr(storage, name, _sent_twice(getattr(storage, name)))
    changed, _ = change(booking, scene.provider, status)
    assert changed.status is status
    assert changed.version == booking.version + 1
    monkeypatch.undo()
    assert scene.stored(booking.booking_id) == changed
    assert_claims_match_bookings(scene)


def test_a_repeated_write_is_recognised_after_somebody_elses_next_change(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking = scene.book()
    transact = storage.transact

    def send_twice(writes: Any) -> None:
        monkeypatch.undo()
        transact(writes)
        change(booking, scene.admin, Status.COMPLETED)
        transact(writes)

    monkeypatch.setattr(storage, "transact", send_twice)
    confirmed, _ = change(booking, scene.provider, Status.CONFIRMED)
    assert (confirmed.status, confirmed.version) == (Status.CONFIRMED, 2)
    assert scene.stored(booking.booking_id).status is Status.COMPLETED


def test_a_repeated_move_is_recognised(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    booking = scene.book(next_day(9))
    monkeypatch.setattr(storage, "transact", _sent_twice(storage.transact))
    moved, _ = move_to(scene, booking, next_day(12))
    monkeypatch.undo()
    assert scene.stored(booking.booking_id) == moved
    assert_claims_match_bookings(scene)


def _sent_twice(send: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def send_twice(writes: Any) -> Any:
        send(writes)
        return send(writes)

    return send_twice


# --- A change in between ---------------------------------------------------------------------------------------------


def _first(monkeypatch: pytest.MonkeyPatch, interfere: Callable[[], object]) -> None:
    """Let somebody else's change come between the next write and the read before it."""
    for name in ("write", "transact"):
        send = getattr(storage, name)

        def interfered(writes: Any, send: Callable[[Any], Any] = send) -> Any:
            monkeypatch.undo()
            interfere()
            return send(writes)

        monkeypatch.setattr(storage, name, interfered)


@pytest.mark.parametrize(
    ("status", "version", "interference", "error", "code"),
    [
        (Status.CONFIRMED, None, Status.CANCELLED, ConflictError, "invalid_transition"),
        (Status.CONFIRMED, 1, Status.CANCELLED, ConflictError, "invalid_transition"),
        (Status.CANCELLED, None, Status.CONFIRMED, ConflictError, "concurrent_change"),
        (Status.CANCELLED, 1, Status.CONFIRMED, StaleVersionError, "stale_version"),
    ],
)
def test_the_loser_of_a_race_is_told_why(
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
    status: Status,
    version: int | None,
    interference: Status,
    error: type[DomainError],
    code: str,
) -> None:
    booking = scene.book()
    loser, winner = scene.provider, scene.admin
    _first(monkeypatch, lambda: change(booking, winner, interference))
    with pytest.raises(error) as refusal:
        change(booking, loser, status, version=version)
    assert refusal.value.code == code
    assert scene.stored(booking.booking_id).status is interference
    assert_claims_match_bookings(scene)


def test_the_same_change_by_the_same_person_at_the_same_time_succeeds_twice(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking = scene.book()
    _first(monkeypatch, lambda: change(booking, scene.provider, Status.CONFIRMED))
    confirmed, _ = change(booking, scene.provider, Status.CONFIRMED)
    assert (confirmed.status, confirmed.version) == (Status.CONFIRMED, 2)
    assert scene.stored(booking.booking_id) == confirmed


def test_a_move_that_loses_to_a_confirmation_is_refused(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    booking = scene.book(next_day(9))
    _first(monkeypatch, lambda: change(booking, scene.provider, Status.CONFIRMED))
    with pytest.raises(ConflictError) as refusal:
        move_to(scene, booking, next_day(12))
    assert refusal.value.code == "concurrent_change"
    assert_claims_match_bookings(scene)


# --- Requests to DynamoDB --------------------------------------------------------------------------------------------


def test_a_transition_is_one_read_and_one_write(scene: Scene, dynamodb_calls: list[str]) -> None:
    booking = scene.book(next_day(9))
    steps: list[tuple[Callable[[], object], str]] = [
        (lambda: change(booking, scene.provider, Status.CONFIRMED), "TransactWriteItems"),
        (lambda: move_to(scene, booking, next_day(12)), "TransactWriteItems"),
        (lambda: change(booking, scene.provider, Status.COMPLETED, now=next_day(12)), "UpdateItem"),
        (lambda: change(booking, scene.provider, Status.PAID, now=next_day(12)), "TransactWriteItems"),
    ]
    for step, write in steps:
        dynamodb_calls.clear()
        step()
        assert dynamodb_calls == ["BatchGetItem", write]


def test_another_providers_booking_is_absent(scene: Scene) -> None:
    booking = scene.book()
    with pytest.raises(NotFoundError):
        change(booking, make_provider(), Status.CONFIRMED)
    assert scene.stored(booking.booking_id) == booking


@pytest.mark.parametrize("status", [Status.PENDING, Status.CONFIRMED, Status.COMPLETED])
@pytest.mark.parametrize("party", ["customer", "provider", "admin"])
def test_what_actions_list_can_be_done(scene: Scene, party: str, status: Status) -> None:
    actor: Actor = getattr(scene, party)
    days = iter(range(3, 50))

    def fresh_booking() -> Booking:
        return scene.bring(scene.book(next_day(9, days=next(days))), *PATHS[status])

    for action in fresh_booking().allowed_actions(actor, clock_now()):
        booking, target = fresh_booking(), TRANSITIONS[action].to_status
        if action is Action.PROPOSE:
            changed, _ = propose(scene, booking, booking.starts_at + timedelta(hours=2), actor)
        elif target is None:
            changed, _ = move_to(scene, booking, booking.starts_at + timedelta(hours=2), actor)
        else:
            reason = "They asked for it." if action is Action.COMPLETE else ""
            changed, _ = change(booking, actor, target, now=clock_now(), reason=reason)
        assert changed.history[-1].action is action
    assert_claims_match_bookings(scene)
