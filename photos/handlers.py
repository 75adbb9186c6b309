"""What a photo's event sets going inside this app."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from photos import services, tasks
from photos.events import PhotoClaimed, PhotoRemoved


def look_at_upload(event: PhotoClaimed, now: datetime) -> None:
    """Have the upload looked at. May be repeated: only the first to finish changes anything."""
    tasks.process.delay(event.photo_id)


def delete_files(event: PhotoRemoved, now: datetime) -> None:
    """Delete the files, and then what is known of the photo. May be repeated."""
    services.forget_photo(photo_id=event.photo_id)


# By type of event; a handler takes the events of its type and the present instant.
HANDLERS: dict[str, tuple[Callable[[Any, datetime], None], ...]] = {
    PhotoClaimed.type: (look_at_upload,),
    PhotoRemoved.type: (delete_files,),
}
