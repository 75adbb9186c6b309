"""From a changed ping to what happened to it."""

from kernel.outbox import Outbox
from kernel.storage import Row
from tests.ping.events import EVENT_TYPES, PingSent
from tests.ping.models import PingItem


def events_after(row: Row, seen_version: int) -> list[PingSent]:
    return [
        PingSent(subject_id=row["ping_id"], version=number, occurred_at=row["created_at"], person_id=row["person_id"])
        for number in range(seen_version + 1, row["version"] + 1)
    ]


OUTBOX = Outbox(item=PingItem, event_types=EVENT_TYPES, events_after=events_after)
