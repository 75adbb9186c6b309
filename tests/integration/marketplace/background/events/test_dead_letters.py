"""`manage.py deadletters`: messages that failed are shown by ids alone, tried again without harm, and dropped."""

from collections.abc import Iterator
from io import StringIO
from uuid import uuid4

import orjson
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from bookings.domain import Status
from kernel import storage
from kernel.aws import client, queue_url
from marketplace.background.dead_letters import NAMES, DeadLetterQueue, dead_letter_queue
from marketplace.background.pump.queue import QueueConsumer
from marketplace.background.queues import handle_events
from notifications.models import DeliveryItem
from tests.factories.events import task_message
from tests.factories.letters import event_of
from tests.factories.notifications import make_addressed_scene


@pytest.fixture(autouse=True)
def _empty_queues() -> Iterator[None]:
    urls = [queue_url(dead_letter_queue(name).arn) for name in NAMES]
    urls += [queue_url(arn) for arn in (settings.NOTIFICATIONS_QUEUE_ARN, settings.TASKS_QUEUE_ARN)]
    for url in urls:
        client("sqs").purge_queue(QueueUrl=url)
    yield
    for url in urls:
        client("sqs").purge_queue(QueueUrl=url)


def put(queue: DeadLetterQueue, body: str, *, group: str = "") -> str:
    fifo = {"MessageGroupId": group, "MessageDeduplicationId": uuid4().hex} if group else {}
    answer = client("sqs").send_message(QueueUrl=queue_url(queue.arn), MessageBody=body, **fifo)
    message_id: str = answer["MessageId"]
    return message_id


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("deadletters", *arguments, stdout=output)
    return output.getvalue()


def test_counts_are_shown_for_each_queue_and_in_all() -> None:
    put(dead_letter_queue("tasks"), task_message("a"))
    put(dead_letter_queue("tasks"), task_message("b"))
    put(dead_letter_queue("events"), "{}", group="one")
    assert run("list").split() == ["0", "stream-failures", "1", "events", "2", "tasks", "0", "email-feedback"]
    assert run("count") == "3\n"


def test_messages_are_shown_by_ids_and_stay() -> None:
    bounce = {"notificationType": "Bounce", "bounce": {"bouncedRecipients": [{"emailAddress": "robin@example.com"}]}}
    put(dead_letter_queue("email-feedback"), orjson.dumps(bounce).decode())
    put(dead_letter_queue("email-feedback"), "robin@example.com")
    put(dead_letter_queue("tasks"), task_message("notifications.deliver_email", "es_1#1#x#email"))
    put(dead_letter_queue("events"), orjson.dumps({"id": "b#2", "type": "booking.paid"}).decode(), group="b")
    position = {"shardId": "shard-1", "startSequenceNumber": "10", "endSequenceNumber": "11"}
    put(dead_letter_queue("stream-failures"), orjson.dumps({"DDBStreamBatchInfo": position}).decode())
    for _ in range(2):
        shown = {name: run("show", name) for name in NAMES}
        assert "Bounce\n" in shown["email-feedback"]
        assert "unreadable\n" in shown["email-feedback"]
        assert "notifications.deliver_email es_1#1#x#email\n1 waiting" in shown["tasks"]
        assert "booking.paid b#2\n1 waiting" in shown["events"]
        assert "records 10 to 11 of shard-1\n1 waiting" in shown["stream-failures"]
        assert "robin" not in "".join(shown.values())


def test_all_of_a_long_queue_are_seen() -> None:
    ids = {put(dead_letter_queue("tasks"), task_message("a", str(number))) for number in range(25)}
    assert {letter.message_id for letter in dead_letter_queue("tasks").show()} == ids
    assert {letter.message_id for letter in dead_letter_queue("tasks").drop()} == ids
    assert run("count") == "0\n"


def test_one_is_dropped_and_the_others_stay() -> None:
    dropped, kept = (put(dead_letter_queue("tasks"), task_message("a")) for _ in range(2))
    run("drop", "tasks", "--message", dropped)
    assert [letter.message_id for letter in dead_letter_queue("tasks").show()] == [kept]


def test_a_redriven_event_is_handled_and_contradicts_nothing() -> None:
    scene = make_addressed_scene()
    booking = scene.bring(scene.book(), Status.CONFIRMED)
    wire = orjson.dumps(event_of(booking).to_wire()).decode()
    put(dead_letter_queue("events"), wire, group=booking.booking_id)
    # By the time that somebody looks after it, the booking is cancelled.
    scene.bring(booking, Status.CANCELLED)
    assert "1 sent back" in run("redrive", "events", "--all")
    assert run("count") == "0\n"
    consumer = QueueConsumer(settings.NOTIFICATIONS_QUEUE_ARN, handle_events)
    assert consumer.consume_once(wait_seconds=0) == 1
    told = storage.get_row(DeliveryItem, f"{booking.booking_id}#2#{scene.customer.user_id}#email")
    assert told is not None
    assert told["status"] == "superseded"


def test_a_redriven_task_goes_back_to_its_queue() -> None:
    put(dead_letter_queue("tasks"), task_message("a", "b"))
    run("redrive", "tasks", "--all")
    assert run("count") == "0\n"
    (message,) = client("sqs").receive_message(QueueUrl=queue_url(settings.TASKS_QUEUE_ARN))["Messages"]
    assert message["Body"] == task_message("a", "b")


def test_what_cannot_be_sent_back_is_left_where_it_is() -> None:
    with pytest.raises(CommandError, match="reconcile"):
        run("redrive", "stream-failures", "--all")
    queue = dead_letter_queue("tasks")
    put(queue, task_message("a"))
    broken = DeadLetterQueue(queue.name, queue.arn, f"{queue.source_arn}-gone", queue.describe)
    with pytest.raises(client("sqs").exceptions.QueueDoesNotExist):
        broken.redrive()
    assert len(queue.show()) == 1
