"""What happens to a photo, for everyone who wants to know. Names and fields are a public contract."""

from kernel.events import Event
from kernel.values import dataclass
from photos.domain import Owner


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoEvent(Event):
    """Base. `owner` is whose photo it is: `provider:<id>`, `service:<id>` or `booking:<id>`."""

    type = ""
    owner: str

    @property
    def photo_id(self) -> str:
        return self.subject_id

    @property
    def belongs_to(self) -> Owner:
        return Owner.parse(self.owner)


class PhotoClaimed(PhotoEvent):
    """An upload became an owner's photo; what it is nobody has looked at yet."""

    type = "photo.claimed"


class PhotoProcessed(PhotoEvent):
    """The upload was looked at: it is ready to be shown, or refused."""

    type = "photo.processed"


class PhotoRemoved(PhotoEvent):
    """The photo is its owner's no more; its files are to go."""

    type = "photo.removed"


EVENT_TYPES: dict[str, type[Event]] = {event.type: event for event in (PhotoClaimed, PhotoProcessed, PhotoRemoved)}
