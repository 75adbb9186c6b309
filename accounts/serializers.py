"""What the API of people takes in, and, for the OpenAPI document alone, what it answers."""

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework import serializers

from accounts.preferences import languages
from accounts.validators import validate_person_name
from kernel.actors import Role
from kernel.web.rest_fields import TimeZoneField

_MAX_NAME_LENGTH = 100


class PersonChanges(serializers.Serializer[Any]):
    """What people may change about themselves; Cognito has the rest."""

    name = serializers.CharField(max_length=_MAX_NAME_LENGTH)
    time_zone = TimeZoneField()
    language = serializers.ChoiceField(choices=languages())

    def validate_name(self, value: str) -> str:
        """One line of visible text."""
        try:
            validate_person_name(value)
        except ValidationError as error:
            raise serializers.ValidationError(error.messages, code=error.code) from error
        return value


class PersonSchema(serializers.Serializer[Any]):
    """A person, for themselves and for admins."""

    id = serializers.CharField()
    email = serializers.EmailField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=[role.value for role in Role if role is not Role.SYSTEM])
    time_zone = serializers.CharField(allow_null=True, help_text="Null until chosen.")
    language = serializers.CharField(allow_null=True, help_text="Null until chosen.")
    created_at = serializers.DateTimeField()
