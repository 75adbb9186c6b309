"""The product's pipeline wired to the AWS in memory, and the bookings, reviews and providers that change."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bookings import handlers as booking_handlers
from bookings import tasks as booking_tasks
from bookings.domain import (
    REQUEST_VALID_FOR,
    TRANSITIONS,
    Action,
    Booking,
    BookingDetails,
    Status,
    after_reschedule,
    after_transition,
)
from bookings.records import booking_item, details_item
from bookings.services.storing import _booking_write
from bookings.stream import OUTBOX, events_after
from catalog.domain import ProfileValues
from catalog.models import ProviderItem, ServiceItem
from catalog.queries import get_provider, list_cities
from catalog.records import PROVIDERS, service_attributes
from catalog.services import change_profile, rating_write
from catalog.stream import OUTBOX as PROVIDERS_OUTBOX
from kernel import clock, storage
from kernel.errors import BusyError, ConflictError
from kernel.events import Event
from kernel.outbox import Outbox, outbox_actions, outboxed
from kernel.storage import reads, writes
from marketplace.background import dead_letters, jobs, queues, streams
from marketplace.background.pump import queue as pump_queue
from marketplace.background.pump import stream as pump_stream
from marketplace.background.pump.batches import process
from marketplace.background.pump.queue import QueueConsumer
from marketplace.background.wiring import wiring
from notifications import handlers as notification_handlers
from notifications.deliveries import deliveries_of, ledger
from notifications.domain import Channel, Delivery
from notifications.messages import booking_paid
from notifications.messages.bookings import BookingLetter, BookingMessage, Facts
from notifications.messages.review_submitted import Facts as ReviewFacts
from notifications.messages.review_submitted import ReviewLetter, ReviewMessage
from notifications.models import BELL_ID, DeliveryItem
from notifications.services import emails
from reviews.domain import Review
from reviews.events import ReviewEvent
from reviews.latest import entries_of
from reviews.models import LatestReviewsItem, ReviewItem
from reviews.queries import LATEST_KEY
from reviews.records import REVIEWS
from reviews.stream import OUTBOX as REVIEWS_OUTBOX
from reviews.stream import events_after as review_events_after
from tests.factories.catalog import build_provider, build_service
from tests.factories.events import EVENTS_QUEUE_ARN, TASKS_QUEUE_ARN
from tests.factories.letters import CUSTOMER, NOW, PROVIDER, make_booking
from tests.functional.simulation import dynamodb
from tests.functional.simulation.dynamodb import FakeDynamoDB
from tests.functional.simulation.messaging import FakeMessaging
from tests.functional.simulation.streams import FakeStreams

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
# Where a provider may be; the first is where it begins.
_CITIES = ("Austin", "Waco", "Elgin")
_WORDS = "On time, tidy, fair, and it has not dripped since: gladly again."
_OUTBOXES = (OUTBOX, REVIEWS_OUTBOX, PROVIDERS_OUTBOX)
_READER: Any = SimpleNamespace(email="robin@example.com")
_HEALING_ROUNDS = 40
# Of all messages, this share comes twice.
_REPEATED = 0.3


class KilledError(BaseException):
    """The process ends here; nothing of it runs on, not even what catches errors."""


class PoisonError(Exception):
    """Whoever takes this fails, each time."""


# After how many steps, each the way to AWS or back, which error strikes: KilledError or AWS's refusal.
Fault = tuple[int, type[BaseException]]


class World:
    """Some bookings, everything that carries their changes to SES, and what SES took."""

    def __init__(self, seed: int) -> None:
        self.now = NOW
        self.dynamodb = FakeDynamoDB()
        self.messaging = FakeMessaging(self._seconds, self._step, self._is_repeated)
        self.streams = FakeStreams(self.dynamodb)
        self.bookings: list[Booking] = []
        self.sent: Counter[str] = Counter()
        self.excused: Counter[str] = Counter()
        self.invoices: set[str] = set()
        self.contradictions: list[str] = []
        self.given_up: list[Any] = []
        # Events that no handler, and deliveries that SES, will take; and the events that were taken, in that order.
        self.poison: set[str] = set()
        self.handled: list[str] = []
        # How often what happened: processes that ran, kills, refusals, repeated messages, lost records.
        self.tally: Counter[str] = Counter()
        self._random = random.Random(seed)  # noqa: S311
        self._repeats = True
        # How many records of each table's stream were handled or lost.
        self._handled_records: Counter[str] = Counter()
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
            expires_at=self.now + REQUEST_VALID_FOR,
        )
        details = details_item(booking.booking_id, BookingDetails("12 Elm Street", ""))
        storage.transact([storage.put("booking", booking_item(booking)), storage.put("details", details)])
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
        try:
            if action is Action.RESCHEDULE:
                after = after_reschedule(before, before.starts_at + timedelta(days=1), actor, self.now, entry_id)
            else:
                after = after_transition(action, before, actor, self.now, entry_id)
        except ConflictError:
            # It was moved too often.
            return
        storage.write(_booking_write(before, after))
        self.bookings[number] = after

    def join(self) -> None:
        """The bookings' provider comes, with a service."""
        booking = make_booking()
        provider = build_provider(
            provider_id=booking.provider_id, service_ids=(booking.service_id,), created_at=self.now, updated_at=self.now
        )
        service = build_service(service_id=booking.service_id, provider_id=booking.provider_id)
        provider_item = outboxed(PROVIDERS.item(provider), provider.provider_id, self.now)
        service_item = ServiceItem(**service_attributes(service, provider))
        storage.transact([storage.put("provider", provider_item), storage.put("service", service_item)])

    def move_provider(self, choice: int) -> None:
        """The provider moves to another city, or stops taking bookings, or begins to again."""
        provider_id = make_booking().provider_id
        is_accepting = get_provider(provider_id).accepting_bookings
        changes: dict[str, Any] = {"city": _CITIES[choice]} if choice else {"accepting_bookings": not is_accepting}
        change_profile(actor=PROVIDER, provider_id=provider_id, changes=ProfileValues(**changes), now=self.now)

    def review(self, number: int, rating: int) -> None:
        """The customer reviews the booking, whatever became of it; later, the words of the review are erased."""
        booking = self.bookings[number]
        row = storage.get_row(ReviewItem, booking.booking_id)
        if row is not None:
            changes = [
                ReviewItem.version.add(1),
                ReviewItem.changed_at.set(self.now),
                ReviewItem.comment.set(""),
                *outbox_actions(ReviewItem, booking.booking_id, self.now),
            ]
            storage.write(storage.update("review", ReviewItem, booking.booking_id, actions=changes))
            return
        review = Review(
            review_id=booking.booking_id,
            version=1,
            provider_id=booking.provider_id,
            service_id=booking.service_id,
            service_name=booking.service_name,
            customer_id=CUSTOMER.user_id,
            rating=rating,
            comment=_WORDS,
            created_at=self.now,
            answer=None,
            answered_at=None,
            counted=True,
        )
        put = storage.put("review", outboxed(REVIEWS.item(review), review.review_id, self.now))
        storage.transact([put, rating_write(get_provider(booking.provider_id), rating)])

    def lose_stream(self) -> None:
        """The records that nobody has read are gone."""
        self.tally["lost records"] += self.unread_records
        for table, records in self.dynamodb.streams.items():
            self._handled_records[table] = len(records)

    def spoil(self, number: int) -> None:
        """Nobody can read what that record of the bookings' stream says."""
        self.dynamodb.streams[dynamodb.BOOKINGS][number] = (None, {"bookingId": {"S": "unreadable"}})

    def pass_time(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @property
    def unread_records(self) -> int:
        """How many records of the streams nobody has handled or lost yet."""
        return sum(len(records) for records in self.dynamodb.streams.values()) - self._handled_records.total()

    def has_messages(self, *queues: str) -> bool:
        """Whether one of the queues, by their names without the stage, has a message, hidden ones included."""
        return any(self.messaging.queues[f"test-{name}"].messages for name in queues)

    @property
    def subjects_with_dead_letters(self) -> Set[str]:
        """The bookings, reviews and providers of which an event was a dead letter at some time."""
        return self.messaging.queues["test-notifications-dlq.fifo"].groups

    # --- The processes ---------------------------------------------------------------------------------------------

    def pump_stream(self, limit: int = 10, fault: Fault | None = None, *, choice: int = 0) -> None:
        """Up to so many records of one of the streams that have some."""
        unread = [
            table for table, all_of in self.dynamodb.streams.items() if self._handled_records[table] < len(all_of)
        ]
        if not unread:
            return
        table = unread[choice % len(unread)]
        records = self.streams.records(table, self._handled_records[table], limit)
        (outbox,) = (outbox for outbox in wiring().outboxes if outbox.table_name == table)

        def done(sequence_number: str) -> None:
            self._step()
            self._handled_records[table] = int(sequence_number) + 1

        handling = partial(
            process,
            records,
            partial(streams.publish_changes, outbox),
            done=done,
            give_up=self.given_up.append,
            sleep=lambda seconds: None,
        )
        self._run(handling, fault)

    def consume_events(self, fault: Fault | None = None) -> int:
        """Up to ten messages; how many were handled for good."""
        return self._run(QueueConsumer(EVENTS_QUEUE_ARN, queues.handle_events).consume_once, fault)

    def consume_tasks(self, fault: Fault | None = None) -> int:
        """Up to ten messages; how many were handled for good."""
        return self._run(QueueConsumer(TASKS_QUEUE_ARN, queues.run_tasks).consume_once, fault)

    def reconcile(self, fault: Fault | None = None) -> None:
        self._run(lambda: jobs.reconcile(self.now), fault)

    def redrive(self, fault: Fault | None = None) -> None:
        dead_letter_queue = dead_letters.dead_letter_queue
        self._run(lambda: sum(len(dead_letter_queue(name).redrive()) for name in ("events", "tasks")), fault)

    def _run(self, work: Callable[[], int | None], fault: Fault | None) -> int:
        """What the work of a process comes to; 0 if it is killed or fails: what it did stays, what it knew is gone."""
        self._fault = fault
        self.tally["processes"] += 1
        try:
            return work() or 0
        except (KilledError, ClientError, BusyError, jobs.IncompleteJobError):
            return 0
        finally:
            self._fault = self._at_ses = None

    # --- In the place of AWS -----------------------------------------------------------------------------------------

    def _seconds(self) -> float:
        return self.now.timestamp()

    def _is_repeated(self) -> bool:
        self.tally["messages"] += 1
        is_repeated = self._repeats and self._random.random() < _REPEATED
        self.tally["repeated"] += is_repeated
        return is_repeated

    def _step(self) -> None:
        if self._fault is None:
            return
        steps, fault = self._fault
        self._fault = (steps - 1, fault)
        if steps == 0:
            self.strike(fault)

    def strike(self, fault: type[BaseException]) -> None:
        """Let this process fail here. Raises the fault."""
        self._fault = None
        self.tally["killed" if fault is KilledError else "refused"] += 1
        if self._at_ses is not None:
            # Between SES's answer and the note of it: the one window in which an email may be sent again.
            self.excused[self._at_ses] += 1
        raise fault({"Error": {"Code": "Throttling"}}, "AnyOperation") if fault is ClientError else fault

    def _dispatch(self, operation: str, kwargs: dict[str, Any]) -> dict[str, Any]:
        try:
            self._step()
            answer = self.dynamodb.dispatch(operation, kwargs)
            if operation == "UpdateItem" and kwargs["TableName"] == DeliveryItem.Meta.table_name:
                # What SES has is noted now.
                self._at_ses = None
            self._step()
        except ClientError as error:
            if error.response["Error"]["Code"] == "Throttling":
                raise BusyError from error
            raise
        return answer

    def _send(self, letter: Any) -> str:
        self._step()
        delivery: Delivery = letter.delivery
        if delivery.delivery_id in self.poison:
            raise PoisonError(delivery.delivery_id)
        if not isinstance(delivery.event, ReviewEvent):
            self._check_truth(delivery)
        self.sent[delivery.delivery_id] += 1
        self._at_ses = delivery.delivery_id
        self._step()
        return f"message {self.sent.total()}"

    def _check_truth(self, delivery: Delivery) -> None:
        """Note it if an email about a booking, which is sent now, contradicts it."""
        event, booking = delivery.event, self.bookings[int(delivery.event.subject_id[-14:])]
        later = {entry.action for entry in booking.history if entry.version > event.version}
        is_moved_again = event.type == "booking.rescheduled" and Action.RESCHEDULE in later
        status = booking.status_at(self.now)
        if status not in _TRUE_IN[event.type] or is_moved_again:
            self.contradictions.append(f"{delivery.delivery_id} while the booking is {status}")

    def _client(self, service: str, **options: Any) -> Any:
        """In the place of `kernel.aws.client`."""
        return self.streams if service.startswith("dynamodb") else self.messaging

    def _begin(self, event: Event, now: datetime) -> None:
        """Before all handlers of an event."""
        if event.event_id in self.poison:
            raise PoisonError(event.event_id)
        self.handled.append(event.event_id)

    def _store_invoice(self, *, booking_id: str, now: datetime) -> None:
        self._step()
        self.invoices.add(booking_id)
        self._step()

    def _letter(self, delivery: Delivery, facts: Facts, now: datetime) -> BookingLetter:
        booking, _ = facts
        return BookingLetter(
            delivery=delivery, booking=booking, details=None, customer_name=None, reader=_READER, now=now
        )

    def _review_letter(self, delivery: Delivery, facts: ReviewFacts, now: datetime) -> ReviewLetter:
        review, provider = facts
        return ReviewLetter(delivery=delivery, review=review, provider=provider, reader=_READER, now=now)

    def installed(self) -> pytest.MonkeyPatch:
        """Put it in the place of AWS, until the patch is undone."""
        patch = pytest.MonkeyPatch()
        for module in (reads, writes):
            patch.setattr(module, "dispatch", self._dispatch)
        for module in (streams, queues, pump_queue, pump_stream, dead_letters):
            patch.setattr(module, "client", self._client)
        patch.setattr(pump_stream, "process", partial(process, sleep=lambda seconds: None))
        handlers_of = {type_: (self._begin, *each) for type_, each in wiring().handlers_of.items()}
        wired = replace(wiring(), handlers_of=handlers_of)
        patch.setattr(queues, "wiring", lambda: wired)
        patch.setattr(clock, "now", lambda: self.now)
        patch.setattr(ledger, "time", SimpleNamespace(monotonic=self._seconds, sleep=lambda seconds: None))
        for module, task in ((notification_handlers, "deliver_email"), (booking_handlers, "store_invoice")):
            name = f"{module.__package__}.{task}"
            delay = partial(self.messaging.enqueue_task, name)
            patch.setattr(module, "tasks", SimpleNamespace(**{task: SimpleNamespace(delay=delay)}))
        patch.setattr(booking_tasks, "services", SimpleNamespace(ensure_invoice_stored=self._store_invoice))
        patch.setattr(BookingMessage, "write_letter", lambda message, *facts: self._letter(*facts))
        patch.setattr(ReviewMessage, "write_letter", lambda message, *facts: self._review_letter(*facts))
        patch.setattr(booking_paid, "get_invoice_file", lambda **_: ("INV-00001.pdf", b""))
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
            while self.unread_records:
                self.pump_stream(100)
            self.redrive()
            while self.consume_events() + self.consume_tasks():
                pass
            if self._is_quiet() and (not with_reconciler or not self._unhandled()):
                return
        waiting = {name: len(queue.messages) for name, queue in self.messaging.queues.items() if queue.messages}
        raise AssertionError(
            f"never quiet: {self.unread_records} unread, {waiting} waiting, unhandled {self._unhandled()}"
        )

    def _is_quiet(self) -> bool:
        names = ("notifications.fifo", "notifications-dlq.fifo", "tasks", "tasks-dlq")
        return not self.unread_records and not self.has_messages(*names)

    def _unhandled(self) -> list[str]:
        return [name for outbox in _OUTBOXES for name, item in self._items(outbox).items() if "unheardKey" in item]

    def _items(self, outbox: Outbox) -> dict[str, Any]:
        """The items of a table with an outbox, by their id."""
        (key,) = dynamodb.KEYS[outbox.table_name]
        return {item[key]["S"]: item for item in self.dynamodb.items[outbox.table_name].values()}

    def check(self, *, may_be_unhandled: Set[str] = frozenset()) -> None:
        """Every change was told to everyone concerned as often as it should be, or would have contradicted a later.

        And each was marked as handled, but for those of the subjects `may_be_unhandled`.
        """
        assert not self.given_up
        assert not self.contradictions, f"contradicted: {self.contradictions}"
        ledger = {item["deliveryId"]["S"]: item for item in self.dynamodb.rows("deliveries-table")}
        expected = set()
        for booking in self.bookings:
            has_lapsed = booking.status_at(self.now) is not booking.status
            for event in events_after(booking, 0):
                for delivery in deliveries_of(event):
                    expected.add(delivery.delivery_id)
                    self._check_delivery(delivery, ledger, is_last=event.version == booking.version and not has_lapsed)
        for item in self._items(REVIEWS_OUTBOX).values():
            submitted, *_ = review_events_after(ReviewItem.read_row(item), 0)
            for delivery in deliveries_of(submitted):
                expected.add(delivery.delivery_id)
                self._check_delivery(delivery, ledger, is_last=True)
        assert set(ledger) == expected
        assert self.invoices == {each.booking_id for each in self.bookings if each.status is Status.PAID}
        self._check_handled(may_be_unhandled)
        self._check_follow_ups(may_be_unhandled)
        self._check_notes(ledger)

    def _check_delivery(self, delivery: Delivery, ledger: dict[str, Any], *, is_last: bool) -> None:
        name = delivery.delivery_id
        assert name in ledger, f"{name} was lost"
        status = ledger[name]["status"]["S"]
        assert status in (("sent",) if is_last else ("sent", "superseded")), f"{name} is {status}"
        if delivery.channel is Channel.EMAIL:
            assert self.sent[name] >= (status == "sent"), f"{name} was never sent"
            assert self.sent[name] <= (status == "sent") + self.excused[name], f"{name} was sent too often"

    def _check_handled(self, may_be_unhandled: Set[str]) -> None:
        unhandled = set(self._unhandled()) - may_be_unhandled
        assert not unhandled, f"unhandled: {unhandled}"
        for outbox in _OUTBOXES:
            for name, item in self._items(outbox).items():
                if name not in may_be_unhandled:
                    assert item["heardVersion"] == item["version"], f"{name} was not handled"

    def _check_follow_ups(self, may_be_unhandled: Set[str]) -> None:
        """What is kept for search and for the first page is as providers and reviews are."""
        reviews = [
            REVIEWS.read(ReviewItem.read_row(item))
            for name, item in self._items(REVIEWS_OUTBOX).items()
            if name not in may_be_unhandled
        ]
        listed = storage.get_row(LatestReviewsItem, LATEST_KEY) or {"reviews": []}
        assert listed["reviews"] == entries_of(reviews), "the latest reviews differ"
        if reviews:
            provider = get_provider(make_booking().provider_id)
            (service,) = self.dynamodb.rows("services-table")
            assert int(service["ratingCount"]["N"]) == provider.rating.count, "the copied ratings differ"
            assert int(service["ratingAverage"]["N"]) == provider.rating.average, "the copied ratings differ"
        providers = [ProviderItem.read_row(item) for item in self._items(PROVIDERS_OUTBOX).values()]
        expected = {row["listed_city"]: 1 for row in providers if "listed_city" in row}
        if not {row["provider_id"] for row in providers} & may_be_unhandled:
            assert {city.key: city.providers for city in list_cities()} == expected, "the cities differ"

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


@contextmanager
def simulated(seed: int = 0) -> Iterator[World]:
    """A world in the place of AWS."""
    world = World(seed)
    patch = world.installed()
    try:
        yield world
    finally:
        patch.undo()
