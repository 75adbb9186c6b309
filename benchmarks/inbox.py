"""From a booking's write to the emails about it: the real pump and a real worker."""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from benchmarks.report import Figure
from benchmarks.site import Site
from bookings.domain import Status
from marketplace.laptop.supervision import Child
from marketplace.operations.provisioning import provision
from tests.factories.bookings import next_day
from tests.factories.notifications import make_addressed_scene

# Both parties hear of each of these changes.
_EMAILS_PER_CHANGE = 2
_PATIENCE_SECONDS = 60.0


class NoEmailError(Exception):
    """An email did not arrive within a minute."""


def measure_inbox(site: Site, *, inbox_dir: Path, rounds: int) -> list[Figure]:
    """How long it takes until both parties of a booking have the email of a change."""
    scene = make_addressed_scene()
    seconds = []
    with running_pipeline(site):
        for number in range(rounds):
            expected = _count(inbox_dir) + _EMAILS_PER_CHANGE
            booking = scene.book(next_day(number % 24, days=3 + number // 24))
            _wait_for_emails(inbox_dir, expected)
            started = time.time_ns()
            scene.bring(booking, Status.CONFIRMED)
            seconds.append((_wait_for_emails(inbox_dir, expected + _EMAILS_PER_CHANGE) - started) / 1e9)
    seconds.sort()
    detail = f"median {statistics.median(seconds):.2f} s, longest {seconds[-1]:.2f} s, {rounds} changes"
    slowest = seconds[int(0.95 * (rounds - 1))]
    return [Figure("write → both emails in the inbox, p95", slowest, "s", 2.0, 1.0, detail)]


@contextmanager
def running_pipeline(site: Site) -> Iterator[None]:
    """Have the real pump and a real worker carry events as long as this is open."""
    arns = {name: value for name, value in provision(settings.STAGE).items() if name.endswith("_ARN")}
    environment = site.environment | arns
    worker = ("celery", "--quiet", "--app=marketplace.celery", "worker", "--loglevel=error")
    children = [
        Child("event pump", "django", "pump", "--verbosity=0", environment=environment),
        Child("task worker", *worker, "--without-gossip", environment=environment),
    ]
    try:
        yield
    finally:
        for child in children:
            child.ask_to_stop()
        for child in children:
            child.stop()


def _count(inbox_dir: Path) -> int:
    return sum(1 for _ in inbox_dir.glob("*.eml"))


def _wait_for_emails(inbox_dir: Path, expected: int) -> int:
    """Wait until there are so many; when the last arrived, in nanoseconds since 1970."""
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    while _count(inbox_dir) < expected:
        if time.monotonic() > give_up_at:
            raise NoEmailError
        time.sleep(0.01)
    return max(int(path.stem) for path in inbox_dir.glob("*.eml"))
