"""The real pump and a real Celery worker, on a cloud that refuses a third of all calls: everyone hears of all."""

import time
from collections import Counter
from collections.abc import Iterator
from email.parser import BytesHeaderParser

import pytest
from django.conf import settings

from benchmarks.serving import served_environment
from bookings.domain import Booking, Status
from bookings.models import BookingItem
from bookings.stream import events_after
from marketplace.kernel import storage
from marketplace.kernel.aws import client, queue_url
from marketplace.pump.stream import StreamPump
from marketplace.supervision import Child
from notifications.deliveries import deliveries_of
from notifications.domain import Channel, DeliveryStatus
from notifications.models import DeliveryItem
from tests.factories.accounts import TokenIssuer
from tests.factories.bookings import next_day
from tests.factories.notifications import make_addressed_scene
from tests.functional.races.faults import Fault, FaultyCloud, faulty_cloud

THROTTLING = Fault(
    [
        {"service": "dynamodb", "probability": 0.3, "error": {"code": "ProvisionedThroughputExceededException"}},
        {"service": "sns", "probability": 0.3, "error": {"code": "Throttled", "status": 429}},
        {"service": "sqs", "probability": 0.3, "error": {"code": "RequestThrottled", "status": 400}},
        {"service": "ses", "probability": 0.3, "error": {"code": "Throttling", "status": 400}},
    ]
)
_HIDDEN_SECONDS = 180


@pytest.fixture(scope="module")
def faulty(cloud: str) -> Iterator[FaultyCloud]:
    with faulty_cloud(cloud) as faulty:
        yield faulty


@pytest.fixture
def processes(faulty: FaultyCloud, token_issuer: TokenIssuer) -> Iterator[list[Child]]:
    """A pump and a worker behind the proxy, which begin where the other tests have left the stream and the queues."""
    _skip_what_is_there()
    environment = served_environment(cloud_url=faulty.url, issuer=token_issuer)
    arns = [name for name in dir(settings) if name.endswith(("_TOPIC_ARN", "_QUEUE_ARN"))]
    environment |= {name: getattr(settings, name) for name in arns}
    celery = ("celery", "--quiet", "--app=marketplace.celery", "worker", "--pool=solo", "--loglevel=error")
    children = [
        Child("pump", "django", "pump", "--verbosity=0", environment=environment),
        Child("worker", *celery, "--without-gossip", environment=environment),
    ]
    yield children
    for child in children:
        child.ask_to_stop()
    for child in children:
        child.stop()


def _skip_what_is_there() -> None:
    pump = StreamPump(BookingItem.Meta.table_name, lambda records: {}, failures_queue_url="")
    while pump.drain_once():
        pass
    pump.close()
    for arn in (settings.NOTIFICATIONS_QUEUE_ARN, settings.TASKS_QUEUE_ARN):
        client("sqs").purge_queue(QueueUrl=queue_url(arn))


def test_throttled_everywhere_nothing_is_lost_nor_told_twice(
    faulty: FaultyCloud, processes: list[Child], is_torture: bool
) -> None:
    scenes = [make_addressed_scene() for _ in range(10)]
    bookings: list[Booking] = []
    with faulty.harmed_by(THROTTLING):
        for number in range(100 if is_torture else 6):
            starts_at = next_day(number % 24, days=3 + number // 24)
            bookings += [scene.bring(scene.book(starts_at), Status.CONFIRMED) for scene in scenes]
        # While it is throttled it goes on, if slowly.
        time.sleep(5)
    faults_ended_at = time.monotonic()
    patience_seconds = _HIDDEN_SECONDS + 60 if is_torture else 60
    while (missing := unsettled(bookings)) and time.monotonic() - faults_ended_at < patience_seconds:
        assert [child.exit_code for child in processes] == [None, None]
        time.sleep(0.5)
    # What a worker could not give back stays hidden for the queue's timeout; it is not lost.
    assert len(missing) <= 4 * waiting_messages(), missing
    assert not is_torture or not missing
    assert_each_was_sent_once(bookings)


def waiting_messages() -> int:
    """How many messages the queues of events and tasks still have, hidden ones included."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    return sum(
        int(count)
        for arn in (settings.NOTIFICATIONS_QUEUE_ARN, settings.TASKS_QUEUE_ARN)
        for count in client("sqs")
        .get_queue_attributes(QueueUrl=queue_url(arn), AttributeNames=names)["Attributes"]
        .values()
    )


def unsettled(bookings: list[Booking]) -> list[str]:
    """What is still to be told of these bookings."""
    names = [
        delivery.delivery_id
        for booking in bookings
        for event in events_after(booking, 0)
        for delivery in deliveries_of(event)
    ]
    missing = []
    for start in range(0, len(names), 100):
        part = names[start : start + 100]
        rows = storage.get_rows([(DeliveryItem, name) for name in part])
        missing += [
            name
            for name, row in zip(part, rows, strict=True)
            if row is None or not DeliveryStatus(row["status"]).is_final
        ]
    return missing


def assert_each_was_sent_once(bookings: list[Booking]) -> None:
    """Whatever the ledger says was sent is in the inbox, once."""
    assert settings.INBOX_DIR is not None
    arrived = Counter(
        BytesHeaderParser().parsebytes(path.read_bytes())["Message-ID"] for path in settings.INBOX_DIR.glob("*.eml")
    )
    assert set(arrived.values()) == {1}
    last = [events_after(booking, 0)[-1] for booking in bookings]
    emails = [each for event in last for each in deliveries_of(event) if each.channel is Channel.EMAIL]
    rows = [storage.get_row(DeliveryItem, delivery.delivery_id) for delivery in emails]
    sent = [row["message_id"] for row in rows if row and row["status"] == DeliveryStatus.SENT]
    assert len(set(sent)) == len(sent) >= 0.9 * len(emails)
