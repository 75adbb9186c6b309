"""What the API of photos takes in, and, for the OpenAPI document alone, what it answers."""

from typing import Any

from rest_framework import serializers

from kernel.web.rest_fields import IdField
from photos.domain import CONTENT_TYPES, PhotoState


class UploadRequest(serializers.Serializer[Any]):
    """What is to be uploaded."""

    content_type = serializers.ChoiceField(choices=list(CONTENT_TYPES))


class UploadClaim(serializers.Serializer[Any]):
    """An upload that becomes a photo."""

    upload = IdField(help_text="The id that you were told when you asked for the upload.")


class PhotoOrder(serializers.Serializer[Any]):
    """The order in which photos are shown."""

    order = serializers.ListField(child=IdField(), max_length=50, help_text="The ids of all photos, the first first.")


class UploadSchema(serializers.Serializer[Any]):
    """Where to POST a form (multipart/form-data) of these fields, with the file as its last one, named `file`."""

    id = serializers.CharField()
    url = serializers.CharField()
    fields_ = serializers.DictField(child=serializers.CharField())
    expires_at = serializers.DateTimeField()
    max_bytes = serializers.IntegerField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # A serializer has an attribute of that name itself.
        return {name.rstrip("_"): field for name, field in super().get_fields().items()}


class PhotoFileSchema(serializers.Serializer[Any]):
    """One size of a photo; its address is another once the picture is."""

    url = serializers.CharField()
    width = serializers.IntegerField()


class PhotoSchema(serializers.Serializer[Any]):
    """A photo that is ready; width and height are the largest file's."""

    id = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    files = PhotoFileSchema(many=True, help_text="The smallest first.")


class OwnPhotoSchema(PhotoSchema):
    """A photo, and what has become of its upload."""

    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    state = serializers.ChoiceField(choices=[PhotoState.PENDING, PhotoState.READY, PhotoState.REFUSED])
    reason = serializers.CharField(allow_null=True, help_text="Why it was refused, in a sentence.")
