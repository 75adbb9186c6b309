"""Work that happens by the clock: declared once, for EventBridge, Celery's beat and the command line.

A job may run late, twice or not at all on a day: each finds by itself what is still to be done.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bookings.domain import UNHEARD_KEYS
from bookings.queries import get_unheard, list_unheard
from bookings.stream import events_after
from marketplace.entrypoints.streams import publish
from marketplace.kernel import clock

# How long the normal way from the write to the handlers may take before the reconciler steps in.
UNHEARD_AFTER = timedelta(minutes=5)
_PAGE = 100


class AnnouncementRefusedError(Exception):
    """SNS did not take an event; it stays unheard, and the next run tries again."""


def reconcile(now: datetime) -> int:
    """Announce again every change of a booking that has not been handled in time; how many events that were.

    Handlers know events by id, so one that was only slow is not told twice.
    """
    announced = 0
    for booking_id in _unheard_bookings(now - UNHEARD_AFTER):
        found = get_unheard(booking_id)
        if found is None:
            continue
        booking, heard_version = found
        # One by one, so that they go out in order.
        for event in events_after(booking, heard_version):
            if publish([(event.event_id, event)]):
                raise AnnouncementRefusedError(event.event_id)
            announced += 1
    return announced


def _unheard_bookings(changed_before: datetime) -> Iterator[str]:
    for shard_key in UNHEARD_KEYS:
        yield from list_unheard(shard_key=shard_key, changed_before=changed_before, limit=_PAGE)


@dataclass(frozen=True, slots=True)
class Job:
    """One scheduled job: every so many minutes, or daily at a UTC time."""

    name: str
    function: Callable[[datetime], int]
    every: timedelta

    def run(self) -> int:
        """Do what is to be done now; how much it was."""
        return self.function(clock.now())


JOBS = {job.name: job for job in (Job("reconcile", reconcile, every=timedelta(minutes=5)),)}
