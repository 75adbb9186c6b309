"""Reviews that count for a provider's rating, and the day from which they do.

In ninety days one review of a customer about a provider counts, and none of a new account: so stars cannot be farmed by
one account, nor by many that were made for it. A review that does not count is shown all the same.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial

from django.conf import settings
from django.utils.crypto import salted_hmac

from bookings.services import NEW_ACCOUNT_FOR
from catalog.domain import Provider
from catalog.queries import get_provider, iterate_unmended_ratings, provider_read
from catalog.services import copy_rating, mend_rating, rating_write
from kernel import storage
from kernel.clock import epoch
from kernel.errors import NotFoundError
from kernel.values import dataclass
from reviews.domain import Review
from reviews.models import CountedPairItem, DueRatingsItem, ProviderReviewsIndex, ReviewItem
from reviews.queries import review_read

logger = logging.getLogger(__name__)

COUNTED_ONCE_IN = timedelta(days=90)
# What a job that did not run for some days catches up with.
_FOUND_FOR_DAYS = 14


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides whether a customer's new review of a provider counts."""

    customer_since: datetime
    other_counts_until: int

    def counts(self, now: datetime) -> bool:
        """Whether it does at once."""
        return self.is_first(now) and now >= self.counts_from

    def is_first(self, now: datetime) -> bool:
        """Whether no other of the customer about the provider counts at present."""
        return epoch(now) >= self.other_counts_until

    @property
    def counts_from(self) -> datetime:
        return self.customer_since + NEW_ACCOUNT_FOR


def other_counts_until_read(customer_id: str, provider_id: str) -> storage.Read[int]:
    """The read of the second from which another review of the customer about the provider can count; 0: from ever.

    One item for each signing key that still counts: what was counted before a rotation is not counted again.
    """
    keys = [_pair_key(customer_id, provider_id, secret) for secret in (None, *settings.SECRET_KEY_FALLBACKS)]
    return storage.Read(
        tuple((CountedPairItem, key) for key in keys),
        lambda rows: max((int(row["expires_at"]) for row in rows if row is not None), default=0),
    )


def counting_writes(review: Review, provider: Provider, standing: Standing, *, now: datetime) -> list[storage.Write]:
    """The writes that count the review now, or keep its place until it counts, for its own transaction; none if never.

    They fail if the provider was rated in between, or the customer's other review counted: read and decide again.
    """
    if not standing.is_first(now):
        return []
    expires_at = CountedPairItem.expires_at
    pair = storage.update(
        "counted pair",
        CountedPairItem,
        _pair_key(review.customer_id, review.provider_id),
        actions=[expires_at.set(epoch(now + COUNTED_ONCE_IN))],
        condition=expires_at.does_not_exist() | (expires_at <= epoch(now)),
    )
    if standing.counts(now):
        return [pair, rating_write(provider, review.rating)]
    # When it counts is noted by the event: nothing is decided by that.
    return [pair]


def note_when_due(review_id: str) -> None:
    """List a review whose stars count later under the day on which they do. May be repeated, late, and out of order."""
    review = storage.read(review_read(review_id))
    if review is None or review.counts_from is None:
        return
    storage.write(
        storage.update(
            "due ratings",
            DueRatingsItem,
            _due_key((review.counts_from + timedelta(days=1)).date()),
            actions=[DueRatingsItem.reviews.add({review_id})],
        )
    )


def due_reviews(now: datetime) -> Iterator[Callable[[], None]]:
    """For each review whose stars count by now and are not counted yet, what counts them. Each may fail by itself."""
    for age in range(_FOUND_FOR_DAYS):
        key = _due_key((now - timedelta(days=age)).date())
        row = storage.get_row(DueRatingsItem, key)
        for review_id in sorted(row.get("reviews", ())) if row else ():
            yield partial(_count, review_id, key)


def _count(review_id: str, due_key: str) -> None:
    storage.retrying(partial(_count_once, review_id))
    storage.write(
        storage.update("due ratings", DueRatingsItem, due_key, actions=[DueRatingsItem.reviews.delete({review_id})])
    )


def _count_once(review_id: str) -> None:
    provider_id = review_id.partition("-")[0]
    review, provider = storage.read_all(review_read(review_id), provider_read(provider_id))
    if review is None:
        return
    if not review.counted:
        # One that is hidden counts once it is restored.
        is_as_read = ReviewItem.hidden_at.exists() if review.is_hidden else ReviewItem.hidden_at.does_not_exist()
        storage.transact(
            [
                *([] if review.is_hidden else [rating_write(provider, review.rating)]),
                storage.update(
                    "review",
                    ReviewItem,
                    review_id,
                    actions=[ReviewItem.counted.remove(), ReviewItem.counts_from.remove()],
                    condition=(ReviewItem.counted == False) & is_as_read,  # noqa: E712
                ),
            ]
        )
    copy_rating(provider_id=provider_id)


def unmended_ratings() -> Iterator[Callable[[], None]]:
    """For each provider whose ratings are not known by their stars, what counts them. Each may fail by itself."""
    for provider_id in iterate_unmended_ratings():
        yield partial(mend_numbers, provider_id)


def mend_numbers(provider_id: str) -> None:
    """Count a provider's ratings by their stars again, where what is kept does not add up.

    One GetItem; a Query and a BatchGetItem for each hundred reviews more, and one UpdateItem, if it does not.
    """
    try:
        provider = get_provider(provider_id)
    except NotFoundError:
        return
    if provider.rating.adds_up:
        return
    rows = storage.current_rows(ReviewItem, [provider_id], index=ProviderReviewsIndex.Meta.index_name)
    ratings = [row["rating"] for row in rows if row.get("counted", True) and "hidden_at" not in row]
    try:
        is_mended = mend_rating(provider, ratings)
    except storage.ConditionFailedError:
        is_mended = False
    if not is_mended:
        # The index does not have the latest review yet, or one came in between: another day.
        logger.info("the ratings of %s are left for another time", provider_id)


def _pair_key(customer_id: str, provider_id: str, secret: str | bytes | None = None) -> str:
    """The key of the two, by this signing key or the present one."""
    # It stays for a while after an erasure, and says nothing of whom it is about.
    pair = f"{customer_id} {provider_id}"
    digest = salted_hmac("counted review", pair, secret=secret, algorithm="sha256").hexdigest()
    return f"counted-review#{digest[:32]}"


def _due_key(day: date) -> str:
    return f"ratings-due#{day.isoformat()}"
