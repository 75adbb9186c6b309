"""Seeing the site as a customer or a provider: looking alone, nothing personal, in the log, for a while."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import UserItem
from bookings.domain import Status
from kernel import storage
from kernel.actors import Actor, Role
from kernel.clock import now
from kernel.dynamo_admin.audit import AuditItem
from notifications.queries import get_bell
from tests.factories.bookings import Scene, make_scene, next_day
from tests.factories.notifications import enroll
from tests.integration.marketplace.admin.conftest import SignedIn

ADDRESS = "7 Hidden Lane, Springfield"
PHONE = "+12025550143"


@pytest.fixture
def scene() -> Scene:
    """Two people with a phone number each."""
    scene = make_scene()
    for person, name in ((scene.customer, "Casey Vale"), (scene.provider, "Pat Rowe")):
        enroll(person, name=name)
        actions = [UserItem.phone.set(PHONE), UserItem.user_type.set(person.role.value)]
        storage.write(storage.update("user", UserItem, person.user_id, actions=actions))
    return scene


def see_as(client: Client, person: Actor) -> int:
    address = f"/admin/accounts/person/{person.user_id}/do/see-as/"
    return client.post(address, {"reason": "They asked what they see"}).status_code


def logged(person: Actor) -> list[str]:
    return [row["action"] for row in storage.all_rows(AuditItem, f"accounts.person#{person.user_id}")]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SUPPORT])
def test_they_see_the_person_s_pages_and_it_is_announced(signed_in: SignedIn, scene: Scene, role: Role) -> None:
    booking = scene.book(next_day(9), address=ADDRESS)
    client = signed_in(role)
    assert see_as(client, scene.customer) == 302
    page = client.get("/bookings").content.decode()
    assert booking.booking_id in page
    assert "You see the site as Casey Vale does" in page
    assert logged(scene.customer) == ["see-as"]


def test_addresses_and_phone_numbers_are_hidden(signed_in: SignedIn, scene: Scene) -> None:
    booking = scene.bring(scene.book(next_day(9), address=ADDRESS), Status.CONFIRMED)
    for person in (scene.customer, scene.provider):
        client = signed_in(Role.ADMIN)
        see_as(client, person)
        for address in (f"/bookings/{booking.booking_id}", f"/services/{scene.service_id}/book", "/provider"):
            page = client.get(address).content.decode()
            assert "7 Hidden Lane" not in page, address
            assert PHONE not in page, address
        for address in (f"/bookings/{booking.booking_id}/calendar.ics", "/account/profile", "/account/export"):
            assert client.get(address).status_code == 403, address
        for address in ("/api/v1/me", f"/api/v1/bookings/{booking.booking_id}"):
            assert client.get(address).status_code == 403, address


def test_every_other_method_is_refused(signed_in: SignedIn, scene: Scene) -> None:
    booking = scene.book(next_day(9))
    client = signed_in(Role.ADMIN)
    see_as(client, scene.customer)
    for address in (
        "/bookings",
        f"/bookings/{booking.booking_id}/cancel",
        "/notifications",
        "/account/sign-out-everywhere",
        "/admin/",
        f"/admin/bookings/booking/{booking.booking_id}/do/cancel/",
        "/api/v1/bookings",
    ):
        for method in (client.post, client.put, client.patch, client.delete, client.options, client.head):
            assert method(address).status_code == 403, (address, method)
    assert client.get("/admin/").status_code == 403


def test_no_photo_is_added_by_following_where_the_bucket_leads(signed_in: SignedIn, scene: Scene) -> None:
    client = signed_in(Role.SUPPORT)
    see_as(client, scene.provider)
    for address in (f"/photos/provider/{scene.provider_id}/add", "/photos/claims/token"):
        assert client.get(address).status_code == 403, address
    assert client.get(f"/photos/provider/{scene.provider_id}").status_code == 200


def test_nothing_is_marked_as_read(signed_in: SignedIn, scene: Scene) -> None:
    client = signed_in(Role.ADMIN)
    see_as(client, scene.customer)
    before = get_bell(actor=scene.customer)
    assert client.get("/notifications").status_code == 200
    assert client.post("/notifications", {"up_to": "1"}).status_code == 403
    assert get_bell(actor=scene.customer) == before


def test_it_ends_by_the_button(signed_in: SignedIn, scene: Scene) -> None:
    client = signed_in(Role.ADMIN)
    see_as(client, scene.customer)
    response = client.post("/account/stop-seeing-as")
    assert response.headers["Location"] == f"/admin/accounts/person/{scene.customer.user_id}/change/"
    assert client.get("/admin/").status_code == 200
    assert logged(scene.customer) == ["see-as", "see-as ended"]


def test_it_ends_after_a_while(signed_in: SignedIn, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(Role.ADMIN)
    see_as(client, scene.customer)
    later = now() + timedelta(minutes=16)
    monkeypatch.setattr("accounts.observing.now", lambda: later)
    assert client.get("/admin/").status_code == 200


def test_a_button_of_a_page_that_is_still_open_does_nothing_afterwards(
    signed_in: SignedIn, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking = scene.book(next_day(9))
    client = signed_in(Role.ADMIN)
    see_as(client, scene.customer)
    client.handler.enforce_csrf_checks = True
    address = f"/bookings/{booking.booking_id}/cancel"
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(address).content.decode())
    assert found
    later = now() + timedelta(minutes=16)
    monkeypatch.setattr("accounts.observing.now", lambda: later)

    pressed = [client.post(address, {"csrfmiddlewaretoken": found[1]}).status_code for _ in range(2)]

    assert pressed == [403, 403]
    assert scene.stored(booking.booking_id).status is Status.PENDING


def test_it_ends_when_the_role_goes(signed_in: SignedIn, scene: Scene) -> None:
    client = signed_in(Role.ADMIN)
    own = client.session["_auth_user_id"]
    see_as(client, scene.customer)
    storage.write(storage.update("user", UserItem, own, actions=[UserItem.user_type.set("customer")]))
    assert client.get("/bookings").status_code == 302


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.CUSTOMER])
def test_others_see_as_nobody(signed_in: SignedIn, scene: Scene, role: Role) -> None:
    assert see_as(signed_in(role), scene.customer) in (302, 403)
    assert logged(scene.customer) == []


def test_nobody_is_seen_as_who_runs_the_marketplace(signed_in: SignedIn) -> None:
    support = signed_in(Role.SUPPORT)
    admin_id = signed_in(Role.ADMIN).session["_auth_user_id"]
    assert see_as(support, Actor(admin_id, Role.ADMIN)) == 400
    assert support.get("/admin/").status_code == 200
