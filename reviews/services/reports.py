"""Reports of what is wrong with a provider or a review, and what is decided about them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from catalog.domain import check_may_moderate, checked_moderation_reason
from catalog.queries import get_public_provider
from kernel import storage
from kernel.actors import Actor
from kernel.errors import ConflictError, NotFoundError
from kernel.rate_limits import RateLimit, charge_write, raise_if_exceeded
from kernel.sentences import sentence
from reviews.domain import (
    Decision,
    Report,
    ReportReason,
    ReportState,
    already_reported,
    checked_details,
)
from reviews.models import ReportItem
from reviews.queries import get_review
from reviews.records import REPORTS

REPORTS_BY_PERSON = RateLimit("reports", allowed=10, window=timedelta(days=1))


def report_provider(*, actor: Actor, provider_id: str, reason: ReportReason, details: str, now: datetime) -> Report:
    """Report the provider, once. One read, one transaction.

    Raises `NotFoundError`, `InvalidInputError` naming `details`, `TooManyRequestsError`, and `ConflictError`
    (`already_reported`).
    """
    return _report(actor, f"provider#{get_public_provider(provider_id).provider_id}", reason, details, now)


def report_review(*, actor: Actor, review_id: str, reason: ReportReason, details: str, now: datetime) -> Report:
    """Report the review, once.

    One read, one transaction. Raises `NotFoundError`, `InvalidInputError` naming `details`, `TooManyRequestsError`, and
    `ConflictError` (`already_reported`).
    """
    return _report(actor, f"review#{get_review(review_id).review_id}", reason, details, now)


def _report(actor: Actor, subject: str, reason: ReportReason, details: str, now: datetime) -> Report:
    report = Report(
        reporter_id=actor.user_id,
        subject=subject,
        reason=reason,
        details=checked_details(details),
        created_at=now,
        state=ReportState.OPEN,
    )
    put = storage.put("report", REPORTS.item(report), condition=ReportItem.subject.does_not_exist())
    try:
        storage.transact([put, charge_write(REPORTS_BY_PERSON, actor.user_id, now=now)])
    except storage.ConditionFailedError as failure:
        if "report" in failure.failed:
            raise already_reported() from failure
        raise_if_exceeded(REPORTS_BY_PERSON, failure, now=now)
        raise
    return report


def decide_report(
    *,
    actor: Actor,
    reporter_id: str,
    subject: str,
    decision: Decision,
    reason: str,
    now: datetime,
    also: Sequence[storage.Write] = (),
) -> Report:
    """Decide an open report, once: accept what it says, or dismiss it. One transaction, with `also` in it.

    What follows for the provider or the review is its own use case. Raises `ForbiddenError` for anyone but an admin,
    `InvalidInputError` naming `reason`, `NotFoundError`, and `ConflictError` (`already_decided`).
    """
    check_may_moderate(actor)
    reason = checked_moderation_reason(reason)
    is_open = ReportItem.state == ReportState.OPEN.value
    deciding = storage.update(
        "report",
        ReportItem,
        reporter_id,
        subject,
        actions=[
            ReportItem.state.set(ReportState.HANDLED.value),
            ReportItem.decision.set(decision.value),
            ReportItem.decision_reason.set(reason),
            ReportItem.decided_at.set(now),
        ],
        condition=ReportItem.subject.exists() & is_open,
    )
    try:
        storage.transact([deciding, *also])
    except storage.ConditionFailedError as failure:
        if "report" not in failure.failed:
            raise
        if failure.failed["report"] is None:
            raise NotFoundError(sentence("There is no such report.")) from failure
        raise ConflictError(sentence("This report is decided already."), code="already_decided") from failure
    row = storage.get_row(ReportItem, reporter_id, subject)
    if row is None:
        raise NotFoundError(sentence("There is no such report."))
    return REPORTS.read(row)
