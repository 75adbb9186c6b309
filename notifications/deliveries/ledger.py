"""The ledger of deliveries: opened once, leased to one sender at a time, settled by the one who has the lease.

Take the lease → send → settle. SES takes no idempotency token, so exactly once is impossible: when SES has taken an
email and the ledger does not learn of it, because the sender died before `settle` or SES's answer was lost, the email
is sent again. That is the only window in which one can arrive twice; none is lost. A sender that was merely slow gives
the lease back before SES is asked (`check_time`), or finds it in other hands and settles nothing.
"""

import logging
import time
from collections.abc import Mapping
from datetime import datetime, timedelta

from pynamodb.expressions.update import Action

from kernel import clock, leases, storage
from kernel.actors import Role
from kernel.clock import epoch
from kernel.errors import BusyError
from kernel.events import read_event
from kernel.values import dataclass
from notifications.domain import KEPT_FOR, Channel, Delivery, DeliveryStatus, Recipient
from notifications.messages import MESSAGE_TYPES
from notifications.models import DeliveryItem

logger = logging.getLogger(__name__)

# Shorter than a message is hidden whose consumer died: when it comes back, the lease has run out.
LEASE = timedelta(seconds=25)
# So much of the lease must be left when SES is asked: longer than SES's client waits (`notifications.mail`), so that
# nobody alive is overtaken although the lease is short.
SENDING = timedelta(seconds=12)
# Once SES has the email, its sender alone can say so, and says it until DynamoDB listens.
_SETTLING_SECONDS = 60.0
_SETTLING_PAUSE_SECONDS = 1.0


class UnknownDeliveryError(Exception):
    """The ledger has no such delivery: it was never opened, or is older than the ledger remembers."""


class DeliveryInProgressError(Exception):
    """Another sender holds the lease. Try again later: it may have died."""


class LeaseNearlyOverError(Exception):
    """What came before took so long that another sender might take over while SES is asked."""


@dataclass(frozen=True, slots=True)
class SendingLease:
    """The right to send one delivery, until the lease runs out."""

    delivery: Delivery
    lease: leases.Lease


def opening_write(delivery: Delivery, status: DeliveryStatus, now: datetime) -> storage.Write:
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


def take_lease(delivery_id: str, *, now: datetime) -> SendingLease | None:
    """The right to send the delivery; None if it is settled.

    Raises `DeliveryInProgressError` while another sender holds the lease, and `UnknownDeliveryError`.
    """
    lease = leases.new_lease(LEASE, owner=leases.new_owner(), now=now)
    is_open = (DeliveryItem.status == DeliveryStatus.QUEUED.value) | (
        DeliveryItem.status == DeliveryStatus.SENDING.value
    )
    taking = storage.update(
        "delivery",
        DeliveryItem,
        delivery_id,
        actions=[
            DeliveryItem.status.set(DeliveryStatus.SENDING.value),
            *leases.taking_actions(DeliveryItem, lease),
            DeliveryItem.attempts.add(1),
            DeliveryItem.updated_at.set(now),
        ],
        condition=is_open & leases.is_free(DeliveryItem, owner=lease.owner, now=now),
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
    if row["lease_owner"] != lease.owner:
        raise DeliveryInProgressError(delivery_id)
    return SendingLease(_read_delivery(row), lease)


def reopen(delivery_id: str, *, settled_before: datetime, now: datetime) -> bool:
    """Owe an email again that was settled before that instant; whether it is owed now. May be repeated."""
    is_settled = ~DeliveryItem.status.is_in(DeliveryStatus.QUEUED.value, DeliveryStatus.SENDING.value)
    reopening = storage.update(
        "delivery",
        DeliveryItem,
        delivery_id,
        actions=[DeliveryItem.status.set(DeliveryStatus.QUEUED.value), DeliveryItem.updated_at.set(now)],
        condition=DeliveryItem.delivery_id.exists() & is_settled & (DeliveryItem.updated_at <= settled_before),
    )
    try:
        storage.write(reopening)
    except storage.ConditionFailedError as failure:
        row = failure.failed["delivery"]
        return row is not None and is_owed(row)
    return True


def check_time(lease: SendingLease) -> None:
    """Raise `LeaseNearlyOverError` unless there is time to ask SES before another sender may take over."""
    if clock.now() > lease.lease.until - SENDING:
        raise LeaseNearlyOverError(lease.delivery.delivery_id)


def settle(lease: SendingLease, status: DeliveryStatus, *, now: datetime, message_id: str | None = None) -> None:
    """Record how the delivery ended, if the lease is still its holder's; `message_id` is SES's.

    Tries for a minute. Raises `BusyError`: what was sent will then be sent again.
    """
    actions = [DeliveryItem.message_id.set(message_id)] if message_id else []
    try:
        _write_patiently(_release_write(lease, status, now, *actions))
    except storage.ConditionFailedError as failure:
        row = failure.failed["delivery"]
        if row is None or row["status"] != status or row.get("message_id") != message_id:
            logger.warning("the lease of %s ran out: this may arrive twice", lease.delivery.delivery_id)


def _write_patiently(write: storage.Write) -> None:
    give_up_at = time.monotonic() + _SETTLING_SECONDS
    while True:
        try:
            storage.write(write)
        except BusyError:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(_SETTLING_PAUSE_SECONDS)
        else:
            return


def give_back(lease: SendingLease, *, now: datetime) -> None:
    """Let the next try have the delivery at once: this one has failed."""
    try:
        storage.write(_release_write(lease, DeliveryStatus.QUEUED, now))
    except storage.ConditionFailedError:
        logger.warning("the lease of %s had run out", lease.delivery.delivery_id)


def _release_write(lease: SendingLease, status: DeliveryStatus, now: datetime, *actions: Action) -> storage.Write:
    return storage.update(
        "delivery",
        DeliveryItem,
        lease.delivery.delivery_id,
        actions=[
            DeliveryItem.status.set(status.value),
            DeliveryItem.updated_at.set(now),
            *leases.releasing_actions(DeliveryItem),
            *actions,
        ],
        condition=leases.is_held(DeliveryItem, lease.lease.owner),
    )


def _read_delivery(row: storage.Row) -> Delivery:
    event = read_event(row["event"], MESSAGE_TYPES)
    recipient = Recipient(row["recipient_id"], Role(row["recipient_role"]))
    return Delivery(event, recipient, Channel(row["channel"]))
