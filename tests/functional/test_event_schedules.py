"""Random schedules of duplicates, kills, failures, delays and losses: in the end, everyone heard of every change once.

The machine drives the product's own pipeline on an AWS in memory. Each of its mechanisms is then taken away in turn:
the same machine must notice.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from bookings.models import BookingItem
from bookings.stream import events_after
from marketplace.entrypoints import jobs, queues, streams
from marketplace.kernel import storage
from marketplace.pump.batches import process, sequence_number
from notifications import ledger
from notifications.domain import DeliveryStatus
from notifications.services import emails, present
from tests.functional.simulation import world
from tests.functional.simulation.world import Fault, KilledError, World

STEPS = 14
FAULTS = st.tuples(st.integers(0, 15), st.sampled_from([KilledError, ClientError])) | st.none()


class Schedule(RuleBasedStateMachine):
    """One schedule of a world without outages: everything must arrive without the reconciler."""

    loses = False

    @initialize(seed=st.integers(0, 2**16))
    def begin(self, seed: int) -> None:
        self.world = World(seed)
        self.patch = self.world.installed()
        self.world.book()

    @precondition(lambda self: len(self.world.bookings) < 3)
    @rule()
    def book(self) -> None:
        self.world.book()

    @rule(number=st.integers(0, 2), choice=st.integers(0, 5))
    def change(self, number: int, choice: int) -> None:
        self.world.change(number % len(self.world.bookings), choice)

    @rule(limit=st.integers(1, 10), fault=FAULTS)
    def pump(self, limit: int, fault: Fault | None) -> None:
        self.world.pump_stream(limit, fault)

    @rule(fault=FAULTS)
    def consume_events(self, fault: Fault | None) -> None:
        self.world.consume_events(fault)

    @rule(fault=FAULTS)
    def consume_tasks(self, fault: Fault | None) -> None:
        self.world.consume_tasks(fault)

    @rule(seconds=st.sampled_from([1, 15, 61, 181, 400]))
    def pass_time(self, seconds: int) -> None:
        self.world.pass_time(seconds)

    @rule(fault=FAULTS)
    def redrive(self, fault: Fault | None) -> None:
        self.world.redrive(fault)

    def teardown(self) -> None:
        if not hasattr(self, "patch"):
            return
        try:
            self.world.heal(with_reconciler=self.loses)
            self.world.check()
        finally:
            self.patch.undo()


class ScheduleWithOutages(Schedule):
    """One schedule of a world in which records of the stream are lost: the reconciler must find what they said."""

    loses = True

    @rule()
    def lose_stream(self) -> None:
        self.world.lose_stream()

    @rule(fault=FAULTS)
    def reconcile(self, fault: Fault | None) -> None:
        self.world.reconcile(fault)


@pytest.fixture(autouse=True)
def _silence() -> Iterator[None]:
    """Thousands of tracebacks of failures that are meant to be would take longer than the schedules."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def run(machine: type[Schedule], schedules: int, **options: Any) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=schedules,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            **options,
        ),
    )


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("machine", [Schedule, ScheduleWithOutages])
def test_every_change_is_told_to_everyone_as_often_as_it_should_be(machine: type[Schedule], is_torture: bool) -> None:
    run(machine, 5_000 if is_torture else 1_000)


# --- Without one of the mechanisms -----------------------------------------------------------------------------------

Mutate = Callable[[pytest.MonkeyPatch], None]


def forget_what_was_sent(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ledger, "settle", lambda lease, status, *, now, **_: ledger.give_back(lease, now=now))


def open_deliveries_anew(patch: pytest.MonkeyPatch) -> None:
    opening = ledger.opening

    def unconditional(*args: Any) -> storage.Write:
        write = opening(*args)
        kwargs = {name: value for name, value in write.kwargs.items() if name != "ConditionExpression"}
        return replace(write, kwargs=kwargs)

    patch.setattr(ledger, "opening", unconditional)


def settle_before_sending(patch: pytest.MonkeyPatch) -> None:
    def deliver_email(*, delivery_id: str, now: datetime) -> None:
        lease = ledger.take_lease(delivery_id, now=now)
        if lease is None:
            return
        letter = emails._letter_or_reason(lease.delivery, now)
        if isinstance(letter, DeliveryStatus):
            ledger.settle(lease, letter, now=now)
        else:
            ledger.settle(lease, DeliveryStatus.SENT, now=now)
            emails.send(emails.compose(letter))  # type: ignore[attr-defined]

    patch.setattr(emails, "deliver_email", deliver_email)


def queue_only_once(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ledger, "is_owed", lambda row: False)


def tell_what_is_not_true(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(present, "is_still_true", lambda *args: True)


def acknowledge_failures(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(queues, "_shown_later", lambda failed: {"batchItemFailures": []})


def let_groups_go_on(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(queues, "MAX_RECEIVES", 0)


def ignore_refusals_of_sns(patch: pytest.MonkeyPatch) -> None:
    publish = streams.publish
    patch.setattr(streams, "publish", lambda batch: publish(batch) and None)


def note_the_place_first(patch: pytest.MonkeyPatch) -> None:
    def note_and_process(records: Any, handle: Any, *, done: Any, **options: Any) -> None:
        if records:
            done(sequence_number(records[-1]))
        process(records, handle, done=lambda number: None, **options)

    patch.setattr(world, "process", note_and_process)


def do_not_reconcile(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(jobs, "reconcile", lambda now: 0)


def hear_in_any_order(patch: pytest.MonkeyPatch) -> None:
    def note_heard(*, booking_id: str, version: int) -> None:
        actions = [BookingItem.heard_version.set(version), BookingItem.unheard_key.remove()]
        storage.write(storage.update("booking", BookingItem, booking_id, actions=actions))

    patch.setattr(queues, "note_heard", note_heard)


def announce_only_the_last_change(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(jobs, "events_after", lambda booking, heard: events_after(booking, booking.version - 1))


# With the machine that must notice, and what it then says.
MUTANTS: list[tuple[Mutate, type[Schedule], str]] = [
    (forget_what_was_sent, Schedule, "is queued|too often"),
    (open_deliveries_anew, Schedule, "differ|too often"),
    (settle_before_sending, Schedule, "never sent"),
    (queue_only_once, Schedule, "is queued"),
    (tell_what_is_not_true, Schedule, "contradicted"),
    (acknowledge_failures, Schedule, "lost|is queued|unheard"),
    (let_groups_go_on, Schedule, "unheard"),
    (ignore_refusals_of_sns, Schedule, "lost"),
    (note_the_place_first, Schedule, "lost"),
    (do_not_reconcile, ScheduleWithOutages, "unheard"),
    (hear_in_any_order, ScheduleWithOutages, "lost"),
    (announce_only_the_last_change, ScheduleWithOutages, "unheard"),
]


@pytest.mark.parametrize(("mutate", "machine", "complaint"), MUTANTS, ids=[mutate.__name__ for mutate, *_ in MUTANTS])
def test_no_mechanism_can_be_left_out(
    mutate: Mutate, machine: type[Schedule], complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutate(monkeypatch)
    # The same schedules each time: whether it is caught is no matter of luck.
    with pytest.raises(AssertionError, match=complaint):
        run(machine, 2_000, phases=[Phase.generate], report_multiple_bugs=False, derandomize=True)
