"""From the write to SES: stream, topic, queue, handlers, task queue, worker, each as the embedded cloud has it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import orjson
import pytest
from django.conf import settings

from bookings.domain import Booking, Status
from bookings.models import BookingItem, InvoiceItem
from bookings.stream import OUTBOX, events_after
from kernel import storage
from kernel.aws import client, queue_url
from kernel.clock import now
from kernel.outbox import Outbox
from marketplace.background import jobs
from marketplace.background.pump import stream as pump_stream
from marketplace.background.pump.batches import Record, process
from marketplace.background.pump.queue import QueueConsumer
from marketplace.background.pump.stream import StreamPump
from marketplace.background.streams import publish_changes
from marketplace.entrypoints import dispatcher
from notifications.domain import DeliveryStatus
from notifications.models import DeliveryItem
from tests.factories.bookings import Scene, next_day
from tests.factories.notifications import make_addressed_scene


class Pipeline:
    """The pollers of `manage.py pump` and a worker, for the bookings of one provider among all in the stream."""

    def __init__(self, scene: Scene) -> None:
        self._provider_id = scene.provider_id
        self.stream = StreamPump(
            BookingItem.Meta.table_name,
            self._publish_own,
            failures_queue_url=queue_url(settings.STREAM_FAILURES_QUEUE_ARN),
        )
        self.events = QueueConsumer(settings.NOTIFICATIONS_QUEUE_ARN, handle_records)
        self.tasks = QueueConsumer(settings.TASKS_QUEUE_ARN, handle_records)

    def _publish_own(self, records: Sequence[Record]) -> dict[str, Any]:
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
    return str(row["status"]) if row else None


def test_a_confirmed_booking_reaches_both_parties(scene: Scene, pipeline: Pipeline) -> None:
    booking = scene.bring(scene.book(), Status.CONFIRMED)
    assert "outbox_key" in stored(booking.booking_id)
    pipeline.drain()
    row = stored(booking.booking_id)
    assert row["handled_version"] == 2
    assert "outbox_key" not in row
    for party in (scene.customer.user_id, scene.provider_id):
        assert delivery_status(f"{booking.booking_id}#2#{party}#email") == DeliveryStatus.SENT
    # By the time that the request was handled, it had been answered.
    assert delivery_status(f"{booking.booking_id}#1#{scene.provider_id}#email") == DeliveryStatus.SUPERSEDED


def test_marking_a_change_as_handled_is_no_change(scene: Scene, pipeline: Pipeline) -> None:
    booking = scene.book()
    # The second time, the stream has the record of the first mark.
    pipeline.drain()
    pipeline.drain()
    row = stored(booking.booking_id)
    assert row["version"] == row["handled_version"] == 1
    assert len(sent_mail(scene)) == 2


@pytest.fixture
def own_outbox(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reconciler finds what this test left, and not what all others left before it."""
    unhandled = Outbox.unhandled

    def own(outbox: Outbox, now: datetime) -> Iterator[storage.Row]:
        return (row for row in unhandled(outbox, now) if row.get("booking_id", "").startswith(scene.provider_id))

    monkeypatch.setattr(Outbox, "unhandled", own)


@pytest.mark.usefixtures("own_outbox")
def test_what_the_stream_lost_is_published_by_the_reconciler(scene: Scene, pipeline: Pipeline) -> None:
    booking = scene.bring(scene.book(), Status.CONFIRMED, Status.CANCELLED)
    assert not is_due(booking, later(4))
    assert jobs.reconcile(later(5)) == 1
    while pipeline.events.consume_once(wait_seconds=0):
        pass
    assert stored(booking.booking_id)["handled_version"] == 3
    assert not is_due(booking, later(5000))


def test_the_place_of_a_record_that_cannot_be_read_is_kept_and_the_others_go_on(
    scene: Scene, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, spoilt, last = (scene.book(next_day(hour)) for hour in (1, 3, 5))
    failures_url = queue_url(settings.STREAM_FAILURES_QUEUE_ARN)
    client("sqs").purge_queue(QueueUrl=failures_url)
    publish = pipeline._publish_own
    numbers: list[str] = []

    def publish_spoilt(records: Sequence[Record]) -> dict[str, Any]:
        read = []
        for record in records:
            if record["dynamodb"]["Keys"]["bookingId"]["S"] == spoilt.booking_id:
                numbers.append(record["dynamodb"]["SequenceNumber"])
                unreadable = {"NewImage": {"bookingId": {"S": spoilt.booking_id}}}
                record = {**record, "dynamodb": {**record["dynamodb"], **unreadable}}
            read.append(record)
        return publish(read)

    monkeypatch.setattr(pump_stream, "process", partial(process, sleep=lambda seconds: None))
    pipeline.stream = StreamPump(BookingItem.Meta.table_name, publish_spoilt, failures_queue_url=failures_url)
    pipeline.drain()
    handled = [stored(booking.booking_id)["handled_version"] for booking in (first, spoilt, last)]
    assert handled == [1, 0, 1]
    (failure,) = client("sqs").receive_message(QueueUrl=failures_url, WaitTimeSeconds=0)["Messages"]
    client("sqs").delete_message(QueueUrl=failures_url, ReceiptHandle=failure["ReceiptHandle"])
    position = orjson.loads(failure["Body"])["DDBStreamBatchInfo"]
    assert {position["startSequenceNumber"], position["endSequenceNumber"]} == set(numbers)


def test_what_was_published_again_is_left_alone_for_a_while(scene: Scene) -> None:
    booking = scene.book()
    OUTBOX.note_published_again(events_after(booking, 0)[-1], booking.updated_at + timedelta(minutes=40))
    assert not is_due(booking, booking.updated_at + timedelta(minutes=79))
    assert is_due(booking, booking.updated_at + timedelta(minutes=80))


def test_a_new_change_is_published_soon_however_long_the_last_one_failed(scene: Scene) -> None:
    booking = scene.book()
    OUTBOX.note_published_again(events_after(booking, 0)[-1], later(1000))
    booking = scene.bring(booking, Status.CONFIRMED)
    OUTBOX.note_published_again(events_after(booking, 0)[0], later(1000))
    assert is_due(booking, later(6))


def later(minutes: int) -> datetime:
    return now() + timedelta(minutes=minutes)


def is_due(booking: Booking, at: datetime) -> bool:
    return booking.booking_id in {row["booking_id"] for row in OUTBOX.unhandled(at)}


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
    assert publish_changes(OUTBOX, records) == {"batchItemFailures": []}
    # Beyond the five minutes for which SNS and SQS know a message again.
    client("sqs").send_message(
        QueueUrl=queue_url(settings.NOTIFICATIONS_QUEUE_ARN),
        MessageBody=orjson.dumps(events_after(booking, 0)[0].to_wire()).decode(),
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


def test_a_payment_has_its_invoice_kept(scene: Scene, pipeline: Pipeline) -> None:
    booking = scene.bring(scene.book(), Status.CONFIRMED, Status.COMPLETED, Status.PAID)
    pipeline.drain()
    row = storage.get_row(InvoiceItem, booking.booking_id)
    assert row is not None
    assert "stored_at" in row
