"""Own time: its parts of UTC days, and that keeping a full day stays within DynamoDB's limits."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from catalog.domain import MAX_OWN_DAYS, own_positions, own_span, parts_by_day, parts_text, read_parts
from catalog.models import CLAIM_ATTRIBUTES, HOLD_ATTRIBUTES
from catalog.services.own_time import _unchanged
from kernel.errors import InvalidInputError
from kernel.storage import MAX_TRANSACTION_ITEMS, Row
from tests.factories.catalog import build_provider

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_parts_are_the_cells_of_each_day() -> None:
    assert list(parts_by_day(range(90, 300))) == [
        (date(1970, 1, 1), range(90, 96)),
        (date(1970, 1, 2), range(96)),
        (date(1970, 1, 3), range(96)),
        (date(1970, 1, 4), range(12)),
    ]
    assert list(parts_by_day(range(0))) == []


def test_the_text_of_a_day_can_be_read_and_does_not_depend_on_the_order() -> None:
    parts = {"b": range(96), "a": range(4, 8)}
    assert parts_text(parts) == "a:4-8 b:0-96"
    assert parts_text(dict(reversed(parts.items()))) == parts_text(parts)
    assert read_parts(parts_text(parts)) == parts
    assert own_positions("a:4-8 c:6-10") == set(range(4, 10))
    assert read_parts("") == {}


@pytest.mark.parametrize("zone", ["UTC", "Europe/London", "America/Chicago", "Asia/Kathmandu", "Australia/Lord_Howe"])
def test_the_longest_own_time_fits_into_one_transaction(zone: str) -> None:
    provider = build_provider(time_zone=zone)
    for days in range(365):
        first = NOW.date() + timedelta(days=days + 1)
        start, end = own_span(provider, first, first + timedelta(days=MAX_OWN_DAYS - 1), now=NOW, begun_at=None)
        assert start.astimezone(ZoneInfo(zone)).date() == first
        cells = range(int(start.timestamp()) // 900, int(end.timestamp()) // 900)
        assert len(list(parts_by_day(cells))) + 2 <= MAX_TRANSACTION_ITEMS


def test_an_end_before_the_start_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        own_span(build_provider(), date(2026, 4, 2), date(2026, 4, 1), now=NOW, begun_at=None)


def test_the_condition_of_a_full_day_leaves_room_in_dynamodbs_limits() -> None:
    day = date(2026, 4, 1)
    fullest: Row = dict.fromkeys(CLAIM_ATTRIBUTES, "a booking")
    lapsed = fullest | dict.fromkeys(HOLD_ATTRIBUTES, 1)
    for row in ({}, fullest, lapsed):
        names: dict[str, str] = {}
        condition = _unchanged(day, row, "a:0-4", range(96), NOW).serialize(names, {})
        assert len(condition) <= 4096
        assert len(re.findall(r"\bAND\b|\bOR\b|<=|=|attribute_not_exists", condition)) <= 240
