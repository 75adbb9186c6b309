"""Reviews as the API shows them to everyone: plain dicts, ready for JSON, without a word about who wrote them."""

from typing import Any

from reviews.domain import Report, Review


def represent_review(review: Review) -> dict[str, Any]:
    """The review; `id` is the id of its booking."""
    return {
        "id": review.review_id,
        "version": review.version,
        "provider_id": review.provider_id,
        "service_id": review.service_id,
        "service_name": review.service_name,
        "rating": review.rating,
        "comment": review.comment,
        "created_at": review.created_at,
        "answer": review.answer,
        "answered_at": review.answered_at,
    }


def represent_words(review: Review) -> dict[str, str | None]:
    """What people wrote, which is stored nowhere but in the review: not with an idempotent answer either."""
    return {"comment": review.comment, "answer": review.answer}


def represent_without_words(review: Review) -> dict[str, Any]:
    """The review as it is kept with an idempotent answer."""
    return represent_review(review) | {"comment": None, "answer": None}


def represent_report(report: Report) -> dict[str, Any]:
    """A report, for whoever made it."""
    return {
        "subject": report.subject,
        "reason": report.reason,
        "details": report.details,
        "created_at": report.created_at,
        "state": report.state,
    }
