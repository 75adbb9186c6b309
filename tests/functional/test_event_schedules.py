"""Random schedules of duplicates, kills, failures, delays and losses: in the end, everyone heard of every change once.

The machine drives the product's own pipeline on an AWS in memory. Each of its mechanisms is then taken away in turn:
the same machine must notice.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from tests import mutants
from tests.functional.simulation.world import Fault, KilledError, World

# With more, mutants are found sooner, but a schedule takes twice as long.
STEPS, LONG_STEPS = 14, 20
PARTS = 5
PAUSES = st.sampled_from([0, 1, 15, 61, 181, 400])
FAULTS = st.tuples(st.integers(0, 15), st.sampled_from([KilledError, ClientError])) | st.none()


class Schedule(RuleBasedStateMachine):
    """One schedule of a world without outages: everything must arrive without the reconciler."""

    loses = False
    tally: ClassVar[Counter[str]] = Counter()

    @initialize(seed=st.integers(0, 2**16))
    def begin(self, seed: int) -> None:
        self.world = World(seed)
        self.patch = self.world.installed()
        self.world.join()
        self.world.book()

    @precondition(lambda self: len(self.world.bookings) < 3)
    @rule()
    def book(self) -> None:
        self.world.book()

    @rule(number=st.integers(0, 2), choice=st.integers(0, 5))
    def change(self, number: int, choice: int) -> None:
        self.world.change(number % len(self.world.bookings), choice)

    # What follows from providers and reviews is less than from bookings: most schedules are to be about these.

    @precondition(lambda self: self.world.unread_records < 2)
    @rule(choice=st.integers(0, 2))
    def move_provider(self, choice: int) -> None:
        self.world.move_provider(choice)

    @precondition(lambda self: self.world.unread_records < 2)
    @rule(number=st.integers(0, 2), rating=st.integers(1, 5))
    def review(self, number: int, rating: int) -> None:
        self.world.review(number % len(self.world.bookings), rating)

    # Processes run when there is something for them, each some time after the last: idle ones would tell nothing.

    @precondition(lambda self: self.world.unread_records)
    @rule(after=PAUSES, choice=st.integers(0, 2), limit=st.integers(1, 10), fault=FAULTS)
    def pump(self, after: int, choice: int, limit: int, fault: Fault | None) -> None:
        self.world.pass_time(after)
        self.world.pump_stream(limit, fault, choice=choice)

    @precondition(lambda self: self.world.has_messages("notifications.fifo"))
    @rule(after=PAUSES, fault=FAULTS)
    def consume_events(self, after: int, fault: Fault | None) -> None:
        self.world.pass_time(after)
        self.world.consume_events(fault)

    @precondition(lambda self: self.world.has_messages("tasks"))
    @rule(after=PAUSES, fault=FAULTS)
    def consume_tasks(self, after: int, fault: Fault | None) -> None:
        self.world.pass_time(after)
        self.world.consume_tasks(fault)

    @precondition(lambda self: self.world.has_messages("notifications-dlq.fifo", "tasks-dlq"))
    @rule(after=PAUSES, fault=FAULTS)
    def redrive(self, after: int, fault: Fault | None) -> None:
        self.world.pass_time(after)
        self.world.redrive(fault)

    def teardown(self) -> None:
        if not hasattr(self, "patch"):
            return
        self.tally.update(self.world.tally, schedules=1)
        try:
            self.world.heal(with_reconciler=self.loses)
            if not self.loses and (dead := self.world.subjects_with_dead_letters):
                # All were told, but what came behind a dead letter is marked as handled only after it.
                self.world.check(may_be_unhandled=dead)
                self.world.heal(with_reconciler=True)
            self.world.check()
        finally:
            self.patch.undo()


class ScheduleWithOutages(Schedule):
    """One schedule of a world in which records of the stream are lost: the reconciler must find what they said."""

    loses = True

    @precondition(lambda self: self.world.unread_records)
    @rule()
    def lose_stream(self) -> None:
        self.world.lose_stream()

    @rule(after=PAUSES, fault=FAULTS)
    def reconcile(self, after: int, fault: Fault | None) -> None:
        self.world.pass_time(after)
        self.world.reconcile(fault)


@pytest.fixture(autouse=True)
def _silence() -> Iterator[None]:
    """Thousands of tracebacks of failures that are meant to be would take longer than the schedules."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def run(machine: type[Schedule], schedules: int, *, steps: int, **options: Any) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=schedules,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            **options,
        ),
    )


# In parts, so that a long run shows how far it is.
@pytest.mark.parametrize("part", range(1, PARTS + 1))
@pytest.mark.parametrize("machine", [Schedule, ScheduleWithOutages])
def test_every_change_is_told_to_everyone_as_often_as_it_should_be(
    machine: type[Schedule], part: int, is_torture: bool, record_property: Callable[[str, object], None]
) -> None:
    machine.tally.clear()
    schedules, steps = (5_000, LONG_STEPS) if is_torture else (500, STEPS)
    run(machine, schedules // PARTS, steps=steps)
    record_property("what happened", dict(machine.tally))
    # Schedules in which nothing happens would all be passed.
    assert machine.tally["killed"] > 0.05 * machine.tally["processes"]
    assert machine.tally["repeated"] > 0.1 * machine.tally["messages"]
    assert not machine.loses or machine.tally["lost records"] > machine.tally["schedules"] / 2


# --- Without one of the mechanisms -----------------------------------------------------------------------------------

# With the machine that must notice, what it then says, and a seed whose schedules soon come to it; others do later.
MUTANTS: list[tuple[mutants.Mutate, type[Schedule], str, int]] = [
    (mutants.forget_what_was_sent, Schedule, "is queued|too often", 0),
    (mutants.open_deliveries_anew, Schedule, "differ|too often", 1),
    (mutants.settle_before_sending, Schedule, "never sent", 4),
    (mutants.queue_only_once, Schedule, "is queued", 1),
    (mutants.tell_what_is_not_true, Schedule, "contradicted", 0),
    (mutants.acknowledge_failures, Schedule, "lost|is queued|unhandled", 0),
    (mutants.let_groups_go_on, Schedule, "unhandled", 2),
    (mutants.ignore_refusals_of_sns, Schedule, "lost|unhandled", 16),
    (mutants.note_the_place_first, Schedule, "lost|unhandled", 3),
    (mutants.do_not_reconcile, ScheduleWithOutages, "unhandled", 0),
    (mutants.mark_in_any_order, ScheduleWithOutages, "lost|not handled", 3),
    (mutants.publish_only_the_last_change, ScheduleWithOutages, "unhandled", 0),
    (mutants.count_a_city_with_every_event, Schedule, "the cities differ", 1),
]


@pytest.mark.parametrize(
    ("mutate", "machine", "complaint", "first_seed"), MUTANTS, ids=[mutate.__name__ for mutate, *_ in MUTANTS]
)
def test_no_mechanism_can_be_left_out(
    mutate: mutants.Mutate,
    machine: type[Schedule],
    complaint: str,
    first_seed: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mutate(monkeypatch)
    # The same schedules each time: whether it is caught is no matter of luck.
    seeded = seed(first_seed)(type(machine.__name__, (machine,), {}))
    with pytest.raises(AssertionError, match=complaint):
        run(seeded, 2_000, steps=LONG_STEPS, phases=[Phase.generate], report_multiple_bugs=False)
