"""The page of metrics reads what the events were counted by, and adds it up by the hour."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from bookings.events import BookingPaid, BookingRequested
from kernel import clock
from kernel.events import Event
from marketplace.background import metrics
from marketplace.laptop.metric_files import CHARTED, HOURS, read_series
from tests.unit.marketplace.background.test_metrics import FACTS

NOON = datetime(2026, 3, 2, 12, 20, tzinfo=UTC)


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.COUNTS_EVENTS = True
    settings.METRICS_DIR = tmp_path / "metrics"
    return tmp_path / "metrics"


def count(monkeypatch: pytest.MonkeyPatch, event: type[Event], at: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: at)
    metrics.count(event(**FACTS))  # type: ignore[arg-type]


def counts(folder: Path, name: str, now: datetime = NOON) -> dict[str, int]:
    """Of the hours in which it happened, how often."""
    (series,) = [series for series in read_series(folder, now).charted if series.name == name]
    return {f"{hour:%d %H}": number for hour, number in series.hours if number}


def test_a_laptops_lines_are_in_files_and_not_in_the_log(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    count(monkeypatch, BookingRequested, NOON)
    assert capsys.readouterr().out == ""
    assert [path.name for path in folder.iterdir()] == ["2026-03-02.jsonl"]


def test_what_happened_is_counted_by_the_hour_across_midnight(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for hours in (0, 0, 1, HOURS - 1):
        count(monkeypatch, BookingRequested, NOON - timedelta(hours=hours))
    assert counts(folder, "booking.requested") == {"02 12": 2, "02 11": 1, "02 01": 1}
    count(monkeypatch, BookingRequested, NOON - timedelta(hours=13))
    early = NOON.replace(hour=3)
    assert counts(folder, "booking.requested", early) == {"01 23": 1, "02 01": 1}


def test_what_is_older_is_not_shown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    count(monkeypatch, BookingRequested, NOON - timedelta(hours=HOURS))
    assert counts(folder, "booking.requested") == {}


def test_money_has_a_series_for_each_currency(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        count(monkeypatch, BookingPaid, NOON)
    assert counts(folder, "revenue") == {"02 12": 18_000}
    (money,) = [series for series in read_series(folder, NOON).charted if series.name == "revenue"]
    assert (money.currency, money.text(18_000)) == ("USD", "180.00\xa0USD")


def test_where_nothing_happened_there_is_the_dashboard_all_the_same(folder: Path) -> None:
    found = read_series(folder, NOON)
    assert tuple(series.name for series in found.charted) == CHARTED
    assert all(len(series.hours) == HOURS for series in found.charted)
    assert found.others == ()
