"""When a change that was not handled is published again."""

from datetime import UTC, datetime

from kernel.outbox import next_publication

CHANGED_AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


def test_a_change_is_published_again_after_pauses_that_double_up_to_a_day() -> None:
    published = [next_publication(CHANGED_AT, CHANGED_AT)]
    while len(published) < 12:
        published.append(next_publication(CHANGED_AT, published[-1]))
    minutes = [int((at - CHANGED_AT).total_seconds() // 60) for at in published]
    assert minutes == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 4000, 5440]
