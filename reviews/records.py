"""How the tables of reviews store them, and the reports."""

from kernel.listing import list_key
from kernel.storage import RowMapping, Stored
from reviews.domain import Report, Review
from reviews.models import ReportItem, ReviewItem

REVIEWS = RowMapping(
    ReviewItem,
    Review,
    stored={
        "counted": Stored(lambda row: row.get("counted", True), lambda counted: {"counted": None if counted else False})
    },
    derived=lambda review: {"list_key": list_key(review.review_id)},
)
REPORTS = RowMapping(ReportItem, Report)
