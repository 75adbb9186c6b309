"""How the reviews table stores reviews."""

from kernel.listing import list_key
from kernel.storage import RowMapping
from reviews.domain import Review
from reviews.models import ReviewItem

REVIEWS = RowMapping(ReviewItem, Review, derived=lambda review: {"list_key": list_key(review.review_id)})
