"""A few photos for the demo data: drawn by code, and brought in as anybody's are."""

import io
from random import Random

from django.conf import settings
from PIL import Image, ImageDraw, ImageOps

from catalog.services import claim_photo, keep_outcome
from kernel import clock
from kernel.actors import Actor
from kernel.aws import client
from marketplace.laptop.demo.chance import seeded
from photos.domain import Owner
from photos.queries import get_outcome
from photos.services import ask_for_upload, process_photo

_SIZE = (640, 480)
# Evening and ground, wall, roof and door.
_COLOURS = (
    ("#f2c48d", "#7fa3b8", "#efe6d5", "#8a4b3a", "#2f5d50"),
    ("#dfe9ee", "#9cc0a8", "#f5f1e6", "#3f4a52", "#a8452f"),
    ("#f7dcc4", "#b98f7a", "#e9eef0", "#5a6b7a", "#33475b"),
    ("#cfe3f3", "#86a86f", "#fbf3df", "#6e4a35", "#1f4f6b"),
    ("#fbe6c2", "#c7a36f", "#dfe5dc", "#4b5940", "#7a2f3b"),
)


def add_photo(owner: Owner, person: Actor, seed: str) -> None:
    """Give a provider or service one more photo: always the same for the same seed."""
    now = clock.now()
    upload = ask_for_upload(actor=person, content_type="image/jpeg", now=now)
    client("s3").put_object(
        Bucket=settings.MEDIA_BUCKET_NAME,
        Key=upload.fields["key"],
        Body=draw(seeded("photo", seed)),
        ContentType="image/jpeg",
    )
    claim_photo(actor=person, owner=owner, upload_id=upload.photo_id, now=now)
    # Without waiting for the pump and the worker, which find it done.
    process_photo(photo_id=upload.photo_id, now=now)
    outcome = get_outcome(upload.photo_id)
    if outcome is not None:
        keep_outcome(owner=owner, outcome=outcome)


def draw(chance: Random) -> bytes:
    """A house in the evening, as a JPEG."""
    sky, ground, wall, roof, door = chance.choice(_COLOURS)
    picture = ImageOps.colorize(Image.linear_gradient("L").resize(_SIZE), sky, ground)
    pen = ImageDraw.Draw(picture)
    pen.ellipse((410, 40, 500, 130), fill="#fff3d6")
    pen.rectangle((0, 370, 640, 480), fill=ground)
    left = chance.randrange(95, 200)
    right, top = left + chance.randrange(250, 320), chance.randrange(175, 225)
    middle = (left + right) // 2
    pen.rectangle((left, top, right, 410), fill=wall)
    pen.polygon([(left - 26, top), (middle, top - 100), (right + 26, top)], fill=roof)
    pen.rectangle((middle - 28, 305, middle + 28, 410), fill=door)
    for x in (left + 34, right - 87):
        pen.rectangle((x, top + 40, x + 53, top + 100), fill="#ffe9a8", outline=roof, width=4)
    for _ in range(chance.randrange(2, 5)):
        x = chance.randrange(14, 626)
        pen.rectangle((x - 4, 345, x + 4, 400), fill="#5b4636")
        pen.ellipse((x - 33, 280, x + 33, 360), fill="#3f6b4f")
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()
