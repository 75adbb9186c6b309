"""Providers whom admins vouch for, and those who may not be found nor booked."""

from typing import Any

import pytest

from bookings.domain import Booking, Status
from bookings.queries import get_booking
from bookings.services import decline_requests_of, propose_move, reschedule_booking
from bookings.services.storing import store_change
from catalog.events import ProviderChanged, ProviderReinstated, ProviderSuspended
from catalog.models import ProviderItem, ServiceItem
from catalog.queries import get_availability, get_provider, get_public_provider, list_favourites
from catalog.services import change_profile, keep_favourite, reinstate_provider, suspend_provider, verify_provider
from catalog.stream import events_after
from kernel import storage
from kernel.actors import SYSTEM
from kernel.clock import now
from kernel.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from marketplace.background.wiring import wiring
from notifications import tasks
from notifications.queries import list_notes
from tests.factories.accounts import make_admin, make_customer
from tests.factories.bookings import Scene, make_scene, next_day

ADMIN = make_admin()


@pytest.fixture(autouse=True)
def queued(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The deliveries whose email was queued, in the place of the task queue."""
    found: list[str] = []
    monkeypatch.setattr(tasks.deliver_email, "delay", found.append)
    return found


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def suspend(scene: Scene) -> None:
    suspend_provider(actor=ADMIN, provider_id=scene.provider_id, reason="Did not turn up", now=now())


def reinstate(scene: Scene) -> None:
    reinstate_provider(actor=ADMIN, provider_id=scene.provider_id, reason="It was a mistake", now=now())


def handle_events(scene: Scene) -> list[ProviderChanged]:
    """Hand the last event of the provider to all its handlers, twice, as a queue may."""
    row = storage.get_row(ProviderItem, scene.provider_id)
    assert row is not None
    events = events_after(row, row["version"] - 1)
    for _ in range(2):
        for event in events:
            for handler in wiring().handlers_of[event.type]:
                handler(event, now())
    return events


def listed_keys(scene: Scene) -> list[object]:
    provider = get_provider(scene.provider_id)
    rows = storage.get_rows([(ServiceItem, service_id) for service_id in provider.service_ids])
    return [row.get("listed_category") for row in rows if row]


def test_who_is_suspended_is_not_found(scene: Scene) -> None:
    keep_favourite(actor=scene.customer, provider_id=scene.provider_id)
    suspend(scene)
    with pytest.raises(NotFoundError):
        get_public_provider(scene.provider_id)
    with pytest.raises(NotFoundError):
        get_availability(provider_id=scene.provider_id, service_id=scene.service_id, first=None, last=None, now=now())
    with pytest.raises(NotFoundError):
        keep_favourite(actor=make_customer(), provider_id=scene.provider_id)
    assert listed_keys(scene) == [None]
    assert list_favourites(actor=scene.customer) == []
    row = storage.get_row(ProviderItem, scene.provider_id)
    assert row is not None
    assert "listed_city" not in row
    assert "accepting_key" not in row


def test_who_is_suspended_is_not_booked_not_even_by_a_remembered_offer(scene: Scene) -> None:
    scene.book(next_day(9))
    suspend(scene)
    with pytest.raises(ConflictError):
        scene.book(next_day(12))


def test_saying_that_one_takes_bookings_does_not_end_a_suspension(scene: Scene) -> None:
    suspend(scene)
    changes = {"accepting_bookings": True, "name": "Another name"}
    change_profile(actor=scene.provider, provider_id=scene.provider_id, changes=changes, now=now())
    assert listed_keys(scene) == [None]


def test_it_comes_back_as_it_was(scene: Scene) -> None:
    keys = listed_keys(scene)
    suspend(scene)
    reinstate(scene)
    assert listed_keys(scene) == keys
    assert get_public_provider(scene.provider_id).takes_bookings
    scene.book(next_day(9))


def test_open_requests_are_declined_and_appointments_stay(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    request, agreed = scene.book(next_day(9)), scene.book(next_day(12))
    scene.bring(agreed, Status.CONFIRMED)
    # Its provider has something to answer, and yet it is no request.
    propose_move(
        actor=scene.customer,
        booking_id=agreed.booking_id,
        starts_at=next_day(14),
        expected_version=None,
        now=now(),
    )
    suspend(scene)

    with caplog.at_level("INFO", "bookings.services.suspensions"):
        (event,) = handle_events(scene)

    assert isinstance(event, ProviderSuspended)
    found = [get_booking(actor=SYSTEM, booking_id=booking.booking_id)[0].status for booking in (request, agreed)]
    assert found == [Status.DECLINED, Status.CONFIRMED]
    assert f"request {agreed.booking_id}" not in caplog.text


def test_a_request_that_is_moved_in_the_moment_of_the_suspension_is_declined_too(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = scene.book(next_day(9))
    suspend(scene)
    moves = [next_day(11)]

    def be_late(before: Booking, *args: Any, **kwargs: Any) -> None:
        if moves:
            reschedule_booking(
                actor=scene.customer,
                booking_id=request.booking_id,
                starts_at=moves.pop(),
                expected_version=None,
                now=now(),
            )
        store_change(before, *args, **kwargs)

    monkeypatch.setattr("bookings.services.transitions.store_change", be_late)
    assert decline_requests_of(provider_id=scene.provider_id, now=now()) == 1
    assert scene.stored(request.booking_id).status is Status.DECLINED


def test_both_parties_of_an_appointment_are_told_once_that_it_stays(scene: Scene, queued: list[str]) -> None:
    agreed = scene.book(next_day(9))
    scene.bring(agreed, Status.CONFIRMED)
    suspend(scene)

    (event,) = handle_events(scene)

    for party in (scene.customer, scene.provider):
        notes = [note.type for note in list_notes(actor=party, limit=20, cursor=None).results]
        assert notes.count("booking.provider_suspended") == 1
    assert f"{event.event_id}#{scene.provider_id}#email" in queued
    assert len({delivery for delivery in queued if "#provider-suspended#" in delivery}) == 2


def test_a_late_event_of_a_suspension_that_has_ended_does_nothing(scene: Scene) -> None:
    request = scene.book(next_day(9))
    suspend(scene)
    row = storage.get_row(ProviderItem, scene.provider_id)
    assert row is not None
    (late,) = events_after(row, row["version"] - 1)
    reinstate(scene)
    assert isinstance(handle_events(scene)[0], ProviderReinstated)

    for handler in wiring().handlers_of[late.type]:
        handler(late, now())

    assert get_booking(actor=SYSTEM, booking_id=request.booking_id)[0].status is Status.PENDING


def test_a_verified_provider_has_the_mark_on_its_services(scene: Scene) -> None:
    provider_id = scene.provider_id
    verify_provider(actor=ADMIN, provider_id=provider_id, is_verified=True, reason="Saw the papers", now=now())
    row = storage.get_row(ServiceItem, scene.service_id)
    assert row is not None
    assert row["provider_verified"]
    with pytest.raises(ConflictError):
        verify_provider(actor=ADMIN, provider_id=provider_id, is_verified=True, reason="Once more", now=now())
    verify_provider(actor=ADMIN, provider_id=provider_id, is_verified=False, reason="Papers ran out", now=now())
    row = storage.get_row(ServiceItem, scene.service_id)
    assert row is not None
    assert "provider_verified" not in row


def test_only_admins_decide_and_say_why(scene: Scene) -> None:
    for actor in (scene.provider, scene.customer):
        # Whether they may comes before whether they say why.
        for reason in ("Rival", ""):
            with pytest.raises(ForbiddenError):
                suspend_provider(actor=actor, provider_id=scene.provider_id, reason=reason, now=now())
    with pytest.raises(InvalidInputError):
        suspend_provider(actor=ADMIN, provider_id=scene.provider_id, reason="", now=now())
