"""Stars cannot be farmed: which reviews count for a provider's rating, and from when on."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from catalog.domain import RatingSummary
from catalog.models import ProviderItem
from catalog.queries import get_provider
from kernel import storage
from kernel.clock import now as clock_now
from marketplace.background import jobs
from reviews.counting import COUNTED_ONCE_IN, mend_numbers
from reviews.handlers import HANDLERS
from reviews.models import ReviewItem
from reviews.queries import get_review, list_provider_reviews
from reviews.stream import events_after
from tests.factories.accounts import make_customer
from tests.factories.bookings import Scene, make_scene
from tests.factories.reviews import be_known, completed_booking, review

WEEK = timedelta(days=7)


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def hear(review_id: str, now: datetime) -> None:
    """Handle the review's event, twice."""
    row = storage.get_row(ReviewItem, review_id)
    assert row is not None
    for event in events_after(row, 0):
        for handler in HANDLERS[event.type] * 2:
            handler(event, now)


def rating_of(scene: Scene) -> RatingSummary:
    return get_provider(scene.provider_id).rating


def test_of_one_customers_reviews_one_counts_in_ninety_days(scene: Scene) -> None:
    moment = clock_now()
    bookings = [completed_booking(scene, hour=hour) for hour in range(9, 13)]
    review(scene, bookings[0], rating=5, now=moment)
    for booking in bookings[1:3]:
        assert not get_review(review(scene, booking, rating=5, now=moment + timedelta(days=1)).answer["id"]).counted
    assert rating_of(scene) == RatingSummary.of([5])
    review(scene, bookings[3], rating=3, now=moment + COUNTED_ONCE_IN)
    assert rating_of(scene) == RatingSummary.of([5, 3])


def test_what_counted_under_the_signing_key_before_counts_once(scene: Scene, settings: Settings) -> None:
    first, second = (completed_booking(scene, hour=hour) for hour in (9, 12))
    review(scene, first, rating=5)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-secret-key-0123456789-0123456789-0123456789"
    assert not get_review(review(scene, second, rating=5).answer["id"]).counted
    assert rating_of(scene) == RatingSummary.of([5])


def test_the_same_customer_counts_for_each_provider(scene: Scene) -> None:
    other = make_scene(customer=scene.customer)
    for shop in (scene, other):
        review(shop, completed_booking(shop))
    assert rating_of(scene) == rating_of(other) == RatingSummary.of([4])


def test_many_reviews_at_once_count_once(scene: Scene) -> None:
    bookings = [completed_booking(scene, hour=hour) for hour in range(8)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda booking: review(scene, booking, rating=5), bookings))
    assert rating_of(scene) == RatingSummary.of([5])


@pytest.fixture
def rated_by_new_accounts(scene: Scene) -> datetime:
    """Two new accounts have rated the provider, 5 and 1; when they did."""
    moment = clock_now()
    for rating, hour in ((5, 9), (1, 12)):
        customer = make_customer()
        booking = completed_booking(scene, customer=customer, hour=hour)
        be_known(customer.user_id, since=moment - timedelta(days=2))
        review(scene, booking, actor=customer, rating=rating, now=moment)
        hear(booking.booking_id, moment)
    return moment


def test_a_new_accounts_stars_count_once_it_is_new_no_more(scene: Scene, rated_by_new_accounts: datetime) -> None:
    moment = rated_by_new_accounts
    assert rating_of(scene) == RatingSummary()
    jobs.count_ratings(moment + timedelta(days=4))
    assert rating_of(scene) == RatingSummary()
    for _ in range(2):
        jobs.count_ratings(moment + WEEK)
        assert rating_of(scene) == RatingSummary.of([5, 1])


def test_a_job_that_did_not_run_for_days_catches_up(scene: Scene, rated_by_new_accounts: datetime) -> None:
    jobs.count_ratings(rated_by_new_accounts + timedelta(days=15))
    assert rating_of(scene) == RatingSummary.of([5, 1])


def test_an_event_that_comes_after_the_stars_were_counted_counts_them_no_second_time(
    scene: Scene, rated_by_new_accounts: datetime
) -> None:
    moment = rated_by_new_accounts
    jobs.count_ratings(moment + WEEK)
    for found in list_provider_reviews(provider_id=scene.provider_id, limit=10).results:
        hear(found.review_id, moment)
    jobs.count_ratings(moment + WEEK)
    assert rating_of(scene) == RatingSummary.of([5, 1])


def test_a_second_review_of_a_new_account_never_counts(scene: Scene) -> None:
    moment = clock_now()
    bookings = [completed_booking(scene, hour=hour) for hour in (9, 12)]
    be_known(scene.customer.user_id, since=moment)
    for booking in bookings:
        review(scene, booking, rating=5, now=moment)
        hear(booking.booking_id, moment)
    jobs.count_ratings(moment + WEEK + timedelta(days=1))
    assert rating_of(scene) == RatingSummary.of([5])


# --- How many have how many stars -----------------------------------------------------------------------------------


def forget_numbers(scene: Scene) -> None:
    """The provider as it was stored before the numbers were."""
    storage.write(
        storage.update("provider", ProviderItem, scene.provider_id, actions=[ProviderItem.rating_numbers.remove()])
    )


@pytest.fixture
def rated(scene: Scene) -> Scene:
    """Rated with 5, 3 and 5, and once without counting."""
    moment = clock_now()
    customer = make_customer()
    for hour, rating in ((9, 5), (10, 3), (11, 5)):
        customer = make_customer()
        be_known(customer.user_id)
        review(scene, completed_booking(scene, customer=customer, hour=hour), actor=customer, rating=rating, now=moment)
    review(scene, completed_booking(scene, customer=customer, hour=12), actor=customer, rating=1, now=moment)
    assert rating_of(scene) == RatingSummary(13, 3, (0, 0, 1, 0, 2))
    return scene


def test_the_daily_job_counts_the_numbers_of_earlier_ratings(rated: Scene) -> None:
    forget_numbers(rated)
    assert not rating_of(rated).adds_up
    for _ in range(2):
        jobs.count_ratings(clock_now())
        assert rating_of(rated) == RatingSummary(13, 3, (0, 0, 1, 0, 2))


def test_the_next_review_counts_the_numbers_of_earlier_ones(rated: Scene) -> None:
    forget_numbers(rated)
    customer = make_customer()
    be_known(customer.user_id)
    booking = completed_booking(rated, customer=customer, hour=13)
    review(rated, booking, actor=customer, rating=4)
    assert rating_of(rated) == RatingSummary(17, 4, (0, 0, 0, 1, 0))

    mend_numbers(rated.provider_id)

    assert rating_of(rated) == RatingSummary(17, 4, (0, 0, 1, 1, 2))


def test_numbers_that_are_not_those_of_the_reviews_are_left(rated: Scene) -> None:
    forget_numbers(rated)
    storage.write(
        storage.update("provider", ProviderItem, rated.provider_id, actions=[ProviderItem.rating_count.set(99)])
    )

    mend_numbers(rated.provider_id)

    assert rating_of(rated).numbers == RatingSummary().numbers
    mend_numbers("unknown-provider")


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        # A hundred good ones are worth more than one perfect, and one bad one does less harm than ten.
        (RatingSummary(470, 100), RatingSummary(5, 1)),
        (RatingSummary(5, 1), RatingSummary(0, 0)),
        (RatingSummary(0, 0), RatingSummary(1, 1)),
        (RatingSummary(1, 1), RatingSummary(10, 10)),
    ],
)
def test_few_ratings_move_a_provider_less_than_many(better: RatingSummary, worse: RatingSummary) -> None:
    assert better.rank > worse.rank
