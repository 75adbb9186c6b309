"""What admins ordered, carried out as the events function does."""

from datetime import timedelta

from kernel.clock import now
from kernel.dynamo_admin.orders import OUTBOX
from marketplace.background.queues import handle_event


def carry_out_orders() -> None:
    """Carry out what is ordered and not done yet, each event twice, as a queue may."""
    for row in OUTBOX.unhandled(now() + timedelta(hours=1)):
        for event in OUTBOX.unhandled_events(row):
            handle_event(event, now())
            handle_event(event, now())
