"""A copy of everything, and erasure: words that only one person uses are looked for in every table."""

from typing import Any

import orjson
import pytest
from django.core.management import CommandError, call_command

from accounts.models import UserItem
from accounts.queries import find_user_id
from accounts.services import erase_person, export_person
from bookings.domain import Status
from kernel import storage
from kernel.actors import Role
from kernel.clock import now
from kernel.errors import BusyError, ConflictError, NotFoundError
from notifications.domain import Bell
from notifications.queries import address_hash, get_bells
from notifications.services import replace_muted, suppress_address
from tests.factories.bookings import next_day
from tests.factories.canaries import Canary


@pytest.fixture
def customer() -> Canary:
    return Canary(Role.CUSTOMER)


@pytest.fixture
def provider() -> Canary:
    return Canary(Role.PROVIDER)


def test_a_customers_copy(customer: Canary) -> None:
    exported = export_person(customer.actor.user_id, now=now())

    assert exported["person"]["email"] == exported["sign_in"]["email"] == customer.email
    (booking,) = exported["bookings_made"]
    assert booking["address"] == f"1 {customer.word} Street"
    assert booking["notes"] == f"Ask for {customer.word}."
    assert booking["price"] == {"amount": 10_000, "currency": "USD"}
    assert [entry["action"] for entry in booking["history"]] == ["request", "confirm", "complete", "pay"]
    assert [written["comment"] for written in exported["reviews_written"]] == [f"Thanks, says {customer.word}."]
    assert (booking["invoice"]["number"], booking["invoice"]["total"]) == ("INV-00001", booking["price"])
    assert exported["bookings_received"] == exported["reviews_received"] == []
    assert "provider" not in exported
    orjson.dumps(exported)


def test_a_providers_copy(provider: Canary) -> None:
    exported = export_person(provider.actor.user_id, now=now())

    assert exported["provider"]["name"] == f"{provider.word} Plumbing"
    assert [service["name"] for service in exported["services"]] == ["Leak repair"]
    assert [booking["id"] for booking in exported["bookings_received"]] == [provider.booking.booking_id]
    assert exported["reviews_received"][0]["answer"] == f"You are welcome, says {provider.word}."
    assert exported["bookings_made"] == []
    orjson.dumps(exported)


def test_a_copy_has_what_was_told(customer: Canary) -> None:
    user_id = customer.actor.user_id
    replace_muted(recipient_id=user_id, types={"reminder.review"})
    suppress_address(email=customer.email, reason="complaint", now=now())

    exported = export_person(user_id, now=now())

    assert [note["type"] for note in exported["notifications"]] == ["booking.paid"]
    assert {(email["type"], email["status"]) for email in exported["emails"]} == {
        ("booking.requested", "queued"),
        ("booking.paid", "queued"),
    }
    assert exported["emails_switched_off"] == {"customer": ["reminder.review"], "provider": []}
    assert exported["address_not_written_to"]["reason"] == "complaint"


def test_a_copy_has_all_of_many_bookings(customer: Canary) -> None:
    for hour in range(10, 20):
        customer.scene.book(next_day(hour))
    assert len(export_person(customer.actor.user_id, now=now())["bookings_made"]) == 11


def test_nothing_of_an_erased_customer_is_left_and_the_money_is_still_there(customer: Canary) -> None:
    assert customer.places() >= {"users-table", "booking-details-table", "reviews-table"}
    user_id, address = customer.actor.user_id, address_hash(customer.email)
    replace_muted(recipient_id=user_id, types={"reminder.review"})
    suppress_address(email=customer.email, reason="complaint", now=now())
    told = {"notifications-table", "notification-preferences-table"}
    assert customer.places(user_id) >= told
    assert customer.places(address) == {"email-suppressions-table"}

    erase_person(user_id, now=now())

    assert customer.places() == customer.places(address) == set()
    assert not customer.places(user_id) & told
    assert find_user_id(customer.email) is None
    kept = customer.scene.stored(customer.booking.booking_id)
    assert (kept.price, kept.status, kept.starts_at) == (
        customer.booking.price,
        Status.PAID,
        customer.booking.starts_at,
    )
    offer = customer.scene.offer()
    assert (offer.provider.rating.count, offer.provider.rating.average) == (1, 400)


def test_an_invoice_that_nobody_drew_is_kept_as_it_was_issued(customer: Canary) -> None:
    erase_person(customer.actor.user_id, now=now())

    assert customer.word in customer.invoice_text()


def test_an_erased_provider_leaves_the_market_and_keeps_its_name_on_what_it_did_alone(provider: Canary) -> None:
    erase_person(provider.actor.user_id, now=now())

    # Kept as the books say. For a day: the answer to a customer's call. For 90 days: what the customer was told.
    kept_in = {"bookings-table", "invoices-table", "idempotency-table", "deliveries-table", "notifications-table"}
    assert provider.places() == kept_in
    assert get_bells([provider.scene.provider_id]) == {provider.scene.provider_id: Bell()}
    assert provider.places(f"says {provider.word}") == set()
    assert provider.places(provider.email) == set()
    offer = provider.scene.offer()
    assert not offer.provider.accepting_bookings
    assert not offer.service.active
    kept = provider.scene.stored(provider.booking.booking_id)
    assert kept.provider_name == f"{provider.word} Plumbing"


@pytest.mark.parametrize("path", [(), (Status.CONFIRMED,)])
@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.PROVIDER])
def test_open_bookings_come_first(role: Role, path: tuple[Status, ...]) -> None:
    canary = Canary(role)
    booking = canary.scene.bring(canary.scene.book(next_day(12)), *path)
    before = canary.places()

    with pytest.raises(ConflictError) as refused:
        erase_person(canary.actor.user_id, now=now())

    assert refused.value.code == "unsettled"
    assert canary.places() == before
    canary.scene.bring(booking, Status.DECLINED if not path else Status.COMPLETED)
    erase_person(canary.actor.user_id, now=now())


def test_a_lapsed_request_is_no_obstacle(customer: Canary) -> None:
    booking = customer.scene.book(next_day(12))
    assert booking.expires_at is not None
    erase_person(customer.actor.user_id, now=booking.expires_at)


def test_erasure_goes_on_where_it_broke_off(customer: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(username: str) -> None:
        raise BusyError

    with monkeypatch.context() as broken:
        broken.setattr("accounts.cognito.delete", refuse)
        with pytest.raises(BusyError):
            erase_person(customer.actor.user_id, now=now())
    row = storage.get_row(UserItem, customer.actor.user_id)
    assert row is not None
    assert "disabled_at" in row

    erase_person(customer.actor.user_id, now=now())

    assert customer.places() == set()


def test_erasure_goes_on_when_only_the_own_row_is_left(customer: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    delete = storage.delete

    def refuse_the_last(name: str, *arguments: Any, **options: Any) -> storage.Write:
        if name == "user":
            raise BusyError
        return delete(name, *arguments, **options)

    with monkeypatch.context() as broken:
        broken.setattr("accounts.services.personal_data.storage.delete", refuse_the_last)
        with pytest.raises(BusyError):
            erase_person(customer.actor.user_id, now=now())
    assert customer.places() == {"users-table"}

    erase_person(customer.actor.user_id, now=now())

    assert customer.places() == set()


def test_unknown_people() -> None:
    for use_case in (export_person, erase_person):
        with pytest.raises(NotFoundError):
            use_case("nobody", now=now())


def test_the_commands(customer: Canary, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    call_command("export_person", customer.email)
    assert orjson.loads(capsys.readouterr().out)["person"]["email"] == customer.email

    monkeypatch.setattr("builtins.input", lambda question: "no")
    with pytest.raises(CommandError, match="Nothing was erased"):
        call_command("erase_person", customer.email)
    assert customer.places()

    call_command("erase_person", customer.email, "--noinput")
    assert customer.places() == set()
    with pytest.raises(CommandError, match="There is no account"):
        call_command("export_person", customer.email)
