"""Where jobs look for what is due."""

from datetime import UTC, datetime, timedelta

from bookings.domain import STATUS_SHARDS, Status, status_keys

DUE_FROM = datetime(2026, 3, 1, 9, tzinfo=UTC)


def test_a_span_has_all_partitions_of_all_its_days() -> None:
    keys = status_keys(Status.PENDING, DUE_FROM, DUE_FROM + timedelta(days=1, hours=20))
    assert keys == [f"pending#2026-03-0{day}#{shard}" for day in (1, 2, 3) for shard in range(STATUS_SHARDS)]
