"""What an event sets going: its notes are written, its emails are queued."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from catalog.events import ProviderSuspended
from kernel.events import Event
from notifications import services, tasks
from notifications.messages import MESSAGES
from notifications.reminders import suspension_notices


def notify(event: Event, now: datetime) -> None:
    """Tell everyone whom the table of messages names. May be repeated: each is told once.

    A failure is raised, for the queue to try again; the emails that are still owed are then queued once more.
    """
    for delivery_id in services.announce(event=event, now=now):
        tasks.deliver_email.delay(delivery_id)


def tell_booked(event: ProviderSuspended, now: datetime) -> None:
    """Tell both parties of each appointment to come that it stays. May be repeated, late, and out of order."""
    for notice in suspension_notices(event, now):
        notify(notice, now)


# By type of event; a handler takes the events of its type and the present instant.
HANDLERS: dict[str, tuple[Callable[[Any, datetime], None], ...]] = {
    **dict.fromkeys(MESSAGES, (notify,)),
    ProviderSuspended.type: (notify, tell_booked),
}
