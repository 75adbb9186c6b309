"""Twenty people who were erased while their events were still on the way: nothing anywhere knows a word of theirs."""

import logging
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

import orjson
import pytest
from django.conf import settings
from pypdf import PdfReader

from accounts.services import erase_person
from bookings.models import BookingItem
from bookings.stream import OUTBOX
from kernel.actors import Role
from kernel.aws import client, queue_url
from kernel.clock import now
from marketplace.background import queues, streams
from marketplace.background.pump.batches import Record
from marketplace.background.pump.queue import QueueConsumer
from marketplace.background.pump.stream import StreamPump
from tests import mutants
from tests.factories.canaries import Canary, every_item

WORD = re.compile("canary[0-9a-f]{32}")


class Stream:
    """The bookings' stream from now on; what it says is kept, and goes on to the product's own code."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self._pump = StreamPump(BookingItem.Meta.table_name, self._skip, failures_queue_url="")
        self._drain()
        self._pump = StreamPump(BookingItem.Meta.table_name, self._publish, failures_queue_url="")

    def _skip(self, records: Sequence[Record]) -> dict[str, Any]:
        return {}

    def _publish(self, records: Sequence[Record]) -> dict[str, Any]:
        self.text += [repr(record) for record in records]
        return streams.publish_changes(OUTBOX, records)

    def _drain(self) -> None:
        while self._pump.drain_once():
            pass
        self._pump.close()

    def announce(self) -> None:
        """Everything that has happened since."""
        self._drain()


def queue_urls() -> list[str]:
    return list(client("sqs").list_queues(QueueNamePrefix=settings.RESOURCE_PREFIX)["QueueUrls"])


def messages_of(url: str) -> Iterator[str]:
    """All messages of a queue, which has none afterwards."""
    sqs = client("sqs")
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0).get("Messages"):
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            yield message["Body"]


def objects() -> Iterator[tuple[str, bytes]]:
    """Everything that is kept in S3, with its key."""
    s3 = client("s3")
    for bucket in s3.list_buckets()["Buckets"]:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket["Name"]):
            for found in page.get("Contents", []):
                yield found["Key"], s3.get_object(Bucket=bucket["Name"], Key=found["Key"])["Body"].read()


def readable(content: bytes) -> str:
    if content.startswith(b"%PDF-"):
        return "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    return content.decode(errors="replace")


def traces(people: int, caplog: pytest.LogCaptureFixture) -> dict[str, set[str]]:
    """Where words of people are found who were erased, with events of theirs handled, waiting and dead."""
    for url in queue_urls():
        client("sqs").purge_queue(QueueUrl=url)
    stream = Stream()
    caplog.clear()
    with caplog.at_level(logging.DEBUG):
        canaries = [Canary(Role.CUSTOMER) for _ in range(people)]
        stream.announce()
        events_url, tasks_url = map(queue_url, (settings.NOTIFICATIONS_QUEUE_ARN, settings.TASKS_QUEUE_ARN))
        let_one_die(events_url, f"{events_url.removesuffix('.fifo')}-dlq.fifo")
        QueueConsumer(settings.NOTIFICATIONS_QUEUE_ARN, queues.handle_events).consume_once(wait_seconds=0)
        let_one_die(tasks_url, f"{tasks_url}-dlq")
        QueueConsumer(settings.TASKS_QUEUE_ARN, queues.run_tasks).consume_once(wait_seconds=0)
        for canary in canaries:
            erase_person(canary.actor.user_id, now=now())

    # The books: the invoice as it was issued.
    books = {f"/{canary.booking.provider_id}/" for canary in canaries}
    places: dict[str, set[str]] = defaultdict(set)
    for table, item in every_item():
        places[table] |= words(orjson.dumps(item).decode())
    for key, content in objects():
        if not any(book in key for book in books):
            places["S3"] |= words(readable(content))
    waiting = 0
    for url in queue_urls():
        for body in messages_of(url):
            waiting += 1
            places[url.rpartition("/")[2]] |= words(body)
    assert waiting >= people, "the queues were empty, which proves nothing"
    places["stream"] = words("".join(stream.text))
    assert len(stream.text) >= 4 * people
    places["log"] = words(caplog.text)
    own = {canary.word for canary in canaries}
    return {place: found & own for place, found in places.items() if found & own}


def words(text: str) -> set[str]:
    return set(WORD.findall(text))


def let_one_die(url: str, dead_letters_url: str) -> None:
    """What SQS does with a message after its last receive."""
    sqs = client("sqs")
    (message,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=0)["Messages"]
    fifo = {"MessageGroupId": "dead", "MessageDeduplicationId": message["MessageId"]} if "fifo" in url else {}
    sqs.send_message(QueueUrl=dead_letters_url, MessageBody=message["Body"], **fifo)
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def test_nothing_is_left_of_twenty_people(caplog: pytest.LogCaptureFixture) -> None:
    assert traces(20, caplog) == {}


# --- Mutants ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mutate", "place"), [(mutants.put_names_into_events, "test-notifications.fifo"), (mutants.log_addresses, "log")]
)
def test_mutants_of_erasure(
    mutate: mutants.Mutate,
    place: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    mutate(monkeypatch)
    assert place in traces(3, caplog)
