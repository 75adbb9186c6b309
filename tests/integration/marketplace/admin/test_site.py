"""Who gets into the admin, and what it says of itself."""

import re

import pytest
from django.test import Client
from django.utils.functional import Promise
from pytest_django import Settings

from accounts.models import UserItem
from kernel import storage
from kernel.actors import STAFF, Role
from tests.factories.bookings import make_scene
from tests.factories.reviews import completed_booking, review
from tests.integration.marketplace.admin.conftest import SignedIn


def test_strangers_go_to_the_site_s_own_sign_in_and_come_back() -> None:
    response = Client().get("/admin/accounts/person/", follow=True)
    assert response.redirect_chain[-1][0] == "/account/sign-in?next=%2Fadmin%2Faccounts%2Fperson%2F"
    assert Client().get("/admin").headers["Location"] == "/admin/"


def test_whoever_is_signed_out_by_the_time_they_press_a_button_is_told_to_try_again(signed_in: SignedIn) -> None:
    scene, browser = make_scene(), signed_in(Role.ADMIN)
    browser.logout()
    address = f"/admin/catalog/provider/{scene.provider_id}/do/suspend/"

    answer = browser.post(address, {"reason": "Complaints"}, follow=True)

    assert "You had been signed out. Sign in and try again." in answer.content.decode()


@pytest.mark.parametrize("role", sorted(STAFF))
def test_who_runs_the_marketplace_gets_in(signed_in: SignedIn, role: Role) -> None:
    response = signed_in(role).get("/admin/")
    assert response.status_code == 200
    assert "audit log" in response.content.decode().lower()


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.PROVIDER])
def test_nobody_else_does(signed_in: SignedIn, role: Role) -> None:
    response = signed_in(role).get("/admin/", follow=True)
    assert response.status_code == 403


def test_a_password_alone_is_not_enough(signed_in: SignedIn) -> None:
    response = signed_in(Role.ADMIN, second_factor=False).get("/admin/", follow=True)
    assert response.redirect_chain[-1][0] == "/account/second-factor"
    assert "second factor" in response.content.decode()


def test_where_it_is_enough_every_page_says_so(signed_in: SignedIn, settings: Settings) -> None:
    settings.ADMIN_NEEDS_SECOND_FACTOR = False
    response = signed_in(Role.ADMIN, second_factor=False).get("/admin/")
    assert "open to passwords alone" in response.content.decode()


def test_the_role_is_looked_at_with_every_request(signed_in: SignedIn) -> None:
    client = signed_in(Role.ADMIN)
    assert client.get("/admin/").status_code == 200
    user_id = client.session["_auth_user_id"]
    storage.write(storage.update("user", UserItem, user_id, actions=[UserItem.user_type.set("customer")]))
    assert client.get("/admin/").status_code == 302


def test_the_way_in_leads_nowhere_else(signed_in: SignedIn) -> None:
    client = signed_in(Role.ADMIN)
    assert client.get("/admin/login/?next=//evil.example/").headers["Location"] == "/admin/"


def test_it_wears_the_site_s_name_and_speaks_french(signed_in: SignedIn) -> None:
    page = signed_in(Role.ADMIN, language="fr").get("/admin/").content.decode()
    assert "Lintel" in page
    assert "Actions récentes" in page
    assert "Journal d’audit" in page


def test_every_name_that_it_shows_can_be_said_in_french() -> None:
    # The admin is loaded when it is asked for.
    from marketplace.admin.site import site

    for model, admin in site._registry.items():
        names = [*(admin.fields or ()), *admin.list_display, *getattr(admin, "export_columns", ())]
        fields = {field.name: field for field in model._meta.concrete_fields}
        shown = [fields[name] for name in names if name in fields]
        assert shown
        assert [field for field in shown if not isinstance(field.verbose_name, Promise)] == [], model
        assert isinstance(model._meta.app_config.verbose_name, Promise)


def test_what_asks_sql_is_not_there(signed_in: SignedIn) -> None:
    client = signed_in(Role.ADMIN)
    for address in ("/admin/password_change/", "/admin/r/1/1/"):
        assert client.get(address).status_code == 404


def test_the_site_s_pages_lead_there_for_those_who_get_in(signed_in: SignedIn) -> None:
    scene = make_scene()
    review(scene, completed_booking(scene))
    page = f"/providers/{scene.provider_id}"
    for role in (Role.AUDITOR, Role.CUSTOMER):
        links = re.findall(r'href="(/admin/[^"]+/change/)"', signed_in(role).get(page).content.decode())
        assert [link.split("/")[3] for link in links] == (["provider", "review"] if role in STAFF else [])
