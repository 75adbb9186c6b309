from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from pytest_django import Settings

from kernel import storage
from kernel.aws import client
from kernel.clock import epoch, now
from kernel.errors import TooManyRequestsError
from kernel.rate_limits import (
    CounterItem,
    RateLimit,
    charge,
    charge_in_batches,
    charge_write,
    raise_if_exceeded,
    too_often,
)

# Ten seconds into a window of tomorrow: what has expired, DynamoDB may remove at any moment.
NOW = now().replace(minute=0, second=10) + timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _exact(settings: Settings) -> None:
    settings.RATE_LIMIT_SCALE = 1


@pytest.fixture
def subject() -> str:
    return uuid4().hex


def limit(allowed: int, *, batch: int = 1) -> RateLimit:
    return RateLimit(f"test-{uuid4()}", allowed=allowed, window=MINUTE, batch=batch)


def allowed_uses(use: Callable[[], None], tries: int) -> int:
    allowed = 0
    for _ in range(tries):
        try:
            use()
        except TooManyRequestsError:
            continue
        allowed += 1
    return allowed


def test_so_many_and_no_more(subject: str) -> None:
    three = limit(3)
    assert allowed_uses(lambda: charge((three, subject), now=NOW), 10) == 3


def test_everyone_has_an_allowance_of_their_own(subject: str) -> None:
    one = limit(1)
    charge((one, subject), now=NOW)
    charge((one, uuid4().hex), now=NOW)


def test_a_new_window_begins_anew_and_the_refusal_says_when(subject: str) -> None:
    one = limit(1)
    charge((one, subject), now=NOW)

    with pytest.raises(TooManyRequestsError) as refused:
        charge((one, subject), now=NOW)

    assert refused.value.retry_after == 50
    assert "50 seconds" in str(refused.value.message)
    charge((one, subject), now=NOW + timedelta(seconds=50))


def test_many_at_once_get_exactly_the_allowance(subject: str) -> None:
    ten = limit(10)

    def use(_: int) -> int:
        return allowed_uses(lambda: charge((ten, subject), now=NOW), 1)

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(use, range(60))) == 10


def test_several_limits_are_charged_together_or_not_at_all(subject: str, dynamodb_calls: list[str]) -> None:
    narrow, wide = limit(1), limit(5)
    charge((narrow, subject), (wide, subject), now=NOW)
    assert dynamodb_calls == ["TransactWriteItems"]

    for _ in range(5):
        with pytest.raises(TooManyRequestsError):
            charge((narrow, subject), (wide, subject), now=NOW)

    assert allowed_uses(lambda: charge((wide, subject), now=NOW), 10) == 4


def test_the_longest_wait_is_told(subject: str) -> None:
    short, long = limit(1), RateLimit(f"test-{uuid4()}", allowed=1, window=timedelta(hours=1))
    charge((short, subject), (long, subject), now=NOW)
    with pytest.raises(TooManyRequestsError) as refused:
        charge((short, subject), (long, subject), now=NOW)
    assert refused.value.retry_after == 3590
    assert "1 hour" in str(refused.value.message)


def test_a_long_wait_is_told_in_hours() -> None:
    refusal = too_often(NOW, again_at=epoch(NOW) + 23 * 3600 - 120)

    assert "23 hours" in str(refusal.message)
    assert refusal.retry_after == 23 * 3600 - 120


def test_in_a_transaction_of_the_deed(subject: str) -> None:
    one = limit(1)
    storage.transact([charge_write(one, subject, now=NOW)])

    with pytest.raises(storage.ConditionFailedError) as failure:
        storage.transact([charge_write(one, subject, now=NOW)])

    raise_if_exceeded(limit(1), failure.value, now=NOW)
    with pytest.raises(TooManyRequestsError):
        raise_if_exceeded(one, failure.value, now=NOW)


def test_batches_cost_one_call_for_many_uses(subject: str, dynamodb_calls: list[str]) -> None:
    many = limit(100, batch=10)
    for _ in range(35):
        charge_in_batches(many, subject, now=NOW)
    assert dynamodb_calls == ["UpdateItem"] * 3


def test_batches_end_at_the_allowance_and_then_cost_nothing(subject: str, dynamodb_calls: list[str]) -> None:
    twenty = limit(20, batch=5)

    # The batch that does not fit is noticed with its last use.
    assert allowed_uses(lambda: charge_in_batches(twenty, subject, now=NOW), 100) == 24

    assert dynamodb_calls == ["UpdateItem"] * 5
    assert allowed_uses(lambda: charge_in_batches(twenty, subject, now=NOW + MINUTE), 1) == 1


def test_the_scale_multiplies(settings: Settings, subject: str) -> None:
    settings.RATE_LIMIT_SCALE = 3
    two = limit(2)
    assert allowed_uses(lambda: charge((two, subject), now=NOW), 10) == 6


def counters(wanted: RateLimit) -> list[storage.Row]:
    pages = client("dynamodb").get_paginator("scan").paginate(TableName=CounterItem.Meta.table_name)
    rows = [CounterItem.read_row(item) for page in pages for item in page["Items"]]
    return [row for row in rows if wanted.name in row["counter_key"]]


def test_counters_name_nobody_and_go_when_their_window_is_over(subject: str) -> None:
    one = limit(1)
    charge((one, subject), now=NOW)
    (counter,) = counters(one)
    assert subject not in counter["counter_key"]
    assert counter["expires_at"] == epoch(NOW) + 50
