"""Nobody fills a provider's calendar with requests: what is open at once is limited, by customer and by provider."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

from bookings.domain import Booking, Status
from bookings.handlers import HANDLERS
from bookings.models import OpenRequestsItem
from bookings.services import change_status
from bookings.services import open_requests as module
from bookings.stream import events_after
from kernel import storage
from kernel.actors import Actor
from kernel.clock import now as clock_now
from kernel.errors import ConflictError
from tests.factories.accounts import make_customer
from tests.factories.bookings import Scene, make_scene, next_day

WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def _real_limits(settings: Any) -> None:
    settings.BOOKING_LIMIT_SCALE = 1


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def hear(booking: Booking) -> None:
    """Handle the booking's events, each twice."""
    for event in events_after(booking, 0):
        for handler in HANDLERS.get(event.type, ()):
            handler(event, clock_now())
            handler(event, clock_now())


def refusal_of(scene: Scene, starts_at: datetime, **values: Any) -> str:
    with pytest.raises(ConflictError) as refusal:
        scene.request(starts_at, **values)
    return refusal.value.code


def settled(customer: Actor) -> datetime:
    """An instant at which the customer, whose first request was a week before, is no new one any more."""
    booking = make_scene(customer=customer).book(next_day(1, days=20))
    change_status(
        actor=customer, booking_id=booking.booking_id, status=Status.CANCELLED, expected_version=None, now=clock_now()
    )
    return clock_now() + WEEK


def test_a_new_account_has_one_request_at_a_provider_and_three_in_all(scene: Scene) -> None:
    scene.book(next_day(9))
    assert refusal_of(scene, next_day(12)) == "too_many_open_requests"
    for _ in range(2):
        make_scene(customer=scene.customer).book(next_day(9))
    assert refusal_of(make_scene(customer=scene.customer), next_day(9)) == "too_many_open_requests"


def test_after_a_week_it_is_three_at_a_provider_and_ten_in_all(scene: Scene) -> None:
    moment = settled(scene.customer)
    for number in range(10):
        shop = scene if number < 3 else make_scene(customer=scene.customer)
        shop.request(next_day(9 + number, days=15), now=moment)
        if number == 2:
            assert refusal_of(scene, next_day(20, days=15), now=moment) == "too_many_open_requests"
    assert refusal_of(make_scene(customer=scene.customer), next_day(9, days=15), now=moment) == "too_many_open_requests"


@pytest.mark.parametrize("status", [Status.CONFIRMED, Status.DECLINED, Status.CANCELLED])
def test_an_answer_gives_the_place_back(scene: Scene, status: Status) -> None:
    hear(scene.bring(scene.book(next_day(9)), status))
    scene.book(next_day(12))
    assert refusal_of(scene, next_day(15)) == "too_many_open_requests"


def test_an_answer_that_nobody_heard_is_found_when_the_limit_is_reached(scene: Scene) -> None:
    scene.bring(scene.book(next_day(9)), Status.CONFIRMED)
    scene.book(next_day(12))


def test_a_request_that_lapsed_counts_no_more_whether_or_not_that_is_recorded(scene: Scene) -> None:
    booking = scene.book(next_day(9))
    assert booking.expires_at is not None
    assert refusal_of(scene, next_day(12), now=booking.expires_at - timedelta(seconds=1)) == "too_many_open_requests"
    scene.book(next_day(12), now=booking.expires_at)


def test_an_instant_booking_counts_until_it_is_over_or_called_off(scene: Scene) -> None:
    scene.confirm_at_once()
    booking = scene.book(next_day(9))
    hear(booking)
    assert refusal_of(scene, next_day(12)) == "too_many_open_requests"
    hear(scene.bring(booking, Status.CANCELLED))
    scene.book(next_day(12))


def test_new_accounts_together_hold_so_much_of_a_provider(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_OPEN_FROM_NEW_ACCOUNTS", 4)
    bookings = [scene.book(next_day(hour), customer=make_customer()) for hour in range(4)]
    assert refusal_of(scene, next_day(9), customer=make_customer()) == "provider_busy"
    # Whoever has been a customer for a week is none of them.
    known = make_customer()
    scene.request(next_day(9, days=15), customer=known, now=settled(known))
    hear(scene.bring(bookings[0], Status.DECLINED))
    scene.book(next_day(9), customer=make_customer())


def test_many_at_once_do_not_pass_the_limit(scene: Scene) -> None:
    def ask(hour: int) -> str:
        try:
            scene.request(next_day(hour))
        except ConflictError as refusal:
            return refusal.code
        return "done"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(ask, range(8)))
    assert outcomes.count("done") == 1
    assert set(outcomes) == {"done", "too_many_open_requests"}


def test_a_refused_booking_and_a_repeated_one_do_not_count(scene: Scene) -> None:
    first = scene.request(next_day(9), key="k")
    assert scene.request(next_day(9), key="k").answer["id"] == first.answer["id"]
    rival = make_customer()
    assert refusal_of(scene, next_day(9), customer=rival) == "slot_taken"
    scene.book(next_day(12), customer=rival)


def test_counting_costs_no_call(scene: Scene, dynamodb_calls: list[str]) -> None:
    scene.offer()
    dynamodb_calls.clear()
    scene.request(next_day(9))
    assert dynamodb_calls == ["TransactWriteItems"]


def test_a_process_that_does_not_know_an_old_account_reads_it_once(
    scene: Scene, dynamodb_calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = settled(scene.customer)
    scene.offer()
    dynamodb_calls.clear()
    for hour, calls in ((9, 2), (12, 1)):
        dynamodb_calls.clear()
        scene.request(next_day(hour, days=15), now=moment)
        assert dynamodb_calls == ["TransactWriteItems"] * calls


def test_a_process_that_does_not_know_an_old_account_takes_two_requests_at_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = settled(scene.customer)
    scene.offer()
    # Nothing that is counted wrongly helps: the limits of new accounts alone refuse.
    key = module.customer_key(scene.customer.user_id)
    module._put_right(key, storage.get_row(OpenRequestsItem, key) or {}, moment)
    transact, both_refused = storage.transact, Barrier(2)

    def refuse_together(writes: Any) -> None:
        try:
            transact(writes)
        except storage.ConditionFailedError:
            both_refused.wait(10)
            raise

    monkeypatch.setattr(storage, "transact", refuse_together)
    with ThreadPoolExecutor(2) as pool:
        booked = list(pool.map(lambda hour: scene.request(next_day(hour, days=15), now=moment), (9, 12)))
    assert len({outcome.answer["id"] for outcome in booked}) == 2
