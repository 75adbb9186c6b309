"""What reviews store about people: what they wrote, as a customer and in answer as a provider, and reported."""

from datetime import datetime
from typing import Any

from kernel import storage
from kernel.ids import provider_id_for
from kernel.outbox import outbox_actions
from reviews.latest import keep_latest
from reviews.models import CustomerReviewsIndex, ProviderReviewsIndex, ReportItem, ReviewItem
from reviews.records import REPORTS, REVIEWS
from reviews.representation import represent_report, represent_review


def export(user_id: str, *, now: datetime) -> dict[str, Any]:
    """The person's reviews, and those of their provider, with their answers."""
    written = storage.all_rows(ReviewItem, user_id, index=CustomerReviewsIndex.Meta.index_name)
    received = storage.all_rows(ReviewItem, provider_id_for(user_id), index=ProviderReviewsIndex.Meta.index_name)
    return {
        "reviews_written": [represent_review(REVIEWS.read(row)) for row in written],
        "reviews_received": [represent_review(REVIEWS.read(row)) for row in received],
        "reports": [represent_report(REPORTS.read(row)) for row in storage.all_rows(ReportItem, user_id)],
    }


def erase(user_id: str, *, now: datetime) -> None:
    """Erase the person's words and reports. The stars stay: the provider's rating is their sum."""
    for row in storage.all_rows(ReportItem, user_id):
        storage.write(storage.delete("report", ReportItem, user_id, row["subject"]))
    for row in storage.all_rows(ReviewItem, user_id, index=CustomerReviewsIndex.Meta.index_name):
        if row["comment"]:
            _change(row, now, ReviewItem.comment.set(""))
    for row in storage.all_rows(ReviewItem, provider_id_for(user_id), index=ProviderReviewsIndex.Meta.index_name):
        if row.get("answer"):
            _change(row, now, ReviewItem.answer.remove(), ReviewItem.answered_at.remove())


def _change(row: storage.Row, now: datetime, *actions: Any) -> None:
    update = storage.update(
        "review",
        ReviewItem,
        row["review_id"],
        actions=[
            ReviewItem.version.add(1),
            ReviewItem.changed_at.set(now),
            *outbox_actions(ReviewItem, row["review_id"], now),
            *actions,
        ],
        condition=ReviewItem.review_id.exists(),
    )
    storage.write(update)
    # Without waiting for the event.
    keep_latest(review_id=row["review_id"])
