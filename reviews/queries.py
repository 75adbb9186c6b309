"""Named reads of reviews. Each is one request to DynamoDB, but what is for jobs."""

from collections.abc import Iterator
from datetime import datetime

from pynamodb.expressions.condition import Condition

from kernel import storage
from kernel.actors import Actor
from kernel.clock import from_rfc3339
from kernel.errors import InvalidInputError
from kernel.ids import is_provider_id, parent_provider_id
from kernel.listing import ListIndex
from kernel.lists import ListPage, read_page
from kernel.sentences import sentence
from kernel.values import dataclass
from reviews.domain import Report, ReportState, Review, review_not_found
from reviews.models import (
    CustomerReviewsIndex,
    LatestReviewsItem,
    ProviderReviewsIndex,
    ReportItem,
    ReportStateIndex,
    ReviewItem,
)
from reviews.records import REPORTS, REVIEWS


def review_read(booking_id: str) -> storage.Read[Review | None]:
    """The read of a booking's review (one item), to be read beside others'; None until there is one."""
    return storage.item_read((ReviewItem, booking_id), REVIEWS.read)


def get_review(review_id: str) -> Review:
    """The review, as everyone may see it. Raises `NotFoundError`, also for one that is hidden."""
    review = find_review(review_id)
    if review is None or review.is_hidden:
        raise review_not_found()
    return review


def find_review(review_id: str) -> Review | None:
    """The review, hidden or not; None if there is none."""
    return storage.read(review_read(review_id)) if parent_provider_id(review_id) else None


def list_provider_reviews(*, provider_id: str, limit: int, cursor: str | None = None) -> ListPage[Review]:
    """The reviews of a provider, newest first, without hidden ones; none for an unknown one.

    Raises `InvalidInputError` for a bad cursor.
    """
    if not is_provider_id(provider_id):
        return ListPage([])
    index, scope = ProviderReviewsIndex.Meta.index_name, ("provider-reviews", provider_id)
    return _page(index, provider_id, scope, limit, cursor, shown=ReviewItem.hidden_at.does_not_exist())


def list_own_reviews(*, actor: Actor, limit: int, cursor: str | None = None) -> ListPage[Review]:
    """The reviews that the customer wrote, or that the provider received, newest first; hidden ones are for the author.

    Raises `InvalidInputError` for a bad cursor, and naming `provider_id` for an admin, who has none.
    """
    if actor.is_staff:
        raise InvalidInputError.of("provider_id", sentence("Name the provider whose reviews you want."), "required")
    if actor.provider_id is not None:
        return list_provider_reviews(provider_id=actor.provider_id, limit=limit, cursor=cursor)
    return _page(CustomerReviewsIndex.Meta.index_name, actor.user_id, ("own-reviews", actor.user_id), limit, cursor)


def iterate_listed(shard: str, *, since: datetime) -> Iterator[tuple[Review, bool]]:
    """The reviews of one shard of the list of all that were written since then, and whether the event that told of it
    was handled: for jobs.

    One Query and one BatchGetItem for each hundred.
    """
    span = ReviewItem.created_at >= since
    for row in storage.current_rows(ReviewItem, [shard], index=ListIndex.Meta.index_name, range_condition=span):
        yield REVIEWS.read(row), row.get("handled_version", 1) >= 1


def _page(
    index: str,
    hash_key: str,
    scope: tuple[str, ...],
    limit: int,
    cursor: str | None,
    shown: Condition | None = None,
) -> ListPage[Review]:
    return read_page(
        ReviewItem,
        hash_key,
        REVIEWS.read,
        index=index,
        scope=scope,
        limit=limit,
        cursor=cursor,
        forward=False,
        filter_condition=shown,
    )


def list_open_reports(*, limit: int) -> list[Report]:
    """The reports that wait for somebody, the newest first. One Query."""
    index, state = ReportStateIndex.Meta.index_name, ReportState.OPEN.value
    page = storage.query_rows(ReportItem, state, index=index, limit=limit, forward=False)
    return [REPORTS.read(row) for row in page.rows]


# The one item with the latest good reviews.
LATEST_KEY = "latest-reviews"


@dataclass(frozen=True, slots=True)
class LatestReview:
    """What is shown of a good review beside those of other providers."""

    review_id: str
    provider_id: str
    service_name: str
    rating: int
    comment: str
    created_at: datetime


def latest_good_read() -> storage.Read[list[LatestReview]]:
    """The read of the latest good reviews of all providers, newest first (one item), to be read beside others'.

    It follows a review within seconds.
    """
    return storage.item_read((LatestReviewsItem, LATEST_KEY), _latest_good).then(lambda reviews: reviews or [])


def _latest_good(row: storage.Row) -> list[LatestReview]:
    entries = row["reviews"]
    return [LatestReview(**{**entry, "created_at": from_rfc3339(entry["created_at"])}) for entry in entries]
