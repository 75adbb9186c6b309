"""From an uploaded file to the pictures that are shown: decoded, upright, small, and without all that it said beside.

Loads Pillow, which only the events function has: nothing that answers a request may import this.
"""

import hashlib
import io
import struct
from collections.abc import Mapping
from contextlib import suppress

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from kernel.values import dataclass
from photos.domain import CONTENT_TYPES, MAX_PIXELS, MAX_SIDE, UNKNOWN_TYPE, WIDTHS, Refusal, file_widths

# A JPEG with a second picture behind it, as some telephones make them.
_SAME_AS = {"MPO": "JPEG"}
# What Pillow raises for files that are none, or no whole ones.
_DAMAGED = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, struct.error)
_QUALITY = 80
# Beyond it Pillow itself refuses; we look before anything is decoded.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
# The colours that every screen takes for granted where a file says nothing of its own.
_SRGB = ImageCms.createProfile("sRGB")


class RefusedPictureError(Exception):
    """The file is not shown; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Pictures:
    """What is shown: the files by name, and the size of the largest."""

    digest: str
    width: int
    height: int
    files: Mapping[str, bytes]


def make_pictures(content: bytes, content_type: str) -> Pictures:
    """The sizes of an uploaded picture, as WebP. Raises `RefusedPictureError`.

    The same content gives the same names.
    """
    is_known = content_type != UNKNOWN_TYPE
    upright = _decoded(content, (CONTENT_TYPES.get(content_type, ""),) if is_known else tuple(CONTENT_TYPES.values()))
    digest = hashlib.sha256(content).hexdigest()[:16]
    files: dict[str, bytes] = {}
    smaller = upright
    # Each from the one before it: half the work, and nobody sees it.
    for width in reversed(file_widths(upright.width)):
        height = max(1, round(upright.height * width / upright.width))
        smaller = smaller.resize((width, height), Image.Resampling.LANCZOS)
        # Nothing of what the file said beside its picture is written again.
        smaller.info = {}
        buffer = io.BytesIO()
        smaller.save(buffer, "WEBP", quality=_QUALITY, exif=b"", xmp=b"", icc_profile=b"")
        files[f"{digest}-{width}.webp"] = buffer.getvalue()
    largest = file_widths(upright.width)[-1]
    return Pictures(digest, largest, max(1, round(upright.height * largest / upright.width)), files)


def _decoded(content: bytes, expected: tuple[str, ...]) -> Image.Image:
    """The picture, upright and in plain colours."""
    try:
        with Image.open(io.BytesIO(content), formats=tuple(CONTENT_TYPES.values())) as picture:
            if _SAME_AS.get(picture.format or "", picture.format) not in expected:
                raise RefusedPictureError(Refusal.WRONG_TYPE)
            if picture.width * picture.height > MAX_PIXELS or max(picture.size) > MAX_SIDE:
                raise RefusedPictureError(Refusal.TOO_MANY_PIXELS)
            # A JPEG is decoded no larger than it is needed.
            picture.draft("RGB", (2 * WIDTHS[-1], 2 * WIDTHS[-1]))
            return _in_plain_colours(ImageOps.exif_transpose(picture))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise RefusedPictureError(Refusal.TOO_MANY_PIXELS) from error
    except (UnidentifiedImageError, *_DAMAGED) as error:
        raise RefusedPictureError(Refusal.NOT_A_PICTURE) from error


def _in_plain_colours(picture: Image.Image) -> Image.Image:
    """In the red, green and blue of sRGB; what can be seen through lies on white."""
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith("I"):
        # Greys of 16 bits, of which a conversion would take all but the darkest for white.
        picture.info.pop("transparency", None)
        picture = picture.point(lambda grey: grey * (1 / 257)).convert("L")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture)
    if picture.mode != "CMYK":
        picture = picture.convert("RGB")
    if profile:
        # Telephones take pictures in more colours than sRGB has: without their profile, these would look dull. A
        # profile that is damaged, or is for greys, says nothing of these numbers.
        with suppress(ImageCms.PyCMSError):
            picture = ImageCms.profileToProfile(picture, io.BytesIO(profile), _SRGB, outputMode="RGB") or picture
    return picture.convert("RGB")
