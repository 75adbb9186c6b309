"""Use cases that write bookings: one write each, whose conditions hold what was read before it."""

from bookings.services.invoices import ensure_invoice_stored, get_invoice_file, get_invoice_link
from bookings.services.requests import request_booking
from bookings.services.reviews import reviewable_check_write
from bookings.services.transitions import change_status, expire_booking, reschedule_booking

__all__ = [
    "change_status",
    "ensure_invoice_stored",
    "expire_booking",
    "get_invoice_file",
    "get_invoice_link",
    "request_booking",
    "reschedule_booking",
    "reviewable_check_write",
]
