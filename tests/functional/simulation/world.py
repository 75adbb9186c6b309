"""The product's pipeline wired to the AWS in memory, and the bookings whose changes go through it."""

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bookings import handlers as booking_handlers
from bookings import tasks as booking_tasks
from bookings.domain import TRANSITIONS, Action, Booking, Status, after_reschedule, after_transition
from bookings.models import BookingItem
from bookings.records import booking_item, read_booking
from bookings.services.transitions import _booking_write
from bookings.stream import events_after
from marketplace import dead_letters
from marketplace.entrypoints import jobs, queues, streams
from marketplace.kernel import clock, storage
from marketplace.kernel.errors import BusyError
from marketplace.kernel.storage import reads, writes
from marketplace.pump import queue as pump_queue
from marketplace.pump.batches import process
from marketplace.pump.queue import QueueConsumer
from notifications import handlers as notification_handlers
from notifications import ledger
from notifications.deliveries import Delivery, deliveries_of
from notifications.domain import Channel
from notifications.models import BELL_ID
from notifications.services import emails
from tests.factories.events import EVENTS_QUEUE_ARN, STREAM_ARN, TASKS_QUEUE_ARN
from tests.factories.letters import CUSTOMER, NOW, PROVIDER, make_booking
from tests.functional.simulation.dynamodb import FakeDynamoDB
from tests.functional.simulation.messaging import FakeMessaging

_ACTIONS = (Action.CONFIRM, Action.RESCHEDULE, Action.CANCEL, Action.COMPLETE, Action.DECLINE, Action.PAY)
_ACTORS = {Action.RESCHEDULE: CUSTOMER, Action.CANCEL: CUSTOMER}
# In which statuses a message is true, written down a second time by hand.
_TRUE_IN = {
    "booking.requested": {"pending"},
    "booking.confirmed": {"confirmed"},
    "booking.declined": {"declined"},
    "booking.cancelled": {"cancelled"},
    "booking.rescheduled": {"pending", "confirmed"},
    "booking.completed": {"completed", "paid"},
    "booking.paid": {"paid"},
}
_HEALING_ROUNDS = 40


class KilledError(BaseException):
    """The process ends here; nothing of it runs on, not even what catches errors."""


# After how many steps, each the way to AWS or back, which error strikes: KilledError or AWS's refusal.
Fault = tuple[int, type[BaseException]]


class World:
    """Some bookings, everything that carries their changes to SES, and what SES took."""

    def __init__(self, seed: int) -> None:
        self.now = NOW
        self.dynamodb = FakeDynamoDB()
        self.messaging = FakeMessaging(self._seconds, self._step, self._is_repeated)
        self.bookings: list[Booking] = []
        self.sent: Counter[str] = Counter()
        self.excused: Counter[str] = Counter()
        self.invoices: set[str] = set()
        self.contradictions: list[str] = []
        self.given_up: list[Any] = []
        self._random = random.Random(seed)  # noqa: S311
        self._repeats = True
        self._handled_records = 0
        self._fault: Fault | None = None
        self._at_ses: str | None = None

    # --- What people and the nemesis do ------------------------------------------------------------------------------

    def book(self) -> None:
        number = len(self.bookings)
        booking = make_booking(
            booking_id=f"{make_booking().provider_id}-{number:014d}",
            created_at=self.now,
            updated_at=self.now,
            starts_at=self.now + timedelta(days=30),
            expires_at=self.now + timedelta(days=1),
        )
        storage.write(storage.put("booking", booking_item(booking)))
        self.bookings.append(booking)

    def change(self, number: int, choice: int) -> None:
        before = self.bookings[number]
        possible = [
            action
            for action in _ACTIONS
            if TRANSITIONS[action].applies_to(before, _ACTORS.get(action, PROVIDER).role, self.now)
        ]
        if not possible:
            return
        action = possible[choice % len(possible)]
        actor, entry_id = _ACTORS.get(action, PROVIDER), f"{before.version + 1}"
        if action is Action.RESCHEDULE:
            after = after_reschedule(before, before.starts_at + timedelta(days=1), actor, self.now, entry_id)
        else:
            after = after_transition(action, before, actor, self.now, entry_id)
        storage.write(_booking_write(before, after))
        self.bookings[number] = after

    def lose_stream(self) -> None:
        """The records that nobody has read are gone."""
        self._handled_records = len(self.dynamodb.stream)

    def pass_time(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    # --- The processes ---------------------------------------------------------------------------------------------

    def pump_stream(self, limit: int = 10, fault: Fault | None = None) -> None:
        start = self._handled_records
        records = [
            {
                "eventSourceARN": STREAM_ARN,
                "dynamodb": {
                    "SequenceNumber": str(start + position),
                    **{name: image for name, image in (("OldImage", old), ("NewImage", new)) if image},
                },
            }
            for position, (old, new) in enumerate(self.dynamodb.stream[start : start + limit])
        ]

        def done(sequence_number: str) -> None:
            self._step()
            self._handled_records = int(sequence_number) + 1

        with self._process(fault):
            process(
                records,
                streams.announce_booking_changes,
                done=done,
                give_up=self.given_up.append,
                sleep=lambda seconds: None,
            )

    def consume_events(self, fault: Fault | None = None) -> None:
        with self._process(fault):
            QueueConsumer(EVENTS_QUEUE_ARN, queues.handle_events).consume_once()

    def consume_tasks(self, fault: Fault | None = None) -> None:
        with self._process(fault):
            QueueConsumer(TASKS_QUEUE_ARN, queues.run_tasks).consume_once()

    def reconcile(self, fault: Fault | None = None) -> None:
        with self._process(fault):
            jobs.reconcile(self.now)

    def redrive(self, fault: Fault | None = None) -> None:
        with self._process(fault):
            for name in ("events", "tasks"):
                dead_letters.dead_letter_queue(name).redrive()

    @contextmanager
    def _process(self, fault: Fault | None) -> Iterator[None]:
        """A process that may be killed or fail; whatever it did stays, whatever it knew is gone."""
        self._fault = fault
        try:
            yield
        except (KilledError, ClientError, BusyError, jobs.IncompleteJobError):
            pass
        finally:
            self._fault = self._at_ses = None

    # --- In the place of AWS -----------------------------------------------------------------------------------------

    def _seconds(self) -> float:
        return self.now.timestamp()

    def _is_repeated(self) -> bool:
        return self._repeats and self._random.random() < 0.3

    def _step(self) -> None:
        if self._fault is None:
            return
        steps, fault = self._fault
        self._fault = (steps - 1, fault)
        if steps == 0:
            self._fault = None
            if self._at_ses is not None:
                # Between SES's answer and the note of it: the one window in which an email may be sent again.
                self.excused[self._at_ses] += 1
            raise fault({"Error": {"Code": "Throttling"}}, "AnyOperation") if fault is ClientError else fault

    def _dispatch(self, operation: str, kwargs: dict[str, Any]) -> dict[str, Any]:
        try:
            self._step()
            answer = self.dynamodb.dispatch(operation, kwargs)
            self._step()
        except ClientError as error:
            if error.response["Error"]["Code"] == "Throttling":
                raise BusyError from error
            raise
        return answer

    def _send(self, letter: Any) -> str:
        self._step()
        delivery: Delivery = letter.delivery
        event, booking = delivery.event, self.bookings[int(delivery.event.subject_id[-14:])]
        later = {entry.action for entry in booking.history if entry.version > event.version}
        is_moved_again = event.type == "booking.rescheduled" and Action.RESCHEDULE in later
        if booking.status not in _TRUE_IN[event.type] or is_moved_again:
            self.contradictions.append(f"{delivery.delivery_id} while the booking is {booking.status}")
        self.sent[delivery.delivery_id] += 1
        self._at_ses = delivery.delivery_id
        self._step()
        return f"message {self.sent.total()}"

    def _store_invoice(self, *, booking_id: str, now: datetime) -> None:
        self._step()
        self.invoices.add(booking_id)
        self._step()

    def installed(self) -> pytest.MonkeyPatch:
        """Put it in the place of AWS, until the patch is undone."""
        patch = pytest.MonkeyPatch()
        for module in (reads, writes):
            patch.setattr(module, "dispatch", self._dispatch)
        for module in (streams, queues, pump_queue, dead_letters):
            patch.setattr(module, "client", self.messaging.client)
        patch.setattr(clock, "now", lambda: self.now)
        patch.setattr(ledger, "time", SimpleNamespace(monotonic=self._seconds, sleep=lambda seconds: None))
        for module, task in ((notification_handlers, "deliver_email"), (booking_handlers, "store_invoice")):
            name = f"{module.__package__}.{task}"
            delay = partial(self.messaging.enqueue_task, name)
            patch.setattr(module, "tasks", SimpleNamespace(**{task: SimpleNamespace(delay=delay)}))
        patch.setattr(booking_tasks, "services", SimpleNamespace(ensure_invoice_stored=self._store_invoice))
        patch.setattr(
            emails,
            "_letter",
            lambda delivery, *_: SimpleNamespace(delivery=delivery, reader=SimpleNamespace(email="robin@example.com")),
        )
        patch.setattr(emails, "compose", lambda letter: letter)
        patch.setattr(emails, "send", self._send)
        return patch

    # --- In the end --------------------------------------------------------------------------------------------------

    def heal(self, *, with_reconciler: bool) -> None:
        """Let everything run without faults until nothing is left to do."""
        self._repeats = False
        for _ in range(_HEALING_ROUNDS):
            self.pass_time(301)
            if with_reconciler:
                self.reconcile()
            while self._handled_records < len(self.dynamodb.stream):
                self.pump_stream(100)
            self.redrive()
            self.consume_events()
            self.consume_tasks()
            if self._is_quiet() and (not with_reconciler or not self._unheard()):
                return
        raise AssertionError(f"never quiet; unheard: {self._unheard()}")

    def _is_quiet(self) -> bool:
        return self._handled_records == len(self.dynamodb.stream) and not any(
            queue.messages for queue in self.messaging.queues.values()
        )

    def _unheard(self) -> list[str]:
        return [item["bookingId"]["S"] for item in self.dynamodb.rows("bookings-table") if "unheardKey" in item]

    def check(self) -> None:
        """Every change was told to everyone concerned as often as it should be, or would have contradicted a later."""
        assert not self.given_up
        assert not self.contradictions, f"contradicted: {self.contradictions}"
        ledger = {item["deliveryId"]["S"]: item for item in self.dynamodb.rows("deliveries-table")}
        expected = set()
        for booking in self.bookings:
            for event in events_after(booking, 0):
                for delivery in deliveries_of(event):
                    expected.add(delivery.delivery_id)
                    self._check_delivery(delivery, ledger, is_last=event.version == booking.version)
        assert set(ledger) == expected
        assert self.invoices == {each.booking_id for each in self.bookings if each.status is Status.PAID}
        self._check_heard()
        self._check_notes(ledger)

    def _check_delivery(self, delivery: Delivery, ledger: dict[str, Any], *, is_last: bool) -> None:
        name = delivery.delivery_id
        assert name in ledger, f"{name} was lost"
        status = ledger[name]["status"]["S"]
        assert status in (("sent",) if is_last else ("sent", "superseded")), f"{name} is {status}"
        if delivery.channel is Channel.EMAIL:
            assert self.sent[name] >= (status == "sent"), f"{name} was never sent"
            assert self.sent[name] <= (status == "sent") + self.excused[name], f"{name} was sent too often"

    def _check_heard(self) -> None:
        assert not self._unheard(), f"unheard: {self._unheard()}"
        for item in self.dynamodb.rows("bookings-table"):
            booking = read_booking(BookingItem.read_row(item))
            assert int(item["heardVersion"]["N"]) == booking.version, f"{booking.booking_id} was not heard"

    def _check_notes(self, ledger: dict[str, Any]) -> None:
        notes: Counter[str] = Counter()
        for item in self.dynamodb.rows("notifications-table"):
            if item["notificationId"]["S"] != BELL_ID:
                notes[item["recipientId"]["S"]] += 1
        shown = Counter(
            item["recipientId"]["S"]
            for item in ledger.values()
            if item["channel"]["S"] == Channel.IN_APP and item["status"]["S"] == "sent"
        )
        assert notes == shown, "notes and their deliveries differ"
