"""The audit log: what admins did, written in the transaction of the change itself, never changed and never deleted."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext
from pynamodb.attributes import JSONAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from kernel import storage
from kernel.actors import Actor
from kernel.clock import now, ticks
from kernel.storage import InstantAttribute, Item, Row, Write, physical_name
from kernel.values import dataclass

# All entries are in one partition of the list's index: admins write few.
LIST_KEY = "all"
LIST_INDEX = "list-index"
ACTOR_INDEX = "actor-index"


class AuditListIndex(GlobalSecondaryIndex["AuditItem"]):
    """All entries by time."""

    class Meta:
        index_name = LIST_INDEX
        projection = AllProjection()

    list_key = UnicodeAttribute(hash_key=True, attr_name="listKey")
    entry_id = UnicodeAttribute(range_key=True, attr_name="entryId")


class AuditActorIndex(GlobalSecondaryIndex["AuditItem"]):
    """What one person did, by time."""

    class Meta:
        index_name = ACTOR_INDEX
        projection = AllProjection()

    actor_id = UnicodeAttribute(hash_key=True, attr_name="actorId")
    entry_id = UnicodeAttribute(range_key=True, attr_name="entryId")


class AuditItem(Item):
    """One thing that an admin did. `subject` is `<app>.<model>#<key>`; `entry_id` sorts by time."""

    class Meta:
        table_name = physical_name("audit-log-table")

    subject = UnicodeAttribute(hash_key=True)
    entry_id = UnicodeAttribute(range_key=True, attr_name="entryId")
    list_key = UnicodeAttribute(attr_name="listKey")
    at = InstantAttribute()
    actor_id = UnicodeAttribute(attr_name="actorId")
    actor_role = UnicodeAttribute(attr_name="actorRole")
    action = UnicodeAttribute()
    # "done", or "intended" for what another system has yet to do.
    outcome = UnicodeAttribute()
    # Attribute → [old, new], or null where the values are personal.
    changes = JSONAttribute()
    reason = UnicodeAttribute(null=True)

    list_index = AuditListIndex()
    actor_index = AuditActorIndex()


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What is going to be, or was, written to the audit log."""

    subject: str
    actor: Actor
    action: str
    at: datetime
    changes: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None
    outcome: str = "done"

    def put_write(self, name: str = "audit") -> Write:
        """The write of this entry, for the transaction of the change."""
        entry_id = f"{ticks():020}-{secrets.token_hex(4)}"
        item = AuditItem(
            subject=self.subject,
            entry_id=entry_id,
            list_key=LIST_KEY,
            at=self.at,
            actor_id=self.actor.user_id,
            actor_role=self.actor.role.value,
            action=self.action,
            outcome=self.outcome,
            changes=dict(self.changes),
            reason=self.reason,
        )
        return storage.put(name, item, condition=AuditItem.subject.does_not_exist())


@contextmanager
def recording(entry: AuditEntry) -> Iterator[None]:
    """Write the entry as intended, and once the body is through as done: for what no transaction can hold."""
    storage.write(replace(entry, outcome="intended").put_write())
    yield
    storage.write(replace(entry, at=now()).put_write())


def subject_of(label: str, key: str) -> str:
    """The subject of an object: `label` is Django's label of its model in lower case."""
    return f"{label}#{key}"


def describe(row: Row) -> str:
    """What an entry says, for people: the action, the attributes with their open values, the reason."""
    parts = [str(row["action"])]
    for name, values in row["changes"].items():
        parts.append(f"{name}: {values[0]} → {values[1]}" if values else name)
    if row["outcome"] != "done":
        parts.append(gettext("intended"))
    if row.get("reason"):
        parts.append(f"“{row['reason']}”")
    return " · ".join(parts)
