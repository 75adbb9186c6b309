"""How Celery reaches SQS: by kombu's transport, made to outlive refusals and to receive under short leases."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from kombu.transport.SQS import Channel as SQSChannel
from kombu.transport.SQS import Transport as SQSTransport

from kernel.aws import client
from marketplace.background.visibility import held_messages

logger = logging.getLogger(__name__)

# Of what is sent, deleted or given back. What then still fails costs its message a lease, or its event a try.
_ATTEMPTS = 8
_PAUSE_AFTER_FAILURE_SECONDS = 1.0


class Channel(SQSChannel):
    """Kombu's, whose messages are hidden from others while they are worked on, and not for the queue's timeout.

    It asks through this process's clients of SQS, whose patience is bounded. A poll that fails is an empty one.
    """

    def new_sqs_client(self, *args: Any, **kwargs: Any) -> Any:
        return client("sqs", attempts=_ATTEMPTS)

    def _receive_message(
        self, queue: str, max_number_of_messages: int = 1, wait_time_seconds: int | None = None
    ) -> dict[str, Any]:
        url: str = self._queue_cache[queue]
        try:
            answer: dict[str, Any] = client("sqs").receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=max_number_of_messages,
                WaitTimeSeconds=wait_time_seconds or self.wait_time_seconds,
                VisibilityTimeout=self.visibility_timeout,
                # By which the pause after a failure is chosen.
                MessageSystemAttributeNames=["ApproximateReceiveCount"],
            )
        except (BotoCoreError, ClientError):
            logger.warning("the queue %s cannot be polled now", queue, exc_info=True)
            time.sleep(_PAUSE_AFTER_FAILURE_SECONDS)
            return {}
        held_messages.hold(url, [message["ReceiptHandle"] for message in answer.get("Messages", [])])
        return answer

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:  # noqa: FBT001, FBT002  (kombu's)
        with self._let_go(delivery_tag):
            super().basic_ack(delivery_tag, multiple)  # type: ignore[no-untyped-call]

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:  # noqa: FBT001, FBT002  (kombu's)
        with self._let_go(delivery_tag):
            super().basic_reject(delivery_tag, requeue)  # type: ignore[no-untyped-call]

    @contextmanager
    def _let_go(self, delivery_tag: str) -> Iterator[None]:
        # Kombu's tag of a message is its receipt handle.
        held_messages.let_go([delivery_tag])
        try:
            yield
        except (BotoCoreError, ClientError):
            logger.warning("a message can be neither deleted nor given back now; its lease runs out", exc_info=True)

    def _size(self, queue: str) -> int:
        # Asked whenever a queue is declared, and told to nobody.
        return 0


class Transport(SQSTransport):
    """Kombu's, polling through the AWS SDK.

    Its usual way is its own HTTP client, which tries nothing twice: when SQS answers a poll with a refusal, such as
    throttling, it raises a bare `Exception`, and the worker ends.
    """

    Channel = Channel
    implements = SQSTransport.implements.extend(asynchronous=False)
