"""The ledger of deliveries: opened once, leased to one sender at a time, settled by the one who has the lease.

Take the lease → send → settle. SES takes no idempotency token, so exactly once is impossible: a
sender that dies between SES's answer and `settle` leaves a lease that runs out, and the email is sent again. That is
the only window in which one can arrive twice; none is lost. A sender that was merely slow finds its lease in other
hands and settles nothing.
"""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pynamodb.expressions.update import Action

from accounts.domain import Role
from marketplace.kernel import storage
from marketplace.kernel.clock import epoch
from marketplace.kernel.events import read_event
from notifications.deliveries import Delivery
from notifications.domain import KEPT_FOR, Channel, DeliveryStatus, Recipient
from notifications.events import MESSAGE_TYPES
from notifications.models import DeliveryItem

logger = logging.getLogger(__name__)

# Longer than a task may run (150 s), shorter than the queue keeps a message hidden (180 s): nobody alive is overtaken,
# and when the message of a dead sender comes back, its lease has run out.
LEASE = timedelta(seconds=160)


class UnknownDeliveryError(Exception):
    """The ledger has no such delivery: it was never opened, or is older than the ledger remembers."""


class DeliveryInProgressError(Exception):
    """Another sender holds the lease. Try again later: it may have died."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to send one delivery, until the lease runs out."""

    delivery: Delivery
    owner: str


def opening(delivery: Delivery, status: DeliveryStatus, now: datetime) -> storage.Write:
    """The write that opens the delivery unless it is open already; its name is the delivery's id."""
    item = DeliveryItem(
        delivery_id=delivery.delivery_id,
        event=delivery.event.to_wire(),
        recipient_id=delivery.recipient.id,
        recipient_role=delivery.recipient.role.value,
        channel=delivery.channel.value,
        status=status.value,
        attempts=0,
        created_at=now,
        updated_at=now,
        expires_at=epoch(now + KEPT_FOR),
    )
    return storage.put(delivery.delivery_id, item, condition=DeliveryItem.delivery_id.does_not_exist())


def is_owed(row: Mapping[str, object]) -> bool:
    """Whether an email of the ledger is still to be sent."""
    return row["channel"] == Channel.EMAIL and not DeliveryStatus(str(row["status"])).is_final


def take_lease(delivery_id: str, *, now: datetime) -> Lease | None:
    """The right to send the delivery; None if it is settled.

    Raises `DeliveryInProgressError` while another sender holds the lease, and `UnknownDeliveryError`.
    """
    owner = secrets.token_hex(8)
    is_free = (DeliveryItem.status == DeliveryStatus.QUEUED.value) | (DeliveryItem.lease_until < epoch(now))
    taking = storage.update(
        "delivery",
        DeliveryItem,
        delivery_id,
        actions=[
            DeliveryItem.status.set(DeliveryStatus.SENDING.value),
            DeliveryItem.lease_owner.set(owner),
            DeliveryItem.lease_until.set(epoch(now + LEASE)),
            DeliveryItem.attempts.add(1),
            DeliveryItem.updated_at.set(now),
        ],
        condition=is_free,
    )
    try:
        row = storage.write(taking)
    except storage.ConditionFailedError as failure:
        row = failure.failed["delivery"]
    if row is None:
        raise UnknownDeliveryError(delivery_id)
    if DeliveryStatus(row["status"]).is_final:
        return None
    # One's own is found, too, when the answer was lost and the SDK asked again.
    if row["lease_owner"] != owner:
        raise DeliveryInProgressError(delivery_id)
    return Lease(_read_delivery(row), owner)


def settle(lease: Lease, status: DeliveryStatus, *, now: datetime, message_id: str | None = None) -> None:
    """Record how the delivery ended, if the lease is still its holder's; `message_id` is SES's."""
    actions = [DeliveryItem.message_id.set(message_id)] if message_id else []
    try:
        storage.write(_release(lease, status, now, *actions))
    except storage.ConditionFailedError as failure:
        row = failure.failed["delivery"]
        if row is None or row["status"] != status or row.get("message_id") != message_id:
            logger.warning("the lease of %s ran out: this may arrive twice", lease.delivery.delivery_id)


def give_back(lease: Lease, *, now: datetime) -> None:
    """Let the next try have the delivery at once: this one has failed."""
    try:
        storage.write(_release(lease, DeliveryStatus.QUEUED, now))
    except storage.ConditionFailedError:
        logger.warning("the lease of %s had run out", lease.delivery.delivery_id)


def _release(lease: Lease, status: DeliveryStatus, now: datetime, *actions: Action) -> storage.Write:
    return storage.update(
        "delivery",
        DeliveryItem,
        lease.delivery.delivery_id,
        actions=[
            DeliveryItem.status.set(status.value),
            DeliveryItem.updated_at.set(now),
            DeliveryItem.lease_owner.remove(),
            DeliveryItem.lease_until.remove(),
            *actions,
        ],
        condition=DeliveryItem.lease_owner == lease.owner,
    )


def _read_delivery(row: storage.Row) -> Delivery:
    event = read_event(row["event"], MESSAGE_TYPES)
    recipient = Recipient(row["recipient_id"], Role(row["recipient_role"]))
    return Delivery(event, recipient, Channel(row["channel"]))  # type: ignore[arg-type]
