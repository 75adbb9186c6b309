"""Pictures made by code, uploaded as a browser does, and brought to where the background work would bring them."""

import io
from typing import Any

import httpx
from PIL import Image

from kernel import clock, storage
from kernel.actors import Actor
from marketplace.background.queues import handle_event
from photos.domain import PhotoState
from photos.models import PhotoItem
from photos.services import ask_for_upload, process_photo
from photos.stream import OUTBOX


def picture(width: int = 400, height: int = 300, format_: str = "JPEG", mode: str = "RGB", **options: Any) -> bytes:
    """A file with a picture: red on the left, blue on the right."""
    image = Image.new("RGB", (width, height), (200, 30, 30))
    image.paste((30, 30, 200), (width // 2, 0, width, height))
    buffer = io.BytesIO()
    image.convert(mode).save(buffer, format_, **options)
    return buffer.getvalue()


def post_upload(
    actor: Actor, content: bytes, content_type: str = "image/jpeg", **changes: str | None
) -> tuple[str, httpx.Response]:
    """The id of an upload, and what the bucket answered to its form with some fields changed, or left out (None)."""
    upload = ask_for_upload(actor=actor, content_type=content_type, now=clock.now())
    fields = {**upload.fields, **{name.replace("_", "-"): value for name, value in changes.items()}}
    sent = {name: value for name, value in fields.items() if value is not None}
    with httpx.Client(trust_env=False) as client:
        return upload.photo_id, client.post(upload.url, data=sent, files={"file": ("photo", content)})


def upload(actor: Actor, content: bytes | None = None, content_type: str = "image/jpeg") -> str:
    """The id of a file that this person has uploaded."""
    upload_id, response = post_upload(actor, picture() if content is None else content, content_type)
    assert response.status_code in (200, 201, 204), response.text
    return upload_id


def settle(*photo_ids: str) -> None:
    """Let everything happen that the photos' events set going, as stream, queue and worker would."""
    for photo_id in photo_ids:
        while (row := storage.get_row(PhotoItem, photo_id)) is not None:
            events = OUTBOX.unhandled_events(row)
            for event in events:
                handle_event(event, clock.now())
            if row["state"] == PhotoState.PENDING:
                process_photo(photo_id=photo_id, now=clock.now())
            elif not events:
                break
