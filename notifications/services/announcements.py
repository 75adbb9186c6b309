"""From an event to its notes and to the emails that are owed."""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime

from kernel import storage
from kernel.events import Event
from notifications.deliveries import deliveries_of, ledger, parties_of
from notifications.domain import Bell, Channel, Delivery, DeliveryStatus, Recipient
from notifications.messages import MESSAGES
from notifications.notes.writes import bell_write, note_write
from notifications.queries import get_bells


def announce(*, event: Event, now: datetime) -> list[str]:
    """Write the event's notes and open its emails, once; the ids of the emails that are owed.

    One transaction: all of it is written or nothing. Repeating it changes nothing and names again the emails that are
    not settled. What would contradict the present state is recorded as superseded and not shown, and whoever was
    erased is told nothing. Raises `BusyError`.
    """
    message = MESSAGES[event.type]
    facts = message.read_facts(event)
    is_true = facts is not None and message.holds(event, facts, now)
    erased = message.erased_of(facts) if facts is not None else frozenset()
    statuses = {each: _opening_status(each, is_true=is_true, erased=erased) for each in deliveries_of(event)}
    parties = [party for party in parties_of(event) if party not in erased]

    def write_all() -> list[str]:
        bells = get_bells([party.id for party in parties])
        try:
            storage.transact(_announcing_writes(event, statuses, parties, bells, now=now))
        except storage.ConditionFailedError as failure:
            opened = [row for delivery in statuses if (row := failure.failed.get(delivery.delivery_id))]
            if not opened:
                # Several events at once for one person number their notes one after the other.
                raise
            return [str(row["delivery_id"]) for row in opened if ledger.is_owed(row)]
        return [delivery.delivery_id for delivery, status in statuses.items() if status is DeliveryStatus.QUEUED]

    return storage.retrying(write_all)


def _opening_status(delivery: Delivery, *, is_true: bool, erased: Set[Recipient]) -> DeliveryStatus:
    if not is_true:
        return DeliveryStatus.SUPERSEDED
    if delivery.recipient in erased:
        return DeliveryStatus.UNREACHABLE
    return DeliveryStatus.QUEUED if delivery.channel is Channel.EMAIL else DeliveryStatus.SENT


def _announcing_writes(
    event: Event,
    statuses: Mapping[Delivery, DeliveryStatus],
    parties: Sequence[Recipient],
    bells: Mapping[str, Bell],
    *,
    now: datetime,
) -> list[storage.Write]:
    writes = [ledger.opening_write(delivery, status, now) for delivery, status in statuses.items()]
    # A note is there once it is written: such a delivery is sent.
    noted = {delivery.recipient for delivery, status in statuses.items() if status is DeliveryStatus.SENT}
    for party in parties:
        number = bells[party.id].sequence + 1 if party in noted else None
        if number is not None:
            writes.append(note_write(MESSAGES[event.type].note_of(event, party, number), now))
        writes.append(bell_write(party, number))
    return writes
