"""Messages stay hidden while they are worked on, and no longer."""

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from marketplace.background import visibility
from marketplace.background.visibility import LEASE_SECONDS, LONGEST_WORK_SECONDS, HeldMessages

QUEUE = "https://sqs.example/queue"


class Queue:
    """In the place of the SQS client: notes what is extended, and fails where it is told to."""

    def __init__(self) -> None:
        self.extended: list[list[str]] = []
        self.is_down = self.is_broken = False
        self.failures: dict[str, bool] = {}

    def change_message_visibility_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        if self.is_broken:
            self.is_broken = False
            raise RuntimeError("what nobody foresaw")
        if self.is_down:
            raise ClientError({"Error": {"Code": "RequestThrottled"}}, "ChangeMessageVisibilityBatch")
        assert {entry["VisibilityTimeout"] for entry in Entries} == {LEASE_SECONDS}
        self.extended.append([entry["ReceiptHandle"] for entry in Entries])
        return {
            "Failed": [
                {"Id": entry["Id"], "SenderFault": self.failures[entry["ReceiptHandle"]]}
                for entry in Entries
                if entry["ReceiptHandle"] in self.failures
            ]
        }


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Queue:
    queue = Queue()
    monkeypatch.setattr(visibility, "client", lambda service, *, attempts: queue)
    return queue


@pytest.fixture
def held(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> HeldMessages:
    monkeypatch.setattr(HeldMessages, "_run", lambda self: None)
    return HeldMessages()


def test_leases_are_extended_in_good_time_and_again(held: HeldMessages, queue: Queue) -> None:
    held.hold(QUEUE, ["a", "b"])
    started = time.monotonic()
    for seconds in range(LEASE_SECONDS + 5):
        held.extend_due(started + seconds)
    assert queue.extended[0] == ["a", "b"]
    assert len(queue.extended) >= 2


def test_work_that_is_done_soon_costs_no_call(held: HeldMessages, queue: Queue) -> None:
    held.hold(QUEUE, ["a"])
    held.extend_due(time.monotonic() + 5)
    held.let_go(["a"])
    held.extend_due(time.monotonic() + 20)
    assert queue.extended == []


def test_ten_go_into_one_call(held: HeldMessages, queue: Queue) -> None:
    held.hold(QUEUE, [str(number) for number in range(25)])
    held.extend_due(time.monotonic() + 20)
    assert [len(receipts) for receipts in queue.extended] == [10, 10, 5]


def test_what_could_not_be_extended_is_tried_again_at_once(held: HeldMessages, queue: Queue) -> None:
    held.hold(QUEUE, ["a", "b"])
    now = time.monotonic() + 20
    queue.is_down = True
    held.extend_due(now)
    queue.is_down, queue.failures = False, {"b": False}
    held.extend_due(now + 1)
    held.extend_due(now + 2)
    assert queue.extended == [["a", "b"], ["b"]]


def test_what_is_gone_is_forgotten(held: HeldMessages, queue: Queue) -> None:
    held.hold(QUEUE, ["a", "b"])
    queue.failures = {"a": True}
    held.extend_due(time.monotonic() + 20)
    held.extend_due(time.monotonic() + 40)
    assert queue.extended == [["a", "b"], ["b"]]


def test_whoever_hangs_loses_the_message(held: HeldMessages, queue: Queue) -> None:
    held.hold(QUEUE, ["a"])
    held.extend_due(time.monotonic() + LONGEST_WORK_SECONDS + 1)
    assert queue.extended == []


def test_a_thread_of_its_own_does_it(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visibility, "_TICK_SECONDS", 0.01)
    monkeypatch.setattr(visibility, "_EXTENDED_AFTER_SECONDS", 0.05)
    held = HeldMessages()
    held.hold(QUEUE, ["a"])
    # Whatever fails, the thread goes on.
    queue.is_broken = True
    give_up_at = time.monotonic() + 60
    while len(queue.extended) < 2 and time.monotonic() < give_up_at:
        time.sleep(0.01)
    held.let_go(["a"])
    assert queue.extended[:2] == [["a"], ["a"]]
