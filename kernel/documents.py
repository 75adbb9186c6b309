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


class DocumentStorage(S3Storage):
    """django-storages' S3, where a name is never given to a second content.

    `save` raises `FileExistsError` for a name that is taken: S3 itself decides, so two writers at once cannot both
    succeed. `open` raises `FileNotFoundError`. `url` signs an address for `LINK_SECONDS`, unless told otherwise.
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

    def _save(self, name: str, content: "File[bytes]") -> str:
        # The upload of django-storages takes no condition.
        try:
            self.connection.meta.client.put_object(
                Bucket=self.bucket_name,
                Key=name,
                Body=content.read(),
                IfNoneMatch="*",
                **self._get_write_parameters(name, content),
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "PreconditionFailed":
                raise FileExistsError(name) from error
            raise
        return name
