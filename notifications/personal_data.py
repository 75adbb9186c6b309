"""What notifications store about people: what they were told, which emails they want, and how these fared."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any

from accounts.queries import get_contacts
from bookings.domain import BookingSummary
from bookings.queries import list_bookings
from catalog.events import ProviderSuspended
from catalog.queries import get_provider
from kernel import storage
from kernel.actors import Actor, Role
from kernel.errors import NotFoundError
from kernel.events import Event
from notifications.domain import Channel, delivery_id, recipient_of
from notifications.events import AppointmentReminderDue, AppointmentStays, ReviewReminderDue
from notifications.models import BELL_ID, BellItem, DeliveryItem, NoteItem, PreferencesItem, SuppressionItem
from notifications.notes.records import read_bell, read_note
from notifications.queries import address_hash, list_muted
from notifications.reminders import COMPLETION_REMINDERS_AFTER, completion_reminder
from notifications.representation import represent_note, represent_preferences
from reviews.events import id_of_event


def export(user_id: str, *, now: datetime) -> dict[str, Any]:
    """The person's notes, choices and deliveries, without reminders of a time that was moved since.

    Deliveries say which email was sent, or why none was; what it said is in no table.
    """
    actors = _actors(user_id)
    suppression = storage.get_row(SuppressionItem, address_hash(email)) if (email := _email(user_id)) else None
    return {
        "notifications": [note for actor in actors for note in _notes(recipient_of(actor).id)],
        "emails_switched_off": {
            actor.role.value: represent_preferences(list_muted(recipient_of(actor).id))["muted"] for actor in actors
        },
        "emails": [delivery for actor in actors for delivery in _emails(actor, now)],
        "address_not_written_to": suppression
        and {"reason": suppression["reason"], "since": suppression["suppressed_at"]},
    }


def _actors(user_id: str) -> tuple[Actor, Actor]:
    """The person as a customer and as a provider: two recipients."""
    return Actor(user_id, Role.CUSTOMER), Actor(user_id, Role.PROVIDER)


def _email(user_id: str) -> str | None:
    contact = get_contacts([user_id]).get(user_id)
    return contact.email if contact else None


def _notes(recipient_id: str) -> list[dict[str, Any]]:
    seen = read_bell(storage.get_row(BellItem, recipient_id, BELL_ID)).seen
    rows = storage.all_rows(NoteItem, recipient_id)
    return [represent_note(read_note(row, seen=seen)) for row in rows if row["notification_id"] != BELL_ID]


def _emails(actor: Actor, now: datetime) -> Iterator[dict[str, Any]]:
    recipient_id = recipient_of(actor).id
    suspensions = cache(_told_of_suspensions)
    of_bookings = (
        event_id
        for booking in _bookings(actor, now)
        for event_id in (*_event_ids(booking), *_stay_ids(booking, suspensions(booking.provider_id)))
    )
    own = suspensions(actor.provider_id) if actor.provider_id else ()
    for row in (*own, *_deliveries(of_bookings, recipient_id)):
        yield {
            "id": row["delivery_id"],
            "type": row["event"]["type"],
            "status": row["status"],
            "at": row["updated_at"],
        }


def _deliveries(event_ids: Iterable[str], recipient_id: str) -> Iterator[storage.Row]:
    """The emails about these events that the ledger knows."""
    ids = (delivery_id(event_id, recipient_id, Channel.EMAIL) for event_id in event_ids)
    while batch := list(islice(ids, storage.MAX_BATCH_KEYS)):
        yield from (row for row in storage.get_rows([(DeliveryItem, each) for each in batch]) if row is not None)


def _told_of_suspensions(provider_id: str) -> list[storage.Row]:
    """The emails to the provider about its suspensions and their ends; without a call more if it never had one."""
    try:
        provider = get_provider(provider_id)
    except NotFoundError:
        return []
    versions = range(1, (provider.suspension_version or 0) + 1)
    return list(_deliveries(_version_ids(provider_id, versions, provider.created_at), provider_id))


def _bookings(actor: Actor, now: datetime) -> Iterator[BookingSummary]:
    cursor = None
    while True:
        page = list_bookings(actor=actor, limit=storage.MAX_BATCH_KEYS, cursor=cursor, now=now)
        yield from page.results
        cursor = page.next_cursor
        if cursor is None:
            return


def _event_ids(booking: BookingSummary) -> Iterator[str]:
    """The ids of all events of the booking, as far as it knows them now, and of that its review was submitted."""
    yield from _version_ids(booking.booking_id, range(1, booking.version + 1), booking.updated_at)
    yield AppointmentReminderDue.of(booking).event_id
    yield ReviewReminderDue.of(booking).event_id
    yield id_of_event(booking.booking_id, 1)
    yield from (completion_reminder(booking, after).event_id for after in COMPLETION_REMINDERS_AFTER)


def _stay_ids(booking: BookingSummary, told: Iterable[storage.Row]) -> Iterator[str]:
    """The ids of the notices that the booking stays, one for each suspension of its provider."""
    for row in told:
        if row["event"]["type"] == ProviderSuspended.type:
            yield replace(AppointmentStays.of(booking), version=row["event"]["version"]).event_id


def _version_ids(subject_id: str, versions: Iterable[int], at: datetime) -> Iterator[str]:
    return (Event(subject_id=subject_id, version=version, occurred_at=at).event_id for version in versions)


def erase(user_id: str, *, now: datetime) -> None:
    """Erase notes, bell and choices, and the address from the list of those not to write to.

    The ledger of deliveries names the person by ids alone, and each row of it ends by itself within 90 days.
    """
    for actor in _actors(user_id):
        recipient_id = recipient_of(actor).id
        for row in storage.all_rows(NoteItem, recipient_id):
            storage.write(storage.delete("note", NoteItem, recipient_id, row["notification_id"]))
        storage.write(storage.delete("preferences", PreferencesItem, recipient_id))
    if email := _email(user_id):
        storage.write(storage.delete("suppression", SuppressionItem, address_hash(email)))
