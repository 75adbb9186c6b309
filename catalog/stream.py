"""From a changed provider to what happened to it."""

from catalog.events import EVENT_TYPES, ProviderChanged, ProviderReinstated, ProviderSuspended
from catalog.models import ProviderItem
from kernel.outbox import Outbox
from kernel.storage import Row


def events_after(row: Row, seen_version: int) -> list[ProviderChanged]:
    """One event for each version of the provider after that one."""
    return [
        _event_type(row, version)(subject_id=row["provider_id"], version=version, occurred_at=row["updated_at"])
        for version in range(seen_version + 1, row["version"] + 1)
    ]


def _event_type(row: Row, version: int) -> type[ProviderChanged]:
    if version != row.get("suspension_version"):
        return ProviderChanged
    return ProviderSuspended if row.get("suspended_at") else ProviderReinstated


OUTBOX = Outbox(item=ProviderItem, event_types=EVENT_TYPES, events_after=events_after)
