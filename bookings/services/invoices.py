"""Issuing invoices, drawing their PDFs once, and letting their owners have them."""

import contextlib
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from accounts.queries import get_contacts
from bookings.domain import Booking, Invoice, earned_with, new_invoice
from bookings.models import InvoiceItem, InvoiceNumbersItem
from bookings.queries import Payable, get_booking, get_invoice
from bookings.records import INVOICES, earnings_value
from bookings.services.fonts import find_font
from catalog.queries import get_provider
from kernel import storage
from kernel.actors import SYSTEM, Actor
from kernel.errors import BusyError
from kernel.sentences import sentence
from kernel.values import dataclass

LINK_VALID_FOR = timedelta(minutes=5)


class NumberTakenError(Exception):
    """Another invoice of the provider took the number meanwhile; read the next one and try again."""


def issuing_writes(paid: Booking, payable: Payable, now: datetime) -> list[storage.Write]:
    """The invoice of the booking that is being paid, under the provider's next number, and the sums with it.

    For the transaction that records the payment: where that fails, no number is used up. `invoice number` fails when
    the number was taken meanwhile.
    """
    last = payable.last_invoice_number
    invoice = new_invoice(paid, payable.provider, number=last + 1, issued_at=now)
    last_number = InvoiceNumbersItem.last_number
    return [
        storage.put("invoice", INVOICES.item(invoice), condition=InvoiceItem.invoice_id.does_not_exist()),
        storage.update(
            "invoice number",
            InvoiceNumbersItem,
            invoice.provider_id,
            actions=[
                last_number.set(invoice.number),
                InvoiceNumbersItem.earnings.set(earnings_value(earned_with(payable.earnings, invoice))),
            ],
            condition=last_number == last if last else last_number.does_not_exist(),
        ),
    ]


@dataclass(frozen=True, slots=True)
class InvoiceLink:
    """An invoice and an address at which its PDF can be had until `expires_at` by whoever knows the address."""

    invoice: Invoice
    url: str
    expires_at: datetime


def get_invoice_link(*, actor: Actor, booking_id: str, now: datetime) -> InvoiceLink:
    """The invoice with a link to its PDF, for those whose booking it is and for admins.

    Raises `NotFoundError` for strangers, as if there were no booking, and (`no_invoice`) before the booking is paid;
    `BusyError` for one that only the events function can draw, and has not yet.
    """
    invoice = _stored(get_invoice(actor=actor, booking_id=booking_id), now)
    url = _documents().url(
        invoice.document_name,
        parameters={"ResponseContentDisposition": f'attachment; filename="{invoice.file_name}"'},
        expire=int(LINK_VALID_FOR.total_seconds()),
    )
    return InvoiceLink(invoice, url, now + LINK_VALID_FOR)


def ensure_invoice_stored(*, booking_id: str, now: datetime) -> Invoice:
    """Draw the invoice's PDF and keep it, unless that is done already. May be repeated and run at the same time.

    Raises `NotFoundError` when there is no such booking or it is not paid.
    """
    return _stored(get_invoice(actor=SYSTEM, booking_id=booking_id), now)


class InvoiceFile(NamedTuple):
    """A PDF and the name under which people keep it."""

    name: str
    content: bytes


def get_invoice_file(*, booking_id: str, now: datetime) -> InvoiceFile:
    """The kept PDF, drawn first if need be. Raises `NotFoundError` when there is no such booking or it is not paid."""
    invoice = ensure_invoice_stored(booking_id=booking_id, now=now)
    with _documents().open(invoice.document_name) as file:
        return InvoiceFile(invoice.file_name, file.read())


def _stored(invoice: Invoice, now: datetime) -> Invoice:
    if invoice.stored_at is not None:
        return invoice
    # If there is a PDF, somebody was faster, or stopped before the next step: the first is the one that counts.
    with contextlib.suppress(FileExistsError):
        _documents().save(invoice.document_name, ContentFile(_drawn(invoice)))
    row = storage.write(
        storage.update(
            "invoice",
            InvoiceItem,
            invoice.booking_id,
            actions=[InvoiceItem.stored_at.set(InvoiceItem.stored_at | now)],
            condition=InvoiceItem.invoice_id.exists(),
        )
    )
    return INVOICES.read(row) if row else invoice


def _drawn(invoice: Invoice) -> bytes:
    # ReportLab takes a while to load: only who draws pays for it.
    from bookings.invoices import InvoiceReader, NoShaperError, draw_invoice

    booking_id = invoice.booking_id
    _, details = get_booking(actor=SYSTEM, booking_id=booking_id)
    owner_id = get_provider(invoice.provider_id).owner_id
    contacts = get_contacts([user_id for user_id in (invoice.customer_id, owner_id) if user_id])
    customer, owner = contacts.get(invoice.customer_id or ""), contacts.get(owner_id)
    caller = details.caller if details else None
    reader = InvoiceReader(
        customer_name=caller.name if caller else customer.name if customer else "",
        address=details.address if details else "",
        # It is the provider's document, for the provider's books.
        language=(owner and owner.language) or settings.LANGUAGE_CODE,
        site_name=settings.SITE_NAME,
    )
    try:
        return draw_invoice(invoice, reader, find_font)
    except NoShaperError as error:
        raise BusyError(sentence("The invoice is being made. Ask for it again in a moment.")) from error


def _documents() -> Any:
    """The storage `kernel.documents.DocumentStorage`."""
    return storages["documents"]
