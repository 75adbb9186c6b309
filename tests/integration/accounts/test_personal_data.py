"""A copy of everything, and erasure: words that only one person uses are looked for in every table."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any
from uuid import uuid4

import orjson
import pytest
from django.core.management import CommandError, call_command
from pypdf import PdfReader

from accounts.domain import Actor, Role
from accounts.models import UserItem
from accounts.queries import find_user_id
from accounts.services import ensure_account, erase_person, export_person
from bookings.domain import Status
from bookings.services import get_invoice_pdf
from marketplace.kernel import storage
from marketplace.kernel.aws import client
from marketplace.kernel.clock import now
from marketplace.kernel.errors import BusyError, ConflictError, NotFoundError
from notifications.domain import Bell
from notifications.queries import address_hash, get_bells
from notifications.services import announce, replace_muted, suppress_address
from reviews.services import answer_review
from tests.factories.bookings import idempotency_of, make_scene, next_day
from tests.factories.notifications import event_of
from tests.factories.reviews import review

PASSWORD = "Copper-Kettle-41"


class Canary:
    """A person whose every word is unmistakable, with a paid, reviewed booking."""

    def __init__(self, role: Role) -> None:
        self.word = f"canary{uuid4().hex}"
        self.email = f"{self.word}@example.com"
        user_id = ensure_account(email=self.email, password=PASSWORD, name=f"Ada {self.word}", role=role, now=now())
        self.actor = Actor(user_id=user_id, role=role)
        if role is Role.PROVIDER:
            self.scene = make_scene(provider=self.actor, name=f"{self.word} Plumbing", description=self.word)
        else:
            self.scene = make_scene(customer=self.actor)
        texts = {} if role is Role.PROVIDER else {"address": f"1 {self.word} Street", "notes": f"Ask for {self.word}."}
        booking = self.scene.book(next_day(9), **texts)
        announce(event=event_of(booking), now=now())
        self.booking = self.scene.bring(booking, Status.CONFIRMED, Status.COMPLETED, Status.PAID)
        announce(event=event_of(self.booking), now=now())
        comment = "Quick." if role is Role.PROVIDER else f"Thanks, says {self.word}."
        review(self.scene, self.booking, comment=comment, rating=4)
        if role is Role.PROVIDER:
            answer_review(
                actor=self.actor,
                review_id=self.booking.booking_id,
                answer=f"You are welcome, says {self.word}.",
                idempotency=idempotency_of(self.actor, {}),
                now=now(),
            )

    def invoice_text(self) -> str:
        """What the PDF of the paid booking's invoice says."""
        pdf = get_invoice_pdf(booking_id=self.booking.booking_id, now=now())
        return PdfReader(BytesIO(pdf)).pages[0].extract_text()

    def places(self, text: str | None = None) -> set[str]:
        """The tables in which the word, or another text, stands."""
        return {table for table, item in every_item() if (text or self.word) in orjson.dumps(item).decode()}


def every_item() -> Iterator[tuple[str, Any]]:
    dynamodb = client("dynamodb")
    for table in dynamodb.list_tables()["TableNames"]:
        for page in dynamodb.get_paginator("scan").paginate(TableName=table):
            for item in page["Items"]:
                yield table.removeprefix("test-"), item


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
