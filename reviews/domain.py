"""What a review is, and who may write and answer one. Pure."""

from datetime import datetime
from enum import StrEnum

from bookings.domain import REVIEWABLE_STATUSES, Booking
from catalog.domain import MOST_STARS
from kernel.actors import Actor, Role
from kernel.errors import ConflictError, FieldError, ForbiddenError, InvalidInputError, NotFoundError
from kernel.sentences import sentence
from kernel.values import dataclass
from kernel.wording.text import TextRule, checked_text, clean_text, text_errors

RATINGS = (1, MOST_STARS)
COMMENT = ANSWER = TextRule(1, 2000, has_lines=True)
DETAILS = TextRule(0, 1000, has_lines=True)


@dataclass(frozen=True, slots=True)
class Review:
    """A customer's review of one booking, whose id it has; `answer` is the provider's, None until there is one."""

    review_id: str
    version: int
    provider_id: str
    service_id: str
    service_name: str
    customer_id: str
    rating: int
    comment: str
    created_at: datetime
    answer: str | None
    answered_at: datetime | None
    # Whether its stars are part of the provider's rating, if it is not hidden.
    counted: bool = True
    # From when on they are to be, where they are not yet.
    counts_from: datetime | None = None
    # Since when an admin lets nobody but its author see it.
    hidden_at: datetime | None = None

    @property
    def is_hidden(self) -> bool:
        return self.hidden_at is not None


# What is shown to people who ask for no provider in particular.
_GOOD_RATING = 4
_TELLING_LENGTH = 40


def is_worth_showing(review: Review) -> bool:
    """Whether the review is good, and says why."""
    return not review.is_hidden and review.rating >= _GOOD_RATING and len(review.comment) >= _TELLING_LENGTH


def check_may_review(booking: Booking, now: datetime) -> None:
    """Raises `ConflictError` (`not_reviewable`) unless the appointment has taken place."""
    if booking.status_at(now) not in REVIEWABLE_STATUSES:
        raise ConflictError(sentence("A booking can be reviewed once it is completed."), code="not_reviewable")


def check_may_answer(review: Review, actor: Actor) -> None:
    """Raises `NotFoundError` for another provider, `ForbiddenError` for everyone else but the reviewed one."""
    if actor.role is not Role.PROVIDER:
        raise ForbiddenError(sentence("Only the provider can answer a review."))
    if actor.provider_id != review.provider_id:
        raise review_not_found()


def review_not_found() -> NotFoundError:
    """The answer for reviews that are not there."""
    return NotFoundError(sentence("There is no such review."))


def already_reviewed() -> ConflictError:
    """The refusal of a second review of one booking."""
    return ConflictError(sentence("This booking has been reviewed already."), code="already_reviewed")


def already_answered() -> ConflictError:
    """The refusal of a second answer to one review."""
    return ConflictError(sentence("This review has been answered already."), code="already_answered")


def checked_review(rating: int, comment: str) -> str:
    """The comment as it is kept. Raises `InvalidInputError` naming `rating`, `comment` or both."""
    comment = clean_text(comment)
    errors = text_errors("comment", comment, COMMENT)
    if not RATINGS[0] <= rating <= RATINGS[1]:
        message = sentence("Give %(least)s to %(most)s stars.", least=RATINGS[0], most=RATINGS[1])
        errors.append(FieldError("rating", "range", message))
    if errors:
        raise InvalidInputError(errors)
    return comment


def checked_answer(answer: str) -> str:
    """The answer as it is kept. Raises `InvalidInputError` naming `answer`."""
    return checked_text("answer", answer, ANSWER)


class ReportReason(StrEnum):
    """What is wrong."""

    FALSE = "false"
    OFFENSIVE = "offensive"
    PERSONAL = "personal"
    FRAUD = "fraud"
    OTHER = "other"


class ReportState(StrEnum):
    """Whether somebody has looked at it."""

    OPEN = "open"
    HANDLED = "handled"


class Decision(StrEnum):
    """What was decided about a report."""

    ACCEPTED = "accepted"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Report:
    """A report; `subject` is `provider#<id>` or `review#<id>`. The last three are there once it is decided."""

    reporter_id: str
    subject: str
    reason: ReportReason
    details: str
    created_at: datetime
    state: ReportState
    decision: Decision | None = None
    decision_reason: str | None = None
    decided_at: datetime | None = None


def checked_details(details: str) -> str:
    """What a report says beside its reason, as it is kept. Raises `InvalidInputError` naming `details`."""
    return checked_text("details", details, DETAILS)


def already_reported() -> ConflictError:
    """The refusal of a second report of one subject by one person."""
    return ConflictError(sentence("You have reported this already. We look at every report."), code="already_reported")
