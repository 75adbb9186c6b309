"""What the API of reviews takes in, and, for the OpenAPI document alone, what it answers."""

from typing import Any

from rest_framework import serializers

from kernel.web.rest import PageQuery
from reviews.domain import RATINGS, TEXT_LENGTH

_TEXT_RULE = f"{TEXT_LENGTH[0]} to {TEXT_LENGTH[1]} characters."


class ReviewRequest(serializers.Serializer[Any]):
    """A new review of a booking."""

    booking_id = serializers.CharField(max_length=64)
    # The rules of rating and texts are the domain's.
    rating = serializers.IntegerField(help_text=f"{RATINGS[0]} to {RATINGS[1]} stars.")
    comment = serializers.CharField(allow_blank=True, trim_whitespace=False, help_text=_TEXT_RULE)


class AnswerRequest(serializers.Serializer[Any]):
    """A provider's answer to a review."""

    answer = serializers.CharField(allow_blank=True, trim_whitespace=False, help_text=_TEXT_RULE)


class ReviewsQuery(PageQuery):
    """Whose reviews."""

    provider_id = serializers.CharField(
        max_length=64, default=None, help_text="The reviews of this provider; without it, your own."
    )


# --- Responses -------------------------------------------------------------------------------------------------------


class ReviewSchema(serializers.Serializer[Any]):
    """A review; its id is the id of the booking."""

    id = serializers.CharField()
    version = serializers.IntegerField()
    provider_id = serializers.CharField()
    service_id = serializers.CharField()
    service_name = serializers.CharField()
    rating = serializers.IntegerField()
    comment = serializers.CharField()
    created_at = serializers.DateTimeField()
    answer = serializers.CharField(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)


class ReviewListSchema(serializers.Serializer[Any]):
    """One page of reviews."""

    results = ReviewSchema(many=True)
    next = serializers.URLField(allow_null=True)
