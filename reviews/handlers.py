"""What a review's event sets going inside this app."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from catalog.events import ProviderSuspended
from catalog.services import copy_rating
from reviews.counting import mend_numbers, note_when_due
from reviews.events import ReviewChanged, ReviewEvent, ReviewSubmitted
from reviews.latest import forget_provider, keep_latest


def copy_rating_to_services(event: ReviewEvent, now: datetime) -> None:
    """Let search see the provider's new rating. May be repeated, late, and out of order."""
    copy_rating(provider_id=event.provider_id)


def note_when_its_stars_count(event: ReviewSubmitted, now: datetime) -> None:
    """List a new account's review until its stars count. May be repeated, late, and out of order."""
    note_when_due(review_id=event.review_id)


def mend_the_numbers(event: ReviewEvent, now: datetime) -> None:
    """Count ratings by their stars, where what is kept does not add up. May be repeated, late, and out of order."""
    mend_numbers(event.provider_id)


def keep_among_latest(event: ReviewEvent, now: datetime) -> None:
    """Keep the list of the latest good reviews as the review is now. May be repeated, late, and out of order."""
    keep_latest(review_id=event.review_id)


def forget_suspended(event: ProviderSuspended, now: datetime) -> None:
    """Let the list of the latest good reviews have none of a suspended provider. May be repeated."""
    forget_provider(provider_id=event.provider_id)


# By type of event; a handler takes the events of its type and the present instant.
HANDLERS: dict[str, tuple[Callable[[Any, datetime], None], ...]] = {
    ReviewSubmitted.type: (
        copy_rating_to_services,
        note_when_its_stars_count,
        mend_the_numbers,
        keep_among_latest,
    ),
    ReviewChanged.type: (copy_rating_to_services, mend_the_numbers, keep_among_latest),
    ProviderSuspended.type: (forget_suspended,),
}
