"""How the reviews table stores reviews."""

from kernel.storage import RowMapping
from reviews.domain import Review
from reviews.models import ReviewItem

REVIEWS = RowMapping(ReviewItem, Review)
