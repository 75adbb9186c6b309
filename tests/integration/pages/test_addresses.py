"""A phone number and addresses on the profile, and what a booking makes of them."""

from html import unescape
from typing import Any
from urllib.parse import quote

import pytest

from accounts.domain import MAX_SAVED_ADDRESSES, SavedAddress
from accounts.queries import find_user
from accounts.services import save_address, set_phone
from bookings.queries import get_booking
from kernel.actors import Actor, Role
from kernel.clock import to_rfc3339
from tests.factories.accounts import make_account
from tests.factories.bookings import Scene, make_scene, next_day
from tests.factories.browsers import Browser, forms_of, signed_in

ADD = "/account/addresses/add"
PROFILE = "/account/profile"


@pytest.fixture
def customer(cloud: Any) -> Actor:
    return make_account(Role.CUSTOMER)


@pytest.fixture
def scene(customer: Actor) -> Scene:
    return make_scene(customer=customer)


def kept(actor: Actor) -> list[SavedAddress]:
    user = find_user(actor.user_id)
    assert user is not None
    return list(user.addresses)


def phone_of(actor: Actor) -> str | None:
    user = find_user(actor.user_id)
    assert user is not None
    return user.phone


def keep(actor: Actor, label: str, address: str) -> str:
    return save_address(actor=actor, user_id=actor.user_id, label=label, address=address).address_id


def text_of(response: Any) -> str:
    return unescape(response.content.decode())


# --- On the profile --------------------------------------------------------------------------------------------------


def test_addresses_are_added_changed_put_first_and_removed(customer: Actor) -> None:
    browser = signed_in(customer)
    for label, address in (("Home", "12 Elm Street"), ("Work", "1 Main Street")):
        response = browser.submit(ADD, {"label": label, "address": address})
        assert (response.status_code, response.url) == (302, f"{PROFILE}#addresses")
    # Sent twice, it is one.
    browser.submit(ADD, {"label": "Work", "address": "1 Main Street"})
    home, work = (each.address_id for each in kept(customer))
    page = text_of(browser.get(PROFILE))
    assert page.index("12 Elm Street") < page.index("1 Main Street")

    browser.submit(f"/account/addresses/{work}", {"address": "2 Main Street"})
    browser.submit(PROFILE, action=f"/account/addresses/{work}/suggest")
    assert [(each.label, each.address) for each in kept(customer)] == [
        ("Work", "2 Main Street"),
        ("Home", "12 Elm Street"),
    ]

    (remove,) = (form for form in forms_of(browser.get(PROFILE)) if form.action == f"/account/addresses/{home}/remove")
    stranger = signed_in(make_account(Role.CUSTOMER))
    stranger.submit(ADD, {"label": "Home", "address": "3 Oak Street"})
    stranger.post(remove.action, forms_of(stranger.get(PROFILE))[0].fields)
    assert home in {each.address_id for each in kept(customer)}
    for _ in range(2):
        assert browser.post(remove.action, remove.fields)["Location"] == f"{PROFILE}#addresses"
    assert [each.label for each in kept(customer)] == ["Work"]


def test_what_is_no_address_is_told_beside_its_field(customer: Actor) -> None:
    response = signed_in(customer).submit(ADD, {"label": "Home", "address": "x"})

    assert response.status_code == 400
    assert "id_address_error" in text_of(response)
    assert kept(customer) == []


def test_the_most_addresses_are_told(customer: Actor) -> None:
    browser = signed_in(customer)
    for number in range(MAX_SAVED_ADDRESSES):
        keep(customer, f"Place {number}", f"{number} Elm Street")
    assert ADD not in text_of(browser.get(PROFILE))

    response = browser.submit(ADD, {"label": "One more", "address": "1 Main Street"})

    assert response.status_code == 409
    assert "remove one first" in text_of(response)


def test_a_number_is_kept_in_one_spelling_and_taken_away(customer: Actor) -> None:
    browser = signed_in(customer)
    assert browser.submit(PROFILE, {"phone": "+1 (217) 555-0123"}).status_code == 302
    assert phone_of(customer) == "+12175550123"
    assert 'value="+12175550123"' in text_of(browser.get(PROFILE))

    refused = browser.submit(PROFILE, {"phone": "555"})
    assert refused.status_code == 400
    assert "country code" in text_of(refused)

    browser.submit(PROFILE, {"phone": ""})
    assert phone_of(customer) is None


def test_providers_keep_no_addresses(cloud: Any) -> None:
    browser = signed_in(make_account(Role.PROVIDER))

    assert ADD not in text_of(browser.get(PROFILE))
    assert browser.get(ADD).status_code == 403


# --- In a booking ----------------------------------------------------------------------------------------------------


def agreement(scene: Scene, hour: int = 9) -> str:
    return f"/services/{scene.service_id}/book?start={quote(to_rfc3339(next_day(hour)))}"


def book(browser: Browser, scene: Scene, values: dict[str, str]) -> Any:
    return browser.submit(agreement(scene), values, action=agreement(scene))


def booked_at(scene: Scene) -> list[str]:
    found = [get_booking(actor=scene.customer, booking_id=each.booking_id) for each in scene.all_bookings()]
    return [details.address for _booking, details in found if details]


def test_a_booking_suggests_the_first_address(scene: Scene) -> None:
    keep(scene.customer, "Home", "12 Elm Street")
    keep(scene.customer, "Work", "1 Main Street")
    browser = signed_in(scene.customer)
    page = text_of(browser.get(agreement(scene)))
    assert page.index("12 Elm Street") < page.index("1 Main Street") < page.index("Another address")

    assert book(browser, scene, {}).status_code == 302

    assert booked_at(scene) == ["12 Elm Street"]


def test_another_address_is_typed_and_kept_once(scene: Scene) -> None:
    keep(scene.customer, "Home", "12 Elm Street")
    browser = signed_in(scene.customer)
    typed = {"place": "new", "address": "7 Oak Lane, Springfield", "save_address": "on", "idempotency_key": "k" * 24}

    for _ in range(2):
        assert book(browser, scene, typed).status_code == 302

    assert booked_at(scene) == ["7 Oak Lane, Springfield"]
    assert [each.label for each in kept(scene.customer)] == ["Home", "7 Oak Lane"]


def test_a_form_that_is_sent_twice_keeps_the_first_address_and_books_once(scene: Scene) -> None:
    browser, action = signed_in(scene.customer), agreement(scene)
    shown = next(form.fields for form in forms_of(browser.get(agreement(scene))) if form.action == action)

    answers = [browser.post(action, shown | {"address": "7 Oak Lane", "save_address": "on"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert booked_at(scene) == ["7 Oak Lane"]
    assert [each.address for each in kept(scene.customer)] == ["7 Oak Lane"]


def test_another_address_must_be_typed(scene: Scene) -> None:
    keep(scene.customer, "Home", "12 Elm Street")

    response = book(signed_in(scene.customer), scene, {"place": "new"})

    assert response.status_code == 400
    assert "id_address_error" in text_of(response)
    assert scene.all_bookings() == []


def test_an_address_of_somebody_else_cannot_be_chosen(scene: Scene) -> None:
    keep(scene.customer, "Home", "12 Elm Street")
    other = make_account(Role.CUSTOMER)
    theirs = keep(other, "Home", "3 Hidden Lane")

    response = book(signed_in(scene.customer), scene, {"place": theirs})

    assert response.status_code == 400
    assert "Hidden Lane" not in text_of(response)


def test_without_saved_addresses_one_is_typed(scene: Scene) -> None:
    browser = signed_in(scene.customer)
    assert 'name="place"' not in text_of(browser.get(agreement(scene)))
    assert book(browser, scene, {}).status_code == 400

    assert book(browser, scene, {"address": "12 Elm Street"}).status_code == 302

    assert kept(scene.customer) == []


def test_the_number_comes_from_the_profile_and_goes_there(scene: Scene) -> None:
    actor = scene.customer
    set_phone(actor=actor, user_id=actor.user_id, phone="+12175550123")
    browser = signed_in(actor)
    assert 'value="+12175550123"' in text_of(browser.get(agreement(scene)))

    # Dialled as where the provider is.
    book(browser, scene, {"address": "12 Elm Street", "phone": "(217) 555-0188"})

    assert phone_of(actor) == "+12175550188"


def test_what_is_no_number_is_told_and_nothing_is_booked(scene: Scene) -> None:
    response = book(signed_in(scene.customer), scene, {"address": "12 Elm Street", "phone": "12"})

    assert response.status_code == 400
    assert "id_phone_error" in text_of(response)
    assert scene.all_bookings() == []
