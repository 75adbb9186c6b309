"""What the API of reviews takes in, and, for the OpenAPI document alone, what it answers."""

from typing import Any

from rest_framework import serializers

from kernel.web.rest import PageQuery
from kernel.web.rest_fields import IdField, TextField, WholeNumberField
from reviews.domain import ANSWER, COMMENT, RATINGS


class ReviewRequest(serializers.Serializer[Any]):
    """A new review of a booking."""

    booking_id = IdField()
    rating = WholeNumberField(min_value=RATINGS[0], max_value=RATINGS[1], help_text="Stars.")
    comment = TextField(COMMENT)


class AnswerRequest(serializers.Serializer[Any]):
    """A provider's answer to a review."""

    answer = TextField(ANSWER)


class ReviewsQuery(PageQuery):
    """Whose reviews."""

    provider_id = IdField(default=None, help_text="The reviews of this provider; without it, your own.")


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
