"""Addresses of pages that other pages lead to."""

from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse


def booking_address(service_id: str, starts_at: datetime | None = None) -> str:
    """The page for booking a service, with a time chosen already."""
    address = reverse("book", args=[service_id])
    return f"{address}?{urlencode({'start': starts_at.isoformat()})}" if starts_at else address
