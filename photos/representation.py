"""Photos as the API shows them: plain dicts, ready for JSON."""

from typing import Any

from django.conf import settings

from photos.bucket import Upload
from photos.domain import MAX_UPLOAD_BYTES, Photo, Photos


def represent_upload(upload: Upload) -> dict[str, Any]:
    """Where and how to upload a picture."""
    return {
        "id": upload.photo_id,
        "url": upload.url,
        "fields": upload.fields,
        "expires_at": upload.expires_at,
        "max_bytes": MAX_UPLOAD_BYTES,
    }


def represent_photos(photos: Photos) -> list[dict[str, Any]]:
    """What everyone sees of a provider's or service's photos: those that are ready."""
    return [represent_public_photo(photo) for photo in photos if photo.is_ready]


def represent_public_photo(photo: Photo) -> dict[str, Any]:
    """A photo that is ready, for everyone."""
    return _represent(photo, f"/media/public/{photo.photo_id}")


def represent_own_photo(photo: Photo) -> dict[str, Any]:
    """A provider's or service's photo for whoever manages it, ready or not."""
    return represent_public_photo(photo) | _represent_state(photo)


def represent_job_photo(photo: Photo, booking_id: str) -> dict[str, Any]:
    """A photo of a job for the parties of its booking, who have to show who they are to see its files."""
    return _represent(photo, f"/media/bookings/{booking_id}/{photo.photo_id}") | _represent_state(photo)


def _represent(photo: Photo, folder: str) -> dict[str, Any]:
    files = [{"url": f"{settings.SITE_URL}{folder}/{file.name}", "width": file.width} for file in photo.files]
    size = {"width": photo.width, "height": photo.height} if photo.is_ready else {"width": None, "height": None}
    return {"id": photo.photo_id, **size, "files": files}


def _represent_state(photo: Photo) -> dict[str, Any]:
    return {"state": photo.state, "reason": str(photo.reason) if photo.reason else None}
