"""What a Celery worker receives through kombu is its own while it works on it, and a failing SQS does not end it."""

from collections.abc import Iterator
from queue import Empty
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.conf import settings

from kernel.aws import client, queue_url
from kernel.storage import physical_name
from marketplace.background import broker, visibility
from marketplace.background.worker import app
from notifications import tasks

_PATIENCE_SECONDS = 60


class DownSqs:
    """SQS, refusing everything."""

    def __getattr__(self, operation: str) -> Any:
        def refuse(**_: Any) -> Any:
            raise ClientError({"Error": {"Code": "RequestThrottled"}}, operation)

        return refuse


@pytest.fixture
def url() -> Iterator[str]:
    url = queue_url(settings.TASKS_QUEUE_ARN)
    client("sqs").purge_queue(QueueUrl=url)
    yield url
    client("sqs").purge_queue(QueueUrl=url)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> visibility.HeldMessages:
    monkeypatch.setattr(visibility.HeldMessages, "_run", lambda self: None)
    held = visibility.HeldMessages()
    monkeypatch.setattr(broker, "held_messages", held)
    return held


@pytest.fixture
def worker(url: str, held: visibility.HeldMessages, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Kombu's `SimpleQueue`, with one task on its way."""
    monkeypatch.setattr(broker, "_PAUSE_AFTER_FAILURE_SECONDS", 0)
    tasks.deliver_email.delay("a")
    with app.connection() as connection, connection.SimpleQueue(physical_name("tasks")) as queue:
        yield queue


def received_by_another(url: str) -> int:
    answer = client("sqs").receive_message(QueueUrl=url, VisibilityTimeout=0, WaitTimeSeconds=0)
    return len(answer.get("Messages", []))


def test_it_is_held_until_it_is_acknowledged(worker: Any, url: str, held: visibility.HeldMessages) -> None:
    message = worker.get(timeout=_PATIENCE_SECONDS)
    assert set(held._holds) == {message.delivery_tag}
    assert received_by_another(url) == 0
    message.ack()
    assert held._holds == {}
    assert received_by_another(url) == 0


def test_it_is_let_go_when_it_failed(worker: Any, url: str, held: visibility.HeldMessages) -> None:
    message = worker.get(timeout=_PATIENCE_SECONDS)
    message.reject()
    assert held._holds == {}
    # It comes again after its pause, and not after its lease.
    again = worker.get(timeout=visibility.LEASE_SECONDS / 3)
    assert again.payload == message.payload
    again.ack()


def test_a_poll_that_is_refused_is_an_empty_one(worker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as outage:
        outage.setattr(broker, "client", lambda service, **options: DownSqs())
        with pytest.raises(Empty):
            worker.get(timeout=0.1)
    worker.get(timeout=_PATIENCE_SECONDS).ack()


@pytest.mark.parametrize("end", ["ack", "reject"])
def test_what_sqs_does_not_hear_ends_no_worker(worker: Any, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    message = worker.get(timeout=_PATIENCE_SECONDS)
    with monkeypatch.context() as outage:
        outage.setattr(worker.channel, "sqs", lambda queue=None: DownSqs())
        getattr(message, end)()
