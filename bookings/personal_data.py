"""What bookings store about people: who booked what of whom, when, where it was done, and what was billed."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from bookings.domain import Status
from bookings.models import (
    BookingDetailsItem,
    BookingItem,
    CustomerBookingsIndex,
    InvoiceItem,
    ProviderBookingsIndex,
)
from bookings.records import BOOKINGS, DETAILS, INVOICES
from bookings.representation import represent_booking, represent_invoice
from bookings.services import cancel_upcoming, ensure_invoice_stored, erase_details, forget_requests_write
from kernel import storage
from kernel.actors import Actor, Role
from kernel.ids import provider_id_for

# The unit in which bookings are read: each is up to three items.
_BATCH = storage.MAX_BATCH_KEYS // 3


def export(user_id: str, *, now: datetime) -> dict[str, Any]:
    """The person's bookings, whole, with their invoices: those they made, and those that their provider received."""
    customer, owner = Actor(user_id, Role.CUSTOMER), Actor(user_id, Role.PROVIDER)
    made = storage.all_rows(BookingItem, user_id, index=CustomerBookingsIndex.Meta.index_name)
    received = storage.all_rows(BookingItem, provider_id_for(user_id), index=ProviderBookingsIndex.Meta.index_name)
    return {
        "bookings_made": list(_represented(made, customer, now)),
        "bookings_received": list(_represented(received, owner, now)),
    }


def _represented(rows: Iterable[storage.Row], actor: Actor, now: datetime) -> Iterator[dict[str, Any]]:
    ids = (row["booking_id"] for row in rows)
    while batch := list(islice(ids, _BATCH)):
        tables = (BookingItem, BookingDetailsItem, InvoiceItem)
        found = iter(storage.get_rows([(table, booking_id) for booking_id in batch for table in tables]))
        for booking, details, invoice in zip(found, found, found, strict=True):
            if booking is not None:
                yield {
                    **represent_booking(BOOKINGS.read(booking), DETAILS.read(details) if details else None, actor, now),
                    "invoice": represent_invoice(INVOICES.read(invoice)) if invoice else None,
                }


def erase(user_id: str, *, now: datetime) -> None:
    """Cancel what is still to come, and erase addresses, notes and photos. What remains names the person by an id that
    leads to nobody any more.

    What has begun stays for the other side to settle, and is `unconfirmed` in the end if that does not. A fee that
    cancelling costs by the booking's terms is owed as if the person had cancelled it themselves.

    Callers, for whom the person booked as a provider, are erased with them.

    But for the PDFs of invoices, which are the providers' books: they are kept as issued, with name and address, and
    those that nobody has drawn yet are drawn before these are gone.
    """
    for role in (Role.CUSTOMER, Role.PROVIDER):
        cancel_upcoming(actor=Actor(user_id, role), now=now)
    storage.write(forget_requests_write(user_id))
    for row in storage.all_rows(BookingItem, user_id, index=CustomerBookingsIndex.Meta.index_name):
        if row["status"] == Status.PAID:
            ensure_invoice_stored(booking_id=row["booking_id"], now=now)
        erase_details(booking_id=row["booking_id"], now=now)
    for row in storage.all_rows(BookingItem, provider_id_for(user_id), index=ProviderBookingsIndex.Meta.index_name):
        # Nobody else could erase whom the provider booked for; what has begun has nobody any more to settle it.
        if "customer_id" not in row:
            if row["status"] == Status.PAID:
                ensure_invoice_stored(booking_id=row["booking_id"], now=now)
            erase_details(booking_id=row["booking_id"], now=now)
