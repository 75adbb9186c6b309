"""DynamoDB stream → facts → SNS FIFO."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from kernel.aws import client
from kernel.events import Event
from kernel.outbox import Outbox

logger = logging.getLogger(__name__)

# What SNS takes in one call.
_PUBLISH_BATCH = 10


def publish_changes(outbox: Outbox, records: Sequence[Mapping[str, Any]]) -> dict[str, list[dict[str, str]]]:
    """Publish what happened to each changed item of the outbox's table, in the order of the table's stream.

    Answers the first record that could not be published as the failed one: Lambda repeats it and all after it, so an
    item's events are never published out of order. Repeated events have the same deduplication id.
    """
    batch: list[tuple[str, Event]] = []
    for record in records:
        sequence_number = record["dynamodb"]["SequenceNumber"]
        try:
            found = outbox.events_of(record["dynamodb"].get("OldImage"), record["dynamodb"].get("NewImage"))
        except Exception:
            # Whatever is wrong with this record, those before it must go out, and it must not be skipped.
            logger.exception("stream record %s cannot be read", sequence_number)
            return _failed_from(publish(batch) or sequence_number)
        for event in found:
            # Two events of one item never share a batch: SNS may refuse one and take the other.
            if len(batch) == _PUBLISH_BATCH or any(event.subject_id == other.subject_id for _, other in batch):
                failed = publish(batch)
                if failed:
                    return _failed_from(failed)
                batch = []
            batch.append((sequence_number, event))
    return _failed_from(publish(batch))


def _failed_from(sequence_number: str | None) -> dict[str, list[dict[str, str]]]:
    return {"batchItemFailures": [{"itemIdentifier": sequence_number}] if sequence_number else []}


def publish(batch: Sequence[tuple[str, Event]]) -> str | None:
    """Publish up to ten events of different items; the mark of the first that SNS did not take, if any."""
    if not batch:
        return None
    entries = [
        {
            "Id": str(position),
            "Message": orjson.dumps(event.to_wire()).decode(),
            "MessageGroupId": event.subject_id,
            "MessageDeduplicationId": event.event_id,
            # A subscriber may filter by it.
            "MessageAttributes": {"type": {"DataType": "String", "StringValue": event.type}},
        }
        for position, (_, event) in enumerate(batch)
    ]
    try:
        answer = client("sns").publish_batch(
            TopicArn=settings.BOOKING_EVENTS_TOPIC_ARN, PublishBatchRequestEntries=entries
        )
    except (BotoCoreError, ClientError):
        logger.exception("SNS took none of %d events", len(batch))
        return batch[0][0]
    failures = answer.get("Failed", [])
    if not failures:
        return None
    logger.error("SNS refused %s", [(batch[int(failure["Id"])][1].event_id, failure["Code"]) for failure in failures])
    return batch[min(int(failure["Id"]) for failure in failures)][0]
