"""A customer reviewed a job: its provider is told."""

from collections.abc import Mapping, Set
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.domain import Provider
from catalog.queries import get_provider
from kernel.actors import Role
from kernel.errors import NotFoundError
from kernel.values import dataclass
from kernel.wording.text import lines, one_line
from notifications.domain import Channel, Delivery, Recipient
from notifications.links import booking_url
from notifications.messages.base import Message
from notifications.messages.providers import ProviderLetter, owner_of
from reviews.domain import Review
from reviews.events import ReviewSubmitted
from reviews.queries import find_review

# The review and the provider that it is about.
Facts = tuple[Review, Provider]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewLetter(ProviderLetter):
    """An email to a provider's owner about a review, which names nobody."""

    review: Review

    @property
    def conversation(self) -> str:
        return f"booking-{self.review.review_id}"

    def context(self) -> dict[str, Any]:
        return {
            **ProviderLetter.context(self),
            "service_name": one_line(self.review.service_name),
            "stars": self.review.rating,
            "comment": lines(self.review.comment),
            # A review stands on the page of its booking, whose id it has.
            "review_url": booking_url(self.review.review_id),
        }


class ReviewMessage(Message):
    """To the provider alone, and true while the review is not hidden."""

    event_type = ReviewSubmitted
    subject_kind = "review"
    notes = MappingProxyType({Role.PROVIDER: _("A customer reviewed your work")})

    @property
    def roles(self) -> Set[Role]:
        return {Role.PROVIDER}

    def audience_of(self, event: ReviewSubmitted) -> Mapping[Recipient, Set[Channel]]:
        return {Recipient(event.provider_id, Role.PROVIDER): frozenset(Channel)}

    def read_facts(self, event: ReviewSubmitted) -> Facts | None:
        review = find_review(event.review_id)
        try:
            return (review, get_provider(event.provider_id)) if review else None
        except NotFoundError:
            return None

    def holds(self, event: ReviewSubmitted, facts: Facts, now: datetime) -> bool:
        return not facts[0].is_hidden

    def write_letter(self, delivery: Delivery, facts: Facts, now: datetime) -> ReviewLetter | None:
        review, provider = facts
        reader = owner_of(provider)
        if reader is None:
            return None
        return ReviewLetter(delivery=delivery, reader=reader, now=now, review=review, provider=provider)


MESSAGE = ReviewMessage()
