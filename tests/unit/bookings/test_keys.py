"""Where jobs look for what is due."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bookings.domain import STATUS_SHARDS, Status, status_key, status_keys
from tests.unit.bookings.test_lifecycle import make_booking

DUE_FROM = datetime(2026, 3, 1, 9, tzinfo=UTC)


def test_a_span_has_all_partitions_of_all_its_days() -> None:
    keys = status_keys([Status.PENDING], DUE_FROM, DUE_FROM + timedelta(days=1, hours=20))
    assert keys == [f"pending#2026-03-0{day}#{shard}" for day in (1, 2, 3) for shard in range(STATUS_SHARDS)]


def test_what_is_paid_stays_where_it_was_listed_when_it_was_completed() -> None:
    completed, paid = make_booking(Status.COMPLETED), make_booking(Status.PAID)
    assert status_key(completed) == status_key(replace(paid, booking_id=completed.booking_id))
    keys = status_keys([Status.COMPLETED, Status.PAID], completed.ends_at, completed.ends_at)
    assert status_key(completed) in keys
    # Those of older bookings.
    assert {key.partition("#")[0] for key in keys} == {"completed", "paid"}
    assert len(keys) == len(set(keys))
