"""The grid of a provider's week: which hours of the day it shows."""

from datetime import UTC, date, datetime

import pytest

from catalog.domain import parse_hours
from pages.provider.week import week
from tests.factories.catalog import build_provider

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("weekly", "exceptions", "hours_shown"),
    [
        ({}, {}, 12),
        ({"mon": [["06:00", "20:00"]]}, {}, 12),
        ({"tue": [["00:00", "04:00"], ["22:00", "24:00"]]}, {}, 24),
        ({"wed": [["05:00", "07:00"]]}, {}, 24),
        ({"mon": [["09:00", "17:00"]]}, {"2026-11-29": [["19:00", "21:00"]]}, 24),
        ({"mon": [["09:00", "17:00"]]}, {"2026-11-30": [["19:00", "21:00"]]}, 12),
    ],
)
def test_open_hours_of_which_nothing_would_be_seen_are_shown(
    weekly: dict[str, list[list[str]]], exceptions: dict[str, list[list[str]]], hours_shown: int
) -> None:
    provider = build_provider(hours=parse_hours(weekly, exceptions))
    shown = week(provider, (), (), names={}, first=MONDAY, now=datetime(2026, 11, 25, 12, tzinfo=UTC))
    assert len(shown.hours) == hours_shown
