"""Hiding and restoring reviews, and deciding reports: by admins alone, with the rating following."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bookings.domain import Booking
from catalog.domain import RatingSummary
from catalog.queries import get_provider
from kernel import storage
from kernel.clock import now
from kernel.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from marketplace.background import jobs
from reviews.counting import note_when_due
from reviews.domain import Decision, ReportReason, ReportState
from reviews.handlers import HANDLERS
from reviews.models import LatestReviewsItem, ReviewItem
from reviews.queries import LATEST_KEY, get_review, list_own_reviews, list_provider_reviews
from reviews.services import decide_report, hide_review, report_review, restore_review
from reviews.stream import OUTBOX, events_after
from tests.factories.accounts import make_admin, make_customer, make_provider
from tests.factories.bookings import Scene, make_scene
from tests.factories.reviews import be_known, completed_booking, review

ADMIN = make_admin()
COMMENT = "Came on time, found the leak at once and left everything clean."


@pytest.fixture
def scene() -> Scene:
    return make_scene()


@pytest.fixture
def reviewed(scene: Scene) -> Booking:
    booking = completed_booking(scene)
    review(scene, booking, rating=5, comment=COMMENT)
    return booking


def hide(booking: Booking) -> None:
    hide_review(actor=ADMIN, review_id=booking.booking_id, reason="Insults somebody", now=now())


def restore(booking: Booking) -> None:
    restore_review(actor=ADMIN, review_id=booking.booking_id, reason="Was no insult", now=now())


def rating_of(scene: Scene) -> RatingSummary:
    return get_provider(scene.provider_id).rating


def test_a_hidden_review_is_its_author_s_alone_and_does_not_count(scene: Scene, reviewed: Booking) -> None:
    hide(reviewed)
    assert rating_of(scene) == RatingSummary()
    assert list_provider_reviews(provider_id=scene.provider_id, limit=10).results == []
    assert list_own_reviews(actor=scene.provider, limit=10).results == []
    assert [found.is_hidden for found in list_own_reviews(actor=scene.customer, limit=10).results] == [True]
    with pytest.raises(NotFoundError):
        get_review(reviewed.booking_id)
    restore(reviewed)
    assert rating_of(scene) == RatingSummary.of([5])
    assert len(list_provider_reviews(provider_id=scene.provider_id, limit=10).results) == 1


def test_the_event_takes_it_from_the_latest_reviews_and_copies_the_rating(scene: Scene, reviewed: Booking) -> None:
    def handle_last() -> list[str]:
        row = storage.get_row(ReviewItem, reviewed.booking_id)
        assert row is not None
        (event,) = events_after(row, row["version"] - 1)
        for handler in HANDLERS[event.type]:
            handler(event, now())
        listed = storage.get_row(LatestReviewsItem, LATEST_KEY)
        return [entry["review_id"] for entry in listed["reviews"]] if listed else []

    assert reviewed.booking_id in handle_last()
    hide(reviewed)
    assert reviewed.booking_id not in handle_last()
    restore(reviewed)
    assert reviewed.booking_id in handle_last()
    assert OUTBOX.table_name == ReviewItem.Meta.table_name


def test_it_is_hidden_once_and_restored_once(reviewed: Booking) -> None:
    hide(reviewed)
    with pytest.raises(ConflictError) as refusal:
        hide(reviewed)
    assert refusal.value.code == "already_hidden"
    restore(reviewed)
    with pytest.raises(ConflictError) as refusal:
        restore(reviewed)
    assert refusal.value.code == "not_hidden"


def test_hiding_many_times_at_once_takes_the_stars_back_once(scene: Scene, reviewed: Booking) -> None:
    def try_to_hide(_: int) -> bool:
        try:
            hide(reviewed)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(try_to_hide, range(6))) == 1
    assert rating_of(scene) == RatingSummary()


def test_stars_that_come_to_count_while_hidden_count_once_restored(scene: Scene) -> None:
    moment = now()
    customer = make_customer()
    booking = completed_booking(scene, customer=customer)
    be_known(customer.user_id, since=moment)
    review(scene, booking, actor=customer, rating=2, now=moment)
    note_when_due(booking.booking_id)
    assert rating_of(scene) == RatingSummary()
    hide(booking)
    jobs.count_ratings(moment + timedelta(days=9))
    assert rating_of(scene) == RatingSummary()
    restore(booking)
    assert rating_of(scene) == RatingSummary.of([2])


@pytest.mark.parametrize("actor", [make_customer(), make_provider()])
def test_only_admins_hide(reviewed: Booking, actor: object) -> None:
    with pytest.raises(ForbiddenError):
        hide_review(actor=actor, review_id=reviewed.booking_id, reason="I do not like it", now=now())  # type: ignore[arg-type]


def test_a_reason_is_needed(reviewed: Booking) -> None:
    with pytest.raises(InvalidInputError):
        hide_review(actor=ADMIN, review_id=reviewed.booking_id, reason=" ", now=now())


def test_a_report_is_decided_once(reviewed: Booking) -> None:
    reporter = make_customer()
    report = report_review(
        actor=reporter, review_id=reviewed.booking_id, reason=ReportReason.FALSE, details="", now=now()
    )

    def decide(decision: Decision) -> object:
        return decide_report(
            actor=ADMIN,
            reporter_id=reporter.user_id,
            subject=report.subject,
            decision=decision,
            reason="It is as they say",
            now=now(),
        )

    decided = decide(Decision.ACCEPTED)
    assert (decided.state, decided.decision) == (ReportState.HANDLED, Decision.ACCEPTED)  # type: ignore[attr-defined]
    with pytest.raises(ConflictError) as refusal:
        decide(Decision.DISMISSED)
    assert refusal.value.code == "already_decided"


def test_a_report_that_is_not_there_is_not_decided() -> None:
    with pytest.raises(NotFoundError):
        decide_report(
            actor=ADMIN, reporter_id="nobody", subject="review#x", decision=Decision.ACCEPTED, reason="None", now=now()
        )
