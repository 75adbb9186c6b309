"""Every action on every status by everyone: what the lifecycle allows, written down a second time by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from bookings.domain import (
    ACTION_TO,
    MAX_RESCHEDULES,
    TRANSITIONS,
    Action,
    Booking,
    HistoryEntry,
    Status,
    after_reschedule,
    after_transition,
    due_at,
    is_repetition,
    judge,
    request_expiry,
    require_possible_party,
    status_key,
)
from kernel.actors import SYSTEM, Actor, Role
from kernel.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from kernel.ids import new_child_id, provider_id_for
from kernel.money import Money

STARTS_AT = datetime(2026, 3, 10, 9, tzinfo=UTC)
CREATED_AT = STARTS_AT - timedelta(days=5)
EARLY = CREATED_AT + timedelta(hours=1)
# After the request would have lapsed, before the appointment.
LAPSED = CREATED_AT + timedelta(hours=24)
STARTED = STARTS_AT

CUSTOMER = Actor("customer-a", Role.CUSTOMER)
PROVIDER = Actor("provider-a", Role.PROVIDER)
ADMIN = Actor("admin", Role.ADMIN)
ACTORS = {
    "customer": CUSTOMER,
    "other customer": Actor("customer-b", Role.CUSTOMER),
    "provider": PROVIDER,
    "other provider": Actor("provider-b", Role.PROVIDER),
    "admin": ADMIN,
    "support": Actor("support", Role.SUPPORT),
    "auditor": Actor("auditor", Role.AUDITOR),
    "system": SYSTEM,
}
STRANGERS = {"other customer", "other provider"}
PROVIDER_ID = provider_id_for(PROVIDER.user_id)

# (action, status, time) → who may; whatever is not listed is refused to all.
_RUNNING = {"admin", "support"}
_PROVIDING = {"provider", *_RUNNING}
_CANCELLING = {"customer", *_PROVIDING}
_MOVING = {"customer", *_RUNNING}
ALWAYS = (EARLY, LAPSED, STARTED)
ALLOWED: dict[tuple[Action, Status], dict[datetime, set[str]]] = {
    (Action.CONFIRM, Status.PENDING): {EARLY: _PROVIDING},
    (Action.DECLINE, Status.PENDING): {EARLY: _PROVIDING},
    (Action.CANCEL, Status.PENDING): {EARLY: _CANCELLING},
    (Action.RESCHEDULE, Status.PENDING): {EARLY: _MOVING},
    (Action.EXPIRE, Status.PENDING): {LAPSED: {"system"}, STARTED: {"system"}},
    (Action.CANCEL, Status.CONFIRMED): {EARLY: _CANCELLING, LAPSED: _CANCELLING, STARTED: _PROVIDING},
    (Action.RESCHEDULE, Status.CONFIRMED): {EARLY: _MOVING, LAPSED: _MOVING, STARTED: _RUNNING},
    (Action.COMPLETE, Status.CONFIRMED): dict.fromkeys(ALWAYS, _PROVIDING),
    (Action.NO_SHOW, Status.CONFIRMED): {STARTED: _PROVIDING},
    (Action.PAY, Status.COMPLETED): dict.fromkeys(ALWAYS, _PROVIDING),
}
# Who may take the action in some status or other: they are told of a conflict, other parties that it is forbidden.
RIGHTS: dict[Action, set[str]] = {
    action: {name for (of, _), times in ALLOWED.items() if of is action for names in times.values() for name in names}
    for action in TRANSITIONS
}


def make_booking(status: Status = Status.PENDING, **values: object) -> Booking:
    return replace(
        Booking(
            booking_id=new_child_id(PROVIDER_ID),
            version=1,
            status=status,
            service_id=new_child_id(PROVIDER_ID),
            service_name="Leak repair",
            provider_id=PROVIDER_ID,
            provider_name="Elm Plumbing",
            customer_id=CUSTOMER.user_id,
            starts_at=STARTS_AT,
            ends_at=STARTS_AT + timedelta(hours=1),
            time_zone="America/Chicago",
            price=Money(9_999, "USD"),
            expires_at=request_expiry(CREATED_AT, STARTS_AT) if status is Status.PENDING else None,
            created_at=CREATED_AT,
            updated_at=CREATED_AT,
            duration_minutes=60,
            buffer_before_minutes=10,
            buffer_after_minutes=20,
            free_cancellation_hours=24,
            late_cancellation_percent=50,
            free_cancellation_ended_at=None,
            cancellation_fee=None,
            history=(
                HistoryEntry("0", Action.REQUEST, CREATED_AT, "customer-a", Role.CUSTOMER, None, Status.PENDING, 1),
            ),
        ),
        **values,  # type: ignore[arg-type]  # values of any field
    )


def expected_error(action: Action, status: Status, who: str, now: datetime) -> type[DomainError] | None:
    if who in STRANGERS:
        return NotFoundError
    if who not in RIGHTS[action]:
        return ForbiddenError
    return None if who in ALLOWED.get((action, status), {}).get(now, ()) else ConflictError


@pytest.mark.parametrize(("action", "status"), list(product(TRANSITIONS, Status)))
def test_every_action_on_every_status_by_everyone(action: Action, status: Status) -> None:
    booking = make_booking(status)
    for (who, actor), now in product(ACTORS.items(), ALWAYS):
        error = expected_error(action, status, who, now)
        assert booking.can(action, actor, now) is (error is None), (who, now)
        assert (action in booking.allowed_actions(actor, now)) is (error is None), (who, now)
        if error is None:
            judge(action, booking, actor, now)
            after = after_transition(action, booking, actor, now, "1")
            assert after.status is (TRANSITIONS[action].to_status or status)
            assert after.version == booking.version + 1
            assert after.history[:-1] == booking.history
            entry = after.history[-1]
            assert (entry.id, entry.action, entry.at, entry.by) == ("1", action, now, actor.user_id)
            assert (entry.from_status, entry.to_status, entry.version) == (status, after.status, after.version)
        else:
            with pytest.raises(error):
                judge(action, booking, actor, now)


def test_nothing_leads_out_of_the_final_statuses() -> None:
    final = set(Status) - {status for row in TRANSITIONS.values() for status in row.from_statuses}
    assert final == {Status.DECLINED, Status.CANCELLED, Status.EXPIRED, Status.NO_SHOW, Status.PAID}


def test_one_action_leads_to_each_status() -> None:
    assert set(ACTION_TO) == set(Status)
    assert len({row.to_status for row in TRANSITIONS.values() if row.to_status}) == len(Status) - 1


@pytest.mark.parametrize("actor", ACTORS.values(), ids=ACTORS.keys())
def test_a_request_is_not_repeated_by_asking_for_pending(actor: Actor) -> None:
    booking = make_booking(Status.CONFIRMED)
    with pytest.raises((ConflictError, NotFoundError)):
        judge(Action.REQUEST, booking, actor, EARLY)


def test_a_request_lapses_at_its_expiry_to_the_second() -> None:
    booking = make_booking()
    assert booking.status_at(LAPSED - timedelta(seconds=1)) is Status.PENDING
    assert booking.status_at(LAPSED) is Status.EXPIRED


def test_a_request_lapses_at_its_start_if_that_is_sooner() -> None:
    assert request_expiry(STARTS_AT - timedelta(hours=2), STARTS_AT) == STARTS_AT
    assert request_expiry(STARTS_AT - timedelta(hours=25), STARTS_AT) == STARTS_AT - timedelta(hours=1)


def test_only_the_one_who_made_the_change_repeats_it() -> None:
    confirmed = after_transition(Action.CONFIRM, make_booking(), PROVIDER, EARLY, "1")
    assert is_repetition(Status.CONFIRMED, confirmed, PROVIDER)
    assert not is_repetition(Status.CONFIRMED, confirmed, ADMIN)
    assert not is_repetition(Status.PENDING, confirmed, CUSTOMER)
    moved = after_reschedule(confirmed, STARTS_AT + timedelta(hours=1), CUSTOMER, EARLY, "2")
    assert not is_repetition(Status.CONFIRMED, moved, PROVIDER)


FREE_UNTIL = STARTS_AT - timedelta(hours=24)


@pytest.mark.parametrize(
    ("status", "actor", "now", "fee"),
    [
        (Status.CONFIRMED, CUSTOMER, FREE_UNTIL - timedelta(seconds=1), None),
        (Status.CONFIRMED, CUSTOMER, FREE_UNTIL, 5_000),
        (Status.CONFIRMED, PROVIDER, FREE_UNTIL, None),
        (Status.CONFIRMED, ADMIN, FREE_UNTIL, None),
        (Status.PENDING, CUSTOMER, FREE_UNTIL, None),
    ],
)
def test_only_a_customers_late_cancellation_of_a_confirmed_booking_costs(
    status: Status, actor: Actor, now: datetime, fee: int | None
) -> None:
    booking = make_booking(status)
    cancelled = after_transition(Action.CANCEL, booking, actor, now, "1")
    assert cancelled.cancellation_fee == (None if fee is None else Money(fee, "USD"))


@pytest.mark.parametrize(
    ("status", "mover", "moved_at", "fee"),
    [
        (Status.CONFIRMED, CUSTOMER, FREE_UNTIL, 5_000),
        (Status.CONFIRMED, CUSTOMER, FREE_UNTIL - timedelta(seconds=1), None),
        (Status.CONFIRMED, ADMIN, FREE_UNTIL, None),
    ],
)
def test_moving_a_late_appointment_away_does_not_make_cancelling_it_free(
    status: Status, mover: Actor, moved_at: datetime, fee: int | None
) -> None:
    moved = after_reschedule(make_booking(status), STARTS_AT + timedelta(days=20), mover, moved_at, "1")
    assert (moved.free_cancellation_until == FREE_UNTIL) is (fee is not None)
    moved_again = after_reschedule(moved, STARTS_AT + timedelta(days=30), mover, moved_at, "2")
    cancelled = after_transition(Action.CANCEL, moved_again, CUSTOMER, moved_at, "3")
    assert cancelled.cancellation_fee == (None if fee is None else Money(fee, "USD"))


def test_free_terms_cost_nothing_however_late() -> None:
    booking = make_booking(Status.CONFIRMED, late_cancellation_percent=0)
    assert after_transition(Action.CANCEL, booking, CUSTOMER, FREE_UNTIL, "1").cancellation_fee is None


def test_rescheduling_keeps_the_status_and_the_moment_of_the_request() -> None:
    pending = after_reschedule(make_booking(), CREATED_AT + timedelta(hours=3), CUSTOMER, EARLY, "1")
    assert (pending.status, pending.expires_at) == (Status.PENDING, CREATED_AT + timedelta(hours=3))
    assert pending.ends_at == CREATED_AT + timedelta(hours=4)
    later = after_reschedule(pending, STARTS_AT, CUSTOMER, EARLY, "2")
    assert later.expires_at == CREATED_AT + timedelta(hours=24)
    confirmed = after_reschedule(make_booking(Status.CONFIRMED), STARTED, ADMIN, EARLY, "1")
    assert (confirmed.status, confirmed.expires_at) == (Status.CONFIRMED, None)


def test_a_booking_cannot_be_moved_without_end() -> None:
    booking = make_booking(Status.CONFIRMED)
    for count in range(MAX_RESCHEDULES):
        booking = after_reschedule(booking, STARTS_AT + timedelta(days=count), CUSTOMER, EARLY, str(count))
    with pytest.raises(ConflictError) as refusal:
        after_reschedule(booking, STARTS_AT, CUSTOMER, EARLY, "last")
    assert refusal.value.code == "too_many_reschedules"


def test_cells_include_the_buffers_rounded_out() -> None:
    first = int(STARTS_AT.timestamp()) // 900
    # 08:50 to 10:20 touches 08:45 to 10:30.
    assert make_booking().cells == range(first - 1, first + 6)


def test_details_are_shown_to_the_provider_from_confirming_on() -> None:
    shown = {status for status in Status if make_booking(status).shows_details_to(PROVIDER, EARLY)}
    assert shown == {Status.CONFIRMED, Status.COMPLETED, Status.NO_SHOW, Status.PAID}
    for status in Status:
        booking = make_booking(status)
        assert booking.shows_details_to(CUSTOMER, EARLY)
        assert booking.shows_details_to(ADMIN, EARLY)
        assert not any(booking.shows_details_to(ACTORS[who], EARLY) for who in STRANGERS)


@pytest.mark.parametrize(
    ("status", "due"),
    [
        (Status.PENDING, LAPSED),
        (Status.CONFIRMED, STARTS_AT),
        (Status.COMPLETED, STARTS_AT + timedelta(hours=1)),
        (Status.NO_SHOW, STARTS_AT + timedelta(hours=1)),
        (Status.PAID, STARTS_AT + timedelta(hours=1)),
        (Status.DECLINED, CREATED_AT),
        (Status.CANCELLED, CREATED_AT),
        (Status.EXPIRED, CREATED_AT),
    ],
)
def test_due_at_is_when_the_status_wants_attention(status: Status, due: datetime) -> None:
    booking = make_booking(status)
    assert due_at(booking) == due
    assert status_key(booking).rsplit("#", 1)[0] == f"{status}#{due.date()}"


def test_status_keys_spread_over_the_shards() -> None:
    keys = [status_key(make_booking()) for _ in range(400)]
    assert len(set(keys)) == 4
    assert max(keys.count(key) for key in keys) < 160


def test_other_providers_bookings_and_impossible_ids_need_no_read() -> None:
    booking_id = make_booking().booking_id
    assert require_possible_party(booking_id, PROVIDER) == PROVIDER_ID
    assert require_possible_party(booking_id, ACTORS["other customer"]) == PROVIDER_ID
    for wrong_id, actor in ((booking_id, ACTORS["other provider"]), ("nonsense", ADMIN), (PROVIDER_ID, CUSTOMER)):
        with pytest.raises(NotFoundError):
            require_possible_party(wrong_id, actor)
