"""A message is its consumer's while it works and lives; half a minute later it is anybody's."""

import time
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest

from kernel.aws import client
from marketplace.background import visibility
from marketplace.background.pump import queue as pump_queue
from marketplace.background.pump.batches import Record
from marketplace.background.pump.queue import QueueConsumer

LEASE_SECONDS = 1


class KilledError(BaseException):
    """The process ends here; what it would have done about an error, it does not do."""


@pytest.fixture
def arn(monkeypatch: pytest.MonkeyPatch) -> str:
    """A queue of the test's own, whose timeout is as long as that of the product's queues, and a short lease."""
    monkeypatch.setattr(pump_queue, "LEASE_SECONDS", LEASE_SECONDS)
    monkeypatch.setattr(visibility, "LEASE_SECONDS", LEASE_SECONDS)
    monkeypatch.setattr(visibility, "_EXTENDED_AFTER_SECONDS", 0.3)
    monkeypatch.setattr(visibility, "_TICK_SECONDS", 0.1)
    monkeypatch.setattr(pump_queue, "held_messages", visibility.HeldMessages())
    name = f"leases-{uuid4().hex}"
    url = client("sqs").create_queue(QueueName=name, Attributes={"VisibilityTimeout": "180"})["QueueUrl"]
    client("sqs").send_message(QueueUrl=url, MessageBody="{}")
    arn: str = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return arn


def other_consumer_gets(arn: str) -> int:
    return QueueConsumer(arn, lambda records: {}).consume_once(wait_seconds=0)


def test_nobody_else_gets_what_is_worked_on_for_longer_than_the_lease(arn: str) -> None:
    def work(records: Sequence[Record]) -> dict[str, Any]:
        time.sleep(2.5 * LEASE_SECONDS)
        assert other_consumer_gets(arn) == 0
        return {}

    assert QueueConsumer(arn, work).consume_once() == 1
    time.sleep(1.5 * LEASE_SECONDS)
    assert other_consumer_gets(arn) == 0


def test_what_a_killed_consumer_had_is_soon_another_s(arn: str) -> None:
    def work(records: Sequence[Record]) -> dict[str, Any]:
        raise KilledError

    with pytest.raises(KilledError):
        QueueConsumer(arn, work).consume_once()
    assert other_consumer_gets(arn) == 0
    time.sleep(1.2 * LEASE_SECONDS)
    assert other_consumer_gets(arn) == 1
