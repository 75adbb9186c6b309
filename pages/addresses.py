"""Addresses of pages that other pages lead to."""

from datetime import datetime
from urllib.parse import urlencode


def provider_address(provider_id: str) -> str:
    """The page of a provider."""
    return f"/providers/{provider_id}"


def booking_address(service_id: str, starts_at: datetime | None = None) -> str:
    """The page for booking a service, with a time chosen already."""
    address = f"/services/{service_id}/book"
    return f"{address}?{urlencode({'at': starts_at.isoformat()})}" if starts_at else address
