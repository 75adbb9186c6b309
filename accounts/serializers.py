"""What the API of people takes in, and, for the OpenAPI document alone, what it answers."""

from typing import Any

from rest_framework import serializers

from accounts.domain import PERSON_NAME
from accounts.preferences import languages
from kernel.actors import Role
from kernel.web.rest_fields import TextField, TimeZoneField


class PersonChanges(serializers.Serializer[Any]):
    """What people may change about themselves; Cognito has the rest."""

    name = TextField(PERSON_NAME)
    time_zone = TimeZoneField()
    language = serializers.ChoiceField(choices=languages())


class PersonSchema(serializers.Serializer[Any]):
    """A person, for themselves and for admins."""

    id = serializers.CharField()
    email = serializers.EmailField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=[role.value for role in Role if role is not Role.SYSTEM])
    time_zone = serializers.CharField(allow_null=True, help_text="Null until chosen.")
    language = serializers.CharField(allow_null=True, help_text="Null until chosen.")
    created_at = serializers.DateTimeField()
