"""How an invoice looks: its PDF. Loads ReportLab, so only what draws one imports this package."""

from bookings.invoices.document import InvoiceReader, draw_invoice

__all__ = ["InvoiceReader", "draw_invoice"]
