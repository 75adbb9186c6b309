"""Single faults in large numbers, on the AWS in memory; and that each is noticed where nothing guards against it."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from random import Random
from typing import Any

import orjson
import pytest
from django.conf import settings

from bookings.models import BookingItem
from bookings.stream import OUTBOX, events_after
from kernel.aws import queue_url
from marketplace.background import dead_letters, streams
from marketplace.background.pump.stream import StreamPump
from marketplace.background.queues import MAX_RECEIVES
from notifications.deliveries import deliveries_of, ledger
from notifications.domain import Channel
from notifications.messages.bookings import BookingMessage
from notifications.services import emails
from tests import mutants
from tests.functional.simulation.messaging import TASK_MAX_RECEIVES
from tests.functional.simulation.world import KilledError, World, simulated

Note = Callable[[str, object], None]


@pytest.fixture(autouse=True)
def _silence() -> Iterator[None]:
    """Thousands of tracebacks of failures that are meant to be would take longer than the tests."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def event_ids(world: World, queue: str) -> list[str]:
    """The events whose messages are in the queue."""
    return [orjson.loads(message.body)["id"] for message in world.messaging.queues[queue].messages.values()]


# --- A record of the stream that cannot be read ----------------------------------------------------------------------


def check_poisoned_stream(records: int) -> None:
    """One poisoned record among so many: all others are announced, and its place is left in `stream-failures`."""
    with simulated() as world:
        for _ in range(records):
            world.book()
        poisoned = records // 2
        world.spoil(poisoned)
        pump = StreamPump(
            BookingItem.Meta.table_name,
            partial(streams.publish_changes, OUTBOX),
            failures_queue_url=queue_url(settings.STREAM_FAILURES_QUEUE_ARN),
        )
        while pump.drain_once():
            pass
        announced = set(event_ids(world, "test-notifications.fifo"))
        others = [booking for number, booking in enumerate(world.bookings) if number != poisoned]
        assert announced == {f"{booking.booking_id}#1" for booking in others}, "not all others were announced"
        failures = [
            orjson.loads(each.body) for each in world.messaging.queues["test-stream-failures"].messages.values()
        ]
        places = [failure["DDBStreamBatchInfo"]["startSequenceNumber"] for failure in failures]
        assert places == [str(poisoned)], f"the failures are {places}"
        # What the record said is in the table: the reconciler announces it.
        world.lose_stream()
        world.heal(with_reconciler=True)
        world.check()


def test_one_poisoned_record_among_a_thousand() -> None:
    check_poisoned_stream(1_000)


@pytest.mark.parametrize(
    ("mutate", "complaint"),
    [(mutants.skip_what_cannot_be_read, "the failures are"), (mutants.blame_the_first_record, "the failures are")],
)
def test_mutants_of_the_poisoned_stream(
    mutate: mutants.Mutate, complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutate(monkeypatch)
    with pytest.raises(AssertionError, match=complaint):
        check_poisoned_stream(100)


# --- A stream that is away for longer than it remembers --------------------------------------------------------------


def check_outage(bookings: int) -> Counter[str]:
    """Thirty hours in which every record of the stream is lost: afterwards, everybody hears of everything."""
    chance = Random(15)  # noqa: S311
    with simulated() as world:
        for number in range(bookings):
            world.pass_time(30 * 3600 // bookings)
            world.book()
            for _ in range(chance.randrange(3)):
                world.change(chance.randrange(number + 1), chance.randrange(6))
            world.lose_stream()
        world.heal(with_reconciler=True)
        world.check()
        return world.tally + Counter(events=sum(booking.version for booking in world.bookings))


def test_thirty_hours_without_the_stream(record_property: Note) -> None:
    tally = check_outage(1_000)
    assert tally["lost records"] == tally["events"]
    record_property("changes whose record was lost, all handled", tally["events"])


@pytest.mark.parametrize("mutate", [mutants.do_not_reconcile, mutants.publish_only_the_last_change])
def test_mutants_of_the_outage(mutate: mutants.Mutate, monkeypatch: pytest.MonkeyPatch) -> None:
    mutate(monkeypatch)
    with pytest.raises(AssertionError, match="unhandled"):
        check_outage(20)


# --- An event that no handler can take -------------------------------------------------------------------------------


def check_poisoned_group(groups: int) -> None:
    """One poisoned event among so many bookings: all others are handled; its own wait until it is given up."""
    with simulated() as world:
        for number in range(groups):
            world.book()
            world.change(number, 0)
        poisoned = world.bookings[groups // 2].booking_id
        world.poison = {f"{poisoned}#1"}
        while world.unread_records:
            world.pump_stream(100)
        while world.has_messages("notifications.fifo"):
            if not world.consume_events():
                world.pass_time(61)
            waiting = world.messaging.queues["test-notifications.fifo"].messages.values()
            tries = [each.receives for each in waiting if orjson.loads(each.body)["id"] in world.poison]
            is_given_up = all(receives >= MAX_RECEIVES for receives in tries)
            assert is_given_up or f"{poisoned}#2" not in world.handled, "it was overtaken"
        assert set(event_ids(world, "test-notifications-dlq.fifo")) == world.poison, "not it alone is dead"
        for booking in world.bookings:
            handled = [each for each in dict.fromkeys(world.handled) if each.startswith(booking.booking_id)]
            versions = (2,) if booking.booking_id == poisoned else (1, 2)
            assert handled == [f"{booking.booking_id}#{version}" for version in versions]
        # Once the handlers are mended, it is redriven; what came behind it is handled again, in order.
        world.poison.clear()
        world.heal(with_reconciler=True)
        world.check()


def test_one_poisoned_group_among_a_hundred() -> None:
    check_poisoned_group(100)


@pytest.mark.parametrize(
    ("mutate", "complaint"),
    [
        (mutants.let_groups_go_on, "overtaken"),
        (mutants.let_the_last_receive_stop_the_group, "not it alone"),
        (mutants.acknowledge_failures, "not it alone"),
    ],
)
def test_mutants_of_the_poisoned_group(mutate: mutants.Mutate, complaint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mutate(monkeypatch)
    with pytest.raises(AssertionError, match=complaint):
        check_poisoned_group(10)


# --- Dead letters that come back late --------------------------------------------------------------------------------


def check_redrives(redrives: int) -> Counter[str]:
    """So many dead letters sent back at random moments of their bookings' lives: none contradicts the present."""
    chance = Random(18)  # noqa: S311
    tally: Counter[str] = Counter()
    while tally["redriven"] < redrives:
        with simulated(chance.randrange(2**16)) as world:
            for _ in range(3):
                world.book()
            for _ in range(6):
                let_some_die(world, chance)
                for number in range(len(world.bookings)):
                    world.change(number, chance.randrange(6))
                for name in ("events", "tasks"):
                    dead = dead_letters.dead_letter_queue(name)
                    chosen = [each.message_id for each in dead.show() if chance.random() < 0.7]
                    tally["redriven"] += len(dead.redrive(chosen))
            world.poison.clear()
            world.heal(with_reconciler=True)
            world.check()
            ledger_rows = world.dynamodb.rows("deliveries-table")
            tally["superseded"] += sum(row["status"]["S"] == "superseded" for row in ledger_rows)
            tally["emails"] += world.sent.total()
    return tally


def let_some_die(world: World, chance: Random) -> None:
    """Some events and emails fail until they are dead letters, the others are handled meanwhile."""
    events = [event for booking in world.bookings for event in events_after(booking, 0)]
    names = [event.event_id for event in events]
    names += [each.delivery_id for event in events for each in deliveries_of(event) if each.channel is Channel.EMAIL]
    world.poison = {name for name in names if chance.random() < 0.4}
    for _ in range(TASK_MAX_RECEIVES + 1):
        world.pump_stream(100)
        while world.consume_events() + world.consume_tasks():
            pass
        world.pass_time(61)


def test_random_redrives(is_torture: bool, record_property: Note) -> None:
    tally = check_redrives(10_000 if is_torture else 300)
    record_property("redrives and emails, none contradictory", dict(tally))


@pytest.mark.parametrize(
    ("mutate", "complaint"),
    [
        (mutants.tell_what_is_not_true, "contradicted"),
        (mutants.open_deliveries_anew, "differ|too often"),
        (mutants.forget_what_was_sent, "is queued|too often"),
    ],
)
def test_mutants_of_the_redrives(mutate: mutants.Mutate, complaint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mutate(monkeypatch)
    with pytest.raises(AssertionError, match=complaint):
        check_redrives(100)


# --- A worker that is killed -----------------------------------------------------------------------------------------

# What is killed before or after it ran. SES has the email from "send, after" on; that it has is known after "settle".
POINTS: list[tuple[Any, str, str]] = [
    (ledger, "take_lease", "before"),
    (ledger, "take_lease", "after"),
    (BookingMessage, "find_facts", "after"),
    (emails, "get_objections", "after"),
    (emails, "send", "before"),
    (emails, "send", "after"),
    (ledger, "settle", "before"),
    (ledger, "settle", "after"),
]
WINDOW = {("send", "after"), ("settle", "before")}


def check_kills(module: Any, name: str, when: str, kills: int) -> int:
    """Kill so many workers there, each with an email in hand, which then comes back; how many were sent twice."""
    chance = Random(f"{when} {name}")  # noqa: S311
    with simulated(chance.randrange(2**16)) as world:
        while world.tally["killed"] < kills:
            world.book()
            for _ in range(chance.randrange(3)):
                world.change(len(world.bookings) - 1, chance.randrange(6))
            while world.unread_records:
                world.pump_stream(100)
            while world.consume_events():
                pass
            # One of those before it may have been through already.
            with killing(world, module, name, when, spared=chance.randrange(2)):
                world.consume_tasks()
            world.pass_time(301)
            while world.consume_tasks():
                pass
        world.heal(with_reconciler=False)
        world.check()
        assert max(world.sent.values()) <= 2
        return sum(count - 1 for count in world.sent.values())


@contextmanager
def killing(world: World, module: Any, name: str, when: str, *, spared: int) -> Iterator[None]:
    """Whoever calls the function is killed before or after it, but for the first calls."""
    function, calls = getattr(module, name), count()

    def run(*args: Any, **kwargs: Any) -> Any:
        if next(calls) != spared:
            return function(*args, **kwargs)
        if when == "after":
            function(*args, **kwargs)
        return world.strike(KilledError)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, name, run)
        yield


@pytest.mark.parametrize(("module", "name", "when"), POINTS, ids=[f"{when}-{name}" for _, name, when in POINTS])
def test_workers_killed_at_any_point(
    module: Any, name: str, when: str, is_torture: bool, record_property: Note
) -> None:
    """None is lost; all of those in the window, and no others, are sent twice."""
    kills = 1_000 if is_torture else 100
    twice = check_kills(module, name, when, kills)
    record_property("kills, none of them a loss, and how many sent twice", (kills, twice))
    assert twice == (kills if (name, when) in WINDOW else 0)


@pytest.mark.parametrize(
    ("mutate", "point", "complaint"),
    [
        (mutants.settle_before_sending, (emails, "send", "before"), "never sent"),
        (mutants.forget_what_was_sent, (ledger, "take_lease", "before"), "is queued|too often"),
        (mutants.keep_leases_for_ever, (ledger, "take_lease", "after"), "never quiet"),
    ],
)
def test_mutants_of_killed_workers(
    mutate: mutants.Mutate, point: tuple[Any, str, str], complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutate(monkeypatch)
    with pytest.raises(AssertionError, match=complaint):
        check_kills(*point, kills=5)
