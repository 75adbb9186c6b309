"""Jobs find what is to be done by themselves, however late, often or seldom they run."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import orjson
import pytest
from django.conf import settings
from django.core import mail
from django.core.management import CommandError, call_command

from accounts.models import UserItem
from bookings.domain import Booking, Status
from bookings.queries import iterate_due
from bookings.services import expire_booking, propose_move, refuse_move, reschedule_booking
from kernel import storage
from kernel.aws import client, queue_url
from kernel.clock import now
from marketplace.background import jobs
from marketplace.background.pump.queue import QueueConsumer
from marketplace.background.queues import UnknownTaskError, _task_call, run_tasks
from marketplace.settings.env import BASE_DIR
from notifications import reminders
from notifications.events import AppointmentReminderDue, Reminder
from notifications.handlers import notify
from notifications.models import DeliveryItem
from notifications.reminders import appointment_reminders, completion_reminders, reminder_time, review_reminders
from tests import mutants
from tests.factories.bookings import Scene, assert_claims_match_bookings, next_day
from tests.factories.events import task_message
from tests.factories.notifications import make_addressed_scene


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A scene; jobs see its bookings alone, among all that other tests leave."""
    scene = make_addressed_scene()

    def own(**span: object) -> Iterator[Booking]:
        return (found for found in iterate_due(**span) if found.provider_id == scene.provider_id)  # type: ignore[arg-type]

    monkeypatch.setattr(jobs, "iterate_due", own)
    monkeypatch.setattr(reminders, "iterate_due", own)
    return scene


@pytest.fixture(autouse=True)
def _empty_queue() -> None:
    client("sqs").purge_queue(QueueUrl=queue_url(settings.TASKS_QUEUE_ARN))


# --- Requests that nobody answers ------------------------------------------------------------------------------------


def test_an_unanswered_request_expires_and_frees_its_time(scene: Scene) -> None:
    booking = scene.book(next_day(9, days=3))
    assert booking.expires_at is not None
    assert jobs.expire_requests(booking.expires_at - timedelta(seconds=1)) == 0
    assert jobs.expire_requests(booking.expires_at) == 1
    assert scene.stored(booking.booking_id).status is Status.EXPIRED
    assert scene.claims() == {}
    assert jobs.expire_requests(booking.expires_at) == 0


def test_a_request_that_lapsed_days_ago_expires_too(scene: Scene) -> None:
    booking = scene.book(next_day(9, days=3))
    assert jobs.expire_requests(now() + timedelta(days=7)) == 1
    assert scene.stored(booking.booking_id).status is Status.EXPIRED
    assert_claims_match_bookings(scene)


def test_one_request_that_cannot_expire_does_not_keep_the_others(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    bookings = [scene.book(next_day(hour, days=3)) for hour in (9, 11, 13)]
    expire = expire_booking

    def fail_once(*, booking_id: str, now: datetime) -> None:
        if booking_id == bookings[1].booking_id:
            raise RuntimeError
        expire(booking_id=booking_id, now=now)

    monkeypatch.setattr(jobs, "expire_booking", fail_once)
    with pytest.raises(jobs.IncompleteJobError, match="1 failed, 2 done"):
        jobs.expire_requests(now() + timedelta(days=2))
    statuses = {scene.stored(booking.booking_id).status for booking in (bookings[0], bookings[2])}
    assert statuses == {Status.EXPIRED}


def days_asked(booking: Booking) -> list[int]:
    """On which days after its end the provider is asked what became of the appointment; the job runs daily."""
    asked = []
    for days in range(8):
        at = booking.ends_at + timedelta(days=days, minutes=1)
        for reminder in completion_reminders(at):
            if reminder.booking_id == booking.booking_id:
                asked.append(days)
                notify(reminder, at)
        while QueueConsumer(settings.TASKS_QUEUE_ARN, run_tasks).consume_once(wait_seconds=0):
            pass
    return asked


def test_an_appointment_that_nobody_closed_is_asked_about_twice_and_then_closed(scene: Scene) -> None:
    booking = scene.bring(scene.book(next_day(9, days=30)), Status.CONFIRMED)
    assert days_asked(booking) == [1, 3]
    jobs.close_appointments(booking.ends_at + timedelta(days=6, hours=23))
    assert scene.stored(booking.booking_id).status is Status.CONFIRMED
    for _ in range(2):
        jobs.close_appointments(booking.ends_at + timedelta(days=7))
        assert scene.stored(booking.booking_id).status is Status.UNCONFIRMED


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.NO_SHOW, Status.CANCELLED])
def test_what_was_closed_in_time_is_asked_about_by_nobody(scene: Scene, status: Status) -> None:
    booking = scene.bring(scene.book(next_day(9, days=30)), Status.CONFIRMED, status)
    assert days_asked(booking) == []
    jobs.close_appointments(booking.ends_at + timedelta(days=7))
    assert scene.stored(booking.booking_id).status is status


# --- Reminders -------------------------------------------------------------------------------------------------------


def set_zone(scene: Scene, zone: str) -> None:
    action = UserItem.time_zone.set(zone)
    storage.write(storage.update("user", UserItem, scene.customer.user_id, actions=[action]))


def reminded(scene: Scene, booking: Booking) -> bool:
    event = AppointmentReminderDue.of(booking)
    return storage.get_row(DeliveryItem, f"{event.event_id}#{scene.customer.user_id}#email") is not None


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", datetime(2026, 3, 9, 9, tzinfo=UTC)),
        # There it is still the day before.
        ("America/Los_Angeles", datetime(2026, 3, 8, 16, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2026, 3, 8, 19, tzinfo=UTC)),
    ],
)
def test_the_day_before_is_that_of_the_customers_calendar(zone: str, expected: datetime) -> None:
    assert reminder_time(datetime(2026, 3, 10, 1, tzinfo=UTC), zone) == expected


def test_an_appointment_is_reminded_of_once_the_day_before(scene: Scene) -> None:
    set_zone(scene, "Asia/Tokyo")
    booking = scene.bring(scene.book(next_day(3, days=6)), Status.CONFIRMED)
    due = reminder_time(booking.starts_at, "Asia/Tokyo")
    assert jobs.remind_of_appointments(due - timedelta(seconds=1)) == 0
    assert not reminded(scene, booking)
    assert jobs.remind_of_appointments(due + timedelta(minutes=40)) == 1
    assert reminded(scene, booking)
    assert QueueConsumer(settings.TASKS_QUEUE_ARN, run_tasks).consume_once(wait_seconds=0) == 1
    for hours in range(24):
        assert jobs.remind_of_appointments(due + timedelta(hours=hours)) == 0


def test_a_reminder_whose_email_was_not_sent_is_queued_again(scene: Scene) -> None:
    booking = scene.bring(scene.book(next_day(12, days=6)), Status.CONFIRMED)
    due = reminder_time(booking.starts_at, "UTC")
    assert jobs.remind_of_appointments(due) == 1
    # Nobody has taken the task yet, or it was lost.
    assert jobs.remind_of_appointments(due) == 1


def test_who_has_just_agreed_is_not_reminded(scene: Scene) -> None:
    starts_at = next_day(12, days=6)
    agreed_at = reminder_time(starts_at, "UTC") + timedelta(hours=1)
    booking = scene.bring(scene.book(starts_at, now=agreed_at), Status.CONFIRMED, now=agreed_at)
    assert list(appointment_reminders(agreed_at + timedelta(hours=1))) == []
    assert booking.status is Status.CONFIRMED


def test_who_has_just_kept_the_time_is_reminded(scene: Scene) -> None:
    booking = scene.bring(scene.book(next_day(12, days=6)), Status.CONFIRMED)
    due = reminder_time(booking.starts_at, "UTC")
    values: Any = {"booking_id": booking.booking_id, "expected_version": None, "now": due + timedelta(minutes=10)}
    propose_move(actor=scene.provider, starts_at=next_day(14, days=6), **values)
    refuse_move(actor=scene.customer, **values)
    assert jobs.remind_of_appointments(due + timedelta(minutes=40)) == 1


def test_a_moved_appointment_is_reminded_of_again(scene: Scene) -> None:
    booking = scene.bring(scene.book(next_day(12, days=6)), Status.CONFIRMED)
    assert jobs.remind_of_appointments(reminder_time(booking.starts_at, "UTC")) == 1
    moved, _ = reschedule_booking(
        actor=scene.customer,
        booking_id=booking.booking_id,
        starts_at=next_day(12, days=9),
        expected_version=None,
        now=now(),
    )
    assert jobs.remind_of_appointments(reminder_time(moved.starts_at, "UTC")) == 1


# How often the job runs on each of thirty days. Never twice in a row not at all before an appointment.
RUNS = [0, 2, 3, 1, 0, 3, 2, 0, 1, 3] * 3
# Reviews are asked for three days later still.
RUNS_WITH_GAPS = [0, 2, 3, 0, 0, 1, 3, 2, 0, 3] * 3


def reminders_by_booking(scene: Scene, find: Callable[[datetime], Iterable[Reminder]], runs: list[int]) -> list[int]:
    """Of how many times each of seven appointments in thirty days was reminded; the job looks from ten o'clock on."""
    start = next_day(10, days=40)
    bookings = []
    for day in range(2, 27, 4):
        booked_at = start + timedelta(days=day - 5)
        booking = scene.book(start + timedelta(days=day, hours=9), now=booked_at)
        booking = scene.bring(booking, Status.CONFIRMED, now=booked_at)
        if find is review_reminders:
            booking = scene.bring(booking, Status.COMPLETED, now=booking.ends_at)
        bookings.append(booking.booking_id)
    told: Counter[str] = Counter()
    mail.outbox = []
    for day, count in enumerate(runs):
        for run in range(count):
            at = start + timedelta(days=day, minutes=run)
            for reminder in find(at):
                told[reminder.booking_id] += 1
                notify(reminder, at)
            while QueueConsumer(settings.TASKS_QUEUE_ARN, run_tasks).consume_once(wait_seconds=0):
                pass
    assert len(mail.outbox) == len(told)
    return [told[booking_id] for booking_id in bookings]


@pytest.mark.parametrize(("find", "runs"), [(appointment_reminders, RUNS), (review_reminders, RUNS_WITH_GAPS)])
def test_thirty_days_with_none_to_three_runs_a_day_remind_once(
    scene: Scene, find: Callable[[datetime], Iterable[Reminder]], runs: list[int]
) -> None:
    assert reminders_by_booking(scene, find, runs) == 7 * [1]


@pytest.mark.parametrize("find", [appointment_reminders, review_reminders])
def test_mutant_the_ledger_is_not_asked(
    scene: Scene, find: Callable[[datetime], Iterable[Reminder]], monkeypatch: pytest.MonkeyPatch
) -> None:
    mutants.remind_without_asking_the_ledger(monkeypatch)
    assert max(reminders_by_booking(scene, find, RUNS[:10])) > 1


def test_mutant_nothing_is_caught_up_with(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.catch_up_with_nothing(monkeypatch)
    assert 0 in reminders_by_booking(scene, review_reminders, RUNS_WITH_GAPS[:15])


# --- How they are run ------------------------------------------------------------------------------------------------


def test_the_clocks_message_runs_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    def note(now: datetime) -> int:
        ran.append("reconcile")
        return 1

    monkeypatch.setitem(jobs.JOBS, "reconcile", jobs.Job(note, jobs.JOBS["reconcile"].when))
    # Put there by Celery itself, as beat does.
    jobs.run_job.delay("reconcile")
    assert QueueConsumer(settings.TASKS_QUEUE_ARN, run_tasks).consume_once(wait_seconds=0) == 1
    assert ran == ["reconcile"]


def test_a_job_runs_from_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    when = jobs.JOBS["reconcile"].when
    monkeypatch.setitem(jobs.JOBS, "reconcile", jobs.Job(lambda now: 7, when))
    output = StringIO()
    call_command("job", "reconcile", stdout=output)
    assert output.getvalue() == "reconcile: 7\n"

    def fail(now: datetime) -> int:
        raise jobs.IncompleteJobError("1 failed, 2 done")

    monkeypatch.setitem(jobs.JOBS, "reconcile", jobs.Job(fail, when))
    with pytest.raises(CommandError, match="1 failed, 2 done"):
        call_command("job", "reconcile")


def test_tasks_of_the_release_before_are_known() -> None:
    recorded = orjson.loads((BASE_DIR / "tests/unit/marketplace/background/messages_0_1.json").read_bytes())["tasks"]
    assert [callable(_task_call(body)) for body in recorded] == [True, True, True]


def test_a_task_that_is_not_ours_is_not_run() -> None:
    with pytest.raises(UnknownTaskError, match=r"os\.system"):
        _task_call(task_message("os.system", "id"))
