"""Reminders that are due. Each run finds them anew, so that a late or repeated run neither misses nor repeats any."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import islice
from typing import TypeVar
from zoneinfo import ZoneInfo

from accounts.queries import get_contacts
from bookings.domain import REVIEWABLE_STATUSES, Booking, BookingSummary, Status
from bookings.queries import iterate_due, iterate_upcoming
from catalog.events import ProviderSuspended
from catalog.queries import get_provider
from kernel import storage
from notifications.deliveries import deliveries_of
from notifications.deliveries.ledger import is_owed
from notifications.events import (
    AppointmentReminderDue,
    AppointmentStays,
    CompletionReminderDue,
    Reminder,
    ReviewReminderDue,
)
from notifications.models import DeliveryItem

# In the customer's zone, on the day before the appointment.
APPOINTMENT_REMINDER_TIME = time(9)
# From nine in the morning to the end of the next day, a day with a change of clocks included.
_LONGEST_AHEAD = timedelta(hours=40)
REVIEW_REMINDER_AFTER = timedelta(days=1)
# For so long after they were due, reminders are sent that nobody sent in time.
REVIEW_REMINDER_CATCH_UP = timedelta(hours=72)
# How long after the end of an appointment its provider is asked what became of it; each time for so long as the last.
COMPLETION_REMINDERS_AFTER = (timedelta(days=1), timedelta(days=3))
COMPLETION_REMINDER_CATCH_UP = timedelta(days=2)
# The longest appointment: what is due is listed by its start.
_LONGEST_APPOINTMENT = timedelta(hours=8)
# A reminder has two deliveries: one BatchGetItem looks up a batch.
_BATCH = storage.MAX_BATCH_KEYS // 2

R = TypeVar("R", bound=Reminder)


def appointment_reminders(now: datetime) -> Iterator[AppointmentReminderDue]:
    """The reminders of appointments that are due and not told yet.

    Who agreed to the appointment, or moved it, when the reminder was due already knows: they are not reminded.
    """
    coming = iterate_due(statuses={Status.CONFIRMED}, due_from=now, due_before=now + _LONGEST_AHEAD)
    for batch in _batches(coming):
        contacts = get_contacts(list({booking.customer_id for booking in batch if booking.customer_id}))
        due = []
        for booking in batch:
            contact = contacts.get(booking.customer_id or "")
            zone = (contact and contact.time_zone) or booking.time_zone
            if booking.time_agreed_at < reminder_time(booking.starts_at, zone) <= now:
                due.append(AppointmentReminderDue.of(booking))
        yield from _untold(due)


def reminder_time(starts_at: datetime, time_zone: str) -> datetime:
    """When to remind of an appointment: the day before, as the calendar of that zone has it."""
    zone = ZoneInfo(time_zone)
    day_before = starts_at.astimezone(zone).date() - timedelta(days=1)
    return datetime.combine(day_before, APPOINTMENT_REMINDER_TIME, zone)


def review_reminders(now: datetime) -> Iterator[ReviewReminderDue]:
    """The reminders to review that are due and not told yet; whether there is a review is seen when they are told."""
    due_before = now - REVIEW_REMINDER_AFTER
    due_from = due_before - REVIEW_REMINDER_CATCH_UP
    ended = iterate_due(statuses=REVIEWABLE_STATUSES, due_from=due_from, due_before=due_before)
    for batch in _batches(ended):
        yield from _untold([ReviewReminderDue.of(booking) for booking in batch])


def completion_reminders(now: datetime) -> Iterator[CompletionReminderDue]:
    """The reminders of appointments that nobody closed, which are due and not told yet."""
    for after in COMPLETION_REMINDERS_AFTER:
        due_from, due_before = now - after - COMPLETION_REMINDER_CATCH_UP, now - after
        open_ones = iterate_due(
            statuses={Status.CONFIRMED}, due_from=due_from - _LONGEST_APPOINTMENT, due_before=due_before
        )
        over = (booking for booking in open_ones if due_from < booking.ends_at <= due_before)
        for batch in _batches(over):
            yield from _untold([completion_reminder(booking, after) for booking in batch])


def completion_reminder(booking: BookingSummary, after: timedelta) -> CompletionReminderDue:
    """The reminder that asks, so long after the appointment's end, what became of it."""
    return replace(CompletionReminderDue.of(booking), occurred_at=booking.ends_at + after)


def suspension_notices(event: ProviderSuspended, now: datetime) -> Iterator[AppointmentStays]:
    """For each agreed appointment to come of the suspended provider, the notice that it stays; none once reinstated."""
    if get_provider(event.provider_id).suspension_version != event.version:
        return
    for booking in iterate_upcoming(provider_id=event.provider_id, status=Status.CONFIRMED, now=now):
        yield replace(AppointmentStays.of(booking), version=event.version, occurred_at=event.occurred_at)


def _batches(bookings: Iterable[Booking]) -> Iterator[list[Booking]]:
    remaining = iter(bookings)
    while batch := list(islice(remaining, _BATCH)):
        yield batch


def _untold(reminders: list[R]) -> Iterator[R]:
    """The reminders that the ledger does not know, or that are still owed."""
    keys = [(DeliveryItem, delivery.delivery_id) for reminder in reminders for delivery in deliveries_of(reminder)]
    told = {row["delivery_id"] for row in storage.get_rows(keys) if row is not None and not is_owed(row)}
    for reminder in reminders:
        if any(delivery.delivery_id not in told for delivery in deliveries_of(reminder)):
            yield reminder
