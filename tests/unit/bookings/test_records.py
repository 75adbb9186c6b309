"""How bookings are stored: in little room, and as earlier releases did."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from benchmarks.capacity import item_size
from bookings.domain import Action, Booking, Status, after_reschedule, after_transition
from bookings.models import BookingItem
from bookings.records import BOOKINGS, booking_item
from kernel.actors import SYSTEM, Actor, Role
from kernel.clock import to_rfc3339
from kernel.ids import provider_id_for
from tests.unit.bookings.test_lifecycle import make_booking

CUSTOMER = Actor("2feba5f5-eec2-49d1-915b-4fbb047ead85", Role.CUSTOMER)
PROVIDER = Actor("4723a9ef-799c-4043-bafa-4700b039e274", Role.PROVIDER)
ADMINS = [Actor("ad0fa5f5-eec2-49d1-915b-4fbb047ead85", Role.ADMIN), Actor("another-admin", Role.ADMIN)]
NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)


def lived_through(*steps: tuple[Action, Actor]) -> Booking:
    """A booking of these people after these changes, one an hour."""
    booking = replace(
        make_booking(Status.PENDING), customer_id=CUSTOMER.user_id, provider_id=provider_id_for(PROVIDER.user_id)
    )
    booking = replace(booking, history=(replace(booking.history[0], by=CUSTOMER.user_id, role=Role.CUSTOMER),))
    for number, (action, actor) in enumerate(steps):
        now, entry_id = NOW + timedelta(hours=number), f"{number:016x}"
        if action is Action.RESCHEDULE:
            booking = after_reschedule(booking, booking.starts_at + timedelta(days=1), actor, now, entry_id)
        else:
            booking = after_transition(action, booking, actor, now, entry_id)
    return booking


LIVES = [
    lived_through((Action.CONFIRM, PROVIDER), (Action.COMPLETE, PROVIDER), (Action.PAY, PROVIDER)),
    lived_through((Action.RESCHEDULE, CUSTOMER), (Action.CONFIRM, PROVIDER), (Action.RESCHEDULE, PROVIDER)),
    lived_through((Action.CONFIRM, ADMINS[0]), (Action.COMPLETE, ADMINS[1]), (Action.PAY, ADMINS[0])),
    lived_through((Action.EXPIRE, SYSTEM)),
]


def stored(booking: Booking) -> dict[str, Any]:
    return booking_item(booking).to_item()


def as_before(booking: Booking) -> dict[str, Any]:
    """The item of a release whose history had names."""
    entries = [
        {
            "id": entry.id,
            "action": entry.action,
            "at": to_rfc3339(entry.at),
            "by": entry.by,
            "role": entry.role,
            "from": entry.from_status,
            "to": entry.to_status,
            "version": entry.version,
        }
        for entry in booking.history
    ]
    return {**stored(booking), "history": {"S": orjson.dumps(entries).decode()}}


@pytest.mark.parametrize("booking", LIVES)
@pytest.mark.parametrize("written_by", [stored, as_before])
def test_a_history_is_read_as_it_was_written(booking: Booking, written_by: Any) -> None:
    assert BOOKINGS.read(BookingItem.read_row(written_by(booking))) == booking


@pytest.mark.parametrize("booking", LIVES)
def test_a_booking_takes_less_room_than_it_did(booking: Booking) -> None:
    assert len(orjson.dumps(stored(booking))) < len(orjson.dumps(as_before(booking)))


def test_a_person_is_written_again_only_after_another_of_the_role() -> None:
    first, _, by_admins, _ = (stored(booking)["history"]["S"] for booking in LIVES)
    assert [first.count(person.user_id) for person in (CUSTOMER, PROVIDER)] == [1, 1]
    assert [by_admins.count(person.user_id) for person in ADMINS] == [2, 1]


def test_a_booking_of_people_at_cognito_stays_within_a_kilobyte() -> None:
    assert item_size(stored(replace(LIVES[0], service_name="Kitchen tap repair", provider_name="Hill Country"))) < 1024
