"""Orders: what an admin asks for that the site itself has no rights for, carried out by the function of events.

An order is written together with its audit entry ("intended"); its event comes from the table's stream like any other.
Whoever carries it out writes the outcome and the second entry in one transaction. It may be carried out twice, so what
it does must come to the same.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute

from kernel import storage
from kernel.actors import Actor, Role
from kernel.clock import epoch
from kernel.dynamo_admin.audit import AuditEntry
from kernel.errors import BusyError, DomainError, TooManyRequestsError
from kernel.events import Event
from kernel.outbox import Outbox, OutboxItem, outboxed
from kernel.storage import InstantAttribute, Row, physical_name
from kernel.values import dataclass

KEPT_FOR = timedelta(days=30)


class Outcome(StrEnum):
    """What became of an order."""

    INTENDED = "intended"
    DONE = "done"
    REFUSED = "refused"


class OrderItem(OutboxItem):
    """One order. `arguments` and `result` are ids and numbers, nothing personal: images travel through the stream."""

    class Meta:
        table_name = physical_name("admin-orders-table")

    order_id = UnicodeAttribute(hash_key=True, attr_name="orderId")
    kind = UnicodeAttribute()
    arguments = JSONAttribute()
    subject = UnicodeAttribute()
    action = UnicodeAttribute()
    actor_id = UnicodeAttribute(attr_name="actorId")
    actor_role = UnicodeAttribute(attr_name="actorRole")
    # What it changes, as the audit log says it; absent where the action says it all.
    changes = JSONAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    created_at = InstantAttribute(attr_name="createdAt")
    outcome = UnicodeAttribute()
    # Only once it is carried out: what came of it, or why it was refused.
    result = JSONAttribute(null=True)
    finished_at = InstantAttribute(attr_name="finishedAt", null=True)
    expires_at = NumberAttribute(attr_name="expiresAt")


class OrderPlaced(Event):
    """Somebody who runs the marketplace asked for something."""

    type = "admin.ordered"


EVENT_TYPES: dict[str, type[Event]] = {OrderPlaced.type: OrderPlaced}


def _events_after(row: Row, seen_version: int) -> list[OrderPlaced]:
    placed = OrderPlaced(subject_id=row["order_id"], version=1, occurred_at=row["created_at"])
    return [placed] if seen_version < 1 else []


OUTBOX = Outbox(item=OrderItem, event_types=EVENT_TYPES, events_after=_events_after)


@dataclass(frozen=True, slots=True)
class Order:
    """An order as whoever carries it out knows it."""

    order_id: str
    kind: str
    arguments: Mapping[str, Any]
    actor: Actor
    reason: str
    placed_at: datetime


# Carries out one kind of order; what it answers is kept as the result.
Carrier = Callable[[Order, datetime], Any]


def place_order(kind: str, arguments: Mapping[str, Any], entry: AuditEntry, *, now: datetime) -> str:
    """Write the order and its audit entry as intended, in one transaction; the order's id."""
    order_id = secrets.token_hex(12)
    item = OrderItem(
        order_id=order_id,
        version=1,
        kind=kind,
        arguments=dict(arguments),
        subject=entry.subject,
        action=entry.action,
        actor_id=entry.actor.user_id,
        actor_role=entry.actor.role.value,
        changes=dict(entry.changes) or None,
        reason=entry.reason,
        created_at=now,
        outcome=Outcome.INTENDED.value,
        expires_at=epoch(now + KEPT_FOR),
    )
    placing = storage.put("order", outboxed(item, order_id, now), condition=OrderItem.order_id.does_not_exist())
    storage.transact([placing, replace(entry, outcome=Outcome.INTENDED.value).put_write()])
    return order_id


def carry_out(order_id: str, carriers: Mapping[str, Carrier], *, now: datetime) -> None:
    """Do what the order asks for, and write what came of it with the second audit entry; once, however often called.

    What the rules refuse is an outcome, too. Everything else is raised, for the queue to try again.
    """
    row = storage.get_row(OrderItem, order_id)
    if row is None or row["outcome"] != Outcome.INTENDED:
        return
    actor = Actor(row["actor_id"], Role(row["actor_role"]))
    order = Order(order_id, row["kind"], row["arguments"], actor, row.get("reason") or "", row["created_at"])
    outcome = Outcome.DONE
    try:
        result = carriers[order.kind](order, now)
    except (BusyError, TooManyRequestsError):
        raise
    except DomainError as refusal:
        outcome, result = Outcome.REFUSED, {"refusal": str(refusal.message)}
    changes = row.get("changes") or {}
    entry = AuditEntry(row["subject"], actor, row["action"], now, changes, row.get("reason"), outcome.value)
    finishing = storage.update(
        "order",
        OrderItem,
        order_id,
        actions=[
            OrderItem.outcome.set(outcome.value),
            OrderItem.finished_at.set(now),
            *([] if result is None else [OrderItem.result.set(result)]),
        ],
        condition=OrderItem.outcome == Outcome.INTENDED.value,
    )
    try:
        storage.transact([finishing, entry.put_write()])
    except storage.ConditionFailedError:
        # Somebody else carried out the same message.
        return
