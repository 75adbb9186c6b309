"""What lists find reviews by, and the list of the latest good ones, made anew for those stored by an earlier rule."""

from typing import Any

from kernel.backfills import Backfill, for_each_row, outbox_backfill, renew
from kernel.listing import list_key
from kernel.storage import Row
from reviews.latest import keep_latest
from reviews.models import ReviewItem


def renew_review(review_id: str) -> bool:
    """Give the review the derived attributes of today's rules, and the list of the latest ones the review.

    Whether either had others. Raises `BusyError`.
    """
    is_renewed = renew(ReviewItem, review_id, _derived, unless_changed=("version",))
    return keep_latest(review_id=review_id) or is_renewed


def _derived(row: Row) -> dict[str, Any]:
    return {"list_key": list_key(row["review_id"]), **outbox_backfill(row)}


BACKFILLS = (
    Backfill(
        "reviews",
        "the key of lists and the outbox of each review, and the list of the latest good ones",
        lambda: for_each_row(ReviewItem, renew_review),
    ),
)
