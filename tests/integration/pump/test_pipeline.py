"""From the write to SES: stream, topic, queue, handlers, task queue, worker, each as the embedded cloud has it."""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
import pytest
from django.conf import settings

from bookings.domain import Status, unheard_key
from bookings.models import BookingItem
from bookings.queries import list_unheard
from marketplace.entrypoints import dispatcher, jobs
from marketplace.entrypoints.streams import announce_booking_changes
from marketplace.kernel import storage
from marketplace.kernel.aws import client, queue_url
from marketplace.kernel.clock import now
from marketplace.pump.batches import Record
from marketplace.pump.queue import QueueConsumer
from marketplace.pump.stream import StreamPump
from notifications.domain import DeliveryStatus
from notifications.models import DeliveryItem
from tests.factories.bookings import Scene
from tests.factories.notifications import make_addressed_scene


class Pipeline:
    """The pollers of `manage.py pump` and a worker, for the bookings of one provider among all in the stream."""

    def __init__(self, scene: Scene) -> None:
        self._provider_id = scene.provider_id
        self.stream = StreamPump(
            BookingItem.Meta.table_name,
            self._announce_own,
            failures_queue_url=queue_url(settings.STREAM_FAILURES_QUEUE_ARN),
        )
        self.events = QueueConsumer(settings.NOTIFICATIONS_QUEUE_ARN, handle_records)
        self.tasks = QueueConsumer(settings.TASKS_QUEUE_ARN, handle_records)

    def _announce_own(self, records: Sequence[Record]) -> dict[str, Any]:
        own = [
            record for record in records if record["dynamodb"]["Keys"]["bookingId"]["S"].startswith(self._provider_id)
        ]
        return dispatcher.handle({"Records": own}) if own else {}

    def drain(self) -> None:
        while self.stream.drain_once():
            pass
        while self.events.consume_once(wait_seconds=0):
            pass
        while self.tasks.consume_once(wait_seconds=0):
            pass


def handle_records(records: Sequence[Record]) -> Any:
    return dispatcher.handle({"Records": list(records)})


@pytest.fixture
def scene() -> Scene:
    return make_addressed_scene()


@pytest.fixture
def pipeline(scene: Scene) -> Iterator[Pipeline]:
    pipeline = Pipeline(scene)
    yield pipeline
    pipeline.stream.close()
    for consumer in (pipeline.events, pipeline.tasks):
        while consumer.consume_once(wait_seconds=0):
            pass


def stored(booking_id: str) -> storage.Row:
    row = storage.get_row(BookingItem, booking_id)
    assert row is not None
    return row


def delivery_status(delivery_id: str) -> str | None:
    row = storage.get_row(DeliveryItem, delivery_id)
    return row and row["status"]


def test_a_confirmed_booking_reaches_both_parties(scene: Scene, pipeline: Pipeline) -> None:
    booking = scene.bring(scene.book(), Status.CONFIRMED)
    assert "unheard_key" in stored(booking.booking_id)
    pipeline.drain()
    row = stored(booking.booking_id)
    assert row["heard_version"] == 2
    assert "unheard_key" not in row
    for party in (scene.customer.user_id, scene.provider_id):
        assert delivery_status(f"{booking.booking_id}#2#{party}#email") == DeliveryStatus.SENT
    # By the time that the request was heard, it had been answered.
    assert delivery_status(f"{booking.booking_id}#1#{scene.provider_id}#email") == DeliveryStatus.SUPERSEDED


def test_hearing_of_a_change_is_no_change(scene: Scene, pipeline: Pipeline) -> None:
    booking = scene.book()
    # The second time, the stream has the record of the first hearing.
    pipeline.drain()
    pipeline.drain()
    row = stored(booking.booking_id)
    assert row["version"] == row["heard_version"] == 1
    assert len(sent_mail(scene)) == 2


def test_what_the_stream_lost_is_announced_by_the_reconciler(
    scene: Scene, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking = scene.bring(scene.book(), Status.CONFIRMED, Status.COMPLETED)
    monkeypatch.setattr(jobs, "_unheard_bookings", lambda changed_before: [booking.booking_id])
    assert jobs.reconcile(now()) == 3
    while pipeline.events.consume_once(wait_seconds=0):
        pass
    assert stored(booking.booking_id)["heard_version"] == 3
    assert jobs.reconcile(now()) == 0


def test_an_unheard_booking_is_found_by_the_time_of_its_change(scene: Scene, pipeline: Pipeline) -> None:
    booking = scene.book()

    def unheard() -> bool:
        found = list_unheard(
            shard_key=unheard_key(booking.booking_id), changed_before=now().replace(year=2999), limit=10_000
        )
        return booking.booking_id in found

    assert unheard()
    pipeline.drain()
    assert not unheard()


def test_a_repeated_event_is_not_told_twice(scene: Scene, pipeline: Pipeline) -> None:
    booking = scene.book()
    records = [
        {
            "eventSource": "aws:dynamodb",
            "eventSourceARN": f"arn:aws:dynamodb:us-east-1:000000000000:table/{BookingItem.Meta.table_name}/stream/now",
            "dynamodb": {"SequenceNumber": "1", "NewImage": image(booking.booking_id)},
        }
    ]
    pipeline.drain()
    before = len(sent_mail(scene))
    assert announce_booking_changes(records) == {"batchItemFailures": []}
    # Beyond the five minutes for which SNS and SQS know a message again.
    client("sqs").send_message(
        QueueUrl=queue_url(settings.NOTIFICATIONS_QUEUE_ARN),
        MessageBody=orjson.dumps(jobs.events_after(booking, 0)[0].to_wire()).decode(),
        MessageGroupId=booking.booking_id,
        MessageDeduplicationId="again",
    )
    pipeline.drain()
    assert len(sent_mail(scene)) == before


def image(booking_id: str) -> dict[str, Any]:
    answer = client("dynamodb").get_item(TableName=BookingItem.Meta.table_name, Key={"bookingId": {"S": booking_id}})
    item: dict[str, Any] = answer["Item"]
    return item


def sent_mail(scene: Scene) -> list[str]:
    """The ids of the emails that the scene's people were sent."""
    rows = [
        storage.get_row(DeliveryItem, f"{booking.booking_id}#{version}#{party}#email")
        for booking in scene.all_bookings()
        for version in range(1, booking.version + 1)
        for party in (scene.customer.user_id, scene.provider_id)
    ]
    return [str(row["message_id"]) for row in rows if row and row.get("message_id")]
