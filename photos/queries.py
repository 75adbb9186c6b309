"""Reads of photos. Their owners' items have what is shown; this is where it comes from."""

from kernel import storage
from photos import bucket
from photos.domain import Photo, PhotoState, is_file_name, is_photo_id, photo_not_found, read_photo
from photos.models import PhotoItem


def get_outcome(photo_id: str) -> Photo | None:
    """What has become of a photo by now; None while nobody has looked at it, and once it was removed."""
    row = storage.get_row(PhotoItem, photo_id)
    if row is None or row["state"] not in (PhotoState.READY, PhotoState.REFUSED):
        return None
    return read_photo({"id": photo_id, **row})


def get_public_file(photo_id: str, name: str) -> bytes:
    """A file of a photo that everyone may see. Raises `NotFoundError`."""
    return _file("public", photo_id, name)


def get_private_file(photo_id: str, name: str) -> bytes:
    """A file of a photo that whoever asks was found to be allowed to see. Raises `NotFoundError`."""
    return _file("private", photo_id, name)


def _file(folder: str, photo_id: str, name: str) -> bytes:
    content = bucket.read_file(folder, photo_id, name) if is_photo_id(photo_id) and is_file_name(name) else None
    if content is None:
        raise photo_not_found()
    return content
