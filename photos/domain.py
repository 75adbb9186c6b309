"""What a photo is, what becomes of an upload, and the list of photos that an owner has."""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from kernel.errors import ConflictError, InvalidInputError, NotFoundError
from kernel.sentences import Sentence, sentence
from kernel.values import dataclass

# What may be uploaded, and how the files begin to be called.
CONTENT_TYPES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
# What a browser says of a file without JavaScript: nothing.
UNKNOWN_TYPE = "application/octet-stream"
MAX_UPLOAD_BYTES = 15 * 1024 * 1024
# Of a decoded picture; more is what only bombs and scanners make.
MAX_PIXELS = 50_000_000
MAX_SIDE = 12_000
# In pixels; a smaller picture has its own width as its largest.
WIDTHS = (320, 960, 1600)

_PHOTO_ID = re.compile(r"[0-9a-f]{32}")
_FILE_NAME = re.compile(r"([0-9a-f]{16})-([1-9][0-9]{0,3})\.webp")


class PhotoState(StrEnum):
    """What has become of a claimed upload."""

    PENDING = "pending"
    READY = "ready"
    REFUSED = "refused"
    # Its files are to be deleted, and then it is forgotten.
    REMOVED = "removed"


class Refusal(StrEnum):
    """Why an upload is shown to nobody."""

    NOT_A_PICTURE = "not_a_picture"
    WRONG_TYPE = "wrong_type"
    TOO_LARGE = "too_large"
    TOO_MANY_PIXELS = "too_many_pixels"
    GONE = "gone"


REFUSALS: dict[Refusal, Sentence] = {
    Refusal.NOT_A_PICTURE: sentence("This file is no JPEG, PNG or WebP picture, or it is damaged."),
    Refusal.WRONG_TYPE: sentence("This file is of another type than it says."),
    Refusal.TOO_LARGE: sentence(
        "This file is too large: a photo may have %(most)s\u00a0MB.", most=MAX_UPLOAD_BYTES >> 20
    ),
    Refusal.TOO_MANY_PIXELS: sentence(
        "This picture is too large: it may have %(most)s megapixels and %(side)s pixels on each side.",
        most=MAX_PIXELS // 1_000_000,
        side=MAX_SIDE,
    ),
    Refusal.GONE: sentence("The file is not there any more. Please upload it again."),
}


class OwnerKind(StrEnum):
    """The kinds of things that have photos. Those of a booking are for its parties alone."""

    PROVIDER = "provider"
    SERVICE = "service"
    BOOKING = "booking"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom a photo belongs to."""

    kind: OwnerKind
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Owner":
        """The owner that `str` wrote. Raises `ValueError`."""
        kind, _, owner_id = text.partition(":")
        return cls(OwnerKind(kind), owner_id)

    @property
    def is_public(self) -> bool:
        """Whether everyone may see its photos."""
        return self.kind is not OwnerKind.BOOKING

    @property
    def folder(self) -> str:
        """Where in the bucket the files of its photos are."""
        return "public" if self.is_public else "private"


@dataclass(frozen=True, slots=True)
class PhotoFile:
    """One size of a photo: its name tells it, and the same name is always the same picture."""

    name: str
    width: int


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo as its owner's item has it. `width` and `height` are the largest file's, once it is ready."""

    photo_id: str
    state: PhotoState = PhotoState.PENDING
    width: int = 0
    height: int = 0
    digest: str = ""
    refusal: Refusal | None = None

    @property
    def is_ready(self) -> bool:
        return self.state is PhotoState.READY

    @property
    def files(self) -> tuple[PhotoFile, ...]:
        """The smallest first; none before it is ready."""
        if not self.is_ready:
            return ()
        return tuple(PhotoFile(f"{self.digest}-{width}.webp", width) for width in file_widths(self.width))

    @property
    def reason(self) -> Sentence | None:
        """Why it was refused, for people."""
        return REFUSALS[self.refusal] if self.refusal else None


Photos = tuple[Photo, ...]


def file_widths(width: int) -> tuple[int, ...]:
    """The widths in which a picture of that width is kept, ascending."""
    largest = min(width, WIDTHS[-1])
    return (*(each for each in WIDTHS if each < largest), largest)


def is_file_name(name: str) -> bool:
    """Whether a photo's file can be called that."""
    return _FILE_NAME.fullmatch(name) is not None


def is_photo_id(text: str) -> bool:
    """Whether a photo can have that id."""
    return _PHOTO_ID.fullmatch(text) is not None


def check_photo_id(text: str, field: str = "upload") -> str:
    """Raises `InvalidInputError` naming `field` unless an upload can have that id."""
    if not is_photo_id(text):
        raise InvalidInputError.of(field, sentence("Give the id of an upload, as you were told it."))
    return text


# --- An owner's list -------------------------------------------------------------------------------------------------


def cover(photos: Photos) -> Photo | None:
    """The photo that stands for the owner in lists: the first that is ready."""
    return next((photo for photo in photos if photo.is_ready), None)


def with_claimed(photos: Photos, photo_ids: Sequence[str], *, most: int) -> Photos:
    """The list with these uploads at its end, those that it has already left where they are.

    Raises `ConflictError` (`too_many_photos`) for more than `most`.
    """
    known = {photo.photo_id for photo in photos}
    after = (*photos, *(Photo(photo_id) for photo_id in dict.fromkeys(photo_ids) if photo_id not in known))
    if len(after) > max(most, len(photos)):
        raise ConflictError(
            sentence("There can be %(most)s photos. Remove one first.", most=most), code="too_many_photos"
        )
    return after


def without(photos: Photos, photo_id: str) -> Photos:
    """The list without this photo. Raises `NotFoundError` if it has no such photo."""
    after = tuple(photo for photo in photos if photo.photo_id != photo_id)
    if len(after) == len(photos):
        raise photo_not_found()
    return after


def photo_not_found() -> NotFoundError:
    """There is none of this id, or it is another's."""
    return NotFoundError(sentence("There is no such photo."))


def in_order(photos: Photos, photo_ids: Iterable[str]) -> Photos:
    """The photos in the order of these ids. Raises `InvalidInputError` unless each is named once."""
    by_id = {photo.photo_id: photo for photo in photos}
    ids = list(photo_ids)
    if sorted(ids) != sorted(by_id):
        raise InvalidInputError.of("order", sentence("Name each of the photos once, and no others."))
    return tuple(by_id[photo_id] for photo_id in ids)


def with_outcome(photos: Photos, outcome: Photo) -> Photos:
    """The list with what became of one of its photos; the same list if that is not in it."""
    return tuple(outcome if photo.photo_id == outcome.photo_id else photo for photo in photos)


# --- How items store it ----------------------------------------------------------------------------------------------


def photo_value(photo: Photo) -> dict[str, Any]:
    """A photo in JSON, without what it has by default."""
    value: dict[str, Any] = {"id": photo.photo_id, "state": photo.state.value}
    if photo.is_ready:
        value |= {"width": photo.width, "height": photo.height, "digest": photo.digest}
    if photo.refusal:
        value["refusal"] = photo.refusal.value
    return value


def read_photo(value: dict[str, Any]) -> Photo:
    """The photo that `photo_value` wrote; what else the value has does not matter."""
    return Photo(
        photo_id=value["id"],
        state=PhotoState(value["state"]),
        width=value.get("width", 0),
        height=value.get("height", 0),
        digest=value.get("digest", ""),
        refusal=Refusal(value["refusal"]) if "refusal" in value else None,
    )


def photo_values(photos: Photos) -> list[dict[str, Any]] | None:
    """A list of photos in JSON; None for none."""
    return [photo_value(photo) for photo in photos] or None


def read_photos(values: Iterable[dict[str, Any]] | None) -> Photos:
    """The list that `photo_values` wrote."""
    return tuple(read_photo(value) for value in values or ())
