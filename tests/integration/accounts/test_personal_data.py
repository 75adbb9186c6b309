"""A copy of everything, and erasure: words that only one person uses are looked for in every table."""

from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from accounts import cognito
from accounts.models import UserItem
from accounts.queries import find_user_id
from accounts.services import ensure_account, erase_person, export_person
from accounts.sweeps import iterate_erased
from bookings.domain import CLOSED_AFTER, Status
from bookings.models import BookingDetailsItem
from bookings.services import forget_requests_write
from catalog import personal_data
from catalog.domain import parse_hours
from catalog.queries import get_provider
from catalog.services import change_profile, change_service, draft_trades, replace_hours
from kernel import storage
from kernel.actors import SYSTEM, Role
from kernel.aws import client
from kernel.clock import now
from kernel.errors import BusyError, ConflictError, NotFoundError
from kernel.ids import provider_id_for
from marketplace.background.jobs import JOBS, IncompleteJobError
from notifications.domain import Bell
from notifications.queries import address_hash, get_bells
from notifications.services import replace_muted, suppress_address
from tests.factories.accounts import make_provider
from tests.factories.bookings import ALWAYS_OPEN, next_day
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
    assert exported["favourites"] == [customer.scene.provider_id]
    assert [report["details"] for report in exported["reports"]] == [f"So thinks {customer.word}."]
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
    assert customer.places() >= {"users-table", "booking-details-table", "reviews-table", "reports-table"}
    user_id, address = customer.actor.user_id, address_hash(customer.email)
    replace_muted(recipient_id=user_id, types={"reminder.review"})
    suppress_address(email=customer.email, reason="complaint", now=now())
    told = {"notifications-table", "notification-preferences-table", "favourites-table", "reports-table"}
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


def test_what_somebody_began_to_say_of_their_business_is_in_the_copy_and_erased(cloud: Any) -> None:
    actor = make_provider()
    draft_trades(actor=actor, trades=["plumbing"], now=now())
    assert personal_data.export(actor.user_id, now=now())["trades"] == ["plumbing"]

    personal_data.erase(actor.user_id, now=now())

    assert "trades" not in personal_data.export(actor.user_id, now=now())


@pytest.mark.parametrize("path", [(), (Status.CONFIRMED,)])
@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.PROVIDER])
def test_what_is_still_to_come_is_cancelled(role: Role, path: tuple[Status, ...]) -> None:
    canary = Canary(role)
    booking = canary.scene.bring(canary.scene.book(next_day(12)), *path)

    erase_person(canary.actor.user_id, now=now())

    ended = canary.scene.stored(booking.booking_id)
    assert ended.status is (Status.DECLINED if role is Role.PROVIDER and not path else Status.CANCELLED)
    by = canary.actor.user_id if role is Role.CUSTOMER else SYSTEM.user_id
    assert (ended.history[-1].by, ended.version) == (by, booking.version + 1)
    assert booking.booking_id not in canary.scene.claims().values()
    assert storage.get_row(BookingDetailsItem, booking.booking_id) is None or role is Role.PROVIDER


def test_nobody_books_a_provider_in_the_middle_of_its_erasure(
    provider: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    def book_meanwhile(user_id: str) -> storage.Write:
        # What was booked before is cancelled by now.
        with pytest.raises(ConflictError, match="cannot be booked"):
            provider.scene.request(next_day(15))
        return forget_requests_write(user_id)

    monkeypatch.setattr("bookings.personal_data.forget_requests_write", book_meanwhile)
    erase_person(provider.actor.user_id, now=now())


def test_what_has_begun_is_for_the_other_side_to_settle(customer: Canary) -> None:
    booking = customer.scene.bring(customer.scene.book(next_day(12)), Status.CONFIRMED)

    erase_person(customer.actor.user_id, now=booking.starts_at)

    assert customer.scene.stored(booking.booking_id).status is Status.CONFIRMED
    assert customer.places() == set()


def test_what_an_erased_provider_left_open_ends_as_unconfirmed(provider: Canary) -> None:
    booking = provider.scene.bring(provider.scene.book(next_day(12)), Status.CONFIRMED)

    erase_person(provider.actor.user_id, now=booking.ends_at + timedelta(days=1))
    assert provider.scene.stored(booking.booking_id).status is Status.CONFIRMED

    JOBS["close-appointments"].function(booking.ends_at + CLOSED_AFTER + timedelta(hours=1))
    assert provider.scene.stored(booking.booking_id).status is Status.UNCONFIRMED


# --- What a token writes in the seconds after ------------------------------------------------------------------------


def sweep(moment: datetime) -> int:
    return JOBS["sweep-erasures"].function(moment)


# When the hour of the erasure is over, and no token of it is believed any longer.
LATER = timedelta(hours=2, minutes=20)


def test_an_erased_customers_booking_is_swept(customer: Canary) -> None:
    erased_at = now()
    erase_person(customer.actor.user_id, now=erased_at)
    booking = customer.scene.book(next_day(15), address=f"2 {customer.word} Street")
    assert customer.places() == {"booking-details-table"}

    sweep(erased_at + LATER)

    assert customer.places() == set()
    assert customer.scene.stored(booking.booking_id).status is not Status.PENDING


def test_an_erased_provider_that_came_back_is_taken_out_again(provider: Canary) -> None:
    erased_at = now()
    erase_person(provider.actor.user_id, now=erased_at)
    provider_id = str(provider.actor.provider_id)
    change_profile(
        actor=provider.actor,
        provider_id=provider_id,
        changes={"name": f"{provider.word} again", "accepting_bookings": True},
        now=now(),
    )
    replace_hours(actor=provider.actor, provider_id=provider_id, hours=parse_hours(ALWAYS_OPEN, {}), now=now())
    change_service(actor=provider.actor, service_id=provider.scene.service_id, changes={"active": True}, now=now())
    booking = provider.scene.book(next_day(15), offer_version=provider.scene.offer().terms.version)

    sweep(erased_at + LATER)

    offer = provider.scene.offer()
    assert not offer.provider.accepting_bookings
    assert not offer.service.active
    assert provider.scene.stored(booking.booking_id).status is Status.DECLINED


def test_choices_and_notes_of_an_erased_person_are_swept(customer: Canary) -> None:
    erased_at, user_id = now(), customer.actor.user_id
    erase_person(user_id, now=erased_at)
    replace_muted(recipient_id=user_id, types={"reminder.review"})
    assert "notification-preferences-table" in customer.places(user_id)

    sweep(erased_at + LATER)

    assert "notification-preferences-table" not in customer.places(user_id)


def test_nobody_is_swept_while_tokens_live_nor_twice(customer: Canary) -> None:
    erased_at = now()
    erase_person(customer.actor.user_id, now=erased_at)

    assert customer.actor.user_id not in dict(iterate_erased(erased_at + timedelta(minutes=19)))
    assert customer.actor.user_id in dict(iterate_erased(erased_at + LATER))
    sweep(erased_at + LATER)
    assert customer.actor.user_id not in dict(iterate_erased(erased_at + LATER))


def test_a_sweep_that_failed_is_made_up_for(customer: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    erased_at = now()
    erase_person(customer.actor.user_id, now=erased_at)

    def refuse(username: str) -> None:
        raise BusyError

    with monkeypatch.context() as broken:
        broken.setattr("accounts.cognito.delete", refuse)
        with pytest.raises(IncompleteJobError):
            sweep(erased_at + LATER)
    # Days later, too.
    much_later = erased_at + timedelta(days=10)
    assert customer.actor.user_id in dict(iterate_erased(much_later))
    sweep(much_later)
    assert customer.actor.user_id not in dict(iterate_erased(much_later))


# --- Accounts that were deleted or closed at Cognito itself ----------------------------------------------------------


def delete_at_cognito(email: str) -> None:
    client("cognito-idp").admin_delete_user(UserPoolId=settings.COGNITO_USER_POOL_ID, Username=email)


def follow(moment: datetime) -> int:
    return JOBS["follow-accounts"].function(moment)


def test_a_person_whose_account_was_deleted_elsewhere_is_erased(customer: Canary) -> None:
    follow(now() + timedelta(days=1))
    delete_at_cognito(customer.email)

    assert follow(now() + timedelta(days=1)) == 1

    assert customer.places() == set()
    assert follow(now() + timedelta(days=1)) == 0


def test_a_person_who_has_just_signed_up_is_left_alone(customer: Canary) -> None:
    follow(now() + timedelta(days=1))
    delete_at_cognito(customer.email)
    assert follow(now()) == 0
    assert customer.places()


def test_an_account_that_was_closed_elsewhere_is_closed_here_and_its_provider_booked_no_more(provider: Canary) -> None:
    follow(now())
    client("cognito-idp").admin_disable_user(UserPoolId=settings.COGNITO_USER_POOL_ID, Username=provider.email)

    assert follow(now()) == 1

    row = storage.get_row(UserItem, provider.actor.user_id)
    assert row is not None
    assert row["disabled_at"] is not None
    assert not get_provider(provider_id_for(provider.actor.user_id)).accepting_bookings
    assert follow(now()) == 0


def test_closing_goes_on_where_it_broke_off(provider: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any, **options: Any) -> None:
        raise BusyError

    follow(now())
    client("cognito-idp").admin_disable_user(UserPoolId=settings.COGNITO_USER_POOL_ID, Username=provider.email)
    with monkeypatch.context() as broken:
        broken.setattr("catalog.departures.change_profile", refuse)
        with pytest.raises(IncompleteJobError):
            follow(now())

    assert follow(now()) == 1

    assert not get_provider(provider_id_for(provider.actor.user_id)).accepting_bookings


def test_a_list_of_the_pool_that_lacks_somebody_erases_nobody(
    customer: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(now() + timedelta(days=1))
    monkeypatch.setattr("accounts.cognito.iterate_accounts", lambda: iter(()))
    assert follow(now() + timedelta(days=1)) == 0
    assert customer.places()


def test_the_whole_pool_is_listed(customer: Canary) -> None:
    made = {customer.actor.user_id}
    for number in range(61):
        email = f"{number}-{customer.email}"
        made.add(ensure_account(email=email, password="Copper-Kettle-41", name="Ada", role=Role.CUSTOMER, now=now()))
    assert made <= set(dict(cognito.iterate_accounts()))


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


def test_whoever_has_only_ever_used_tokens_has_a_copy_and_is_erased(customer: Canary) -> None:
    user_id = customer.actor.user_id
    storage.write(storage.delete("user", UserItem, user_id))
    booking = customer.scene.bring(customer.scene.book(next_day(12)), Status.CONFIRMED)
    exported = export_person(user_id, now=now())
    assert (exported["person"], exported["sign_in"]["email"]) == ({"user_id": user_id}, customer.email)
    assert len(exported["bookings_made"]) == 2

    erase_person(user_id, now=now())

    assert customer.places() == set()
    assert customer.scene.stored(booking.booking_id).status is Status.CANCELLED
    assert find_user_id(customer.email) is None


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
