"""Who hears of what, and when a message has become untrue: the tables, written down a second time by hand."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from bookings.domain import Action, Proposal, Status
from bookings.events import EVENT_TYPES
from kernel.actors import Role
from kernel.events import read_event
from notifications.deliveries import deliveries_of
from notifications.domain import Bell, Channel, note_id, recipient_of
from notifications.events import AppointmentReminderDue, ReviewReminderDue
from notifications.messages import MESSAGE_TYPES, MESSAGES
from tests.factories.letters import (
    BOOKING_MESSAGES,
    CUSTOMER,
    NOW,
    PATHS,
    PROVIDER,
    PROVIDER_ID,
    STARTS_AT,
    event_of,
    is_still_true,
    make_booking,
)

C, P = "customer", "provider"
# type → (who gets an email, who gets a note), the one who acted apart.
AUDIENCES = {
    "booking.requested": ({C, P}, {C, P}),
    "booking.confirmed": ({C, P}, {C, P}),
    "booking.declined": ({C}, {C}),
    "booking.cancelled": ({C, P}, {C, P}),
    "booking.expired": ({C, P}, {C, P}),
    "booking.rescheduled": ({C, P}, {C, P}),
    "booking.completed": ({C}, {C}),
    "booking.no_show": ({C}, {C}),
    "booking.paid": ({C}, {C, P}),
    "booking.unconfirmed": (set(), {C, P}),
    "booking.move_proposed": ({C, P}, {C, P}),
    "booking.move_accepted": ({C, P}, {C, P}),
    "booking.move_refused": ({C, P}, {C, P}),
    "booking.provider_suspended": ({C, P}, {C, P}),
    "reminder.appointment": ({C}, {C}),
    "reminder.review": ({C}, {C}),
    "reminder.completion": ({P}, {P}),
}
S = Status
TRUE_IN = {
    "booking.requested": {S.PENDING},
    "booking.confirmed": {S.CONFIRMED},
    "booking.declined": {S.DECLINED},
    "booking.cancelled": {S.CANCELLED},
    "booking.expired": {S.EXPIRED},
    "booking.rescheduled": {S.PENDING, S.CONFIRMED},
    "booking.completed": {S.COMPLETED, S.PAID},
    "booking.no_show": {S.NO_SHOW},
    "booking.paid": {S.PAID},
    "booking.unconfirmed": {S.UNCONFIRMED},
    "booking.move_proposed": {S.PENDING, S.CONFIRMED},
    "booking.move_accepted": {S.CONFIRMED},
    "booking.move_refused": {S.PENDING, S.CONFIRMED},
    "booking.provider_suspended": {S.CONFIRMED},
    "reminder.appointment": {S.CONFIRMED},
    "reminder.review": {S.COMPLETED, S.PAID},
    "reminder.completion": {S.CONFIRMED},
}


def test_every_event_has_a_message() -> None:
    assert set(MESSAGES) == set(MESSAGE_TYPES)
    assert set(MESSAGES) - set(BOOKING_MESSAGES) == {
        "provider.suspended",
        "provider.reinstated",
        "review.submitted",
    }
    assert set(BOOKING_MESSAGES) == set(AUDIENCES)
    assert set(EVENT_TYPES) <= set(MESSAGES)


def test_only_reminders_can_be_switched_off() -> None:
    assert {type_ for type_, message in MESSAGES.items() if message.optional} == {
        "reminder.appointment",
        "reminder.review",
        "reminder.completion",
    }


@pytest.mark.parametrize(("type_", "actor"), list(product(AUDIENCES, ("customer", "provider", "admin", "system"))))
def test_the_audience(type_: str, actor: str) -> None:
    event = replace(event_of(make_booking(), type_=type_), actor_role=actor)
    emails, notes = AUDIENCES[type_]

    told = {(delivery.recipient.role, delivery.channel) for delivery in deliveries_of(event)}
    assert told == {(role, Channel.EMAIL) for role in emails} | {(role, Channel.IN_APP) for role in notes - {actor}}


def test_deliveries_are_named_by_event_recipient_and_channel() -> None:
    event = event_of(make_booking(Action.CONFIRM))

    ids = [delivery.delivery_id for delivery in deliveries_of(event)]
    assert ids == [
        f"{event.booking_id}#2#customer-a#email",
        f"{event.booking_id}#2#customer-a#in_app",
        f"{event.booking_id}#2#{PROVIDER_ID}#email",
    ]
    # The ids of a repeated announcement, read from the wire, are the same.
    again = read_event(event.to_wire(), MESSAGE_TYPES)
    assert [delivery.delivery_id for delivery in deliveries_of(again)] == ids


@pytest.mark.parametrize(("type_", "status"), list(product(TRUE_IN, Status)))
def test_a_message_goes_out_only_while_it_is_true(type_: str, status: Status) -> None:
    proposal = Proposal(STARTS_AT, Role.PROVIDER, NOW + timedelta(hours=1))
    booking = make_booking(*PATHS[status], proposal=proposal)
    version = next((entry.version for entry in booking.history if entry.action is BOOKING_MESSAGES[type_].action), None)
    assert is_still_true(event_of(booking, version, type_=type_), booking, NOW) is (status in TRUE_IN[type_])


def test_a_proposal_that_was_answered_or_has_lapsed_is_not_told() -> None:
    booking = make_booking(Action.CONFIRM, proposal=Proposal(STARTS_AT, Role.PROVIDER, STARTS_AT))
    event = event_of(booking, type_="booking.move_proposed")
    assert is_still_true(event, booking, STARTS_AT - timedelta(seconds=1))
    assert not is_still_true(event, booking, STARTS_AT)
    assert not is_still_true(event, replace(booking, proposal=None), NOW)


def test_a_request_past_its_expiry_is_no_request() -> None:
    booking = make_booking()
    assert is_still_true(event_of(booking), booking, STARTS_AT - timedelta(seconds=1))
    assert not is_still_true(event_of(booking), booking, STARTS_AT)


def test_of_two_moves_the_last_is_told() -> None:
    booking = make_booking(Action.CONFIRM, Action.RESCHEDULE, Action.RESCHEDULE)
    assert [is_still_true(event_of(booking, version), booking, NOW) for version in (2, 3, 4)] == [True, False, True]


def test_a_reminder_is_for_one_time() -> None:
    booking = make_booking(Action.CONFIRM)
    reminder = AppointmentReminderDue.of(booking)
    moved = replace(booking, starts_at=STARTS_AT + timedelta(days=1))

    assert is_still_true(reminder, booking, NOW)
    assert not is_still_true(reminder, moved, NOW)
    assert not is_still_true(reminder, booking, STARTS_AT)
    # Each time has a reminder of its own, however often it is asked for.
    assert reminder.event_id == AppointmentReminderDue.of(replace(booking, version=7)).event_id
    assert reminder.event_id != AppointmentReminderDue.of(moved).event_id
    assert read_event(reminder.to_wire(), MESSAGE_TYPES).event_id == reminder.event_id


def test_a_booking_has_one_review_reminder() -> None:
    done, paid = make_booking(*PATHS[Status.COMPLETED]), make_booking(*PATHS[Status.PAID])
    assert ReviewReminderDue.of(done).event_id == ReviewReminderDue.of(paid).event_id


def test_people_read_as_the_party_that_they_are() -> None:
    assert (recipient_of(CUSTOMER).id, recipient_of(CUSTOMER).role) == ("customer-a", Role.CUSTOMER)
    assert (recipient_of(PROVIDER).id, recipient_of(PROVIDER).role) == (PROVIDER_ID, Role.PROVIDER)


def test_notes_sort_as_they_are_numbered() -> None:
    numbers = [1, 9, 10, 99, 100, 12_345]
    assert sorted(note_id(number) for number in numbers) == [note_id(number) for number in numbers]
    assert Bell(sequence=5, seen=2).unread == 3
