"""Reviewing and answering on the embedded cloud."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from bookings.domain import Booking, Status
from bookings.queries import booking_with_provider_read
from catalog.domain import Provider
from catalog.queries import get_provider
from kernel import storage
from kernel.actors import Actor
from kernel.clock import now as clock_now
from kernel.encoding import to_json
from kernel.errors import BusyError, ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from kernel.idempotency import IdempotencyItem, IdempotencyKeyReusedError, Outcome
from kernel.ids import new_child_id, provider_id_for
from kernel.lists import ListPage
from reviews.domain import Review
from reviews.queries import get_review, list_own_reviews, list_provider_reviews
from reviews.representation import represent_without_words
from reviews.services import answer_review, hide_review, restore_review
from tests.factories.accounts import make_customer, make_provider
from tests.factories.bookings import Scene, idempotency_of, make_scene, next_day
from tests.factories.reviews import completed_booking, review


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def answer(scene: Scene, review_id: str, text: str = "Thank you.", key: str | None = None) -> Outcome[Review]:
    return answer_review(
        actor=scene.provider,
        review_id=review_id,
        answer=text,
        idempotency=idempotency_of(scene.provider, text, represent_without_words, key=key),
        now=clock_now(),
    )


def test_a_review_counts_for_provider_and_services(scene: Scene) -> None:
    booking = completed_booking(scene)
    created = review(scene, booking, rating=4)
    assert created.answer == {
        "id": booking.booking_id,
        "version": 1,
        "provider_id": scene.provider_id,
        "service_id": scene.service_id,
        "service_name": "Leak repair",
        "rating": 4,
        "comment": None,
        "created_at": created.answer["created_at"],
        "answer": None,
        "answered_at": None,
    }
    stored = get_review(booking.booking_id)
    assert (stored.customer_id, stored.rating, stored.comment) == (scene.customer.user_id, 4, "Quick and clean.")
    rating = get_provider(scene.provider_id).rating
    assert (rating.sum, rating.count, rating.average) == (4, 1, 400)


def test_paid_bookings_can_be_reviewed_and_others_not(scene: Scene) -> None:
    paid = scene.bring(completed_booking(scene), Status.PAID)
    assert not review(scene, paid).replayed
    for path in ((), (Status.CONFIRMED,), (Status.DECLINED,), (Status.CONFIRMED, Status.CANCELLED)):
        booking = scene.bring(scene.book(next_day(12)), *path)
        with pytest.raises(ConflictError) as refusal:
            review(scene, booking)
        assert refusal.value.code == "not_reviewable"
        if not path or path == (Status.CONFIRMED,):
            scene.bring(booking, Status.CANCELLED)
    assert get_provider(scene.provider_id).rating.count == 1


def test_who_can_review(scene: Scene) -> None:
    booking = completed_booking(scene)
    for actor, error in (
        (make_customer(), NotFoundError),
        (make_provider(), NotFoundError),
        (scene.provider, ForbiddenError),
        (scene.admin, ForbiddenError),
    ):
        with pytest.raises(error):
            review(scene, booking, actor=actor)
    with pytest.raises(InvalidInputError):
        review(scene, booking, rating=6)
    assert get_provider(scene.provider_id).rating.count == 0


def test_one_review_for_a_booking_and_the_same_answer_for_a_key(scene: Scene) -> None:
    booking = completed_booking(scene)
    first, again = review(scene, booking, key="k"), review(scene, booking, key="k")
    assert (first.replayed, again.replayed) == (False, True)
    assert to_json(first.answer) == to_json(again.answer)
    with pytest.raises(IdempotencyKeyReusedError):
        review(scene, booking, rating=1, key="k")
    with pytest.raises(ConflictError) as refusal:
        review(scene, booking)
    assert refusal.value.code == "already_reviewed"
    assert get_provider(scene.provider_id).rating.count == 1


def test_stored_answers_leave_out_what_people_wrote(scene: Scene) -> None:
    booking = completed_booking(scene)
    review(scene, booking, comment="Ask for Sam", key="k")
    answer(scene, booking.booking_id, "Greetings to Sam", key="k")
    for actor in (scene.customer, scene.provider):
        row = storage.get_row(IdempotencyItem, f"{actor.user_id}#k")
        assert row is not None
        assert "Sam" not in str(row)


def test_reviews_at_the_same_time_all_count(scene: Scene) -> None:
    customers = [make_customer() for _ in range(5)]
    bookings = [completed_booking(scene, customer=customer, hour=hour) for hour, customer in enumerate(customers)]

    def as_a_client(customer: Actor, booking: Booking, rating: int) -> None:
        try:
            review(scene, booking, actor=customer, rating=rating, key=booking.booking_id)
        except BusyError:
            # On a loaded machine an answer may come too late: the same key again gets it.
            review(scene, booking, actor=customer, rating=rating, key=booking.booking_id)

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(as_a_client, customers, bookings, (1, 2, 3, 4, 5)))
    rating = get_provider(scene.provider_id).rating
    assert (rating.sum, rating.count, rating.average) == (15, 5, 300)


def test_a_lost_answer_is_given_again(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    booking = completed_booking(scene)
    transact = storage.transact

    def committed_but_silent(writes: Any) -> None:
        transact(writes)
        raise ConnectionError

    steps: list[Callable[[], Outcome[Review]]] = [
        lambda: review(scene, booking, key="k"),
        lambda: answer(scene, booking.booking_id, key="k"),
    ]
    for step in steps:
        with monkeypatch.context() as patch:
            patch.setattr(storage, "transact", committed_but_silent)
            with pytest.raises(ConnectionError):
                step()
        assert step().replayed
    assert get_provider(scene.provider_id).rating.count == 1


def test_a_provider_answers_once(scene: Scene) -> None:
    booking = completed_booking(scene)
    review(scene, booking)
    first, again = answer(scene, booking.booking_id, key="k"), answer(scene, booking.booking_id, key="k")
    assert (first.replayed, again.replayed) == (False, True)
    assert to_json(first.answer) == to_json(again.answer)
    assert first.answer["answered_at"]
    hide_review(actor=scene.admin, review_id=booking.booking_id, reason="Looked at again", now=clock_now())
    assert answer(scene, booking.booking_id, key="k").replayed
    with pytest.raises(NotFoundError):
        answer(scene, booking.booking_id, "Once more")
    restore_review(actor=scene.admin, review_id=booking.booking_id, reason="Looked at again", now=clock_now())
    with pytest.raises(ConflictError) as refusal:
        answer(scene, booking.booking_id, "Once more")
    assert refusal.value.code == "already_answered"
    stored = get_review(booking.booking_id)
    assert (stored.version, stored.answer, stored.comment) == (4, "Thank you.", "Quick and clean.")


def test_an_answer_takes_no_version_that_an_admin_has_taken(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    booking = completed_booking(scene)
    review(scene, booking)

    def read_before_it_was_hidden(review_id: str) -> Review:
        monkeypatch.undo()
        found = get_review(review_id)
        for change in (hide_review, restore_review):
            change(actor=scene.admin, review_id=review_id, reason="Looked at again", now=clock_now())
        return found

    monkeypatch.setattr("reviews.services.writing.get_review", read_before_it_was_hidden)
    answer(scene, booking.booking_id)
    assert (get_review(booking.booking_id).version, get_review(booking.booking_id).answer) == (4, "Thank you.")


def test_the_write_itself_asks_whether_the_booking_took_place(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    booking = scene.bring(scene.book(), Status.CONFIRMED)

    def believed_completed(**asked: Any) -> storage.Read[tuple[Booking, Provider]]:
        monkeypatch.undo()
        return booking_with_provider_read(**asked).then(
            lambda found: (replace(found[0], status=Status.COMPLETED), found[1])
        )

    monkeypatch.setattr("reviews.services.writing.booking_with_provider_read", believed_completed)
    with pytest.raises(ConflictError) as refusal:
        review(scene, booking)
    assert refusal.value.code == "not_reviewable"
    with pytest.raises(NotFoundError):
        get_review(booking.booking_id)


def test_lists_are_newest_first_and_walked_by_cursor(scene: Scene) -> None:
    now = clock_now()
    bookings = [completed_booking(scene, hour=hour) for hour in range(3)]
    for minute, booking in enumerate(bookings):
        review(scene, booking, now=now.replace(minute=minute))
    expected = [booking.booking_id for booking in reversed(bookings)]

    def of_provider(cursor: str | None = None) -> ListPage[Review]:
        return list_provider_reviews(provider_id=scene.provider_id, limit=2, cursor=cursor)

    def written(cursor: str | None = None) -> ListPage[Review]:
        return list_own_reviews(actor=scene.customer, limit=2, cursor=cursor)

    def received(cursor: str | None = None) -> ListPage[Review]:
        return list_own_reviews(actor=scene.provider, limit=2, cursor=cursor)

    for pages in (of_provider, written, received):
        first = pages()
        rest = pages(first.next_cursor)
        assert [found.review_id for found in (*first.results, *rest.results)] == expected
        assert rest.next_cursor is None
    cursor = list_own_reviews(actor=scene.customer, limit=2).next_cursor
    with pytest.raises(InvalidInputError):
        list_own_reviews(actor=make_customer(), limit=2, cursor=cursor)
    with pytest.raises(InvalidInputError):
        list_own_reviews(actor=scene.admin, limit=2)
    assert list_provider_reviews(provider_id=provider_id_for("nobody"), limit=2).results == []
    assert list_provider_reviews(provider_id="nonsense", limit=2).results == []


def test_unknown_reviews_are_not_found(scene: Scene) -> None:
    for review_id in (new_child_id(scene.provider_id), "nonsense"):
        with pytest.raises(NotFoundError):
            get_review(review_id)


def test_requests_to_dynamodb(scene: Scene, dynamodb_calls: list[str]) -> None:
    booking = completed_booking(scene)
    steps: list[tuple[Callable[[], object], list[str]]] = [
        (lambda: review(scene, booking), ["BatchGetItem", "TransactWriteItems"]),
        (lambda: answer(scene, booking.booking_id), ["GetItem", "TransactWriteItems"]),
        (lambda: list_provider_reviews(provider_id=scene.provider_id, limit=5), ["Query"]),
        (lambda: list_own_reviews(actor=scene.customer, limit=5), ["Query"]),
    ]
    for step, calls in steps:
        dynamodb_calls.clear()
        step()
        assert dynamodb_calls == calls
