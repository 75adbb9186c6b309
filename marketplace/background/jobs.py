"""Work that happens by the clock: declared once, for EventBridge, Celery's beat and the command line.

A job may run late, twice, or not at all for a while: each finds by itself what is still to be done.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import chain
from typing import TypeVar

from celery import shared_task
from celery.schedules import crontab

from accounts import services
from bookings.domain import CLOSED_AFTER, Booking, Status
from bookings.queries import iterate_due
from bookings.services import close_booking, expire_booking
from kernel import clock
from kernel.errors import ConflictError
from kernel.listing import LIST_KEYS
from kernel.outbox import Outbox
from kernel.storage import Row
from kernel.values import dataclass
from marketplace.background.figures import recount
from marketplace.background.streams import publish
from marketplace.background.wiring import wiring
from notifications.handlers import notify
from notifications.reminders import appointment_reminders, completion_reminders, review_reminders
from pages.discover.sitemap import write_sitemap
from photos.services import sweep_files
from reviews.counting import due_reviews, unmended_ratings

logger = logging.getLogger(__name__)

# The task that runs a job; its messages name the job.
RUN_JOB = "marketplace.run_job"

# A request that lapsed while no job ran is found for so long. It counts as expired all the time, found or not.
_LAPSED_FOUND_FOR = timedelta(days=7)
# The same for appointments that nobody closed.
_UNCLOSED_FOUND_FOR = timedelta(days=7)

T = TypeVar("T")


class PublicationRefusedError(Exception):
    """SNS did not take an event; it stays in the outbox."""


class IncompleteJobError(Exception):
    """Some of a job's work failed, as logged; the rest is done. The next run tries again."""


# --- What the jobs do ------------------------------------------------------------------------------------------------


def reconcile(now: datetime) -> int:
    """Publish again the changes that were not handled in time, of every table with an outbox; of how many items.

    Handlers know events by id, so one that was only slow is not told twice. What still cannot be handled comes back
    after pauses that double, up to a day.
    """

    def publish_again(found: tuple[Outbox, Row]) -> None:
        outbox, row = found
        events = outbox.unhandled_events(row)
        # One by one, so that they go out in order.
        for event in events:
            if publish([(event.event_id, event)]):
                raise PublicationRefusedError(event.event_id)
        outbox.note_published_again(events[-1], now)

    unhandled = ((outbox, row) for outbox in wiring().outboxes for row in outbox.unhandled(now))
    return _for_each(unhandled, publish_again)


def expire_requests(now: datetime) -> int:
    """Record the expiry of requests that nobody answered, which frees the time they held; how many."""

    def expire(booking: Booking) -> None:
        try:
            expire_booking(booking_id=booking.booking_id, now=now)
        except ConflictError:
            # Someone else has just recorded it.
            logger.info("request %s is settled", booking.booking_id)

    lapsed = iterate_due(
        statuses={Status.PENDING}, due_from=now - _LAPSED_FOUND_FOR, due_before=now + timedelta(seconds=1)
    )
    return _for_each(lapsed, expire)


def close_appointments(now: datetime) -> int:
    """Record that nobody said what became of appointments that ended a week ago; how many."""

    def close(booking: Booking) -> None:
        try:
            close_booking(booking_id=booking.booking_id, now=now)
        except ConflictError:
            # It ends later than the others of its start, or somebody has just closed it.
            logger.info("appointment %s stays as it is", booking.booking_id)

    due_before = now - CLOSED_AFTER
    unclosed = iterate_due(
        statuses={Status.CONFIRMED}, due_from=due_before - _UNCLOSED_FOUND_FOR, due_before=due_before
    )
    return _for_each(unclosed, close)


def remind_to_complete(now: datetime) -> int:
    """Ask providers what became of appointments that they have not closed; how many reminders that were."""
    return _for_each(completion_reminders(now), lambda reminder: notify(reminder, now))


def remind_of_appointments(now: datetime) -> int:
    """Remind customers the day before; how many reminders that were."""
    return _for_each(appointment_reminders(now), lambda reminder: notify(reminder, now))


def remind_to_review(now: datetime) -> int:
    """Ask customers for the review that they have not written; how many were asked."""
    return _for_each(review_reminders(now), lambda reminder: notify(reminder, now))


def count_ratings(now: datetime) -> int:
    """Count the stars of reviews that new accounts wrote, once these are new no more; how many.

    And count a provider's ratings by their stars where that was never done.
    """
    return _for_each(chain(due_reviews(now), unmended_ratings()), lambda count: count())


def recount_figures(now: datetime) -> int:
    """Count the bookings of one of the four shards again, another every hour, and put right what differs; how many
    shards that were: none where an event came in between.
    """
    shard = LIST_KEYS[now.hour % len(LIST_KEYS)]
    return int(recount(shard, now=now))


def sweep_erasures(now: datetime) -> int:
    """Erase again what people wrote in the seconds after their erasure, and withdraw again what those offer whose
    account was closed; how many people were looked after.
    """
    return _for_each(chain(services.sweep_erasures(now), services.sweep_departures(now)), lambda sweep: sweep())


def follow_accounts(now: datetime) -> int:
    """Close the accounts that were closed at Cognito, past the site, and erase the people whose accounts were deleted
    there; how many.
    """
    return _for_each(services.follow_accounts(now), lambda follow: follow())


def sweep_photos(now: datetime) -> int:
    """Delete files of photos that are nobody's, left by a try that broke off; of how many photos."""
    return _for_each(sweep_files(now), lambda sweep: sweep())


def _for_each(items: Iterable[T], work: Callable[[T], object]) -> int:
    """Do the work for each item, also after one has failed; how many there were. Raises `IncompleteJobError`."""
    done = failed = 0
    for item in items:
        try:
            work(item)
            done += 1
        except Exception:
            logger.exception("a part of the job failed")
            failed += 1
    if failed:
        raise IncompleteJobError(f"{failed} failed, {done} done")
    return done


# --- When ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Every:
    """Again and again after this long: whole minutes."""

    interval: timedelta

    @property
    def eventbridge(self) -> str:
        """EventBridge's schedule expression."""
        minutes = int(self.interval.total_seconds() // 60)
        number, unit = (minutes // 60, "hour") if minutes % 60 == 0 else (minutes, "minute")
        return f"rate({number} {unit}{'' if number == 1 else 's'})"

    @property
    def celery(self) -> timedelta:
        """Celery's schedule."""
        return self.interval


@dataclass(frozen=True, slots=True)
class DailyAt:
    """Once a day at this hour, UTC."""

    hour: int

    @property
    def eventbridge(self) -> str:
        """EventBridge's schedule expression."""
        return f"cron(0 {self.hour} * * ? *)"

    @property
    def celery(self) -> crontab:
        """Celery's schedule."""
        return crontab(minute="0", hour=str(self.hour))

    @property
    def interval(self) -> timedelta:
        return timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of scheduled work. The function takes the time and answers how much it did."""

    function: Callable[[datetime], int]
    when: Every | DailyAt

    def run(self) -> int:
        """Do what is to be done now; how much it was. Raises `IncompleteJobError`, and what keeps it from starting."""
        done = self.function(clock.now())
        logger.info("job %s: %d", self.function.__name__, done)
        return done


# `infrastructure/schedules.yaml` has the same for EventBridge.
JOBS = {
    "reconcile": Job(reconcile, Every(timedelta(minutes=5))),
    "expire-requests": Job(expire_requests, Every(timedelta(minutes=5))),
    "remind-of-appointments": Job(remind_of_appointments, Every(timedelta(hours=1))),
    "remind-to-review": Job(remind_to_review, DailyAt(hour=15)),
    "remind-to-complete": Job(remind_to_complete, Every(timedelta(hours=1))),
    "close-appointments": Job(close_appointments, DailyAt(hour=4)),
    "count-ratings": Job(count_ratings, DailyAt(hour=5)),
    "recount-figures": Job(recount_figures, Every(timedelta(hours=1))),
    "write-sitemap": Job(write_sitemap, DailyAt(hour=2)),
    "sweep-photos": Job(sweep_photos, DailyAt(hour=6)),
    "sweep-erasures": Job(sweep_erasures, Every(timedelta(hours=1))),
    "follow-accounts": Job(follow_accounts, DailyAt(hour=3)),
}


@shared_task(name=RUN_JOB)  # type: ignore[untyped-decorator]
def run_job(name: str) -> None:
    """Run one job; for Celery's beat, whose messages name it."""
    JOBS[name].run()
