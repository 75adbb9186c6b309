"""Messages of queues: in the order of their group, retried after growing pauses, and out of the way when they fail."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson
import pytest
from botocore.exceptions import ClientError

from bookings.domain import Action
from bookings.events import BookingEvent
from bookings.stream import events_after
from kernel.outbox import Outbox
from marketplace.background import queues
from marketplace.background.queues import MAX_RECEIVES, handle_events, run_tasks
from marketplace.background.wiring import Handler, wiring
from marketplace.background.worker import RetryPauses
from tests.factories.events import EVENTS_QUEUE_ARN, TASKS_QUEUE_ARN, event_record, failed_ids, queue_record
from tests.factories.letters import event_of, make_booking


class Scene:
    """Handlers that fail for some events, SQS, and the marks of what was handled."""

    def __init__(self) -> None:
        self.handled: list[str] = []
        self.marked: list[tuple[str, int]] = []
        self.pauses: dict[str, int] = {}
        self.poison: set[str] = set()
        self.is_queue_down = False

    def handle(self, event: BookingEvent, now: datetime) -> None:
        if event.event_id in self.poison:
            raise RuntimeError(event.event_id)
        self.handled.append(event.event_id)

    def mark_handled(self, outbox: Outbox, *, subject_id: str, version: int) -> None:
        self.marked.append((subject_id, version))

    def change_message_visibility(self, *, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> None:  # noqa: N803
        if self.is_queue_down:
            raise ClientError({"Error": {"Code": "Throttling"}}, "ChangeMessageVisibility")
        self.pauses[ReceiptHandle.removeprefix("receipt ")] = VisibilityTimeout


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    scene = Scene()
    monkeypatch.setattr(queues, "client", lambda service: scene)
    monkeypatch.setattr(Outbox, "mark_handled", lambda outbox, **values: scene.mark_handled(outbox, **values))
    wire_handlers(monkeypatch, scene.handle)
    return scene


def wire_handlers(monkeypatch: pytest.MonkeyPatch, *handlers: Handler) -> None:
    """Let each event have these handlers."""
    wired = replace(wiring(), handlers_of=dict.fromkeys(wiring().event_types, handlers))
    monkeypatch.setattr(queues, "wiring", lambda: wired)


def event(group: str, version: int = 1) -> BookingEvent:
    booking = replace(make_booking(Action.CONFIRM, Action.COMPLETE), booking_id=group)
    return events_after(booking, 0)[version - 1]


def test_one_poisoned_group_of_a_hundred_holds_up_no_other(scene: Scene) -> None:
    scene.poison = {"b50#1"}
    events = [event(f"b{group}", version) for version in (1, 2) for group in range(100)]
    failed = failed_ids(handle_events([event_record(number, each) for number, each in enumerate(events)]))
    assert failed == ["50", "150"]
    assert scene.handled == [each.event_id for each in events if each.subject_id != "b50"]
    assert len(scene.marked) == 198


def test_nothing_overtakes_a_poisoned_event_before_it_is_given_up(scene: Scene) -> None:
    scene.poison = {"b#1"}
    for receives in range(1, MAX_RECEIVES):
        records = [event_record(version, event("b", version), receives=receives) for version in (1, 2, 3)]
        assert failed_ids(handle_events(records)) == ["1", "2", "3"]
    assert scene.handled == []
    records = [event_record(version, event("b", version), receives=MAX_RECEIVES) for version in (1, 2, 3)]
    assert failed_ids(handle_events(records)) == ["1"]
    assert scene.handled == ["b#2", "b#3"]


def test_an_event_is_marked_when_all_its_handlers_are_through(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(event: BookingEvent, now: datetime) -> None:
        raise RuntimeError

    wire_handlers(monkeypatch, scene.handle, fail)
    assert failed_ids(handle_events([event_record(1, event("b"))])) == ["1"]
    assert scene.handled == ["b#1"]
    assert scene.marked == []


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no JSON",
        "[]",
        "{}",
        '{"type": 7}',
        '{"type": "booking.vanished", "data": {}}',
        '{"type": "booking.paid", "subject_id": "b", "version": 1, "occurred_at": "2026-03-01T09:00:00Z", "data": {}}',
        '{"type": "booking.paid", "subject_id": "b", "version": "x", "occurred_at": "today", "data": null}',
    ],
)
def test_what_is_no_event_fails_and_stays(scene: Scene, body: str) -> None:
    assert failed_ids(handle_events([queue_record(1, body, arn=EVENTS_QUEUE_ARN, group="b")])) == ["1"]
    assert scene.handled == []


@pytest.mark.parametrize(("receives", "longest"), [(1, 2), (2, 10), (3, 30), (4, 30), (32, 30)])
def test_pauses_grow_and_differ_within_bounds(receives: int, longest: int) -> None:
    pauses = {RetryPauses().get(receives) for _ in range(200)}
    assert longest // 2 <= min(pauses) < max(pauses) <= longest


def test_a_failed_message_is_answered_even_when_its_pause_cannot_be_set(scene: Scene) -> None:
    scene.is_queue_down = True
    assert failed_ids(run_tasks([queue_record(1, "", arn=TASKS_QUEUE_ARN)])) == ["1"]


@pytest.mark.parametrize("body", ["", "no base64!", "e30=", "bnVsbA==", "W10=", "eyJoZWFkZXJzIjogW119"])
def test_what_is_no_message_of_celery_fails_and_stays(scene: Scene, body: str) -> None:
    assert failed_ids(run_tasks([queue_record(1, body, arn=TASKS_QUEUE_ARN)])) == ["1"]
    assert "1" in scene.pauses


# --- Neighbours of this release --------------------------------------------------------------------------------------


def wire_of_next_release() -> dict[str, Any]:
    wire = event_of(make_booking()).to_wire()
    return {**wire, "schema": 2, "trace": "abc", "data": {**wire["data"], "party_size": 4, "labels": ["x"]}}


def test_an_event_of_the_next_release_is_handled(scene: Scene) -> None:
    body = orjson.dumps(wire_of_next_release()).decode()
    assert failed_ids(handle_events([queue_record(1, body, arn=EVENTS_QUEUE_ARN, group="b")])) == []
    assert len(scene.handled) == 1
