"""The Celery tasks of bookings."""

from celery import shared_task

from bookings import services
from kernel import clock


@shared_task(name="bookings.store_invoice")  # type: ignore[untyped-decorator]
def store_invoice(booking_id: str) -> None:
    """Draw and keep the PDF of a paid booking's invoice. May run twice and at the same time."""
    services.ensure_invoice_stored(booking_id=booking_id, now=clock.now())
