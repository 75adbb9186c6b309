"""Events are counted in the form that CloudWatch makes metrics of, and nothing of a person is in it."""

import json
from datetime import UTC, datetime

import pytest
from pytest_django import Settings

from bookings.events import BookingPaid, BookingRequested
from marketplace.background import metrics

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
FACTS = {
    "subject_id": "booking-1",
    "version": 3,
    "occurred_at": AT,
    "customer_id": "canary-customer",
    "provider_id": "canary-provider",
    "service_id": "service-1",
    "service_name": "canary-service",
    "provider_name": "canary-name",
    "starts_at": AT,
    "ends_at": AT,
    "time_zone": "UTC",
    "price_amount": 9000,
    "price_currency": "USD",
    "actor_role": "customer",
}


def test_an_event_is_counted_by_its_type(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    settings.COUNTS_EVENTS, settings.METRICS_DIR = True, None
    metrics.count(BookingRequested(**FACTS))  # type: ignore[arg-type]
    written = capsys.readouterr().out
    (line,) = map(json.loads, written.splitlines())
    assert (line["booking.requested"], line["stage"]) == (1, "test")
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive == {
        "Namespace": "Lintel",
        "Dimensions": [["stage"]],
        "Metrics": [{"Name": "booking.requested", "Unit": "Count"}],
    }
    assert "canary" not in written


def test_what_was_paid_is_summed_by_currency(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    settings.COUNTS_EVENTS, settings.METRICS_DIR = True, None
    metrics.count(BookingPaid(**FACTS))  # type: ignore[arg-type]
    written = capsys.readouterr().out
    _, money = map(json.loads, written.splitlines())
    assert (money["revenue"], money["currency"]) == (9000, "USD")
    assert money["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["stage", "currency"]]
    assert "canary" not in written


def test_a_laptop_counts_nothing_in_its_log(capsys: pytest.CaptureFixture[str]) -> None:
    metrics.count(BookingRequested(**FACTS))  # type: ignore[arg-type]
    assert capsys.readouterr().out == ""
