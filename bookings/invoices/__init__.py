"""How an invoice looks: its PDF. Loads ReportLab, so only what draws one imports this package."""

from bookings.invoices.document import InvoiceReader, draw_invoice
from bookings.invoices.text import NoShaperError

__all__ = ["InvoiceReader", "NoShaperError", "draw_invoice"]
