"""The real pump and a real Celery worker, on a cloud that refuses, loses answers and kills: everyone hears of all."""

import itertools
import time
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings

from benchmarks.serving import served_environment
from bookings.models import BookingItem
from kernel.aws import client, queue_url
from marketplace.background.pump.stream import StreamPump
from marketplace.background.worker import app
from marketplace.laptop.supervision import Child
from tests.factories.accounts import TokenIssuer
from tests.functional.lives import Inbox, Lives, Outcome
from tests.functional.races.faults import (
    LOST_ANSWERS_EVERYWHERE,
    SLOW_EMAILS,
    THROTTLING,
    FaultyCloud,
    faulty_cloud,
)

# The promise: so long after the faults, nothing is left to do.
_DRAINED_WITHIN_SECONDS = 60
# Between two changes; and no more while so many messages wait: what is promised is recovery, not throughput.
_PACE_SECONDS = 0.08
_MOST_WAITING = 150
_PROCESSES = {
    "pump": ("django", "pump", "--verbosity=0"),
    "worker": ("celery", "--quiet", "--app=marketplace.celery", "worker", "--loglevel=error", "--without-gossip"),
}


@pytest.fixture(scope="module")
def faulty(cloud: str) -> Iterator[FaultyCloud]:
    with faulty_cloud(cloud) as faulty:
        yield faulty


class Processes:
    """A pump and a worker behind the proxy, under a supervisor that starts them again."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._children = {name: self._start(name) for name in _PROCESSES}

    def _start(self, name: str) -> Child:
        module, *arguments = _PROCESSES[name]
        return Child(name, module, *arguments, environment=self._environment)

    def kill(self, name: str) -> None:
        self._children[name].kill()
        self._children[name].stop()
        self._children[name] = self._start(name)

    def assert_running(self) -> None:
        assert {name: child.exit_code for name, child in self._children.items()} == dict.fromkeys(_PROCESSES)

    def stop(self) -> None:
        for child in self._children.values():
            child.ask_to_stop()
        for child in self._children.values():
            child.stop()


@pytest.fixture
def processes(faulty: FaultyCloud, token_issuer: TokenIssuer) -> Iterator[Processes]:
    """They begin where the other tests have left the stream and the queues."""
    _skip_what_is_there()
    environment = served_environment(cloud_url=faulty.url, issuer=token_issuer)
    names = [name for name in dir(settings) if name.endswith(("_TOPIC_ARN", "_QUEUE_ARN", "_BUCKET_NAME"))]
    environment |= {name: getattr(settings, name) for name in names}
    assert settings.AWS_ENDPOINT_URL is not None
    environment |= {
        "DJANGO_SETTINGS_MODULE": "tests.functional.proxied_settings",
        "DOCUMENTS_ENDPOINT_URL": settings.AWS_ENDPOINT_URL,
    }
    processes = Processes(environment)
    yield processes
    processes.stop()


def _skip_what_is_there() -> None:
    pump = StreamPump(BookingItem.Meta.table_name, lambda records: {}, failures_queue_url="")
    while pump.drain_once():
        pass
    pump.close()
    for arn in (settings.NOTIFICATIONS_QUEUE_ARN, settings.TASKS_QUEUE_ARN):
        client("sqs").purge_queue(QueueUrl=queue_url(arn))


class Ordeal:
    """Lives that are told of by processes to which one fault after the other is done."""

    def __init__(self, faulty: FaultyCloud, processes: Processes, lives: Lives) -> None:
        self.inbox = Inbox()
        # Emails of which the processes cannot know whether SES took them.
        self.unknown = 0
        self._faulty, self._processes, self._lives = faulty, processes, lives
        self._is_over = False
        self._faults_ended_at = 0.0

    def run(self, phase_seconds: float) -> None:
        """Until all lives are over."""
        self._wait_until_emails_arrive()
        for number in itertools.count(1):
            # After a kill, starting again takes some seconds in which nothing can be harmed.
            with self._faulty.harmed_by(THROTTLING, must_strike=number == 1):
                self._live_on(phase_seconds)
            with self._faulty.harmed_by(LOST_ANSWERS_EVERYWHERE, must_strike=number == 1):
                self._live_on(phase_seconds)
                self.unknown += self._faulty.strikes("ses", "SendRawEmail")
            self._processes.assert_running()
            with self._faulty.harmed_by(SLOW_EMAILS, must_strike=number == 1):
                self._live_on(3)
                self._kill("worker")
                # The stream waits for the lease of the pump that was killed: this is not to be all that ever happens.
                if number % 4 == 1 or self._is_over:
                    self._kill("pump")
            if self._is_over:
                self._faults_ended_at = time.monotonic()
                return

    def _wait_until_emails_arrive(self) -> None:
        self._lives.go_on()
        give_up_at = time.monotonic() + _DRAINED_WITHIN_SECONDS
        while not self.inbox.arrivals:
            assert time.monotonic() < give_up_at
            time.sleep(0.1)
            self.inbox.look()

    def _live_on(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.inbox.look()
            time.sleep(_PACE_SECONDS)
            if not self._is_over and waiting_messages() < _MOST_WAITING:
                self._is_over = not self._lives.go_on()

    def _kill(self, name: str) -> None:
        self._processes.kill(name)
        if name == "worker":
            self.unknown += app.conf.worker_concurrency

    def drain(self, outcome: Outcome) -> float:
        """Wait until nothing is left to do; how many seconds after the faults that was."""
        while (left := outcome.open()) and time.monotonic() - self._faults_ended_at < _DRAINED_WITHIN_SECONDS:
            time.sleep(0.2)
            self.inbox.look()
        seconds = time.monotonic() - self._faults_ended_at
        self._processes.assert_running()
        assert not left, f"{len(left)} left after {seconds:.0f} s, {waiting_messages()} waiting: {left[:10]}"
        return seconds


@pytest.mark.timeout(3600)
def test_through_all_faults_nothing_is_lost_nor_contradicted_and_all_is_told_soon(
    faulty: FaultyCloud,
    processes: Processes,
    is_torture: bool,
    record_property: Callable[[str, object], None],
) -> None:
    lives = Lives(1000 if is_torture else 16, seed=40)
    ordeal = Ordeal(faulty, processes, lives)
    started = time.monotonic()
    ordeal.run(phase_seconds=15 if is_torture else 3)
    lived = time.monotonic() - started
    outcome, inbox = Outcome(lives.lives), ordeal.inbox
    seconds = ordeal.drain(outcome)
    # SES passes emails on in the background.
    time.sleep(1)
    inbox.look()
    figures = {
        "lives": len(lives.lives),
        "seconds with faults": round(lived),
        "seconds until all was told": round(seconds, 1),
        "deliveries": len(outcome.statuses),
        "emails": sum(map(len, inbox.arrivals.values())),
        "may have come twice": ordeal.unknown,
        "came twice": outcome.surplus(inbox),
    }
    record_property("through all faults", figures)
    assert outcome.untold() == []
    assert outcome.missing(inbox) == []
    assert outcome.contradictions(inbox) == []
    assert 0 <= outcome.surplus(inbox) <= ordeal.unknown


def waiting_messages() -> int:
    """How many messages the queues of events and tasks have, hidden ones included."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    return sum(
        int(count)
        for arn in (settings.NOTIFICATIONS_QUEUE_ARN, settings.TASKS_QUEUE_ARN)
        for count in client("sqs")
        .get_queue_attributes(QueueUrl=queue_url(arn), AttributeNames=names)["Attributes"]
        .values()
    )
