"""From an event to its notes and to the emails that are owed."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pynamodb.expressions.update import Action

from bookings.events import BookingEvent
from kernel import storage
from kernel.clock import epoch
from notifications import ledger
from notifications.deliveries import Delivery, deliveries_of, parties_of
from notifications.domain import KEPT_FOR, Bell, Channel, DeliveryStatus, Note, Recipient
from notifications.models import BELL_ID, BellItem
from notifications.queries import get_bells
from notifications.records import NOTES
from notifications.services.present import find_present_booking


def announce(*, event: BookingEvent, now: datetime) -> list[str]:
    """Write the event's notes and open its emails, once; the ids of the emails that are owed.

    One transaction: all of it is written or nothing. Repeating it changes nothing and names again the emails that are
    not settled. What would contradict the booking's present state is recorded as superseded and not shown. Raises
    `BusyError`.
    """
    deliveries = deliveries_of(event)
    is_true = find_present_booking(event, now) is not None

    def write_all() -> list[str]:
        bells = get_bells([party.id for party in parties_of(event)])
        try:
            storage.transact(_announcing_writes(event, deliveries, bells, is_true=is_true, now=now))
        except storage.ConditionFailedError as failure:
            opened = [row for delivery in deliveries if (row := failure.failed.get(delivery.delivery_id))]
            if not opened:
                # Several events at once for one person number their notes one after the other.
                raise
            return [str(row["delivery_id"]) for row in opened if ledger.is_owed(row)]
        return [delivery.delivery_id for delivery in deliveries if is_true and delivery.channel is Channel.EMAIL]

    return storage.retrying(write_all)


def _announcing_writes(
    event: BookingEvent, deliveries: Sequence[Delivery], bells: Mapping[str, Bell], *, is_true: bool, now: datetime
) -> list[storage.Write]:
    opening_status = {Channel.EMAIL: DeliveryStatus.QUEUED, Channel.IN_APP: DeliveryStatus.SENT}
    writes = [
        ledger.opening_write(delivery, opening_status[delivery.channel] if is_true else DeliveryStatus.SUPERSEDED, now)
        for delivery in deliveries
    ]
    noted = {delivery.recipient for delivery in deliveries if is_true and delivery.channel is Channel.IN_APP}
    for party in parties_of(event):
        number = bells[party.id].sequence + 1 if party in noted else None
        if number is not None:
            writes.append(_note_write(event, party, number, now))
        writes.append(_bell_write(party, number))
    return writes


def _note_write(event: BookingEvent, recipient: Recipient, number: int, now: datetime) -> storage.Write:
    note = Note(
        recipient_id=recipient.id,
        number=number,
        type=event.type,
        recipient_role=recipient.role,
        booking_id=event.booking_id,
        service_name=event.service_name,
        provider_name=event.provider_name,
        starts_at=event.starts_at,
        time_zone=event.time_zone,
        occurred_at=event.occurred_at,
    )
    item = NOTES.item(note, expires_at=epoch(now + KEPT_FOR))
    return storage.put(f"note for {recipient.role}", item)


def _bell_write(recipient: Recipient, number: int | None) -> storage.Write:
    """Count the event and, if it made a note, give the note its number, unless another has just taken it."""
    actions: list[Action] = [BellItem.activity.add(1)]
    condition = None
    if number is not None:
        actions.append(BellItem.sequence.set(number))
        condition = BellItem.sequence.does_not_exist() if number == 1 else BellItem.sequence == number - 1
    return storage.update(
        f"bell of {recipient.role}", BellItem, recipient.id, BELL_ID, actions=actions, condition=condition
    )
