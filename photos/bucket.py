"""The media bucket: uploads that nobody has claimed yet, and the files of photos.

uploads/<person>/<photo>           removed by the bucket itself after a day
public/<photo>/<digest>-<width>.webp
private/<photo>/<digest>-<width>.webp
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import botocore.session
from botocore.exceptions import ClientError
from django.conf import settings

from kernel.aws import client, client_config
from kernel.values import dataclass
from kernel.web.security_headers import upload_origin
from photos.domain import MAX_UPLOAD_BYTES, Owner

# How long an address to upload to can be used.
UPLOAD_LIFETIME = timedelta(hours=1)
_FOLDERS = ("public", "private")


@dataclass(frozen=True, slots=True)
class Upload:
    """Where and how a file can be uploaded: a form with these fields, and the file as its last one, `file`."""

    photo_id: str
    url: str
    fields: dict[str, str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What lies under an upload's name, as S3 knows it."""

    size: int
    content_type: str


def upload_url() -> str:
    """Where forms are posted to: the bucket by its own name, on AWS; behind the endpoint, elsewhere."""
    path = settings.MEDIA_BUCKET_NAME if settings.AWS_ENDPOINT_URL else ""
    return f"{upload_origin()}/{path}"


def sign_upload(person_id: str, photo_id: str, content_type: str, *, redirect: str | None, now: datetime) -> Upload:
    """The form by which this person can upload one file of this type, for an hour."""
    fields = {"Content-Type": content_type}
    if redirect is not None:
        fields["success_action_redirect"] = redirect
    conditions: list[Any] = [{name: value} for name, value in fields.items()]
    conditions.append(["content-length-range", 1, MAX_UPLOAD_BYTES])
    signed = _signer().generate_presigned_post(
        Bucket=settings.MEDIA_BUCKET_NAME,
        Key=_upload_key(person_id, photo_id),
        Fields=fields,
        Conditions=conditions,
        ExpiresIn=int(UPLOAD_LIFETIME.total_seconds()),
    )
    return Upload(photo_id, upload_url(), dict(signed["fields"]), now + UPLOAD_LIFETIME)


@cache
def _signer() -> Any:
    # By default botocore signs forms by the old rules, which the newer regions refuse.
    return botocore.session.get_session().create_client(
        "s3",
        region_name=settings.AWS_REGION,
        endpoint_url=settings.AWS_ENDPOINT_URL,
        config=client_config(signature_version="s3v4"),
    )


def find_upload(person_id: str, photo_id: str) -> Uploaded | None:
    """What this person has uploaded under this id; None if nothing."""
    try:
        found = client("s3").head_object(Bucket=settings.MEDIA_BUCKET_NAME, Key=_upload_key(person_id, photo_id))
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            return None
        raise
    return Uploaded(found["ContentLength"], found["ContentType"])


def read_upload(person_id: str, photo_id: str) -> bytes | None:
    """The uploaded file; None if it is gone."""
    return _read(_upload_key(person_id, photo_id))


def delete_upload(person_id: str, photo_id: str) -> None:
    """Delete an uploaded file, if it is there."""
    client("s3").delete_object(Bucket=settings.MEDIA_BUCKET_NAME, Key=_upload_key(person_id, photo_id))


def delete_uploads(person_id: str) -> None:
    """Delete all that the person has uploaded and nobody has looked at yet."""
    _delete(key for key, _ in _objects(f"uploads/{person_id}/"))


def write_file(owner: Owner, photo_id: str, name: str, content: bytes) -> None:
    """Keep one size of a photo."""
    client("s3").put_object(
        Bucket=settings.MEDIA_BUCKET_NAME,
        Key=f"{owner.folder}/{photo_id}/{name}",
        Body=content,
        ContentType="image/webp",
    )


def read_file(folder: str, photo_id: str, name: str) -> bytes | None:
    """One size of a photo; None if there is no such file."""
    return _read(f"{folder}/{photo_id}/{name}")


def delete_files(owner: Owner, photo_id: str) -> None:
    """Delete all files of a photo, those of a try that failed as well."""
    _delete(key for key, _ in _objects(f"{owner.folder}/{photo_id}/"))


def kept_photos(before: datetime) -> Iterator[tuple[str, str, list[str]]]:
    """Of each photo that has files, all older than `before`: folder, id and the files' names."""
    for folder in _FOLDERS:
        photo_id, names, is_old = "", list[str](), True
        # By name, so a photo's files come together.
        for key, modified_at in _objects(f"{folder}/"):
            _, found_id, name = key.split("/", 2)
            if found_id != photo_id:
                if photo_id and is_old:
                    yield folder, photo_id, names
                photo_id, names, is_old = found_id, [], True
            names.append(name)
            is_old = is_old and modified_at < before
        if photo_id and is_old:
            yield folder, photo_id, names


def delete_named(folder: str, photo_id: str, names: Sequence[str]) -> None:
    """Delete these files of a photo."""
    _delete(f"{folder}/{photo_id}/{name}" for name in names)


def _upload_key(person_id: str, photo_id: str) -> str:
    return f"uploads/{person_id}/{photo_id}"


def _read(key: str) -> bytes | None:
    try:
        answer = client("s3").get_object(Bucket=settings.MEDIA_BUCKET_NAME, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchKey":
            return None
        raise
    content: bytes = answer["Body"].read()
    return content


def _objects(prefix: str) -> Iterator[tuple[str, datetime]]:
    pages = client("s3").get_paginator("list_objects_v2").paginate(Bucket=settings.MEDIA_BUCKET_NAME, Prefix=prefix)
    for page in pages:
        for each in page.get("Contents", ()):
            yield each["Key"], each["LastModified"]


def _delete(keys: Iterator[str]) -> None:
    # One by one: a photo has three, and a batch needs a permission of another kind.
    for key in keys:
        client("s3").delete_object(Bucket=settings.MEDIA_BUCKET_NAME, Key=key)
