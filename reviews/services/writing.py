"""Reviewing a booking, and answering a review."""

from dataclasses import replace
from datetime import datetime

from bookings.domain import Booking, require_provider_id
from bookings.queries import booking_with_provider_read
from bookings.services import first_request_read, reviewable_check_write
from catalog.domain import Provider
from kernel import storage
from kernel.actors import Actor, Role
from kernel.errors import ForbiddenError, NotFoundError
from kernel.idempotency import IdempotentRequest, Outcome, find_outcome, remember_write, replayed_outcome
from kernel.outbox import outbox_actions, outboxed
from kernel.sentences import sentence
from reviews.counting import Standing, counting_writes, other_counts_until_read
from reviews.domain import (
    Review,
    already_answered,
    already_reviewed,
    check_may_answer,
    check_may_review,
    checked_answer,
    checked_review,
)
from reviews.models import ReviewItem
from reviews.queries import get_review
from reviews.records import REVIEWS


def submit_review(
    *, actor: Actor, booking_id: str, rating: int, comment: str, idempotency: IdempotentRequest[Review], now: datetime
) -> Outcome[Review]:
    """Review a booking that took place, once, and count the rating for its provider, in one transaction.

    It is not counted if another of the customer about the provider was in the last 90 days; and that of a new account
    from then on that it is none.

    Raises `ForbiddenError` for anyone but a customer (`NotFoundError` for a provider whose booking it is not),
    `NotFoundError` for other people's bookings, `InvalidInputError`, and `ConflictError` (`not_reviewable`,
    `already_reviewed`).
    """

    def submit() -> Outcome[Review]:
        return _submit(actor, booking_id, rating, comment, idempotency, now)

    # Reviews of one provider change one rating.
    return storage.retrying(submit)


def _submit(
    actor: Actor, booking_id: str, rating: int, comment: str, idempotency: IdempotentRequest[Review], now: datetime
) -> Outcome[Review]:
    (booking, provider), first_request_at, other_counts_until = storage.read_all(
        booking_with_provider_read(actor=actor, booking_id=booking_id),
        first_request_read(actor.user_id),
        other_counts_until_read(actor.user_id, require_provider_id(booking_id)),
    )
    if booking.party(actor) is not Role.CUSTOMER:
        raise ForbiddenError(sentence("Only the customer can review a booking."))
    comment = checked_review(rating, comment)
    check_may_review(booking, now)
    standing = Standing(first_request_at or booking.created_at, other_counts_until)
    review = _new_review(actor, booking, rating, comment, now, standing)
    outcome = idempotency.outcome(review)
    try:
        storage.transact(
            [remember_write(idempotency, outcome, now=now), *_review_writes(review, booking, provider, standing, now)]
        )
    except storage.ConditionFailedError as failure:
        earlier = replayed_outcome(idempotency, failure)
        if earlier is not None:
            return earlier
        if "review" in failure.failed:
            raise already_reviewed() from failure
        raise
    return outcome


def _new_review(
    customer: Actor, booking: Booking, rating: int, comment: str, now: datetime, standing: Standing
) -> Review:
    counted = standing.counts(now)
    return Review(
        review_id=booking.booking_id,
        version=1,
        provider_id=booking.provider_id,
        service_id=booking.service_id,
        service_name=booking.service_name,
        customer_id=customer.user_id,
        rating=rating,
        comment=comment,
        created_at=now,
        answer=None,
        answered_at=None,
        counted=counted,
        counts_from=standing.counts_from if standing.is_first(now) and not counted else None,
    )


def _review_writes(
    review: Review, booking: Booking, provider: Provider, standing: Standing, now: datetime
) -> list[storage.Write]:
    item = outboxed(REVIEWS.item(review), review.review_id, review.created_at)
    return [
        storage.put("review", item, condition=ReviewItem.review_id.does_not_exist()),
        reviewable_check_write(booking),
        *counting_writes(review, provider, standing, now=now),
    ]


def answer_review(
    *, actor: Actor, review_id: str, answer: str, idempotency: IdempotentRequest[Review], now: datetime
) -> Outcome[Review]:
    """Answer a review, once, as the provider it is about.

    Raises `NotFoundError`, also for a review of another provider, `ForbiddenError` for anyone but a provider,
    `InvalidInputError`, and `ConflictError` (`already_answered`).
    """

    def attempt() -> Outcome[Review]:
        return _answer(actor, review_id, answer, idempotency, now)

    try:
        return storage.retrying(attempt)
    except NotFoundError:
        # By now an admin may have hidden what the first call with this key has answered.
        earlier = find_outcome(idempotency, now=now)
        if earlier is None:
            raise
        return earlier


def _answer(
    actor: Actor, review_id: str, answer: str, idempotency: IdempotentRequest[Review], now: datetime
) -> Outcome[Review]:
    review = get_review(review_id)
    check_may_answer(review, actor)
    answer = checked_answer(answer)
    answered = replace(review, version=review.version + 1, answer=answer, answered_at=now)
    outcome = idempotency.outcome(answered)
    try:
        storage.transact(
            [
                remember_write(idempotency, outcome, now=now),
                storage.update(
                    "review",
                    ReviewItem,
                    review_id,
                    actions=[
                        ReviewItem.version.set(answered.version),
                        ReviewItem.answer.set(answer),
                        ReviewItem.answered_at.set(now),
                        ReviewItem.changed_at.set(now),
                        *outbox_actions(ReviewItem, review_id, now),
                    ],
                    # Each version has one event: an admin may hide the review at the same moment.
                    condition=(ReviewItem.version == review.version) & ReviewItem.answer.does_not_exist(),
                ),
            ]
        )
    except storage.ConditionFailedError as failure:
        earlier = replayed_outcome(idempotency, failure)
        if earlier is not None:
            return earlier
        if (failure.failed.get("review") or {}).get("answer") is not None:
            raise already_answered() from failure
        raise
    return outcome
