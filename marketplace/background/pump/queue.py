"""Consuming one SQS queue, as Lambda's event source mapping would."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kernel.aws import client, queue_url
from marketplace.background.visibility import LEASE_SECONDS, held_messages

logger = logging.getLogger(__name__)

BATCH_SIZE = 10
WAIT_SECONDS = 2
_PAUSE_AFTER_FAILURE_SECONDS = 1.0
_DELETE_ATTEMPTS = 8


class QueueConsumer:
    """Hands the messages of a queue to a handler, and deletes those that it did not name as failed.

    When a failed one is shown again is up to the handler, and else to the lease under which it was received. Several
    consumers of one queue share it: of a FIFO queue, each has other groups.
    """

    def __init__(self, arn: str, handle: Callable[[Sequence[Mapping[str, Any]]], Mapping[str, Any]]) -> None:
        self._arn = arn
        self._url = queue_url(arn)
        self._handle = handle

    def run(self, stop: threading.Event) -> None:
        """Consume until told to stop. What fails is logged and tried again."""
        while not stop.is_set():
            try:
                self.consume_once()
            except Exception:
                logger.exception("the queue %s cannot be consumed now", self._arn)
                stop.wait(_PAUSE_AFTER_FAILURE_SECONDS)

    def consume_once(self, wait_seconds: int = WAIT_SECONDS) -> int:
        """At most one batch; how many messages were handled for good."""
        messages = (
            client("sqs")
            .receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=BATCH_SIZE,
                WaitTimeSeconds=wait_seconds,
                VisibilityTimeout=LEASE_SECONDS,
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
            .get("Messages", [])
        )
        if not messages:
            return 0
        records = [self._record(message) for message in messages]
        receipts = [message["ReceiptHandle"] for message in messages]
        held_messages.hold(self._url, receipts)
        try:
            answer = self._handle(records)
            failed = {failure["itemIdentifier"] for failure in answer.get("batchItemFailures", [])}
        except Exception:
            logger.exception("a batch of %s failed", self._arn)
            failed = {message["MessageId"] for message in messages}
        finally:
            held_messages.let_go(receipts)
        done = [message for message in messages if message["MessageId"] not in failed]
        if done:
            self._delete(done)
        return len(done)

    def _delete(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """Delete them at SQS. What stays comes again when its lease is over, and holds up its group until then."""
        answer = client("sqs", attempts=_DELETE_ATTEMPTS).delete_message_batch(
            QueueUrl=self._url,
            Entries=[
                {"Id": str(position), "ReceiptHandle": message["ReceiptHandle"]}
                for position, message in enumerate(messages)
            ],
        )
        if answer.get("Failed"):
            logger.warning("%d messages of %s could not be deleted", len(answer["Failed"]), self._arn)

    def _record(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """The message in the shape in which Lambda gets it."""
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message["Attributes"],
            "messageAttributes": message.get("MessageAttributes", {}),
            "eventSource": "aws:sqs",
            "eventSourceARN": self._arn,
        }
