"""The outbox of a table: which versions of its items have been handled.

A write of a new version also writes `outbox_values` into the same item. They keep the item in a sparse index until
all handlers of the version's event are through (`Outbox.mark_handled`). What is still there after a while is published
again by the reconciler: a record of the stream, a message or a handler can be lost, the outbox cannot.

The attributes and the index are stored under older names (`unheardKey`, `announceAt`, `heardVersion`, `unheard-index`).
"""

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from kernel import storage
from kernel.events import Event
from kernel.storage import InstantAttribute, Item, Row
from kernel.values import dataclass

# How long the normal way from the write to the handlers may take before a change is published again.
PUBLISHED_AGAIN_AFTER = timedelta(minutes=5)
# What cannot be handled is published ever less often: it only fills the dead-letter queue until the cause is mended.
PUBLISHED_AGAIN_EVERY = timedelta(days=1)
# Each partition of the index takes a share of all writes.
_SHARDS = 4
OUTBOX_KEYS = tuple(f"unheard#{shard}" for shard in range(_SHARDS))


class OutboxIndex(GlobalSecondaryIndex["OutboxItem"]):
    """Items with a version that is not handled yet, by when it is to be published again: nearly always empty."""

    class Meta:
        index_name = "unheard-index"
        projection = KeysOnlyProjection()

    outbox_key = UnicodeAttribute(hash_key=True, attr_name="unheardKey")
    publish_again_at = InstantAttribute(range_key=True, attr_name="announceAt")


class OutboxItem(Item):
    """Base of the items of a table with an outbox. Versions count from 1, and each version has one event."""

    version = NumberAttribute()
    # Both are written with every version, and removed once all handlers of the last version are through.
    outbox_key = UnicodeAttribute(attr_name="unheardKey", null=True)
    publish_again_at = InstantAttribute(attr_name="announceAt", null=True)
    # Up to which version all events were handled.
    handled_version = NumberAttribute(attr_name="heardVersion", null=True)

    outbox_index = OutboxIndex()


def outbox_values(subject_id: str, changed_at: datetime) -> dict[str, Any]:
    """The attributes to write with a new version of the item with that hash key."""
    return {"outbox_key": _outbox_key(subject_id), "publish_again_at": next_publication(changed_at, changed_at)}


def outbox_actions(item: type[OutboxItem], subject_id: str, changed_at: datetime) -> list[Action]:
    """The changes of an existing item that write these attributes."""
    return [getattr(item, name).set(value) for name, value in outbox_values(subject_id, changed_at).items()]


def outboxed(item: Item, subject_id: str, changed_at: datetime) -> Item:
    """The new item of a table with an outbox, none of whose versions is handled yet."""
    for name, value in {**outbox_values(subject_id, changed_at), "handled_version": 0}.items():
        setattr(item, name, value)
    return item


def next_publication(changed_at: datetime, now: datetime) -> datetime:
    """When a change that is still not handled is published again: the pauses double, up to a day."""
    return now + min(max(now - changed_at, PUBLISHED_AGAIN_AFTER), PUBLISHED_AGAIN_EVERY)


def _outbox_key(subject_id: str) -> str:
    return OUTBOX_KEYS[zlib.crc32(subject_id.encode()) % _SHARDS]


@dataclass(frozen=True, slots=True)
class Outbox:
    """One table's outbox. `events_after` reads off a row what happened to it after a version, oldest first."""

    item: type[OutboxItem]
    event_types: Mapping[str, type[Event]]
    events_after: Callable[[Row, int], Sequence[Event]]

    @property
    def table_name(self) -> str:
        """The table's name in this stage."""
        return str(self.item.Meta.table_name)

    def events_of(self, old_image: Mapping[str, Any] | None, new_image: Mapping[str, Any] | None) -> Sequence[Event]:
        """What happened between two images of an item (DynamoDB's typed attribute values), oldest first.

        A deleted item (no new image) and a change of attributes without a new version have no event.
        """
        if new_image is None:
            return []
        row = self.item.read_row(new_image)
        old_version = int(old_image["version"]["N"]) if old_image else 0
        # Items that come with their past, such as demo data, were handled when it happened.
        return self.events_after(row, max(old_version, row.get("handled_version", 0)))

    def mark_handled(self, *, subject_id: str, version: int) -> None:
        """Record that all handlers of this version's event are through.

        Versions are recorded in order: while an earlier one is missing, nothing changes, and the reconciler publishes
        the missing one and this one again. May be repeated.
        """
        is_next = self._is_next(version)
        handled = self.item.handled_version.set(version)
        is_last = self.item.version == version
        try:
            self._update(
                subject_id,
                [handled, self.item.outbox_key.remove(), self.item.publish_again_at.remove()],
                is_next & is_last,
            )
        except storage.ConditionFailedError as failure:
            stored = failure.failed["item"]
            if stored is None or stored.get("handled_version", version - 1) != version - 1:
                return
            # There is a newer version, whose event is still on its way: the item stays in the index.
            self._update_if(subject_id, [handled], is_next)

    def unhandled(self, now: datetime) -> Iterator[Row]:
        """The items with a version that is to be published again by now.

        One Query for each shard and hundred items, and one BatchGetItem for each hundred.
        """
        is_due = self.item.publish_again_at <= now
        index = OutboxIndex.Meta.index_name
        for row in storage.current_rows(self.item, OUTBOX_KEYS, index=index, range_condition=is_due):
            # The index lags behind: the item may have been handled, or published again, since.
            if row.get("publish_again_at") and row["publish_again_at"] <= now:
                yield row

    def unhandled_events(self, row: Row) -> Sequence[Event]:
        """The events of an item that are not handled yet, oldest first."""
        return self.events_after(row, row.get("handled_version", 0))

    def note_published_again(self, event: Event, now: datetime) -> None:
        """Let the reconciler leave the item alone for a while, unless it was changed or handled meanwhile.

        `event` is the one of the item's last version.
        """
        is_same = (self.item.version == event.version) & self.item.outbox_key.exists()
        again_at = self.item.publish_again_at.set(next_publication(event.occurred_at, now))
        self._update_if(event.subject_id, [again_at], is_same)

    def _is_next(self, version: int) -> Any:
        # Items written before their table had an outbox have no handled version.
        return (self.item.handled_version == version - 1) | self.item.handled_version.does_not_exist()

    def _update_if(self, subject_id: str, actions: list[Any], condition: Any) -> None:
        try:
            self._update(subject_id, actions, condition)
        except storage.ConditionFailedError:
            return

    def _update(self, subject_id: str, actions: list[Any], condition: Any) -> None:
        condition &= self.item.version.exists()
        storage.write(storage.update("item", self.item, subject_id, actions=actions, condition=condition))
