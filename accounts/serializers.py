"""What the API of people takes in, and, for the OpenAPI document alone, what it answers."""

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework import serializers

from accounts.preferences import languages, time_zones
from accounts.validators import validate_person_name
from kernel.actors import Role

_MAX_NAME_LENGTH = 100


class PersonChanges(serializers.Serializer[Any]):
    """What people may change about themselves; Cognito has the rest."""

    name = serializers.CharField(max_length=_MAX_NAME_LENGTH)
    time_zone = serializers.CharField(help_text="An IANA name, for example Europe/Paris.")
    language = serializers.ChoiceField(choices=languages())

    def validate_name(self, value: str) -> str:
        """One line of visible text."""
        try:
            validate_person_name(value)
        except ValidationError as error:
            raise serializers.ValidationError(error.messages, code=error.code) from error
        return value

    def validate_time_zone(self, value: str) -> str:
        """One of the world's zones."""
        if value not in time_zones():
            raise serializers.ValidationError("Give an IANA time zone, for example Europe/Paris.", code="invalid")
        return value


class PersonSchema(serializers.Serializer[Any]):
    """A person, for themselves and for admins."""

    id = serializers.CharField()
    email = serializers.EmailField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=[role.value for role in Role if role is not Role.SYSTEM])
    time_zone = serializers.CharField()
    language = serializers.CharField()
    created_at = serializers.DateTimeField()
