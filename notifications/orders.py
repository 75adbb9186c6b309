"""What admins order of notifications: see `kernel.dynamo_admin.orders`."""

from datetime import datetime
from typing import Any

from kernel.dynamo_admin.orders import Order
from notifications import tasks
from notifications.services import emails

# Named by the admin of bookings, which knows nothing of notifications.
RESEND = "bookings.resend-mail"


def _resend(order: Order, now: datetime) -> Any:
    """Send each party the last email about the booking again."""
    booking_id = order.arguments["booking_id"]
    owed = emails.reopen_last_emails(booking_id=booking_id, asked_at=order.placed_at, now=now)
    for delivery_id in owed:
        tasks.deliver_email.delay(delivery_id)
    return {"emails": len(owed)}


ORDERS = {RESEND: _resend}
