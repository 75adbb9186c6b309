"""What the API of notifications takes in, and, for the OpenAPI document alone, what it answers."""

from typing import Any

from rest_framework import serializers

from kernel.web.rest_fields import WholeNumberField
from notifications.domain import MAX_NUMBER
from notifications.messages import MESSAGES, OPTIONAL_TYPES


class ReadMark(serializers.Serializer[Any]):
    """Up to where notifications were read."""

    up_to = WholeNumberField(
        min_value=1, max_value=MAX_NUMBER, help_text="The id of the newest notification that was seen."
    )


class Preferences(serializers.Serializer[Any]):
    """The optional kinds of email that are switched off."""

    muted = serializers.ListField(child=serializers.ChoiceField(choices=list(OPTIONAL_TYPES)))


# --- Responses -------------------------------------------------------------------------------------------------------


class SubjectSchema(serializers.Serializer[Any]):
    """What a notification is about."""

    kind = serializers.CharField(help_text='"booking", or "review", which has the id of its booking.')
    id = serializers.CharField()


class NotificationSchema(serializers.Serializer[Any]):
    """Something that happened to what is yours, such as one of your bookings, which it then names."""

    id = serializers.IntegerField(help_text="Your notifications are numbered from 1.")
    type = serializers.ChoiceField(choices=list(MESSAGES))
    text = serializers.CharField()
    is_read = serializers.BooleanField()
    subject = SubjectSchema()
    occurred_at = serializers.DateTimeField()
    booking_id = serializers.CharField(required=False)
    starts_at = serializers.DateTimeField(required=False)
    time_zone = serializers.CharField(required=False)


class BellSchema(serializers.Serializer[Any]):
    """What the bell shows."""

    unread = serializers.IntegerField()
    latest = serializers.IntegerField(help_text="The id of the newest notification; 0 if there is none.")
