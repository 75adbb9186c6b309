"""What happens to a review, for everyone who wants to know. Names and fields are a public contract."""

from typing import ClassVar

from kernel.events import Event
from kernel.values import dataclass


def id_of_event(review_id: str, version: int) -> str:
    """The id of the event that tells of that version of the review."""
    return f"{review_id}#review#{version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewEvent(Event):
    """Base of all events of reviews. What was written is looked up."""

    type: ClassVar[str]

    provider_id: str
    service_id: str
    customer_id: str

    @property
    def event_id(self) -> str:
        """The id of the event: never that of an event of its booking, which has the same id and may have the same
        version.
        """
        return id_of_event(self.subject_id, self.version)

    @property
    def review_id(self) -> str:
        return self.subject_id


class ReviewSubmitted(ReviewEvent):
    """A customer reviewed a booking, which counts for its provider."""

    type = "review.submitted"


class ReviewChanged(ReviewEvent):
    """The provider answered, words of the review were erased, or it was hidden or restored."""

    type = "review.changed"


EVENT_TYPES: dict[str, type[Event]] = {event.type: event for event in (ReviewSubmitted, ReviewChanged)}
