"""What a booking's event sets going inside this app."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bookings import tasks
from bookings.events import BookingPaid


def keep_invoice(event: BookingPaid, now: datetime) -> None:
    """Have the invoice drawn and kept, whether or not anyone is sent it. May be repeated: it is kept once."""
    tasks.store_invoice.delay(event.booking_id)


# By type of event; a handler takes the events of its type and the present instant.
HANDLERS: dict[str, tuple[Callable[[Any, datetime], None], ...]] = {BookingPaid.type: (keep_invoice,)}
