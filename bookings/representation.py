"""Bookings as the API shows them: plain dicts, ready for JSON."""

from datetime import datetime
from typing import Any

from bookings.domain import Booking, BookingDetails, BookingSummary, Invoice
from kernel.actors import Actor
from kernel.web.money import represent_money


def represent_summary(booking: BookingSummary, actor: Actor, now: datetime) -> dict[str, Any]:
    """The booking as the actor sees it in a list."""
    return {
        "id": booking.booking_id,
        "status": booking.status_at(now),
        "version": booking.version,
        "service_id": booking.service_id,
        "service_name": booking.service_name,
        "provider_id": booking.provider_id,
        "provider_name": booking.provider_name,
        "customer_id": booking.customer_id,
        "starts_at": booking.starts_at,
        "ends_at": booking.ends_at,
        "time_zone": booking.time_zone,
        "price": represent_money(booking.price),
        "expires_at": booking.expires_at,
        "created_at": booking.created_at,
        "updated_at": booking.updated_at,
        "actions": booking.allowed_actions(actor, now),
    }


def represent_booking(booking: Booking, details: BookingDetails | None, actor: Actor, now: datetime) -> dict[str, Any]:
    """The whole booking as the actor sees it; address and notes are null where they are hidden or erased."""
    shown = details if booking.shows_details_to(actor, now) else None
    fee = booking.cancellation_fee
    return represent_summary(booking, actor, now) | {
        "cancellation": {
            "free_until": booking.free_cancellation_until,
            "late_fee": represent_money(booking.late_cancellation_fee),
        },
        "cancellation_fee": represent_money(fee) if fee else None,
        "history": [
            {
                "action": entry.action,
                "at": entry.at,
                "by": entry.role,
                "from_status": entry.from_status,
                "to_status": entry.to_status,
            }
            for entry in booking.history
        ],
        **represent_details(shown),
    }


def represent_details(details: BookingDetails | None) -> dict[str, str | None]:
    """The personal part of a booking, which is stored nowhere else: not with an idempotent answer either."""
    return {"address": details.address if details else None, "notes": details.notes if details else None}


def represent_invoice(invoice: Invoice) -> dict[str, Any]:
    """What an invoice says."""
    return {
        "number": invoice.number_text,
        "booking_id": invoice.booking_id,
        "provider_id": invoice.provider_id,
        "provider_name": invoice.provider_name,
        "customer_id": invoice.customer_id,
        "service_name": invoice.service_name,
        "issued_at": invoice.issued_at,
        "net": represent_money(invoice.net),
        "tax": represent_money(invoice.tax),
        "tax_rate_basis_points": invoice.tax_rate_basis_points,
        "total": represent_money(invoice.total),
    }


def represent_invoice_link(invoice: Invoice, *, url: str, url_expires_at: datetime) -> dict[str, Any]:
    """An invoice, and where its PDF can be had for a few minutes."""
    return represent_invoice(invoice) | {"pdf_url": url, "pdf_url_expires_at": url_expires_at}
