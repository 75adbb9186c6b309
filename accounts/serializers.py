"""What the API of people takes in, and, for the OpenAPI document alone, what it answers."""

from typing import Any

from rest_framework import serializers

from accounts.domain import PERSON_NAME, PHONE
from accounts.preferences import languages
from kernel.actors import Role
from kernel.web.rest_fields import TextField, TimeZoneField


class PersonChanges(serializers.Serializer[Any]):
    """What people may change about themselves; Cognito has the rest."""

    name = TextField(PERSON_NAME)
    phone = TextField(
        PHONE, allow_null=True, help_text="With its country code, kept as E.164 writes it; null for none."
    )
    time_zone = TimeZoneField()
    language = serializers.ChoiceField(choices=languages())


class PersonSchema(serializers.Serializer[Any]):
    """A person, for themselves and for admins."""

    id = serializers.CharField()
    email = serializers.EmailField()
    name = serializers.CharField()
    phone = serializers.CharField(allow_null=True, help_text="Null until given.")
    role = serializers.ChoiceField(choices=[role.value for role in Role if role is not Role.SYSTEM])
    time_zone = serializers.CharField(allow_null=True, help_text="Null until chosen.")
    language = serializers.CharField(allow_null=True, help_text="Null until chosen.")
    created_at = serializers.DateTimeField()
