"""Requesting appointments against the embedded cloud: idempotency, slots, offers that change, holds that lapse."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bookings.domain import BookingDetails, Status
from bookings.queries import get_booking
from bookings.services import OfferChangedError, expire_booking
from catalog.domain import Offer, parse_hours
from catalog.queries import forget_offers, get_offer
from catalog.services import change_profile, change_service, deactivate_service, replace_hours
from kernel import storage
from kernel.clock import now as clock_now
from kernel.encoding import to_json
from kernel.errors import (
    BusyError,
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    UnprocessableError,
)
from kernel.idempotency import IdempotencyItem, IdempotencyKeyReusedError
from kernel.ids import new_child_id
from kernel.money import Money
from tests.factories.accounts import make_customer
from tests.factories.bookings import (
    ADDRESS,
    ALWAYS_OPEN,
    Scene,
    assert_claims_match_bookings,
    make_scene,
    next_day,
)


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def test_a_request_holds_the_time_and_freezes_the_terms(scene: Scene) -> None:
    now, starts_at = clock_now(), next_day(9)
    created = scene.request(starts_at, notes="Ring twice", now=now)
    assert not created.replayed
    answer = created.answer
    assert answer["status"] == "pending"
    assert answer["price"] == {"amount": 10_000, "currency": "USD"}
    assert answer["actions"] == ["cancel", "reschedule"]

    booking, details = get_booking(actor=scene.customer, booking_id=answer["id"])
    assert details == BookingDetails(ADDRESS, "Ring twice")
    assert (booking.version, booking.status, booking.starts_at) == (1, Status.PENDING, starts_at)
    assert booking.ends_at == starts_at + timedelta(hours=1)
    assert booking.expires_at == now + timedelta(hours=24)
    assert booking.price == Money(10_000, "USD")
    assert (booking.free_cancellation_hours, booking.late_cancellation_percent) == (24, 50)
    assert [entry.action for entry in booking.history] == ["request"]
    assert scene.claims() == dict.fromkeys(booking.cells, booking.booking_id)


def test_a_later_change_of_the_offer_does_not_touch_the_booking() -> None:
    scene = make_scene(buffer_after_minutes=15)
    booking = scene.book()
    now = clock_now()
    change_service(
        actor=scene.provider,
        service_id=scene.service_id,
        changes={"price": Money(99_900, "USD"), "duration_minutes": 240},
        now=now,
    )
    change_profile(actor=scene.provider, provider_id=scene.provider_id, changes={"buffer_after_minutes": 0}, now=now)
    assert scene.stored(booking.booking_id) == booking
    scene.bring(booking, Status.CANCELLED)
    assert scene.claims() == {}


# --- Idempotency -----------------------------------------------------------------------------------------------------


def test_the_same_key_gets_the_same_answer(scene: Scene) -> None:
    first = scene.request(key="k", notes="a")
    again = scene.request(key="k", notes="a")
    assert (first.replayed, again.replayed) == (False, True)
    assert to_json(again.answer) == to_json(first.answer)
    assert len(scene.all_bookings()) == 1


def test_a_stored_answer_holds_no_personal_data(scene: Scene) -> None:
    scene.request(key="k", notes="Beware of the dog")
    row = storage.get_row(IdempotencyItem, f"{scene.customer.user_id}#k")
    assert row is not None
    assert "Elm Street" not in str(row)
    assert "dog" not in str(row)


def test_a_key_with_another_body_is_refused_and_with_another_customer_independent(scene: Scene) -> None:
    scene.request(next_day(9), key="k")
    with pytest.raises(IdempotencyKeyReusedError):
        scene.request(next_day(11), key="k")
    with pytest.raises(ConflictError):
        scene.request(next_day(9), key="k", customer=make_customer())
    assert not scene.request(next_day(11), key="k", customer=make_customer()).replayed


def test_the_same_key_at_the_same_time_books_once(scene: Scene) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = [future.result() for future in [pool.submit(scene.request, key="k") for _ in range(20)]]
    # None is the first where its own answer was lost on a loaded machine.
    assert sum(not answer.replayed for answer in answers) <= 1
    assert len({to_json(answer.answer) for answer in answers}) == 1
    assert len(scene.all_bookings()) == 1
    assert_claims_match_bookings(scene)


def test_a_repetition_after_a_day_is_a_new_request(scene: Scene) -> None:
    now = clock_now()
    scene.request(next_day(9), key="k", now=now)
    # The record counts for 24 h and a second less, whether or not DynamoDB has swept it.
    assert scene.request(next_day(9), key="k", now=now + timedelta(hours=24)).replayed
    repeated = scene.request(next_day(9), key="k", now=now + timedelta(hours=24, seconds=1))
    assert not repeated.replayed


def test_a_repetition_is_answered_though_the_start_is_refused_by_now(scene: Scene) -> None:
    now = clock_now()
    starts_at = next_day(0, days=1)
    first = scene.request(starts_at, key="k", now=now)
    again = scene.request(starts_at, key="k", now=starts_at + timedelta(minutes=1))
    assert again.replayed
    assert to_json(again.answer) == to_json(first.answer)
    deactivate_service(actor=scene.provider, service_id=scene.service_id, now=now)
    assert scene.request(starts_at, key="k", now=now).replayed


def test_a_lost_answer_neither_books_twice_nor_blames_the_slot(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    for attempt in range(10):
        starts_at = next_day(attempt)
        with monkeypatch.context() as patch:
            lose_answers(patch)
            with pytest.raises(ConnectionError):
                scene.request(starts_at, key=f"k{attempt}")
        assert scene.request(starts_at, key=f"k{attempt}").replayed
    assert len(scene.all_bookings()) == 10


def lose_answers(patch: pytest.MonkeyPatch) -> None:
    """Let transactions be committed, but their answers get lost."""
    transact = storage.transact

    def committed_but_silent(writes: Any) -> None:
        transact(writes)
        raise ConnectionError

    patch.setattr(storage, "transact", committed_but_silent)


# --- Slots -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [-45, -15, 0, 15, 45])
def test_overlapping_requests_are_refused(scene: Scene, minutes: int) -> None:
    scene.request(next_day(9))
    with pytest.raises(ConflictError) as refusal:
        scene.request(next_day(9) + timedelta(minutes=minutes))
    assert refusal.value.code == "slot_taken"
    assert len(scene.all_bookings()) == 1


def test_neighbours_are_not_refused_and_buffers_are_blocked() -> None:
    scene = make_scene(buffer_before_minutes=10, buffer_after_minutes=20)
    scene.request(next_day(9))
    # 08:50 to 10:20 is taken, rounded out to 08:45 to 10:30; the next starts with a buffer, too.
    with pytest.raises(ConflictError):
        scene.request(next_day(10, 30))
    scene.request(next_day(10, 45))
    assert_claims_match_bookings(scene)


def test_one_of_many_gets_the_slot(scene: Scene) -> None:
    def attempt() -> str:
        try:
            scene.request(next_day(9), customer=make_customer())
        except ConflictError as refusal:
            return refusal.code
        return "booked"

    with ThreadPoolExecutor(25) as pool:
        outcomes = [future.result() for future in [pool.submit(attempt) for _ in range(50)]]
    assert sorted(outcomes) == ["booked"] + ["slot_taken"] * 49
    assert_claims_match_bookings(scene)


def test_an_appointment_over_midnight_claims_two_days(scene: Scene) -> None:
    booking = scene.book(next_day(23, 30))
    assert len({datetime.fromtimestamp(cell * 900, UTC).date() for cell in booking.cells}) == 2
    assert_claims_match_bookings(scene)
    with pytest.raises(ConflictError):
        scene.request(next_day(0, 15, days=4))
    scene.bring(booking, Status.CONFIRMED, Status.CANCELLED)
    assert scene.claims() == {}


def test_the_longest_appointment_with_the_longest_buffers_can_be_booked() -> None:
    scene = make_scene(duration_minutes=480, buffer_before_minutes=120, buffer_after_minutes=120)
    booking = scene.book(next_day(8))
    assert len(booking.cells) == 48
    scene.bring(booking, Status.CONFIRMED, Status.CANCELLED)
    assert scene.claims() == {}


# --- Holds that lapse ------------------------------------------------------------------------------------------------


def test_a_lapsed_hold_frees_its_time_to_the_second_without_any_sweep(scene: Scene) -> None:
    now = clock_now()
    lapsing = scene.book(next_day(9), now=now)
    lapses_at = now + timedelta(hours=24)
    with pytest.raises(ConflictError):
        scene.request(next_day(9, 30), now=lapses_at - timedelta(seconds=1))
    taker = scene.book(next_day(9, 30), now=lapses_at)
    assert_claims_match_bookings(scene, lapses_at)

    with pytest.raises(ConflictError) as refusal:
        scene.bring(lapsing, Status.CONFIRMED, now=lapses_at)
    assert refusal.value.code == "invalid_transition"
    expired, _ = expire_booking(booking_id=lapsing.booking_id, now=lapses_at)
    assert expired.status is Status.EXPIRED
    assert scene.stored(lapsing.booking_id) == expired
    # It gave up what it still had, and nothing of its successor's.
    assert scene.claims() == dict.fromkeys(taker.cells, taker.booking_id)
    assert_claims_match_bookings(scene, lapses_at)


def test_a_confirmation_by_a_slow_clock_does_not_take_back_lost_time(scene: Scene) -> None:
    now = clock_now()
    lapsing = scene.book(next_day(9), now=now)
    taker = scene.book(next_day(9, 30), now=now + timedelta(hours=24))
    with pytest.raises(ConflictError) as refusal:
        scene.bring(lapsing, Status.CONFIRMED, now=now + timedelta(hours=23))
    assert refusal.value.code == "slot_taken"
    assert scene.stored(lapsing.booking_id) == lapsing
    assert set(taker.cells) <= scene.claims().keys()


def test_a_lapsed_request_that_lost_all_its_time_can_expire_and_do_so_twice() -> None:
    scene = make_scene(duration_minutes=120)
    now = clock_now()
    lapsing = scene.book(next_day(23), now=now)
    later = now + timedelta(hours=24)
    taker = scene.book(next_day(23), now=later)
    for _ in range(2):
        expired, _ = expire_booking(booking_id=lapsing.booking_id, now=later)
        assert (expired.status, expired.version) == (Status.EXPIRED, 2)
    assert scene.claims() == dict.fromkeys(taker.cells, taker.booking_id)


def test_a_request_does_not_expire_early(scene: Scene) -> None:
    now = clock_now()
    booking = scene.book(now=now)
    with pytest.raises(ConflictError):
        expire_booking(booking_id=booking.booking_id, now=now + timedelta(hours=23, minutes=59, seconds=59))


def test_a_firm_claim_over_a_lapsed_hold_never_lapses(scene: Scene) -> None:
    now = clock_now()
    scene.book(next_day(9), now=now)
    later = now + timedelta(hours=24)
    taker = scene.bring(scene.book(next_day(9), now=later), Status.CONFIRMED, now=later)
    with pytest.raises(ConflictError):
        scene.request(next_day(9), now=later + timedelta(hours=20))
    assert scene.claims() == dict.fromkeys(taker.cells, taker.booking_id)


# --- Offers that change ----------------------------------------------------------------------------------------------


def remember_outdated(monkeypatch: pytest.MonkeyPatch, offer: Offer) -> None:
    """Let this process remember the offer, as if another one had changed it since."""

    def outdated(service_id: str, *, fresh: bool = False) -> Offer:
        return get_offer(service_id, fresh=True) if fresh else offer

    monkeypatch.setattr("bookings.services.requests.get_offer", outdated)


def test_a_remembered_price_is_never_booked(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    remember_outdated(monkeypatch, scene.offer())
    changes: Any = {"price": Money(12_345, "USD")}
    change_service(actor=scene.provider, service_id=scene.service_id, changes=changes, now=clock_now())
    with pytest.raises(OfferChangedError) as refusal:
        scene.request()
    shown = refusal.value.terms.version
    assert scene.request(offer_version=shown).answer["price"]["amount"] == 12_345


def test_remembered_hours_are_neither_booked_nor_refused(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    remember_outdated(monkeypatch, scene.offer())
    set_hours(scene, {})
    with pytest.raises(UnprocessableError) as refusal:
        scene.request()
    assert refusal.value.errors[0].code == "outside_working_hours"
    remember_outdated(monkeypatch, scene.offer())
    set_hours(scene, ALWAYS_OPEN)
    assert not scene.request().replayed


def set_hours(scene: Scene, weekly: dict[str, Any]) -> None:
    hours = parse_hours(weekly, {})
    replace_hours(actor=scene.provider, provider_id=scene.provider_id, hours=hours, now=clock_now())


def test_an_offer_that_changes_between_every_read_and_write_is_refused(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    transact = storage.transact
    prices = iter(range(100, 200))

    def change_first(writes: Any) -> None:
        if any(write.name == "offer" for write in writes):
            changes: Any = {"price": Money(next(prices), "USD")}
            change_service(actor=scene.provider, service_id=scene.service_id, changes=changes, now=clock_now())
        transact(writes)

    monkeypatch.setattr(storage, "transact", change_first)
    with pytest.raises(ConflictError) as refusal:
        scene.request()
    assert refusal.value.code == "offer_changed"
    assert scene.all_bookings() == []


def test_hours_that_change_between_reads_and_writes_are_no_other_offer(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    transact = storage.transact
    spans = iter([("00:00", "23:00"), ("00:00", "23:15"), ("00:00", "23:30")])

    def change_first(writes: Any) -> None:
        span = next(spans, None) if any(write.name == "offer" for write in writes) else None
        if span is not None:
            set_hours(scene, {day: [span] for day in ALWAYS_OPEN})
        transact(writes)

    monkeypatch.setattr(storage, "transact", change_first)
    assert not scene.request().replayed
    assert next(spans, None) is None


def test_what_takes_no_bookings_is_refused(scene: Scene) -> None:
    scene.offer()
    now = clock_now()
    profile: Any = {"accepting_bookings": False}
    change_profile(actor=scene.provider, provider_id=scene.provider_id, changes=profile, now=now)
    with pytest.raises(ConflictError) as refusal:
        scene.request()
    assert refusal.value.code == "not_bookable"


@pytest.mark.parametrize(
    ("starts_at", "code"),
    [
        (next_day(9, 5), "not_aligned"),
        (next_day(9, days=-1), "too_soon"),
        (next_day(9, days=100), "too_far"),
    ],
)
def test_starts_against_the_rules_are_refused(scene: Scene, starts_at: datetime, code: str) -> None:
    with pytest.raises(UnprocessableError) as refusal:
        scene.request(starts_at)
    assert [(error.field, error.code) for error in refusal.value.errors] == [("starts_at", code)]


def test_unusable_input_is_refused(scene: Scene) -> None:
    with pytest.raises(InvalidInputError):
        scene.request(next_day(9).replace(tzinfo=None))
    with pytest.raises(InvalidInputError):
        scene.request(address="x")
    for actor in (scene.provider, scene.admin):
        with pytest.raises(ForbiddenError):
            scene.request(customer=actor)
    unknown = Scene(scene.provider, new_child_id(scene.provider_id), scene.customer, scene.admin)
    with pytest.raises(NotFoundError):
        unknown.request()


# --- Requests to DynamoDB --------------------------------------------------------------------------------------------


def test_a_warm_request_is_one_write_and_a_cold_one_a_read_more(scene: Scene, dynamodb_calls: list[str]) -> None:
    forget_offers()
    dynamodb_calls.clear()
    scene.request(next_day(9), key="cold")
    assert dynamodb_calls == ["BatchGetItem", "TransactWriteItems"]
    dynamodb_calls.clear()
    scene.request(next_day(10), key="warm")
    scene.request(next_day(10), key="warm")
    with pytest.raises(ConflictError):
        scene.request(next_day(10))
    assert dynamodb_calls == ["TransactWriteItems"] * 3


class TestLastingConflicts:
    """On DynamoDB, transactions on one item at one time refuse each other before any condition is looked at."""

    @pytest.fixture
    def _conflicts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        send = storage.shared_transport().send

        def conflicting_send(operation: str, request: Any) -> dict[str, Any]:
            if operation != "TransactWriteItems":
                return send(operation, request)
            reasons = [{"Code": "TransactionConflict"} for _ in request["TransactItems"]]
            response: Any = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
            raise ClientError(response, operation)

        monkeypatch.setattr(storage.shared_transport(), "send", conflicting_send)
        monkeypatch.setattr("kernel.storage.requests.sleep", lambda seconds: None)

    def test_who_lost_the_time_is_told_so(self, scene: Scene, request: pytest.FixtureRequest) -> None:
        scene.request(next_day(9))
        request.getfixturevalue("_conflicts")
        with pytest.raises(ConflictError) as refusal:
            scene.request(next_day(9), customer=make_customer())
        assert refusal.value.code == "slot_taken"

    def test_who_has_it_is_given_the_first_answer(self, scene: Scene, request: pytest.FixtureRequest) -> None:
        first = scene.request(next_day(9), key="mine")
        request.getfixturevalue("_conflicts")
        again = scene.request(next_day(9), key="mine")
        assert again.replayed
        assert to_json(again.answer) == to_json(first.answer)

    def test_while_the_time_is_free_it_is_worth_coming_back(self, scene: Scene, request: pytest.FixtureRequest) -> None:
        request.getfixturevalue("_conflicts")
        with pytest.raises(BusyError):
            scene.request(next_day(9))
        assert not scene.claims()
