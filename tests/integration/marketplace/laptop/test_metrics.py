"""The page of metrics shows what events were counted, and is on a laptop alone."""

from pathlib import Path

from django.test import Client
from pytest_django import Settings

from bookings.events import BookingConfirmed, BookingPaid
from marketplace.background import metrics
from tests.unit.marketplace.background.test_metrics import FACTS


def test_the_page_shows_what_was_counted(settings: Settings, tmp_path: Path, client: Client) -> None:
    settings.COUNTS_EVENTS, settings.METRICS_DIR = True, tmp_path
    for event in (BookingConfirmed, BookingPaid, BookingPaid):
        metrics.count(event(**FACTS))  # type: ignore[arg-type]
    answer = client.get("/metrics")
    page = answer.content.decode()
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert "booking.confirmed" in page
    assert "180.00\xa0USD" in page
    assert "canary" not in page


def test_elsewhere_there_is_none(settings: Settings, client: Client) -> None:
    settings.METRICS_DIR = None
    assert client.get("/metrics").status_code == 404
