"""Rows of the bookings' tables read as domain objects, and domain objects as items."""

from collections.abc import Mapping
from typing import Any

from bookings.domain import (
    Action,
    Booking,
    BookingDetails,
    BookingSummary,
    HistoryEntry,
    Invoice,
    PaymentMethod,
    Proposal,
    Status,
    due_at,
    next_announcement,
    party_status_key,
    status_key,
    unheard_key,
)
from bookings.models import BookingDetailsItem, BookingItem, InvoiceItem
from kernel.actors import Role
from kernel.clock import from_rfc3339, to_rfc3339
from kernel.money import Money
from kernel.storage import Row

# A third of what calling the enumeration takes, for each row of each list.
_STATUSES = {status.value: status for status in Status}


def _summary_fields(row: Row) -> dict[str, Any]:
    return {
        "booking_id": row["booking_id"],
        "version": row["version"],
        "status": _STATUSES[row["status"]],
        "service_id": row["service_id"],
        "service_name": row["service_name"],
        "provider_id": row["provider_id"],
        "provider_name": row["provider_name"],
        "customer_id": row["customer_id"],
        "starts_at": row["starts_at"],
        "ends_at": row["ends_at"],
        "time_zone": row["time_zone"],
        "price": Money(row["price_amount"], row["price_currency"]),
        "expires_at": row.get("expires_at"),
        "customer_moves": row.get("customer_moves", 0),
        "proposal": _read_proposal(row["proposal"]) if row.get("proposal") else None,
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def read_summary(row: Row) -> BookingSummary:
    """The booking that a row of one of the lists' indexes describes."""
    return BookingSummary(**_summary_fields(row))


def read_booking(row: Row) -> Booking:
    """The booking that a row of `BookingItem` describes."""
    fee, method = row.get("cancellation_fee_amount"), row.get("payment_method")
    return Booking(
        **_summary_fields(row),
        duration_minutes=row["duration_minutes"],
        buffer_before_minutes=row["buffer_before_minutes"],
        buffer_after_minutes=row["buffer_after_minutes"],
        free_cancellation_hours=row["free_cancellation_hours"],
        late_cancellation_percent=row["late_cancellation_percent"],
        cancellation_grace_minutes=row.get("cancellation_grace_minutes", 0),
        free_cancellation_ended_at=row.get("free_cancellation_ended_at"),
        cancellation_fee=None if fee is None else Money(fee, row["price_currency"]),
        payment_method=PaymentMethod(method) if method else None,
        history=tuple(_read_entry(entry) for entry in row["history"]),
    )


def read_details(row: Row) -> BookingDetails:
    """The details that a row of `BookingDetailsItem` describes."""
    return BookingDetails(row["address"], row["notes"], row.get("reason", ""))


def _read_proposal(proposal: Mapping[str, Any]) -> Proposal:
    return Proposal(
        starts_at=from_rfc3339(proposal["starts_at"]),
        by=Role(proposal["by"]),
        lapses_at=from_rfc3339(proposal["lapses_at"]),
    )


def _proposal_values(proposal: Proposal) -> dict[str, Any]:
    return {
        "starts_at": to_rfc3339(proposal.starts_at),
        "by": proposal.by,
        "lapses_at": to_rfc3339(proposal.lapses_at),
    }


def _read_entry(entry: Mapping[str, Any]) -> HistoryEntry:
    return HistoryEntry(
        id=entry["id"],
        action=Action(entry["action"]),
        at=from_rfc3339(entry["at"]),
        by=entry["by"],
        role=Role(entry["role"]),
        from_status=Status(entry["from"]) if entry["from"] else None,
        to_status=Status(entry["to"]),
        version=entry["version"],
    )


def _entry_values(entry: HistoryEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "action": entry.action,
        "at": to_rfc3339(entry.at),
        "by": entry.by,
        "role": entry.role,
        "from": entry.from_status,
        "to": entry.to_status,
        "version": entry.version,
    }


def changing_values(booking: Booking) -> dict[str, Any]:
    """The attributes of the item that transitions change; None means that it has none."""
    fee = booking.cancellation_fee
    return {
        "version": booking.version,
        "status": booking.status.value,
        "starts_at": booking.starts_at,
        "ends_at": booking.ends_at,
        "expires_at": booking.expires_at,
        "customer_moves": booking.customer_moves or None,
        "proposal": _proposal_values(booking.proposal) if booking.proposal else None,
        "free_cancellation_ended_at": booking.free_cancellation_ended_at,
        "cancellation_fee_amount": fee.amount if fee else None,
        "payment_method": booking.payment_method,
        "history": [_entry_values(entry) for entry in booking.history],
        "updated_at": booking.updated_at,
        "provider_status_key": party_status_key(booking.provider_id, booking.status),
        "customer_status_key": party_status_key(booking.customer_id, booking.status),
        "status_key": status_key(booking),
        "due_at": due_at(booking),
    }


def unheard_values(booking: Booking) -> dict[str, Any]:
    """The attributes that keep a changed booking in the unheard index until all handlers of the change are through."""
    return {
        "unheard_key": unheard_key(booking.booking_id),
        "announce_at": next_announcement(booking.updated_at, booking.updated_at),
    }


def booking_item(booking: Booking, *, heard_version: int = 0) -> BookingItem:
    """The whole item of a booking whose changes were handled up to that version."""
    return BookingItem(
        booking_id=booking.booking_id,
        service_id=booking.service_id,
        service_name=booking.service_name,
        provider_id=booking.provider_id,
        provider_name=booking.provider_name,
        customer_id=booking.customer_id,
        time_zone=booking.time_zone,
        price_amount=booking.price.amount,
        price_currency=booking.price.currency,
        duration_minutes=booking.duration_minutes,
        buffer_before_minutes=booking.buffer_before_minutes,
        buffer_after_minutes=booking.buffer_after_minutes,
        free_cancellation_hours=booking.free_cancellation_hours,
        late_cancellation_percent=booking.late_cancellation_percent,
        cancellation_grace_minutes=booking.cancellation_grace_minutes,
        created_at=booking.created_at,
        heard_version=heard_version,
        **(unheard_values(booking) if heard_version < booking.version else {}),
        **changing_values(booking),
    )


def details_item(booking_id: str, details: BookingDetails) -> BookingDetailsItem:
    """The item of the personal part."""
    return BookingDetailsItem(booking_id=booking_id, address=details.address, notes=details.notes)


def read_invoice(row: Row) -> Invoice:
    """The invoice that a row of `InvoiceItem` describes."""
    return Invoice(
        booking_id=row["invoice_id"],
        number=row["number"],
        issued_at=row["issued_at"],
        provider_id=row["provider_id"],
        provider_name=row["provider_name"],
        provider_city=row["provider_city"],
        provider_country=row["provider_country"],
        tax_number=row["tax_number"],
        customer_id=row["customer_id"],
        service_name=row["service_name"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        time_zone=row["time_zone"],
        tax_rate_basis_points=row["tax_rate_basis_points"],
        tax=Money(row["tax_amount"], row["currency"]),
        total=Money(row["total_amount"], row["currency"]),
        stored_at=row.get("stored_at"),
    )


def invoice_item(invoice: Invoice) -> InvoiceItem:
    """The item of an invoice."""
    return InvoiceItem(
        invoice_id=invoice.booking_id,
        number=invoice.number,
        issued_at=invoice.issued_at,
        provider_id=invoice.provider_id,
        provider_name=invoice.provider_name,
        provider_city=invoice.provider_city,
        provider_country=invoice.provider_country,
        tax_number=invoice.tax_number,
        customer_id=invoice.customer_id,
        service_name=invoice.service_name,
        starts_at=invoice.starts_at,
        ends_at=invoice.ends_at,
        time_zone=invoice.time_zone,
        tax_rate_basis_points=invoice.tax_rate_basis_points,
        tax_amount=invoice.tax.amount,
        total_amount=invoice.total.amount,
        currency=invoice.total.currency,
        stored_at=invoice.stored_at,
    )
