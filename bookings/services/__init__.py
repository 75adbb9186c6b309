"""Use cases that write bookings: one write each, whose conditions hold what was read before it."""

from bookings.services.calls import book_for_caller, erase_caller
from bookings.services.departures import cancel_upcoming
from bookings.services.fonts import keep_font
from bookings.services.invoices import ensure_invoice_stored, get_invoice_file, get_invoice_link
from bookings.services.moves import accept_move, propose_move, refuse_move, reschedule_booking
from bookings.services.offers import Assent, OfferChangedError
from bookings.services.open_requests import NEW_FOR as NEW_ACCOUNT_FOR
from bookings.services.open_requests import (
    first_request_read,
    forget_requests_write,
    has_requested,
    release_request,
)
from bookings.services.photos import (
    claim_job_photo,
    erase_details,
    keep_job_photo_outcome,
    may_change_job_photos,
    remove_job_photo,
)
from bookings.services.requests import request_booking
from bookings.services.reviews import reviewable_check_write
from bookings.services.suspensions import decline_requests_of
from bookings.services.transitions import change_status, close_booking, expire_booking

__all__ = [
    "NEW_ACCOUNT_FOR",
    "Assent",
    "OfferChangedError",
    "accept_move",
    "book_for_caller",
    "cancel_upcoming",
    "change_status",
    "claim_job_photo",
    "close_booking",
    "decline_requests_of",
    "ensure_invoice_stored",
    "erase_caller",
    "erase_details",
    "expire_booking",
    "first_request_read",
    "forget_requests_write",
    "get_invoice_file",
    "get_invoice_link",
    "has_requested",
    "keep_font",
    "keep_job_photo_outcome",
    "may_change_job_photos",
    "propose_move",
    "refuse_move",
    "release_request",
    "remove_job_photo",
    "request_booking",
    "reschedule_booking",
    "reviewable_check_write",
]
