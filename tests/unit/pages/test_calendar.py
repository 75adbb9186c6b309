"""The two weeks from which a time is chosen: each start stands on the day that the place's calendar says."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pages.booking.screens import DAYS_SHOWN, calendar


# Clocks change by an hour at two, by half an hour, and at midnight, which is then skipped or comes twice.
@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("UTC", date(2026, 11, 23)),
        ("America/Chicago", date(2026, 10, 26)),
        ("Australia/Lord_Howe", date(2026, 9, 28)),
        ("Asia/Beirut", date(2026, 3, 23)),
        ("Asia/Beirut", date(2026, 10, 19)),
        ("America/Havana", date(2026, 10, 26)),
        ("Pacific/Kiritimati", date(2026, 12, 28)),
    ],
)
def test_starts_stand_on_the_days_of_the_place(zone: str, first: date) -> None:
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(days=1)
    starts = [begin + timedelta(minutes=15 * number) for number in range(96 * (DAYS_SHOWN + 2))]
    of_day = {day: [start for start in starts if start.astimezone(ZoneInfo(zone)).date() == day] for day in days(first)}

    for day, wanted in of_day.items():
        shown = calendar(starts, zone=zone, first=first, today=first, horizon=days(first)[-1], chosen=day)
        values = [slot.value for part in shown.parts for slot in part.slots]
        assert values == [f"{start:%Y-%m-%dT%H:%M:%SZ}" for start in wanted]
        assert [each.value for each in shown.days] == [each.isoformat() for each in days(first)]


@pytest.mark.parametrize(
    ("first", "zone_name"),
    [
        (date(2027, 2, 28), "Chicago time, UTC-6"),
        (date(2027, 3, 1), "Chicago time"),
        (date(2027, 3, 14), "Chicago time"),
        (date(2027, 3, 15), "Chicago time, UTC-5"),
    ],
)
def test_the_clocks_are_those_of_the_days_that_are_shown(first: date, zone_name: str) -> None:
    """In Chicago they change on 14 March 2027."""
    shown = calendar((), zone="America/Chicago", first=first, today=date(2026, 12, 1), horizon=first, chosen=None)
    assert shown.zone == zone_name


def days(first: date) -> list[date]:
    return [first + timedelta(days=number) for number in range(DAYS_SHOWN)]
