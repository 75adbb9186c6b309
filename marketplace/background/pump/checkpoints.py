"""How far a shard has been processed, and who may go on: one item per shard in the counters table."""

from datetime import datetime, timedelta

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action

from kernel import leases, storage
from kernel.clock import epoch
from kernel.leases import LeasedItem

# Longer than a batch takes, unless AWS hangs. After it another pump takes over and repeats what this one was at; what
# one of them then gives up and the other publishes is in `stream-failures` for nothing.
LEASE = timedelta(seconds=20)
# A stream keeps its records for a day: a checkpoint is of no use long after.
_KEPT_FOR = timedelta(days=7)


class CheckpointItem(LeasedItem):
    """One shard's checkpoint. The counters table is shared; the key says what an item is."""

    class Meta:
        table_name = storage.physical_name("counters-table")

    counter_key = UnicodeAttribute(hash_key=True, attr_name="counterKey")
    lease_owner = UnicodeAttribute(attr_name="owner", null=True)
    sequence_number = UnicodeAttribute(attr_name="sequenceNumber", null=True)
    is_finished = NumberAttribute(attr_name="isFinished", null=True)
    expires_at = NumberAttribute(attr_name="expiresAt")


class LeaseLostError(Exception):
    """Another pump has the shard now. What it does with the same records again, the handlers tolerate."""


def key_of(stream_arn: str, shard_id: str) -> str:
    """The key of a shard's checkpoint. It names the table: two that were made in one millisecond have equal labels."""
    return f"pump#{stream_arn.partition(':table/')[2]}#{shard_id}"


def take(key: str, *, owner: str, now: datetime) -> storage.Row | None:
    """Take the shard, or renew one's own lease: its checkpoint; None while another pump has it."""
    is_free = leases.is_free(CheckpointItem, owner=owner, now=now)
    try:
        return storage.write(
            storage.update("shard", CheckpointItem, key, actions=_lease(owner, now), condition=is_free)
        )
    except storage.ConditionFailedError:
        return None


def advance(key: str, *, owner: str, sequence_number: str | None = None, finished: bool = False, now: datetime) -> None:
    """Note that all up to that record is done, and renew the lease. Raises `LeaseLostError`."""
    actions = _lease(owner, now)
    if sequence_number is not None:
        actions.append(CheckpointItem.sequence_number.set(sequence_number))
    if finished:
        actions.append(CheckpointItem.is_finished.set(1))
    is_held = leases.is_held(CheckpointItem, owner)
    try:
        storage.write(storage.update("shard", CheckpointItem, key, actions=actions, condition=is_held))
    except storage.ConditionFailedError as failure:
        raise LeaseLostError(key) from failure


def release(key: str, *, owner: str) -> None:
    """Let another pump have the shard at once."""
    try:
        storage.write(
            storage.update(
                "shard",
                CheckpointItem,
                key,
                actions=leases.releasing_actions(CheckpointItem),
                condition=leases.is_held(CheckpointItem, owner),
            )
        )
    except storage.ConditionFailedError:
        # It has been taken over already.
        return


def _lease(owner: str, now: datetime) -> list[Action]:
    return [
        *leases.taking_actions(CheckpointItem, leases.new_lease(LEASE, owner=owner, now=now)),
        CheckpointItem.expires_at.set(epoch(now + _KEPT_FOR)),
    ]
