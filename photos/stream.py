"""From a changed photo to what happened to it."""

from kernel.outbox import Outbox
from kernel.storage import Row
from photos.domain import PhotoState
from photos.events import EVENT_TYPES, PhotoClaimed, PhotoEvent, PhotoProcessed, PhotoRemoved
from photos.models import PhotoItem


def events_after(row: Row, seen_version: int) -> list[PhotoEvent]:
    """One event for each version of the photo after that one: claimed, perhaps processed, at last removed."""
    return [
        _event_type(row, version)(
            subject_id=row["photo_id"], version=version, occurred_at=row["changed_at"], owner=row["owner"]
        )
        for version in range(seen_version + 1, row["version"] + 1)
    ]


def _event_type(row: Row, version: int) -> type[PhotoEvent]:
    if version == 1:
        return PhotoClaimed
    is_last = version == row["version"]
    return PhotoRemoved if is_last and row["state"] == PhotoState.REMOVED else PhotoProcessed


OUTBOX = Outbox(item=PhotoItem, event_types=EVENT_TYPES, events_after=events_after)
