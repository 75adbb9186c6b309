"""Use cases that write reviews and reports: one transaction each."""

from reviews.services.moderation import hide_review, restore_review
from reviews.services.reports import REPORTS_BY_PERSON, decide_report, report_provider, report_review
from reviews.services.writing import answer_review, submit_review

__all__ = [
    "REPORTS_BY_PERSON",
    "answer_review",
    "decide_report",
    "hide_review",
    "report_provider",
    "report_review",
    "restore_review",
    "submit_review",
]
