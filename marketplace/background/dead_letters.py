"""Messages that could not be processed: what they are about, another try, or an end to them.

SQS can move messages back by itself, but only all of a queue at once, and the embedded cloud cannot. Here each is
received, sent, and only then deleted: one that is sent twice meets the ledger, none is lost.
"""

import base64
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any

import orjson
from django.conf import settings

from kernel.aws import client, queue_url
from kernel.values import dataclass

# While somebody looks through a queue, what they have seen is hidden from others.
_HIDDEN_SECONDS = 120


Message = dict[str, Any]


class NotRedrivableError(Exception):
    """The queue holds no messages but notes about records of a stream."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One message; `about` says in ids and names what it is, without its contents."""

    message_id: str
    sent_at: datetime
    about: str


@dataclass(frozen=True, slots=True)
class DeadLetterQueue:
    """Where the messages of one source end that could not be processed; `source_arn` None: it has no way back."""

    name: str
    arn: str
    source_arn: str | None
    describe: Callable[[str], str]

    @property
    def _url(self) -> str:
        return queue_url(self.arn)

    def count(self) -> int:
        """How many messages wait here, as SQS estimates it."""
        attributes = client("sqs").get_queue_attributes(
            QueueUrl=self._url, AttributeNames=["ApproximateNumberOfMessages"]
        )["Attributes"]
        return int(attributes["ApproximateNumberOfMessages"])

    def show(self) -> list[DeadLetter]:
        """The messages; of each booking at most the first ten."""
        return self._visit(None, lambda message: False)

    def redrive(self, message_ids: Collection[str] | None = None) -> list[DeadLetter]:
        """Send these messages (None: all) to where they came from, and delete them here; what was sent.

        An event keeps its id, by which the handlers know what they did of it. Raises `NotRedrivableError`.
        """
        if self.source_arn is None:
            raise NotRedrivableError(self.name)
        source_url = queue_url(self.source_arn)

        def send(message: Message) -> bool:
            fifo = {}
            if "MessageGroupId" in message["Attributes"]:
                fifo = {
                    "MessageGroupId": message["Attributes"]["MessageGroupId"],
                    # Not the first one: within five minutes SQS would take it for the same message and drop it.
                    "MessageDeduplicationId": f"redrive-{message['MessageId']}",
                }
            client("sqs").send_message(QueueUrl=source_url, MessageBody=message["Body"], **fifo)
            return True

        return self._visit(message_ids, send)

    def drop(self, message_ids: Collection[str] | None = None) -> list[DeadLetter]:
        """Delete these messages (None: all) for good; what was deleted."""
        return self._visit(message_ids, lambda message: True)

    def _visit(self, message_ids: Collection[str] | None, is_done: Callable[[Message], bool]) -> list[DeadLetter]:
        """Delete those of these messages (None: all) that are done; the others are shown again in the end."""
        visited: list[DeadLetter] = []
        hidden: dict[str, Message] = {}
        try:
            while messages := self._receive():
                hidden |= {message["MessageId"]: message for message in messages}
                for message in messages:
                    if message_ids is not None and message["MessageId"] not in message_ids:
                        continue
                    visited.append(self._read(message))
                    if is_done(message):
                        client("sqs").delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
                        del hidden[message["MessageId"]]
        finally:
            for message in hidden.values():
                client("sqs").change_message_visibility(
                    QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
                )
        return visited

    def _receive(self) -> list[Message]:
        found: list[Message] = (
            client("sqs")
            .receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=10,
                VisibilityTimeout=_HIDDEN_SECONDS,
                WaitTimeSeconds=1,
                AttributeNames=["All"],
            )
            .get("Messages", [])
        )
        return found

    def _read(self, message: Message) -> DeadLetter:
        try:
            about = self.describe(message["Body"])
        except (ValueError, LookupError, TypeError, AttributeError):
            about = "unreadable"
        sent_at = datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC)
        return DeadLetter(message["MessageId"], sent_at, about)


# --- What a message is about: ids and names, never what people wrote or how they are reached --------------------------


def _describe_stream_failure(body: str) -> str:
    position = orjson.loads(body)["DDBStreamBatchInfo"]
    return f"records {position['startSequenceNumber']} to {position['endSequenceNumber']} of {position['shardId']}"


def _describe_event(body: str) -> str:
    event = orjson.loads(body)
    return f"{event['type']} {event['id']}"


def _describe_task(body: str) -> str:
    message = orjson.loads(base64.b64decode(body, validate=True))
    args, _, _ = orjson.loads(base64.b64decode(message["body"], validate=True))
    # Tasks are given ids and names alone.
    return " ".join([message["headers"]["task"], *map(str, args)])


def _describe_feedback(body: str) -> str:
    report = orjson.loads(body)
    return str(report.get("notificationType") or report.get("eventType"))


# --- Which there are -------------------------------------------------------------------------------------------------

# In the order of an event's way: the setting with the ARN of the queue itself or of the one before it.
_QUEUES: dict[str, tuple[str, Callable[[str], str]]] = {
    "stream-failures": ("STREAM_FAILURES_QUEUE_ARN", _describe_stream_failure),
    "events": ("NOTIFICATIONS_QUEUE_ARN", _describe_event),
    "tasks": ("TASKS_QUEUE_ARN", _describe_task),
    "email-feedback": ("EMAIL_FEEDBACK_QUEUE_ARN", _describe_feedback),
}
NAMES = tuple(_QUEUES)


def queue_arn(name: str) -> str:
    """The queue of that name whose messages may end here, or that is the end itself."""
    arn: str = getattr(settings, _QUEUES[name][0])
    return arn


def dead_letter_queue(name: str) -> DeadLetterQueue:
    """The one with that name, of `NAMES`."""
    arn, describe = queue_arn(name), _QUEUES[name][1]
    answer = client("sqs").get_queue_attributes(QueueUrl=queue_url(arn), AttributeNames=["RedrivePolicy"])
    policy = answer.get("Attributes", {}).get("RedrivePolicy")
    if policy is None:
        return DeadLetterQueue(name, arn, None, describe)
    return DeadLetterQueue(name, orjson.loads(policy)["deadLetterTargetArn"], arn, describe)
