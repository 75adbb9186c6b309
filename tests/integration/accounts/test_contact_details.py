"""A phone number and addresses on the profile: kept, changed, copied, erased, and nobody else's business."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from accounts import services
from accounts.domain import MAX_SAVED_ADDRESSES
from accounts.queries import find_user, get_contacts, get_person
from kernel.actors import Actor, Role
from kernel.clock import now
from kernel.errors import ConflictError, InvalidInputError, NotFoundError
from tests.factories.accounts import ApiClient, make_account, make_admin, make_customer
from tests.factories.canaries import Canary


@pytest.fixture(scope="module")
def canary() -> Canary:
    return Canary(Role.CUSTOMER)


def save(actor: Actor, label: str = "Home", address: str = "12 Elm Street", address_id: str | None = None) -> str:
    return services.save_address(
        actor=actor, user_id=actor.user_id, label=label, address=address, address_id=address_id
    ).address_id


def saved(actor: Actor) -> list[tuple[str, str]]:
    return [(each.label, each.address) for each in get_person(actor=actor, user_id=actor.user_id).addresses]


def clear(actor: Actor) -> None:
    for each in get_person(actor=actor, user_id=actor.user_id).addresses:
        services.remove_address(actor=actor, user_id=actor.user_id, address_id=each.address_id)


def test_a_phone_number_is_kept_and_taken_away(canary: Canary) -> None:
    actor = canary.actor
    services.set_phone(actor=actor, user_id=actor.user_id, phone="(217) 555-0123", country="US")
    assert get_contacts([actor.user_id])[actor.user_id].phone == "+12175550123"
    services.set_phone(actor=actor, user_id=actor.user_id, phone=None)
    user = find_user(actor.user_id)
    assert user is not None
    assert user.phone is None


def test_addresses_are_kept_changed_and_removed(canary: Canary) -> None:
    actor = canary.actor
    home = save(actor)
    work = save(actor, "Work", "  1 Main  Street ")
    save(actor, "Home", "14 Elm Street", address_id=home)
    assert saved(actor) == [("Home", "14 Elm Street"), ("Work", "1 Main  Street")]
    services.remove_address(actor=actor, user_id=actor.user_id, address_id=work)
    assert saved(actor) == [("Home", "14 Elm Street")]
    for change in (
        save,
        lambda *_, address_id: services.remove_address(actor=actor, user_id=actor.user_id, address_id=address_id),
    ):
        with pytest.raises(NotFoundError):
            change(actor, address_id=work)
    clear(actor)


def test_the_suggested_address_comes_first(canary: Canary) -> None:
    actor = canary.actor
    _home, work = save(actor), save(actor, "Work", "1 Main Street")
    services.suggest_address(actor=actor, user_id=actor.user_id, address_id=work)
    assert [label for label, _address in saved(actor)] == ["Work", "Home"]
    with pytest.raises(NotFoundError):
        services.suggest_address(actor=actor, user_id=actor.user_id, address_id="none")
    clear(actor)


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("12 Elm Street, Springfield", "12 Elm Street"),
        ("12 Elm Street", "12 Elm Street"),
        (", Springfield", ", Springfield"),
        ("Way " * 40, ("Way " * 10).strip()),
    ],
)
def test_the_address_of_a_booking_is_remembered_once(canary: Canary, address: str, label: str) -> None:
    actor = canary.actor
    for _ in range(2):
        services.remember_address(actor=actor, user_id=actor.user_id, address=address)
    assert saved(actor) == [(label, address.strip())]
    clear(actor)


@pytest.mark.parametrize(
    ("label", "address", "field"),
    [
        ("", "12 Elm Street", "label"),
        ("Home", "x", "address"),
        ("\u200b", "12 Elm Street", "label"),
        ("Home", "12 Elm\nStreet", "address"),
        ("Home", "x" * 201, "address"),
        ("\u202eHome", "12 Elm Street", "label"),
    ],
)
def test_addresses_are_text_that_can_be_read(canary: Canary, label: str, address: str, field: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        save(canary.actor, label, address)
    assert [error.field for error in refused.value.errors] == [field]


def test_addresses_saved_at_once_are_all_kept_up_to_the_most(canary: Canary) -> None:
    actor = canary.actor
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: save(actor, f"Place {number}"), range(4)))
    assert len(saved(actor)) == 4
    for number in range(MAX_SAVED_ADDRESSES - 4):
        save(actor, f"More {number}")
    with pytest.raises(ConflictError) as refused:
        save(actor)
    assert refused.value.code == "too_many_addresses"
    clear(actor)


def test_they_are_nobody_elses_business(canary: Canary) -> None:
    user_id, stranger = canary.actor.user_id, make_customer()
    with pytest.raises(NotFoundError):
        get_person(actor=stranger, user_id=user_id)
    with pytest.raises(NotFoundError):
        services.save_address(actor=stranger, user_id=user_id, label="Home", address="12 Elm Street")
    for change in (services.remove_address, services.suggest_address):
        with pytest.raises(NotFoundError):
            change(actor=stranger, user_id=user_id, address_id="any")
    with pytest.raises(NotFoundError):
        services.remember_address(actor=stranger, user_id=user_id, address="12 Elm Street")
    with pytest.raises(NotFoundError):
        services.set_phone(actor=stranger, user_id=user_id, phone="+12175550123")
    assert get_person(actor=make_admin(), user_id=user_id).addresses == []


def test_they_are_copied_and_erased() -> None:
    canary = Canary(Role.CUSTOMER)
    actor = canary.actor
    save(actor, "Home", f"3 {canary.word} Street")
    # A number that nothing else in the tables names.
    phone = f"+1217555{uuid4().int % 10_000:04d}"
    services.set_phone(actor=actor, user_id=actor.user_id, phone=phone)

    person = services.export_person(actor.user_id, now=now())["person"]
    assert person["phone"] == phone
    assert [each["address"] for each in person["addresses"]] == [f"3 {canary.word} Street"]

    services.erase_person(actor.user_id, now=now())
    assert canary.places() == canary.places(phone) == set()
    # Nor does a token bring the person back.
    with pytest.raises(NotFoundError):
        save(actor)
    with pytest.raises(NotFoundError):
        services.set_phone(actor=actor, user_id=actor.user_id, phone="+12175550123")


def test_the_api_takes_a_number_and_shows_it(api: Callable[[Actor | None], ApiClient]) -> None:
    actor = make_account(Role.CUSTOMER)
    client, address = api(actor), f"/api/v1/users/{actor.user_id}"
    assert client.get(address).json()["phone"] is None

    changed = client.patch(address, {"phone": "+1 217 555 0123"}, format="json")
    assert (changed.status_code, changed.json()["phone"]) == (200, "+12175550123")
    refused = client.patch(address, {"phone": "217 555 0123"}, format="json")
    assert (refused.status_code, [error["field"] for error in refused.json()["errors"]]) == (400, ["phone"])
    assert client.patch(address, {"phone": None}, format="json").json()["phone"] is None
