"""A new app needs its own modules and one line: from a write to an email, with nothing listed anywhere else."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.conf import settings
from django.core import mail
from django.template import Engine
from django.test import Client

from accounts.queries import find_user
from kernel import aws, registry, storage
from kernel.actors import Actor
from kernel.aws import queue_url
from kernel.clock import now
from kernel.outbox import outboxed
from marketplace.background import wiring
from marketplace.background.pump.queue import QueueConsumer
from marketplace.background.pump.stream import StreamPump
from marketplace.background.queues import handle_events, run_tasks
from marketplace.background.streams import publish, publish_changes
from marketplace.settings.env import BASE_DIR
from notifications.messages import MESSAGE_TYPES, MESSAGES
from notifications.queries import list_notes
from notifications.representation import represent_note
from tests.factories.accounts import make_customer
from tests.factories.notifications import enroll
from tests.ping.message import MESSAGE
from tests.ping.models import PingItem
from tests.ping.stream import OUTBOX

INDEX_KEYS = ("unheardKey", "announceAt")


def forget_wiring() -> None:
    registry.module_names.cache_clear()
    wiring.wiring.cache_clear()


@pytest.fixture(scope="module", autouse=True)
def _table() -> None:
    """What a template would declare for the app."""
    aws.client("dynamodb").create_table(
        TableName=PingItem.Meta.table_name,
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pingId", *INDEX_KEYS)],
        KeySchema=[{"AttributeName": "pingId", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "unheard-index",
                "KeySchema": [
                    {"AttributeName": name, "KeyType": kind}
                    for name, kind in zip(INDEX_KEYS, ("HASH", "RANGE"), strict=True)
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )


@pytest.fixture(autouse=True)
def _app(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The site with one app more: a line in `APPS`, and its message's module among the messages."""
    monkeypatch.setattr(settings, "APPS", [*settings.APPS, "tests.ping"])
    monkeypatch.setitem(MESSAGES, MESSAGE.event_type.type, MESSAGE)
    monkeypatch.setitem(MESSAGE_TYPES, MESSAGE.event_type.type, MESSAGE.event_type)
    monkeypatch.setattr(Engine.get_default(), "dirs", [*Engine.get_default().dirs, BASE_DIR / "tests/ping/templates"])
    Engine.get_default().__dict__.pop("template_loaders", None)
    forget_wiring()
    yield
    monkeypatch.undo()
    Engine.get_default().__dict__.pop("template_loaders", None)
    forget_wiring()


def ping(person: Actor) -> str:
    """The email address of the person, who was just pinged: one write, and nothing else."""
    ping_id = uuid4().hex
    address = enroll(person, name="Robin Reed")
    item = PingItem(ping_id=ping_id, person_id=person.user_id, version=1, created_at=now())
    storage.write(storage.put("ping", outboxed(item, ping_id, now())))
    return address


def drain_queues() -> None:
    for arn, handle in ((settings.NOTIFICATIONS_QUEUE_ARN, handle_events), (settings.TASKS_QUEUE_ARN, run_tasks)):
        while QueueConsumer(arn, handle).consume_once(wait_seconds=0):
            pass


def received(address: str) -> list[str]:
    return [str(email.body).strip() for email in mail.outbox if email.to == [address]]


def test_a_write_becomes_an_email_and_a_note(client: Client) -> None:
    mail.outbox = []
    person = make_customer()
    address = ping(person)
    failures = queue_url(settings.STREAM_FAILURES_QUEUE_ARN)
    pump = StreamPump(OUTBOX.table_name, lambda records: publish_changes(OUTBOX, records), failures_queue_url=failures)
    while pump.drain_once():
        pass
    pump.close()
    drain_queues()
    (text,) = received(address)
    assert text.endswith("for Robin Reed.")
    assert list(OUTBOX.unhandled(now().replace(year=2100))) == []
    (note,) = [represent_note(note) for note in list_notes(actor=person, limit=5, cursor=None).results]
    assert (note["text"], note["subject"]["kind"]) == ("Somebody pinged you (1)", "ping")
    assert "booking_id" not in note
    user = find_user(person.user_id)
    assert user is not None
    client.force_login(user)
    assert "Somebody pinged you (1)" in client.get("/notifications").content.decode()


def test_the_reconciler_finds_what_the_stream_lost() -> None:
    mail.outbox = []
    address = ping(make_customer())
    (row,) = [row for row in OUTBOX.unhandled(now().replace(year=2100)) if row["version"] == 1]
    (event,) = OUTBOX.unhandled_events(row)
    assert publish([(event.event_id, event)]) is None
    drain_queues()
    assert len(received(address)) == 1
