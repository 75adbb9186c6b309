"""Instants as they are stored and sent."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from kernel import clock

instants = st.integers(min_value=0, max_value=7_258_118_400).map(lambda second: datetime.fromtimestamp(second, UTC))


@given(instants)
def test_an_instant_survives_being_stored(instant: datetime) -> None:
    assert clock.from_rfc3339(clock.to_rfc3339(instant)) == instant


@given(instants, instants)
def test_stored_instants_sort_like_instants(one: datetime, other: datetime) -> None:
    assert (one < other) == (clock.to_rfc3339(one) < clock.to_rfc3339(other))


def test_another_zone_is_stored_in_utc() -> None:
    instant = datetime(2026, 3, 1, 10, 0, tzinfo=timezone(timedelta(hours=2)))
    assert clock.to_rfc3339(instant) == "2026-03-01T08:00:00Z"


def test_now_is_aware_and_whole_seconds() -> None:
    instant = clock.now()
    assert instant.tzinfo is UTC
    assert instant.microsecond == 0
