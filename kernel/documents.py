"""Documents: private files in S3 that are written once and read through addresses that soon expire.

The Django storage `documents` (`django.core.files.storage.storages`). Importing it loads boto3: let only code that
needs a document ask for it.
"""

from typing import Any

from botocore.exceptions import ClientError
from django.conf import settings
from django.core.files.base import File
from storages.backends.s3 import S3Storage

from kernel.aws import client_config
from kernel.storage import retrying


class DocumentStorage(S3Storage):
    """django-storages' S3, where a name is never given to a second content.

    `save` raises `FileExistsError` for a name that is taken: S3 itself decides, so two writers at once cannot both
    succeed; `BusyError` while S3 cannot decide. `open` raises `FileNotFoundError`. `url` signs an address for
    `LINK_SECONDS`, unless told otherwise.
    """

    LINK_SECONDS = 300

    def get_default_settings(self) -> dict[str, Any]:
        return {
            **super().get_default_settings(),
            "bucket_name": settings.DOCUMENTS_BUCKET_NAME,
            "region_name": settings.AWS_REGION,
            "endpoint_url": settings.AWS_ENDPOINT_URL,
            "querystring_expire": self.LINK_SECONDS,
            # Version 2 signatures, the default for links, are refused by the newer regions.
            "client_config": client_config(signature_version="s3v4"),
        }

    def _open(self, name: str, mode: str = "rb") -> Any:
        try:
            return super()._open(name, mode)
        except ClientError as error:
            # To who may not list the bucket, as our functions may not, S3 does not say whether there is such a name.
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 403:
                raise FileNotFoundError(name) from error
            raise

    def _get_write_parameters(self, name: str, content: "File[bytes] | None" = None) -> dict[str, Any]:
        return {**super()._get_write_parameters(name, content), "IfNoneMatch": "*"}

    def _save(self, name: str, content: "File[bytes]") -> str:
        body, parameters = content.read(), self._get_write_parameters(name, content)

        def put() -> None:
            # The upload of django-storages takes no condition.
            try:
                self.connection.meta.client.put_object(Bucket=self.bucket_name, Key=name, Body=body, **parameters)
            except ClientError as error:
                code = error.response["Error"]["Code"]
                if code == "PreconditionFailed":
                    raise FileExistsError(name) from error
                if code == "ConditionalRequestConflict":
                    raise _UndecidedError(name) from error
                raise

        retrying(put, after=_UndecidedError)
        return name


class _UndecidedError(Exception):
    """Another upload of the same name is under way: S3 asks to try again once it has ended."""
