"""Rows of the reviews table read as domain objects, and domain objects as items."""

from dataclasses import asdict

from kernel.storage import Row
from reviews.domain import Review
from reviews.models import ReviewItem


def read_review(row: Row) -> Review:
    """The review that a row of `ReviewItem` describes."""
    return Review(
        review_id=row["review_id"],
        version=row["version"],
        provider_id=row["provider_id"],
        service_id=row["service_id"],
        service_name=row["service_name"],
        customer_id=row["customer_id"],
        rating=row["rating"],
        comment=row["comment"],
        created_at=row["created_at"],
        answer=row.get("answer"),
        answered_at=row.get("answered_at"),
    )


def review_item(review: Review) -> ReviewItem:
    """The whole item."""
    return ReviewItem(**asdict(review))
