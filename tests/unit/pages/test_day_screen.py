"""A provider's day as its page shows it: what the gaps between appointments are for, and what waits for an answer."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.domain import Contact
from bookings.domain import Action, Booking, Proposal
from catalog.domain import OwnTime, OwnTimeKind
from kernel.actors import Role
from pages.provider.reads import Day, Job
from pages.provider.screens import day_screen, request_row
from tests.factories.catalog import build_provider
from tests.factories.letters import NOW, PROVIDER, STARTS_AT, make_booking

HOUR = timedelta(hours=1)


def job(start: int, **values: Any) -> Job:
    """A confirmed appointment of an hour, so many hours after the first."""
    starts_at = STARTS_AT + start * HOUR
    booking = make_booking(Action.CONFIRM, starts_at=starts_at, ends_at=starts_at + HOUR, **values)
    return Job(booking, None, None)


def gaps(*jobs: Job, own_times: tuple[OwnTime, ...] = (), **rules: Any) -> list[str]:
    day = Day(build_provider(**rules), (), jobs, own_times, (), ())
    return [entry.text for entry in day_screen(day, PROVIDER, STARTS_AT).agenda if entry.kind == "gap"]


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({}, "1\xa0h until the next"),
        ({"buffer_after_minutes": 15}, "1\xa0h until the next, 15\xa0min of it for the way"),
        (
            {"buffer_before_minutes": 15, "buffer_after_minutes": 30},
            "1\xa0h until the next, 45\xa0min of it for the way",
        ),
        ({"buffer_after_minutes": 60}, "1\xa0h for the way"),
    ],
)
def test_a_gap_says_how_much_of_it_is_for_the_way(rules: dict[str, Any], words: str) -> None:
    assert gaps(job(0), job(2), **rules) == [words]


def test_own_time_needs_no_way() -> None:
    start = STARTS_AT + 2 * HOUR
    own_time = OwnTime("1", 1, OwnTimeKind.PRIVATE, start, start + HOUR, "UTC", is_whole_days=False)
    said = gaps(job(0), job(4), own_times=(own_time,), buffer_after_minutes=15)
    assert said == ["1\xa0h until the next, 15\xa0min of it for the way", "1\xa0h until the next"]


def proposed(by: Role) -> Booking:
    lapses_at = NOW + timedelta(days=1)
    return make_booking(Action.CONFIRM, proposal=Proposal(STARTS_AT + 3 * HOUR, by, lapses_at))


def test_a_proposal_waits_for_the_other_side_until_it_lapses() -> None:
    by_customer, by_provider, request = proposed(Role.CUSTOMER), proposed(Role.PROVIDER), make_booking()
    for booking, waits_for in ((by_customer, Role.PROVIDER), (by_provider, Role.CUSTOMER), (request, Role.PROVIDER)):
        other = Role.CUSTOMER if waits_for is Role.PROVIDER else Role.PROVIDER
        assert booking.is_to_be_answered_by(waits_for, NOW)
        assert not booking.is_to_be_answered_by(other, NOW)
        assert not booking.is_to_be_answered_by(waits_for, NOW + timedelta(days=30))


def test_a_row_says_whose_proposal_it_is() -> None:
    assert request_row(proposed(Role.CUSTOMER), NOW).proposed.endswith("13:00")
    own = request_row(proposed(Role.PROVIDER), NOW)
    assert (own.proposed, own.note.startswith("You proposed")) == ("", True)
    assert (request_row(make_booking(), NOW).proposed, request_row(make_booking(), NOW).note) == ("", "")


@pytest.mark.parametrize(
    ("action", "customer_id", "phone"),
    [(Action.CONFIRM, "ada", "+12175550123"), (Action.COMPLETE, "ada", ""), (Action.COMPLETE, None, "+12175550123")],
)
def test_a_customers_number_is_there_for_the_appointment_alone(
    action: Action, customer_id: str | None, phone: str
) -> None:
    contact = Contact("ada", "ada@example.com", "Ada Park", None, None, phone="+12175550123")
    booking = make_booking(action, customer_id=customer_id)
    day = Day(build_provider(), (), (Job(booking, None, contact),), (), (), ())
    assert [entry.phone for entry in day_screen(day, PROVIDER, NOW).agenda if entry.kind == "job"] == [phone]
