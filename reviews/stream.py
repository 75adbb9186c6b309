"""From a changed review to what happened to it."""

from datetime import datetime

from kernel.outbox import Outbox
from kernel.storage import Row
from reviews.events import EVENT_TYPES, ReviewChanged, ReviewEvent, ReviewSubmitted
from reviews.models import ReviewItem


def events_after(row: Row, seen_version: int) -> list[ReviewEvent]:
    """One event for each version of the review after that one."""
    return [_event(row, version) for version in range(seen_version + 1, row["version"] + 1)]


def _event(row: Row, version: int) -> ReviewEvent:
    event_type = ReviewSubmitted if version == 1 else ReviewChanged
    # Versions of before there was an outbox have no time of their own.
    changed_at: datetime = row.get("changed_at") or row["created_at"]
    return event_type(
        subject_id=row["review_id"],
        version=version,
        occurred_at=row["created_at"] if version == 1 else changed_at,
        provider_id=row["provider_id"],
        service_id=row["service_id"],
        customer_id=row["customer_id"],
    )


OUTBOX = Outbox(item=ReviewItem, event_types=EVENT_TYPES, events_after=events_after)
