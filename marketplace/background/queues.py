"""SQS → handlers: events from the FIFO queue, Celery's messages from the task queue, reports of SES."""

import base64
import binascii
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from kernel import clock
from kernel.aws import client, queue_url
from kernel.events import Event, read_event
from kernel.logs import at_work_on
from marketplace.background import metrics
from marketplace.background.visibility import held_messages
from marketplace.background.wiring import wiring
from marketplace.background.worker import RetryPauses, app, import_tasks
from notifications.feedback import take_feedback

logger = logging.getLogger(__name__)

# After so many SQS moves an event to the dead-letter queue; the template says the same.
MAX_RECEIVES = 5

Record = Mapping[str, Any]
BatchResponse = dict[str, list[dict[str, str]]]


class UnknownTaskError(Exception):
    """A message of the task queue names no task of ours; it ends in the dead-letter queue."""


def handle_events(records: Sequence[Record]) -> BatchResponse:
    """Let every handler of each event do its part.

    Answers what failed, and with it all later messages of the same group: one item's events are handled in order,
    other items' are not held up. Once a message goes to the dead-letter queue, those behind it go on.
    """
    failed: list[Record] = []
    stopped_groups: set[str] = set()
    for record in records:
        group = record["attributes"]["MessageGroupId"]
        if group in stopped_groups:
            failed.append(record)
            continue
        try:
            handle_event(read_event(orjson.loads(record["body"]), wiring().event_types), clock.now())
        except Exception:
            logger.exception("message %s of %s failed", record["messageId"], group)
            failed.append(record)
            # They share its receives: stopped once more, they would share its fate.
            if _receives(record) < MAX_RECEIVES:
                stopped_groups.add(group)
    return _shown_later(failed)


def handle_event(event: Event, now: datetime) -> None:
    """All effects of one event; then its outbox records that it was handled. Raises what any handler raises."""
    with at_work_on(event=event.event_id, subject=event.subject_id):
        for handler in wiring().handlers_of[event.type]:
            handler(event, now)
        wiring().outbox_of[event.type].mark_handled(subject_id=event.subject_id, version=event.version)
    metrics.count(event)


def run_tasks(records: Sequence[Record]) -> BatchResponse:
    """Run the Celery task that each message names. Answers what failed."""
    return _handle_each(records, lambda body: _task_call(body)())


def take_email_feedback(records: Sequence[Record]) -> BatchResponse:
    """Act on what SES reports about sent emails. Answers what failed."""
    return _handle_each(records, lambda body: take_feedback(body, clock.now()))


def _handle_each(records: Sequence[Record], handle: Callable[[str], Any]) -> BatchResponse:
    failed: list[Record] = []
    for record in records:
        try:
            handle(record["body"])
        except Exception:
            logger.exception("message %s of %s failed", record["messageId"], record["eventSourceARN"])
            failed.append(record)
    return _shown_later(failed)


def _task_call(body: str) -> Callable[[], Any]:
    """The call that Celery's message asks for.

    The message is kombu's: base64 of JSON, in whose `body` base64 of JSON `[args, kwargs, options]` lies.
    """
    try:
        message = orjson.loads(base64.b64decode(body, validate=True))
        name = message["headers"]["task"]
        args, kwargs, _ = orjson.loads(base64.b64decode(message["body"], validate=True))
    except (binascii.Error, orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise UnknownTaskError(f"no message of Celery: {error!r}") from error
    task = _tasks().get(name)
    if task is None:
        raise UnknownTaskError(str(name))
    return lambda: task(*args, **kwargs)


@cache
def _tasks() -> dict[str, Callable[..., Any]]:
    # Not Celery's loader: it sets up Django anew, logging included.
    import_tasks()
    # What a message may ask for; nothing else is ever called.
    return {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}


def _shown_later(failed: Sequence[Record]) -> BatchResponse:
    """The answer that keeps these in the queue, which shows them again after a pause that grows with each try."""
    # The pause that is chosen here shall not be overwritten by a lease.
    held_messages.let_go(record["receiptHandle"] for record in failed)
    for record in failed:
        try:
            client("sqs").change_message_visibility(
                QueueUrl=queue_url(record["eventSourceARN"]),
                ReceiptHandle=record["receiptHandle"],
                VisibilityTimeout=RetryPauses().get(_receives(record)),
            )
        except (BotoCoreError, ClientError):
            # It is shown again all the same, once the queue's own timeout is over.
            logger.warning("message %s stays hidden for longer", record["messageId"], exc_info=True)
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in failed]}


def _receives(record: Record) -> int:
    return int(record["attributes"]["ApproximateReceiveCount"])
