"""SNS and SQS in memory, as the product's code calls them."""

# ruff: noqa: N803  (AWS names its parameters)

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from marketplace.background.queues import MAX_RECEIVES
from marketplace.background.worker import app
from tests.factories.events import task_message

# After so many receives SQS moves a task to the dead-letter queue; the template says so.
TASK_MAX_RECEIVES = 32
_DEDUPLICATED_FOR_SECONDS = 300
_ACCOUNT = "arn:aws:sqs:us-east-1:000000000000:"


@dataclass
class Message:
    """One message of a queue."""

    id: str
    body: str
    group: str
    sent_at: float
    visible_at: float
    receives: int = 0


class FakeQueue:
    """One queue; of its groups, if it has any, each is seen in order, and by one consumer at a time.

    `groups` are all that it ever had a message of.
    """

    def __init__(
        self, clock: Callable[[], float], dead_letters: "FakeQueue | None" = None, max_receives: int = 0
    ) -> None:
        self.messages: dict[str, Message] = {}
        self._clock = clock
        self._dead_letters = dead_letters
        self._max_receives = max_receives
        self.groups: set[str] = set()
        self._numbers = itertools.count(1)
        self._seen: dict[str, float] = {}

    def send(self, body: str, *, group: str = "", deduplication_id: str = "") -> None:
        now = self._clock()
        if deduplication_id:
            if now - self._seen.get(deduplication_id, float("-inf")) < _DEDUPLICATED_FOR_SECONDS:
                return
            self._seen[deduplication_id] = now
        message = Message(f"{id(self)}-{next(self._numbers)}", body, group, now, now)
        self.messages[message.id] = message
        self.groups.add(group)

    def receive(self, limit: int, hidden_for: float) -> list[Message]:
        now = self._clock()
        received: list[Message] = []
        closed: set[str] = set()
        for message in list(self.messages.values()):
            if len(received) == limit:
                break
            if message.visible_at > now:
                closed.add(message.group)
            elif not message.group or message.group not in closed:
                if self._dead_letters and message.receives >= self._max_receives:
                    del self.messages[message.id]
                    self._dead_letters.send(message.body, group=message.group)
                    continue
                message.receives += 1
                message.visible_at = now + hidden_for
                received.append(message)
        return received


class FakeMessaging:
    """The clients of SNS and SQS. `step` is called before and after each call, and may raise."""

    def __init__(self, clock: Callable[[], float], step: Callable[[], None], is_repeated: Callable[[], bool]) -> None:
        self._clock, self._step, self._is_repeated = clock, step, is_repeated
        # The queues' own timeout, as the worker knows it.
        self._hidden_for: int = app.conf.broker_transport_options["visibility_timeout"]
        self.queues: dict[str, FakeQueue] = {}
        self.queues["test-stream-failures"] = FakeQueue(clock)
        for name, end, max_receives in (
            ("test-notifications", ".fifo", MAX_RECEIVES),
            ("test-tasks", "", TASK_MAX_RECEIVES),
        ):
            self.queues[f"{name}-dlq{end}"] = FakeQueue(clock)
            self.queues[f"{name}{end}"] = FakeQueue(clock, self.queues[f"{name}-dlq{end}"], max_receives)

    def enqueue_task(self, name: str, *args: str) -> None:
        """What Celery does: a message to the queue of tasks."""
        self._step()
        self._send("test-tasks", task_message(name, *args))
        self._step()

    def publish_batch(self, *, TopicArn: str, PublishBatchRequestEntries: list[dict[str, Any]]) -> dict[str, Any]:
        self._step()
        for entry in PublishBatchRequestEntries:
            self._send(
                "test-notifications.fifo",
                entry["Message"],
                group=entry["MessageGroupId"],
                deduplication_id=entry["MessageDeduplicationId"],
            )
        self._step()
        return {"Failed": []}

    def _send(self, queue: str, body: str, *, group: str = "", deduplication_id: str = "") -> None:
        self.queues[queue].send(body, group=group, deduplication_id=deduplication_id)
        if self._is_repeated():
            # As if the five minutes in which it is known again were over, or the queue had no such memory.
            self.queues[queue].send(body, group=group)

    def receive_message(
        self,
        *,
        QueueUrl: str,
        MaxNumberOfMessages: int,
        VisibilityTimeout: int | None = None,
        **options: Any,
    ) -> dict[str, Any]:
        self._step()
        messages = self._queue(QueueUrl).receive(MaxNumberOfMessages, VisibilityTimeout or self._hidden_for)
        self._step()
        return {"Messages": [_received(message) for message in messages]}

    def delete_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, str]]) -> dict[str, Any]:
        for entry in Entries:
            self.delete_message(QueueUrl=QueueUrl, ReceiptHandle=entry["ReceiptHandle"])
        return {}

    def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> None:
        self._step()
        self._queue(QueueUrl).messages.pop(ReceiptHandle, None)
        self._step()

    def change_message_visibility(self, *, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> None:
        self._step()
        message = self._queue(QueueUrl).messages.get(ReceiptHandle)
        if message:
            message.visible_at = self._clock() + VisibilityTimeout
        self._step()

    def send_message(
        self,
        *,
        QueueUrl: str,
        MessageBody: str,
        MessageGroupId: str = "",
        MessageDeduplicationId: str = "",
    ) -> None:
        self._step()
        self._queue(QueueUrl).send(MessageBody, group=MessageGroupId, deduplication_id=MessageDeduplicationId)
        self._step()

    def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: list[str]) -> dict[str, Any]:
        name = QueueUrl.rpartition("/")[2]
        dead = name.replace(".fifo", "-dlq.fifo") if name.endswith(".fifo") else f"{name}-dlq"
        return {"Attributes": {"RedrivePolicy": orjson.dumps({"deadLetterTargetArn": _ACCOUNT + dead}).decode()}}

    def _queue(self, url: str) -> FakeQueue:
        return self.queues[url.rpartition("/")[2]]


def _received(message: Message) -> dict[str, Any]:
    attributes = {
        "ApproximateReceiveCount": str(message.receives),
        "SentTimestamp": str(int(message.sent_at * 1000)),
    } | ({"MessageGroupId": message.group} if message.group else {})
    return {"MessageId": message.id, "ReceiptHandle": message.id, "Body": message.body, "Attributes": attributes}
