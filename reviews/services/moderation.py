"""Taking reviews from the site, and bringing them back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from catalog.domain import check_may_moderate, checked_moderation_reason
from catalog.queries import provider_read
from catalog.services import rating_write
from kernel import storage
from kernel.actors import Actor
from kernel.errors import ConflictError
from kernel.outbox import outbox_actions
from kernel.sentences import sentence
from reviews.domain import Review, review_not_found
from reviews.models import ReviewItem
from reviews.queries import review_read


def hide_review(
    *, actor: Actor, review_id: str, reason: str, now: datetime, also: Sequence[storage.Write] = ()
) -> Review:
    """Show the review to nobody but its author, and take its stars from the provider's rating, if they count.

    One transaction, with `also` in it. Raises `ForbiddenError` for anyone but an admin, `InvalidInputError` naming
    `reason`, `NotFoundError`, `ConflictError` (`already_hidden`), and `BusyError`.
    """
    check_may_moderate(actor)
    checked_moderation_reason(reason)
    return storage.retrying(lambda: _change(review_id, hidden_at=now, now=now, also=also))


def restore_review(
    *, actor: Actor, review_id: str, reason: str, now: datetime, also: Sequence[storage.Write] = ()
) -> Review:
    """Show a hidden review again, and count its stars, if they count.

    Raises `ForbiddenError` for anyone but an admin, `InvalidInputError` naming `reason`, `NotFoundError`,
    `ConflictError` (`not_hidden`), and `BusyError`.
    """
    check_may_moderate(actor)
    checked_moderation_reason(reason)
    return storage.retrying(lambda: _change(review_id, hidden_at=None, now=now, also=also))


def _change(review_id: str, *, hidden_at: datetime | None, now: datetime, also: Sequence[storage.Write]) -> Review:
    review, provider = storage.read_all(review_read(review_id), provider_read(review_id.partition("-")[0]))
    if review is None:
        raise review_not_found()
    if review.is_hidden == (hidden_at is not None):
        raise _already_so(review)
    changed = replace(review, version=review.version + 1, hidden_at=hidden_at)
    hiding = ReviewItem.hidden_at.set(hidden_at) if hidden_at else ReviewItem.hidden_at.remove()
    # Whether its stars count may be decided at the same moment, without a new version.
    is_counted = ReviewItem.counted.does_not_exist() if review.counted else ReviewItem.counted == False  # noqa: E712
    writes = [
        storage.update(
            "review",
            ReviewItem,
            review_id,
            actions=[
                hiding,
                ReviewItem.version.set(changed.version),
                ReviewItem.changed_at.set(now),
                *outbox_actions(ReviewItem, review_id, now),
            ],
            condition=(ReviewItem.version == review.version) & is_counted,
        ),
        *also,
    ]
    if review.counted:
        writes.append(rating_write(provider, review.rating, is_taken_back=hidden_at is not None))
    storage.transact(writes)
    return changed


def _already_so(review: Review) -> ConflictError:
    if review.is_hidden:
        return ConflictError(sentence("This review is hidden already."), code="already_hidden")
    return ConflictError(sentence("This review is not hidden."), code="not_hidden")
