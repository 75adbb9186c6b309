"""The latest good reviews of all providers, kept in one item, so that no page searches for them."""

from collections.abc import Iterable
from typing import Any

from kernel import storage
from kernel.clock import to_rfc3339
from reviews.domain import Review, is_worth_showing
from reviews.models import LatestReviewsItem, ReviewItem
from reviews.queries import LATEST_KEY
from reviews.records import REVIEWS

# More than are shown: those whose words are erased leave at once, and later ones come only one by one.
_KEPT = 24


def keep_latest(*, review_id: str) -> bool:
    """Let the list have the review as it is now, or not have it if it is not good, or not late, enough.

    Whether the list was another before.

    Repeated, late or out of order, it comes to the same: the list is written only if neither it nor the review changed
    since they were read. Raises `BusyError`.
    """
    return storage.retrying(lambda: _keep(review_id))


def _keep(review_id: str) -> bool:
    listed = storage.get_row(LatestReviewsItem, LATEST_KEY) or {"revision": 0, "reviews": []}
    row = storage.get_row(ReviewItem, review_id)
    others = [entry for entry in listed["reviews"] if entry["review_id"] != review_id]
    entries = _latest([*others, *entries_of([REVIEWS.read(row)] if row else [])])
    if entries == listed["reviews"]:
        return False
    writes = [_list_write(entries, listed["revision"])]
    if row:
        writes.append(storage.check("review", ReviewItem, review_id, condition=ReviewItem.version == row["version"]))
    storage.transact(writes)
    return True


def forget_provider(*, provider_id: str) -> None:
    """Let the list have no review of the provider; those that change later come back. Raises `BusyError`."""

    def forget() -> None:
        listed = storage.get_row(LatestReviewsItem, LATEST_KEY)
        if listed is None:
            return
        entries = [entry for entry in listed["reviews"] if entry["provider_id"] != provider_id]
        if entries != listed["reviews"]:
            storage.write(_list_write(entries, listed["revision"]))

    storage.retrying(forget)


def _list_write(entries: list[dict[str, Any]], revision: int) -> storage.Write:
    """The write of the list, if it is still at that revision."""
    is_same = LatestReviewsItem.revision == revision if revision else LatestReviewsItem.revision.does_not_exist()
    item = LatestReviewsItem(counter_key=LATEST_KEY, revision=revision + 1, reviews=entries)
    return storage.put("latest reviews", item, condition=is_same)


def entries_of(reviews: Iterable[Review]) -> list[dict[str, Any]]:
    """The list as it is stored, of these reviews alone."""
    names = ("review_id", "provider_id", "service_name", "rating", "comment")
    return _latest(
        {**{name: getattr(review, name) for name in names}, "created_at": to_rfc3339(review.created_at)}
        for review in reviews
        if is_worth_showing(review)
    )


def _latest(entries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(entries, key=lambda entry: (entry["created_at"], entry["review_id"]), reverse=True)[:_KEPT]
