"""When what nobody heard is announced again, and where jobs look for what is due."""

from datetime import UTC, datetime, timedelta

from bookings.domain import STATUS_SHARDS, Status, next_announcement, status_keys

CHANGED_AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


def test_a_change_is_announced_again_after_pauses_that_double_up_to_a_day() -> None:
    announced = [next_announcement(CHANGED_AT, CHANGED_AT)]
    while len(announced) < 12:
        announced.append(next_announcement(CHANGED_AT, announced[-1]))
    minutes = [int((at - CHANGED_AT).total_seconds() // 60) for at in announced]
    assert minutes == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 4000, 5440]


def test_a_span_has_all_partitions_of_all_its_days() -> None:
    keys = status_keys(Status.PENDING, CHANGED_AT, CHANGED_AT + timedelta(days=1, hours=20))
    assert keys == [f"pending#2026-03-0{day}#{shard}" for day in (1, 2, 3) for shard in range(STATUS_SHARDS)]
