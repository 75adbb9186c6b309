"""What AWS hands to the entrypoints: records of the bookings' stream and messages of queues."""

import base64
from typing import Any

import orjson

from bookings.domain import Booking
from bookings.records import booking_item
from kernel.events import Event

STREAM_ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/test-bookings-table/stream/2026-03-01T00:00:00.000"
EVENTS_QUEUE_ARN = "arn:aws:sqs:us-east-1:000000000000:test-notifications.fifo"
TASKS_QUEUE_ARN = "arn:aws:sqs:us-east-1:000000000000:test-tasks"


def image_of(booking: Booking, *, handled_version: int = 0) -> dict[str, Any]:
    """The booking's item in DynamoDB's typed attribute values."""
    image: dict[str, Any] = booking_item(booking, handled_version=handled_version).serialize()
    return image


def stream_record(number: int, new: Booking | dict[str, Any] | None, old: Booking | None = None) -> dict[str, Any]:
    """A record of the bookings' stream."""
    images = {"NewImage": image_of(new) if isinstance(new, Booking) else new, "OldImage": old and image_of(old)}
    return {
        "eventSource": "aws:dynamodb",
        "eventSourceARN": STREAM_ARN,
        "dynamodb": {
            "SequenceNumber": str(number),
            **{name: image for name, image in images.items() if image is not None},
        },
    }


def queue_record(number: int, body: str, *, arn: str, group: str = "", receives: int = 1) -> dict[str, Any]:
    """A message of a queue; of a FIFO queue if it has a group."""
    attributes = {"ApproximateReceiveCount": str(receives)} | ({"MessageGroupId": group} if group else {})
    return {
        "messageId": str(number),
        "receiptHandle": f"receipt {number}",
        "body": body,
        "attributes": attributes,
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
    }


def event_record(number: int, event: Event, *, receives: int = 1) -> dict[str, Any]:
    """A message of the queue of events."""
    body = orjson.dumps(event.to_wire()).decode()
    return queue_record(number, body, arn=EVENTS_QUEUE_ARN, group=event.subject_id, receives=receives)


def failed_ids(answer: Any) -> list[str]:
    """What a batch response names as failed, in its order."""
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def task_message(name: str, *args: str) -> str:
    """The body of Celery's message for a task."""
    body = base64.b64encode(orjson.dumps([args, {}, {}])).decode()
    return base64.b64encode(orjson.dumps({"headers": {"task": name}, "body": body})).decode()
