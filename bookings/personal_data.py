"""What bookings store about people: who booked what of whom, when, where it was done, and what was billed."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from bookings.domain import Status, party_status_key
from bookings.models import (
    BookingDetailsItem,
    BookingItem,
    CustomerBookingsIndex,
    CustomerStatusIndex,
    InvoiceItem,
    ProviderBookingsIndex,
    ProviderStatusIndex,
)
from bookings.records import BOOKINGS, DETAILS, INVOICES, SUMMARIES
from bookings.representation import represent_booking, represent_invoice
from bookings.services import ensure_invoice_stored
from kernel import storage
from kernel.actors import Actor, Role
from kernel.ids import provider_id_for
from kernel.sentences import Sentence, sentence

# The unit in which bookings are read: each is up to three items.
_BATCH = storage.MAX_BATCH_KEYS // 3
_OPEN_STATUSES = frozenset({Status.PENDING, Status.CONFIRMED})


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


def obstacles(user_id: str, *, now: datetime) -> list[Sentence]:
    """Appointments that somebody still counts on."""
    parties = (
        (user_id, CustomerStatusIndex.Meta.index_name),
        (provider_id_for(user_id), ProviderStatusIndex.Meta.index_name),
    )
    is_open = any(
        SUMMARIES.read(row).status_at(now) in _OPEN_STATUSES
        for party_id, index in parties
        for status in _OPEN_STATUSES
        for row in storage.all_rows(BookingItem, party_status_key(party_id, status), index=index)
    )
    return (
        [sentence("There are bookings that are still open. Cancel them, or wait until they are done.")]
        if is_open
        else []
    )


def erase(user_id: str, *, now: datetime) -> None:
    """Erase addresses and notes. What remains names the person by an id that leads to nobody any more.

    But for the PDFs of invoices, which are the providers' books: they are kept as issued, with name and address, and
    those that nobody has drawn yet are drawn before these are gone.
    """
    for row in storage.all_rows(BookingItem, user_id, index=CustomerBookingsIndex.Meta.index_name):
        if row["status"] == Status.PAID:
            ensure_invoice_stored(booking_id=row["booking_id"], now=now)
        storage.write(storage.delete("details", BookingDetailsItem, row["booking_id"]))
