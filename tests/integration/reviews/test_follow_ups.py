"""What follows from a review: copies of the rating for search, the list of the latest good ones, the outbox."""

from collections.abc import Sequence
from typing import Any

import pytest

from catalog.models import ServiceItem
from kernel import storage
from kernel.clock import now as clock_now
from kernel.events import Event
from kernel.storage import requests, writes
from marketplace.background.queues import handle_event
from reviews import personal_data
from reviews.latest import keep_latest
from reviews.models import LatestReviewsItem, ReviewItem
from reviews.queries import LATEST_KEY, latest_good_read
from reviews.representation import represent_without_words
from reviews.services import answer_review
from reviews.stream import OUTBOX
from tests.factories.bookings import Scene, idempotency_of, make_scene
from tests.factories.catalog import Shop
from tests.factories.reviews import completed_booking, review

TELLING = "On time, tidy, fair, and it has not dripped since: gladly again."


@pytest.fixture
def scene() -> Scene:
    return make_scene()


@pytest.fixture(autouse=True)
def _empty_list() -> None:
    storage.write(storage.delete("latest", LatestReviewsItem, LATEST_KEY))


def stored(review_id: str) -> storage.Row:
    row = storage.get_row(ReviewItem, review_id)
    assert row is not None
    return row


def events_of(review_id: str) -> Sequence[Event]:
    return OUTBOX.unhandled_events(stored(review_id))


def handle_all(review_id: str) -> None:
    for event in events_of(review_id):
        handle_event(event, clock_now())


def listed() -> list[str]:
    return [each.review_id for each in storage.read(latest_good_read())]


def test_search_follows_the_event_and_the_outbox_is_empty_after_it(scene: Scene) -> None:
    booking = completed_booking(scene)
    review(scene, booking, rating=4)
    service = storage.get_row(ServiceItem, scene.service_id)
    assert service is not None
    assert service["rating_count"] == 0
    assert "outbox_key" in stored(booking.booking_id)

    (event,) = events_of(booking.booking_id)
    for _ in range(2):
        handle_event(event, clock_now())
    service = storage.get_row(ServiceItem, scene.service_id)
    assert service is not None
    assert (service["rating_count"], service["rating_average"]) == (1, 400)
    row = stored(booking.booking_id)
    assert row["handled_version"] == 1
    assert "outbox_key" not in row


def test_a_review_writes_as_much_for_fifty_services_as_for_one(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop(scene.provider)
    for number in range(49):
        shop.add(name=f"Service {number}")
    booking = completed_booking(scene)
    sizes: list[int] = []
    dispatch = requests.dispatch

    def measure(operation: str, kwargs: dict[str, Any]) -> dict[str, Any]:
        if operation == "TransactWriteItems":
            sizes.append(len(kwargs["TransactItems"]))
        return dispatch(operation, kwargs)

    monkeypatch.setattr(writes, "dispatch", measure)
    review(scene, booking)
    assert sizes == [5]


def test_the_latest_good_reviews_are_listed_newest_first(scene: Scene) -> None:
    good = [completed_booking(scene, hour=hour) for hour in (1, 3)]
    for booking in good:
        review(scene, booking, rating=5, comment=TELLING)
    short, bad = (completed_booking(scene, hour=hour) for hour in (5, 7))
    review(scene, short, rating=5, comment="Good.")
    review(scene, bad, rating=2, comment=TELLING)
    # In any order, and each twice.
    for booking in (bad, *good, short, *good):
        keep_latest(review_id=booking.booking_id)
    newest = sorted(good, key=lambda booking: (stored(booking.booking_id)["created_at"], booking.booking_id))[::-1]
    assert listed() == [booking.booking_id for booking in newest]
    assert storage.read(latest_good_read())[0].comment == TELLING


def test_an_answer_is_an_event_of_its_own(scene: Scene) -> None:
    booking = completed_booking(scene)
    review(scene, booking)
    answer_review(
        actor=scene.provider,
        review_id=booking.booking_id,
        answer="Thank you.",
        idempotency=idempotency_of(scene.provider, "Thank you.", represent_without_words),
        now=clock_now(),
    )
    assert [event.type for event in events_of(booking.booking_id)] == ["review.submitted", "review.changed"]
    handle_all(booking.booking_id)
    assert "outbox_key" not in stored(booking.booking_id)


def test_erased_words_leave_the_list_at_once_and_for_good(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    booking = completed_booking(scene)
    review(scene, booking, rating=5, comment=TELLING)
    keep_latest(review_id=booking.booking_id)
    assert listed() == [booking.booking_id]
    personal_data.erase(scene.customer.user_id, now=clock_now())
    assert listed() == []

    # Whoever read the words before they were erased cannot put them back.
    other = completed_booking(scene, hour=12)
    review(scene, other, rating=5, comment=TELLING)
    get_row = storage.get_row
    read: list[Any] = []

    def get_row_before(table: Any, *key: str, **options: Any) -> storage.Row | None:
        row = get_row(table, *key, **options)
        if table is ReviewItem and not read:
            read.append(key)
            personal_data.erase(scene.customer.user_id, now=clock_now())
        return row

    monkeypatch.setattr(storage, "get_row", get_row_before)
    keep_latest(review_id=other.booking_id)
    assert listed() == []
    monkeypatch.undo()
    handle_all(other.booking_id)
    assert listed() == []
