"""From an event to its notes and to the emails that are owed."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from kernel import storage
from kernel.events import Event
from notifications.deliveries import deliveries_of, ledger, parties_of
from notifications.domain import Bell, Channel, Delivery, DeliveryStatus
from notifications.messages import MESSAGES
from notifications.notes.writes import bell_write, note_write
from notifications.queries import get_bells


def announce(*, event: Event, now: datetime) -> list[str]:
    """Write the event's notes and open its emails, once; the ids of the emails that are owed.

    One transaction: all of it is written or nothing. Repeating it changes nothing and names again the emails that are
    not settled. What would contradict the present state is recorded as superseded and not shown. Raises
    `BusyError`.
    """
    deliveries = deliveries_of(event)
    is_true = MESSAGES[event.type].find_facts(event, now) is not None

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
    event: Event, deliveries: Sequence[Delivery], bells: Mapping[str, Bell], *, is_true: bool, now: datetime
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
            writes.append(note_write(MESSAGES[event.type].note_of(event, party, number), now))
        writes.append(bell_write(party, number))
    return writes
