"""The figures of the admin's first page: each event counts once, and what is wrong is put right."""

from collections import Counter
from datetime import UTC

import pytest
from pynamodb.expressions.operand import Path

from bookings.domain import Booking, Status
from bookings.models import BookingItem
from bookings.stream import OUTBOX
from kernel import storage
from kernel.clock import now
from kernel.listing import LIST_KEYS, list_key
from marketplace.background.figures import (
    CountedEventItem,
    Figures,
    FiguresItem,
    count_booking,
    count_review,
    figures_read,
    month_key,
    now_key,
    recount,
)
from reviews.models import ReviewItem
from reviews.stream import events_after as review_events
from tests.factories.bookings import Scene, make_scene, next_day
from tests.factories.reviews import completed_booking, review


@pytest.fixture
def scene() -> Scene:
    return make_scene()


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    """Other tests' events are not counted here, but their figures may be there."""
    for shard in LIST_KEYS:
        for key in (now_key(shard), month_key(now().date(), shard)):
            storage.write(storage.delete("figures", FiguresItem, key))


def path(name: str) -> Path:
    return Path([name])


def figures() -> Figures:
    return storage.read(figures_read(now()))


def events_of(booking: Booking) -> list[object]:
    row = storage.get_row(BookingItem, booking.booking_id)
    assert row is not None
    return list(OUTBOX.events_after(row, 0))


def count(booking: Booking, *, times: int = 1) -> None:
    for event in events_of(booking) * times:
        count_booking(event, now())  # type: ignore[arg-type]


def test_a_booking_counts_in_its_status_and_on_its_day(scene: Scene) -> None:
    booking = scene.bring(scene.book(), Status.CONFIRMED, Status.COMPLETED, Status.PAID)
    # Of a day to come, on which others of these tests complete jobs, too.
    today = [booking.updated_at.astimezone(UTC).date()]
    names = ("completed", "paid", booking.price.currency)
    before = storage.read(figures_read(booking.updated_at))
    count(booking)
    found = storage.read(figures_read(booking.updated_at))
    assert {status: n for status, n in found.by_status.items() if n} == {"paid": 1}
    assert found.total("made", [booking.created_at.astimezone(UTC).date()]) == 1
    assert [found.total(name, today) - before.total(name, today) for name in names] == [1, 1, booking.price.amount]


def test_an_event_counts_once_however_often_and_in_whatever_order_it_comes(scene: Scene) -> None:
    booking = scene.bring(scene.book(), Status.CONFIRMED)
    for event in reversed(events_of(booking)):
        count_booking(event, now())  # type: ignore[arg-type]
    count(booking, times=2)
    assert {status: n for status, n in figures().by_status.items() if n} == {"confirmed": 1}


def test_a_review_counts_on_its_day_and_is_the_newest(scene: Scene) -> None:
    booking = completed_booking(scene)
    review(scene, booking, rating=4)
    row = storage.get_row(ReviewItem, booking.booking_id)
    assert row is not None
    for event in review_events(row, 0) * 2:
        count_review(event, now())  # type: ignore[arg-type]
    found = figures()
    assert found.total("reviews", [now().astimezone(UTC).date()]) == 1
    assert found.newest_reviews[0][:2] == (booking.booking_id, 4)


def test_what_was_counted_wrongly_is_put_right(scene: Scene) -> None:
    booking = scene.book()
    shard = list_key(booking.booking_id)
    count(booking)
    OUTBOX.mark_handled(subject_id=booking.booking_id, version=1)
    recount(shard, now=now())
    right = storage.get_row(FiguresItem, now_key(shard))
    assert right is not None
    wrong = [FiguresItem.revision.add(1), path("pending").set(41), path("paid").set(-3)]
    storage.write(storage.update("figures", FiguresItem, now_key(shard), actions=wrong))

    assert recount(shard, now=now())

    mended = storage.get_row(FiguresItem, now_key(shard))
    assert mended is not None
    assert Counter({n: v for n, v in mended.items() if n not in ("revision", "paid")}) == Counter(
        {n: v for n, v in right.items() if n not in ("revision", "paid")}
    )
    assert mended["paid"] == right.get("paid", 0)


def test_reviews_that_were_counted_wrongly_are_put_right_those_that_await_their_event_are_left_to_it(
    scene: Scene,
) -> None:
    booking = completed_booking(scene)
    review(scene, booking)
    shard, today = list_key(booking.booking_id), [now().astimezone(UTC).date()]

    def total() -> int:
        return figures().total("reviews", today)

    recount(shard, now=now())
    before = total()
    row = storage.get_row(ReviewItem, booking.booking_id)
    assert row is not None
    count_review(review_events(row, 0)[0], now())  # type: ignore[arg-type]
    assert total() == before + 1
    wrong = [FiguresItem.revision.add(1), path(f"reviews {today[0].day}").add(40)]
    key = month_key(today[0], shard)
    storage.write(storage.update("figures", FiguresItem, key, actions=wrong))

    assert recount(shard, now=now())

    assert total() == before + 1


def test_what_no_event_has_counted_yet_is_left_to_its_event(scene: Scene) -> None:
    booking = scene.book()
    shard = list_key(booking.booking_id)
    recount(shard, now=now())
    before = figures().by_status.get("pending", 0)
    count(booking)
    assert figures().by_status["pending"] == before + 1
    # Counted, and not noted as handled yet.
    recount(shard, now=now())
    assert figures().by_status["pending"] == before + 1


def test_a_count_in_between_keeps_the_recount_from_writing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    booking, other = scene.book(), scene.bring(scene.book(next_day(12)), Status.CONFIRMED)
    shard = list_key(booking.booking_id)
    count(booking)
    wrong = [FiguresItem.revision.add(1), path("pending").set(41)]
    storage.write(storage.update("figures", FiguresItem, now_key(shard), actions=wrong))

    def meanwhile(_: str) -> object:
        storage.write(storage.update("figures", FiguresItem, now_key(shard), actions=[FiguresItem.revision.add(1)]))
        return iter(())

    monkeypatch.setattr("marketplace.background.figures.iterate_listed", meanwhile)
    assert not recount(shard, now=now())
    assert other.status is Status.CONFIRMED
    assert CountedEventItem.Meta.table_name == FiguresItem.Meta.table_name
