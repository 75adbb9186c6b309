"""From a changed provider to what happened to it."""

from catalog.events import EVENT_TYPES, ProviderChanged
from catalog.models import ProviderItem
from kernel.outbox import Outbox
from kernel.storage import Row


def events_after(row: Row, seen_version: int) -> list[ProviderChanged]:
    """One event for each version of the provider after that one."""
    return [
        ProviderChanged(subject_id=row["provider_id"], version=version, occurred_at=row["updated_at"])
        for version in range(seen_version + 1, row["version"] + 1)
    ]


OUTBOX = Outbox(item=ProviderItem, event_types=EVENT_TYPES, events_after=events_after)
