"""No page takes files: pictures go straight to their bucket, by an address that the site signs."""

from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class UnexpectedUploadError(BadRequest):
    """A form was sent with a file that nobody asked for."""


class NoUploads(FileUploadHandler):
    """Refuses a form that is too large before anything of it is read, and any other at its first file."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],  # noqa: N803  (Django's name)
        content_length: int,
        *arguments: Any,
        **options: Any,
    ) -> None:
        if content_length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig("The form is too large.")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        raise UnexpectedUploadError("This page takes no files.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Never called: a file is refused when it begins."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Never called."""
