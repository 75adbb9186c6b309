"""Every action on every status by everyone: what the lifecycle allows, written down a second time by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from bookings.domain import (
    ACTION_TO,
    CLOSED_AFTER,
    COMPLETED_EARLIEST,
    MAX_CHANGES,
    MAX_CUSTOMER_MOVES,
    TRANSITIONS,
    Action,
    Booking,
    HistoryEntry,
    Proposal,
    Status,
    after_acceptance,
    after_proposal,
    after_reschedule,
    after_transition,
    due_at,
    is_repetition,
    judge,
    request_expiry,
    require_provider_id,
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
ABOUT_TO_START = STARTS_AT - COMPLETED_EARLIEST
STARTED = STARTS_AT
LONG_OVER = STARTS_AT + timedelta(hours=1) + CLOSED_AFTER

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

FREE_UNTIL = STARTS_AT - timedelta(hours=24)

# (action, status, time) → who may; whatever is not listed is refused to all.
_RUNNING = {"admin", "support"}
_PROVIDING = {"provider", *_RUNNING}
_CANCELLING = {"customer", *_PROVIDING, "system"}
_MOVING = {"customer", *_RUNNING}
ALWAYS = (EARLY, LAPSED, ABOUT_TO_START, STARTED, LONG_OVER)
_BEFORE = (EARLY, LAPSED, ABOUT_TO_START)
_AFTER = (STARTED, LONG_OVER)
ALLOWED: dict[tuple[Action, Status], dict[datetime, set[str]]] = {
    (Action.CONFIRM, Status.PENDING): {EARLY: _PROVIDING},
    (Action.DECLINE, Status.PENDING): {EARLY: {*_PROVIDING, "system"}},
    (Action.CANCEL, Status.PENDING): {EARLY: _CANCELLING},
    (Action.RESCHEDULE, Status.PENDING): {EARLY: _MOVING},
    (Action.PROPOSE, Status.PENDING): {EARLY: {"provider"}},
    (Action.EXPIRE, Status.PENDING): {key: {"system"} for key in ALWAYS[1:]},
    (Action.CANCEL, Status.CONFIRMED): {
        **dict.fromkeys(_BEFORE, _CANCELLING),
        **dict.fromkeys(_AFTER, _CANCELLING - {"customer"}),
    },
    (Action.RESCHEDULE, Status.CONFIRMED): {**dict.fromkeys(_BEFORE, _MOVING), **dict.fromkeys(_AFTER, _RUNNING)},
    (Action.PROPOSE, Status.CONFIRMED): {key: {"customer", "provider"} for key in _BEFORE},
    (Action.COMPLETE, Status.CONFIRMED): {
        EARLY: {"admin"},
        LAPSED: {"admin"},
        **dict.fromkeys((ABOUT_TO_START, *_AFTER), _PROVIDING),
    },
    (Action.NO_SHOW, Status.CONFIRMED): dict.fromkeys(_AFTER, _PROVIDING),
    (Action.CLOSE, Status.CONFIRMED): {LONG_OVER: {"system"}},
    (Action.PAY, Status.COMPLETED): dict.fromkeys(ALWAYS, _PROVIDING),
}
# Who may take the action in some status or other: they are told of a conflict, other parties that it is forbidden.
RIGHTS: dict[Action, set[str]] = {
    action: {name for (of, _), times in ALLOWED.items() if of is action for names in times.values() for name in names}
    for action in TRANSITIONS
} | {Action.ACCEPT: {"customer", "provider"}, Action.REFUSE: {"customer", "provider"}}


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
            customer_moves=0,
            proposal=None,
            created_at=CREATED_AT,
            updated_at=CREATED_AT,
            duration_minutes=60,
            buffer_before_minutes=10,
            buffer_after_minutes=20,
            free_cancellation_hours=24,
            late_cancellation_percent=50,
            cancellation_grace_minutes=60,
            free_cancellation_ended_at=None,
            cancellation_fee=None,
            payment_method=None,
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
    assert final == {Status.DECLINED, Status.CANCELLED, Status.EXPIRED, Status.NO_SHOW, Status.PAID, Status.UNCONFIRMED}


def test_one_action_leads_to_each_status() -> None:
    assert set(ACTION_TO) == set(Status)
    by_asking = [row.to_status for action, row in TRANSITIONS.items() if row.to_status and action is not Action.ACCEPT]
    assert len(by_asking) == len(set(by_asking)) == len(Status) - 1


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
    booking = make_booking()
    for count in range(MAX_CHANGES - 1):
        judge(Action.RESCHEDULE, booking, CUSTOMER, EARLY)
        booking = after_reschedule(booking, STARTS_AT + timedelta(days=count + 1), CUSTOMER, EARLY, str(count))
    assert not booking.can(Action.RESCHEDULE, CUSTOMER, EARLY)
    with pytest.raises(ConflictError) as refusal:
        judge(Action.RESCHEDULE, booking, CUSTOMER, EARLY)
    assert refusal.value.code == "too_many_reschedules"


def test_a_customer_moves_a_confirmed_appointment_twice_without_asking() -> None:
    moved = after_reschedule(make_booking(), STARTS_AT + timedelta(days=1), CUSTOMER, EARLY, "before it is confirmed")
    booking = after_transition(Action.CONFIRM, moved, PROVIDER, EARLY, "confirm")
    for count in range(MAX_CUSTOMER_MOVES):
        judge(Action.RESCHEDULE, booking, CUSTOMER, EARLY)
        booking = after_reschedule(booking, STARTS_AT + timedelta(days=count), CUSTOMER, EARLY, str(count))
    with pytest.raises(ConflictError) as refusal:
        judge(Action.RESCHEDULE, booking, CUSTOMER, EARLY)
    assert refusal.value.code == "too_many_reschedules"
    assert Action.RESCHEDULE not in booking.allowed_actions(CUSTOMER, EARLY)
    # What an admin does is nobody's third move, and what the provider agrees to is not counted.
    judge(Action.RESCHEDULE, booking, ADMIN, EARLY)
    proposed = after_proposal(booking, STARTS_AT + timedelta(days=9), CUSTOMER, EARLY, "propose")
    accepted = after_acceptance(proposed, PROVIDER, EARLY, "accept")
    assert accepted.customer_moves == MAX_CUSTOMER_MOVES


PROPOSED = STARTS_AT + timedelta(days=2)
_ANSWERS = (Action.ACCEPT, Action.REFUSE)


@pytest.mark.parametrize(
    ("status", "proposer", "asked"),
    [
        (Status.PENDING, PROVIDER, CUSTOMER),
        (Status.CONFIRMED, PROVIDER, CUSTOMER),
        (Status.CONFIRMED, CUSTOMER, PROVIDER),
    ],
)
def test_a_proposal_is_answered_by_the_other_party_while_it_stands(
    status: Status, proposer: Actor, asked: Actor
) -> None:
    booking = after_proposal(make_booking(status), PROPOSED, proposer, EARLY, "1")
    assert (booking.status, booking.starts_at) == (status, STARTS_AT)
    assert booking.proposal is not None
    lapses_at = booking.proposal.lapses_at
    assert lapses_at == min(EARLY + timedelta(hours=24), booking.expires_at or PROPOSED)
    for action in _ANSWERS:
        may = {name for name, actor in ACTORS.items() if booking.can(action, actor, lapses_at - timedelta(seconds=1))}
        assert [ACTORS[name] for name in may] == [asked]
        assert not any(booking.can(action, actor, lapses_at) for actor in ACTORS.values())
    with pytest.raises(ConflictError) as refusal:
        judge(Action.ACCEPT, booking, proposer, EARLY)
    assert refusal.value.code == "no_proposal"


@pytest.mark.parametrize("status", [Status.PENDING, Status.CONFIRMED])
def test_who_accepts_agrees_to_the_appointment_at_the_proposed_time(status: Status) -> None:
    booking = after_proposal(make_booking(status), PROPOSED, PROVIDER, EARLY, "1")
    accepted = after_acceptance(booking, CUSTOMER, EARLY, "2")
    assert (accepted.status, accepted.starts_at) == (Status.CONFIRMED, PROPOSED)
    assert (accepted.expires_at, accepted.proposal, accepted.customer_moves) == (None, None, 0)


def test_a_refusal_leaves_everything_as_it_was() -> None:
    booking = make_booking()
    refused = after_transition(
        Action.REFUSE, after_proposal(booking, PROPOSED, PROVIDER, EARLY, "1"), CUSTOMER, EARLY, "2"
    )
    assert replace(refused, version=1, history=booking.history, updated_at=booking.updated_at) == booking


@pytest.mark.parametrize("action", [Action.CONFIRM, Action.CANCEL, Action.RESCHEDULE])
def test_any_other_change_ends_a_proposal(action: Action) -> None:
    booking = make_booking(proposal=Proposal(PROPOSED, Role.PROVIDER, LAPSED))
    assert after_transition(action, booking, PROVIDER, EARLY, "1").proposal is None


def test_a_late_wish_of_the_customer_does_not_make_cancelling_free_even_if_it_is_accepted() -> None:
    late = make_booking(Status.CONFIRMED)
    for proposer, asked, is_free in ((CUSTOMER, PROVIDER, False), (PROVIDER, CUSTOMER, True)):
        proposed = after_proposal(late, STARTS_AT + timedelta(days=20), proposer, FREE_UNTIL, "1")
        moved = after_acceptance(proposed, asked, FREE_UNTIL, "2")
        assert (moved.fee_for(Role.CUSTOMER, FREE_UNTIL).amount == 0) is is_free


def test_how_long_the_provider_takes_makes_no_wish_of_the_customer_late() -> None:
    in_time = FREE_UNTIL - timedelta(hours=1)
    proposed = after_proposal(make_booking(Status.CONFIRMED), STARTS_AT + timedelta(days=20), CUSTOMER, in_time, "1")
    moved = after_acceptance(proposed, PROVIDER, FREE_UNTIL, "2")
    assert moved.fee_for(Role.CUSTOMER, FREE_UNTIL).amount == 0
    assert moved.free_cancellation_until == moved.starts_at - timedelta(hours=24)


def confirmed_at(moment: datetime, **values: Any) -> Booking:
    request = make_booking(expires_at=STARTS_AT, **values)
    return after_transition(Action.CONFIRM, request, PROVIDER, moment, "confirm")


@pytest.mark.parametrize(
    ("confirmed", "free_until"),
    [
        # In good time: the terms decide.
        (STARTS_AT - timedelta(days=3), STARTS_AT - timedelta(hours=24)),
        (STARTS_AT - timedelta(hours=25), STARTS_AT - timedelta(hours=24)),
        (STARTS_AT - timedelta(hours=24, minutes=30), STARTS_AT - timedelta(hours=23, minutes=30)),
        (STARTS_AT - timedelta(hours=2), STARTS_AT - timedelta(hours=1)),
        # It ends with the start.
        (STARTS_AT - timedelta(minutes=20), STARTS_AT),
    ],
)
def test_after_a_confirmation_there_is_an_hour_to_cancel_for_nothing(confirmed: datetime, free_until: datetime) -> None:
    booking = confirmed_at(confirmed)
    assert booking.free_cancellation_until == free_until
    assert booking.fee_for(Role.CUSTOMER, free_until - timedelta(seconds=1)).amount == 0
    assert booking.fee_for(Role.CUSTOMER, free_until).amount == 5_000


def test_the_grace_is_the_providers_rule_frozen_in_the_booking() -> None:
    confirmed = STARTS_AT - timedelta(hours=5)
    assert confirmed_at(confirmed, cancellation_grace_minutes=0).free_cancellation_until == confirmed
    two_hours = confirmed_at(confirmed, cancellation_grace_minutes=120)
    assert two_hours.free_cancellation_until == confirmed + timedelta(hours=2)


def test_a_move_does_not_renew_the_grace() -> None:
    confirmed = STARTS_AT - timedelta(hours=3)
    moment = confirmed + timedelta(minutes=30)
    moved = after_reschedule(confirmed_at(confirmed), STARTS_AT + timedelta(hours=2), CUSTOMER, moment, "move")
    assert moved.free_cancellation_until == confirmed + timedelta(hours=1)
    # Nor does a move to a start before the grace is over prolong it beyond the start.
    sooner = after_reschedule(moved, confirmed + timedelta(minutes=45), ADMIN, moment, "sooner")
    assert sooner.free_cancellation_until == confirmed + timedelta(minutes=45)


def test_cells_include_the_buffers_rounded_out() -> None:
    first = int(STARTS_AT.timestamp()) // 900
    # 08:50 to 10:20 touches 08:45 to 10:30.
    assert make_booking().cells == range(first - 1, first + 6)


def test_details_are_shown_to_the_provider_from_confirming_on() -> None:
    shown = {status for status in Status if make_booking(status).shows_details_to(PROVIDER, EARLY)}
    assert shown == {Status.CONFIRMED, Status.COMPLETED, Status.NO_SHOW, Status.PAID, Status.UNCONFIRMED}
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
        (Status.UNCONFIRMED, STARTS_AT + timedelta(hours=1)),
        (Status.DECLINED, CREATED_AT),
        (Status.CANCELLED, CREATED_AT),
        (Status.EXPIRED, CREATED_AT),
    ],
)
def test_due_at_is_when_the_status_wants_attention(status: Status, due: datetime) -> None:
    booking = make_booking(status)
    assert due_at(booking) == due
    listed_as = Status.COMPLETED if status is Status.PAID else status
    assert status_key(booking).rsplit("#", 1)[0] == f"{listed_as}#{due.date()}"


def test_status_keys_spread_over_the_shards() -> None:
    keys = [status_key(make_booking()) for _ in range(400)]
    assert len(set(keys)) == 4
    assert max(keys.count(key) for key in keys) < 160


def test_a_booking_s_provider_and_an_impossible_id_need_no_read() -> None:
    assert require_provider_id(make_booking().booking_id) == PROVIDER_ID
    for wrong_id in ("nonsense", PROVIDER_ID):
        with pytest.raises(NotFoundError):
            require_provider_id(wrong_id)


def test_whoever_becomes_a_provider_stays_the_customer_of_what_they_booked() -> None:
    booking, provider = make_booking(Status.CONFIRMED), replace(CUSTOMER, role=Role.PROVIDER)
    assert booking.party(provider) is Role.CUSTOMER
    assert booking.allowed_actions(provider, EARLY) == booking.allowed_actions(CUSTOMER, EARLY)
    assert booking.shows_details_to(provider, EARLY)

    cancelled = after_transition(Action.CANCEL, booking, provider, EARLY, "e9")

    # Whoever is told of it is told that the customer did it.
    assert cancelled.history[-1].role is Role.CUSTOMER
