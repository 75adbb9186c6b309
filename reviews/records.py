"""How the tables of reviews store them, and the reports."""

from kernel.storage import RowMapping, Stored
from reviews.domain import Report, Review
from reviews.models import ReportItem, ReviewItem

REVIEWS = RowMapping(
    ReviewItem,
    Review,
    stored={
        "counted": Stored(lambda row: row.get("counted", True), lambda counted: {"counted": None if counted else False})
    },
)
REPORTS = RowMapping(ReportItem, Report)
