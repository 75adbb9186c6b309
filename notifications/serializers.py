"""What the API of notifications takes in, and, for the OpenAPI document alone, what it answers."""

from typing import Any

from rest_framework import serializers

from kernel.web.rest_fields import WholeNumberField
from notifications.messages import MESSAGES, OPTIONAL_TYPES


class ReadMark(serializers.Serializer[Any]):
    """Up to where notifications were read."""

    up_to = WholeNumberField(
        min_value=1, max_value=10**12 - 1, help_text="The id of the newest notification that was seen."
    )


class Preferences(serializers.Serializer[Any]):
    """The optional kinds of email that are switched off."""

    muted = serializers.ListField(child=serializers.ChoiceField(choices=list(OPTIONAL_TYPES)))


# --- Responses -------------------------------------------------------------------------------------------------------


class NotificationSchema(serializers.Serializer[Any]):
    """Something that happened to one of your bookings."""

    id = serializers.IntegerField(help_text="Your notifications are numbered from 1.")
    type = serializers.ChoiceField(choices=list(MESSAGES))
    text = serializers.CharField()
    is_read = serializers.BooleanField()
    booking_id = serializers.CharField()
    starts_at = serializers.DateTimeField()
    time_zone = serializers.CharField()
    occurred_at = serializers.DateTimeField()


class BellSchema(serializers.Serializer[Any]):
    """What the bell shows."""

    unread = serializers.IntegerField()
    latest = serializers.IntegerField(help_text="The id of the newest notification; 0 if there is none.")
