"""From an event to notes and owed emails: once, whatever is repeated, and nothing that contradicts the present."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from bookings.domain import Status
from bookings.services import erase_details, reschedule_booking
from kernel import storage
from kernel.actors import Actor, Role
from kernel.clock import now
from notifications import services
from notifications.domain import DeliveryStatus
from notifications.events import ReviewReminderDue
from notifications.handlers import HANDLERS, notify
from notifications.models import BELL_ID, BellItem, DeliveryItem
from notifications.queries import get_bell, list_notes
from notifications.services import emails
from tests import mutants
from tests.factories.bookings import Scene, next_day
from tests.factories.letters import event_of
from tests.factories.notifications import make_addressed_scene


@pytest.fixture
def scene() -> Scene:
    return make_addressed_scene()


def notes(actor: Actor) -> list[str]:
    """The types of the actor's notes, oldest first."""
    page = list_notes(actor=actor, limit=100, cursor=None)
    return [note.type for note in reversed(page.results)]


def statuses(delivery_ids: list[str]) -> list[str]:
    rows = storage.get_rows([(DeliveryItem, delivery_id) for delivery_id in delivery_ids])
    return [row["status"] for row in rows if row]


def test_a_request_is_told_to_both_sides(scene: Scene, queued: list[str]) -> None:
    booking = scene.book()
    notify(event_of(booking), now())

    assert queued == [
        f"{booking.booking_id}#1#{scene.customer.user_id}#email",
        f"{booking.booking_id}#1#{scene.provider_id}#email",
    ]
    assert statuses(queued) == ["queued", "queued"]
    # The customer did it; the provider is told.
    assert notes(scene.customer) == []
    assert notes(scene.provider) == ["booking.requested"]
    assert (get_bell(actor=scene.provider).unread, get_bell(actor=scene.customer).unread) == (1, 0)
    # Both see that something moved.
    assert get_bell(actor=scene.customer).activity == 1


def test_what_happens_after_somebody_was_erased_is_told_to_the_other_side_alone(
    scene: Scene, queued: list[str]
) -> None:
    confirmed = scene.bring(scene.book(), Status.CONFIRMED)
    erase_details(booking_id=confirmed.booking_id, now=now())
    for booking in (confirmed, scene.bring(confirmed, Status.COMPLETED)):
        notify(event_of(booking), now())

    assert not [delivery_id for delivery_id in queued if scene.customer.user_id in delivery_id]
    assert notes(scene.customer) == []
    assert storage.get_row(BellItem, scene.customer.user_id, BELL_ID) is None
    assert statuses([f"{confirmed.booking_id}#3#{scene.customer.user_id}#email"]) == ["unreachable"]
    # The provider's pages follow.
    assert get_bell(actor=scene.provider).activity == 2


def test_it_costs_two_reads_and_one_write(scene: Scene, queued: list[str], dynamodb_calls: list[str]) -> None:
    event = event_of(scene.book())
    dynamodb_calls.clear()
    notify(event, now())
    assert dynamodb_calls == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]


def test_an_event_that_comes_again_changes_nothing_and_queues_what_is_still_owed(
    scene: Scene, queued: list[str]
) -> None:
    event = event_of(scene.book())
    notify(event, now())
    first, second = queued
    emails.deliver_email(delivery_id=first, now=now())
    queued.clear()

    notify(event, now())

    assert queued == [second]
    assert notes(scene.provider) == ["booking.requested"]
    assert get_bell(actor=scene.provider).activity == 1


def test_an_outdated_event_is_recorded_and_not_told(scene: Scene, queued: list[str]) -> None:
    confirmed = scene.bring(scene.book(), Status.CONFIRMED)
    scene.bring(confirmed, Status.CANCELLED)

    notify(event_of(confirmed), now())

    assert queued == []
    assert notes(scene.customer) == []
    customer = f"{confirmed.booking_id}#2#{scene.customer.user_id}"
    assert statuses([f"{customer}#email", f"{customer}#in_app"]) == ["superseded", "superseded"]


def test_of_two_moves_only_the_last_is_told(scene: Scene, queued: list[str]) -> None:
    booking = scene.book()
    for day in (4, 5):
        reschedule_booking(
            actor=scene.customer,
            booking_id=booking.booking_id,
            starts_at=next_day(days=day),
            expected_version=None,
            now=now(),
        )
    booking = scene.stored(booking.booking_id)
    for version in (2, 3):
        notify(event_of(booking, version), now())

    assert [delivery_id.split("#")[1] for delivery_id in queued] == ["3", "3"]


def test_a_reminder_to_review_comes_once_and_not_after_the_review(scene: Scene, queued: list[str]) -> None:
    done = scene.bring(scene.book(), Status.CONFIRMED, Status.COMPLETED)
    for _ in range(2):
        notify(ReviewReminderDue.of(done), now())
    paid = scene.bring(done, Status.PAID)
    notify(ReviewReminderDue.of(paid), now())

    assert len(set(queued)) == 1
    assert notes(scene.customer) == ["reminder.review"]


def test_every_message_has_a_handler() -> None:
    assert all(handlers[0] is notify for handlers in HANDLERS.values())


# --- Numbering -------------------------------------------------------------------------------------------------------


def numbering_violations(scene: Scene) -> list[str]:
    """What is wrong after eight events for one provider at the same moment."""
    bookings = [scene.book(next_day(hour)) for hour in range(8)]
    events = [event_of(booking) for booking in bookings]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda event: services.announce(event=event, now=now()), events))
    page = list_notes(actor=scene.provider, limit=100, cursor=None)
    found = []
    if sorted(note.subject.id for note in page.results) != sorted(booking.booking_id for booking in bookings):
        found.append("a note is missing or there twice")
    if get_bell(actor=scene.provider).unread != len(bookings):
        found.append("the bell counts otherwise than the list")
    return found


def test_events_at_the_same_moment_are_numbered_one_by_one(scene: Scene) -> None:
    assert numbering_violations(scene) == []


# --- Mutants ---------------------------------------------------------------------------------------------------------


def test_mutant_unconditional_numbering(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.number_notes_without_condition(monkeypatch)
    assert numbering_violations(scene)


def test_mutant_unconditional_ledger(scene: Scene, queued: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    event = event_of(scene.book())
    mutants.open_deliveries_anew(monkeypatch)
    for _ in range(2):
        notify(event, now())
    assert len(notes(scene.provider)) == 2


def test_mutant_contradictions_allowed(scene: Scene, queued: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    confirmed = scene.bring(scene.book(), Status.CONFIRMED)
    scene.bring(confirmed, Status.CANCELLED)
    mutants.tell_what_is_not_true(monkeypatch)
    notify(event_of(confirmed), now())
    assert queued


def test_roles_and_statuses_are_stored_by_their_wire_names(scene: Scene, queued: list[str]) -> None:
    notify(event_of(scene.book()), now())
    row = storage.get_row(DeliveryItem, queued[0])
    assert row is not None
    assert (row["recipient_role"], row["channel"], row["status"]) == (Role.CUSTOMER, "email", DeliveryStatus.QUEUED)
    # Ids and public facts: no name, no address of anybody.
    assert "Robin" not in str(row)
    assert "@" not in str(row)
