"""Notes are read however they were stored: as notes about anything, and as those that knew bookings alone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from kernel import storage
from kernel.clock import epoch, now, to_rfc3339
from notifications import services
from notifications.domain import Subject, note_id
from notifications.models import BELL_ID, BellItem, NoteItem
from notifications.personal_data import export
from notifications.queries import list_notes
from tests.factories.accounts import ApiClient
from tests.factories.bookings import make_scene, next_day
from tests.factories.letters import event_of


def test_a_note_stores_what_it_is_about_and_the_values_of_its_sentence() -> None:
    scene = make_scene()
    booking = scene.book(next_day(1))
    services.announce(event=event_of(booking), now=now())
    assert scene.provider.provider_id is not None
    row = storage.get_row(NoteItem, scene.provider.provider_id, note_id(1))
    assert row is not None
    assert (row["subject_kind"], row["subject_id"]) == ("booking", booking.booking_id)
    assert row["values"] == {
        "service": booking.service_name,
        "provider": booking.provider_name,
        "starts_at": to_rfc3339(booking.starts_at),
        "time_zone": booking.time_zone,
    }
    assert "booking_id" not in row


def test_a_note_that_an_older_release_stored_reads_the_same(api: Callable[..., ApiClient]) -> None:
    scene = make_scene()
    booking = scene.book(next_day(1))
    services.announce(event=event_of(booking), now=now())
    (new,) = list_notes(actor=scene.provider, limit=5, cursor=None).results

    recipient_id = new.recipient_id
    older = NoteItem(
        recipient_id=recipient_id,
        notification_id=note_id(1),
        type=new.type,
        recipient_role=new.recipient_role.value,
        booking_id=booking.booking_id,
        service_name=booking.service_name,
        provider_name=booking.provider_name,
        starts_at=booking.starts_at,
        time_zone=booking.time_zone,
        occurred_at=new.occurred_at,
        expires_at=epoch(now() + timedelta(days=90)),
    )
    client = api(scene.provider)
    answered: Any = client.get("/api/v1/notifications").json()
    storage.write(storage.put("note", older))

    assert list_notes(actor=scene.provider, limit=5, cursor=None).results == [new]
    assert new.subject == Subject("booking", booking.booking_id)
    assert client.get("/api/v1/notifications").json() == answered
    assert answered["results"][0]["booking_id"] == booking.booking_id
    assert answered["results"][0]["starts_at"] == to_rfc3339(booking.starts_at)
    assert len(export(scene.provider.user_id, now=now())["notifications"]) == 1
    assert storage.get_row(BellItem, recipient_id, BELL_ID) is not None
