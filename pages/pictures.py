"""Photos as pages show them: sizes and addresses for the browser to choose from, and the list that is managed."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.urls import reverse

from bookings.domain import MAX_JOB_PHOTOS
from catalog.services import MAX_PROVIDER_PHOTOS, MAX_SERVICE_PHOTOS
from kernel.values import dataclass
from kernel.wording.sentences import in_words
from photos.domain import CONTENT_TYPES, MAX_UPLOAD_BYTES, Owner, OwnerKind, Photo, Photos

_MOST = {
    OwnerKind.PROVIDER: MAX_PROVIDER_PHOTOS,
    OwnerKind.SERVICE: MAX_SERVICE_PHOTOS,
    OwnerKind.BOOKING: MAX_JOB_PHOTOS,
}


@dataclass(frozen=True, slots=True)
class Picking:
    """What a browser lets people choose: files of the types in `accepted`, `most` of them, each up to so many bytes."""

    most: int
    accepted: str = ",".join(CONTENT_TYPES)
    most_bytes: int = MAX_UPLOAD_BYTES

    @property
    def megabytes(self) -> int:
        return self.most_bytes >> 20


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo; without files, it is not ready, or was refused for a reason. `width` and `height` are the largest's."""

    photo_id: str
    files: tuple[tuple[str, int], ...]
    width: int
    height: int
    reason: str = ""

    @property
    def is_ready(self) -> bool:
        return bool(self.files)

    @property
    def small(self) -> str:
        """The address of the smallest file."""
        return self.files[0][0]

    @property
    def large(self) -> str:
        """The address of the largest file."""
        return self.files[-1][0]

    @property
    def srcset(self) -> str:
        return ", ".join(f"{address} {width}w" for address, width in self.files)


@dataclass(frozen=True, slots=True)
class Gallery:
    """An owner's photos, for whoever adds, orders and removes them at `address`; `back` is where they came from."""

    pictures: tuple[Picture, ...]
    address: str
    add_address: str
    picking: Picking
    back: str
    is_ordered: bool

    @property
    def has_room(self) -> bool:
        return len(self.pictures) < self.picking.most

    @property
    def is_waiting(self) -> bool:
        """Whether something becomes of one of them within seconds."""
        return any(not picture.is_ready and not picture.reason for picture in self.pictures)


def picture_of(photo: Photo, booking_id: str = "") -> Picture:
    """The photo of a provider or service, or of the job of a booking."""
    files = []
    for file in photo.files:
        if booking_id:
            address = reverse("job-photo", args=[booking_id, photo.photo_id, file.name])
        else:
            address = reverse("public-photo", args=[photo.photo_id, file.name])
        files.append((address, file.width))
    reason = in_words(photo.reason) if photo.reason else ""
    return Picture(photo.photo_id, tuple(files), photo.width, photo.height, reason)


def cover_of(photo: Photo | None) -> Picture | None:
    """The photo that stands for a provider in lists."""
    return picture_of(photo) if photo else None


def shown(photos: Photos, booking_id: str = "") -> Sequence[Picture]:
    """The photos that are ready."""
    return [picture_of(photo, booking_id) for photo in photos if photo.is_ready]


def gallery(owner: Owner, photos: Photos, *, back: str) -> Gallery:
    """The photos for components/photos.html."""
    job = owner.id if owner.kind is OwnerKind.BOOKING else ""
    return Gallery(
        pictures=tuple(picture_of(photo, job) for photo in photos),
        address=reverse("photos", args=[owner.kind.value, owner.id]),
        # Whoever adds one on a page of its own comes back, too.
        add_address=f"{reverse('add-photo', args=[owner.kind.value, owner.id])}?{urlencode({'next': back})}",
        picking=Picking(_MOST[owner.kind]),
        back=back,
        # Those of a job are shown as they came.
        is_ordered=owner.kind is not OwnerKind.BOOKING,
    )
