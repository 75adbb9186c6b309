"""People in the admin."""

import re
from uuid import uuid4

import jwt
import orjson
import pytest
from django.test import Client

from accounts import cognito
from accounts.models import UserItem
from accounts.queries import find_user
from accounts.services import ensure_account
from kernel import storage
from kernel.actors import Role
from kernel.clock import now
from kernel.dynamo_admin.audit import AuditItem
from tests.factories.orders import carry_out_orders
from tests.integration.marketplace.admin.conftest import SignedIn

PEOPLE = "/admin/accounts/person/"


@pytest.fixture
def person() -> str:
    """Somebody with a real account: their id."""
    email = f"Quincy-{uuid4().hex[:10]}@example.com"
    return ensure_account(email=email, password="Copper-Kettle-41", name="Quincy Vale", role=Role.CUSTOMER, now=now())


def entries(user_id: str) -> list[tuple[str, str]]:
    return [(row["action"], row["outcome"]) for row in storage.all_rows(AuditItem, f"accounts.person#{user_id}")]


def do(client: Client, user_id: str, use: str, **values: str) -> str:
    response = client.post(f"{PEOPLE}{user_id}/do/{use}/", {"reason": "They asked", **values})
    carry_out_orders()
    return response.headers.get("Location", str(response.status_code))


def test_a_person_is_found_by_address_however_it_is_written(signed_in: SignedIn, person: str) -> None:
    user = find_user(person)
    assert user is not None
    response = signed_in(Role.SUPPORT).get(PEOPLE, {"q": f"  {user.email.upper()} "})
    assert [found.pk for found in response.context["cl"].result_list] == [person]


def test_an_account_is_closed_and_opened_and_both_stand_in_the_log(signed_in: SignedIn, person: str) -> None:
    client = signed_in(Role.ADMIN)
    assert do(client, person, "close") == f"{PEOPLE}{person}/change/"
    user = find_user(person)
    assert user is not None
    assert not user.is_active
    assert entries(person) == [("close", "intended"), ("close", "done")]

    do(client, person, "open")
    user = find_user(person)
    assert user is not None
    assert user.is_active


def test_a_page_says_what_follows_before_anything_is_done(signed_in: SignedIn, person: str) -> None:
    page = signed_in(Role.ADMIN).get(f"{PEOPLE}{person}/do/close/")
    assert "appointments to come with them are cancelled: customers are told, and owe nothing." in page.content.decode()
    user = find_user(person)
    assert user is not None
    assert user.is_active


def test_nobody_closes_their_own_account_here(signed_in: SignedIn) -> None:
    client = signed_in(Role.ADMIN)
    own = client.session["_auth_user_id"]
    assert do(client, own, "close") == "400"
    offered = re.findall("/do/([a-z-]+)/", client.get(f"{PEOPLE}{own}/change/").content.decode())
    assert offered == ["sign-out", "copy"]


def test_a_copy_is_handed_out_and_noted(signed_in: SignedIn, person: str) -> None:
    response = signed_in(Role.ADMIN).post(f"{PEOPLE}{person}/do/copy/", {"reason": "They asked"})
    assert response.headers["Content-Type"] == "application/json"
    assert orjson.loads(response.content)["person"]["user_id"] == person
    assert entries(person) == [("copy", "intended"), ("copy", "done")]


def test_erasing_asks_for_a_word(signed_in: SignedIn, person: str) -> None:
    client = signed_in(Role.ADMIN)
    assert do(client, person, "erase", confirmation="ok") == "400"
    assert do(client, person, "erase", confirmation="erase") == f"{PEOPLE}{person}/change/"
    assert storage.get_row(UserItem, person) is None


def test_until_it_is_carried_out_an_order_is_an_intention(signed_in: SignedIn, person: str) -> None:
    signed_in(Role.ADMIN).post(f"{PEOPLE}{person}/do/close/", {"reason": "They asked"})
    user = find_user(person)
    assert user is not None
    assert user.is_active
    assert entries(person) == [("close", "intended")]
    carry_out_orders()
    assert entries(person) == [("close", "intended"), ("close", "done")]


def test_a_role_is_changed_at_cognito_and_ends_the_sessions(signed_in: SignedIn, person: str) -> None:
    user = find_user(person)
    assert user is not None
    browser = Client()
    browser.force_login(user)
    assert browser.get("/bookings").status_code == 200

    do(signed_in(Role.ADMIN), person, "role", role="provider")

    changed = find_user(person)
    assert changed is not None
    assert changed.role == "provider"
    assert browser.get("/bookings").status_code == 302
    tokens = cognito.sign_in(email=user.email, password="Copper-Kettle-41")
    assert isinstance(tokens, cognito.Tokens)
    claims = jwt.decode(tokens.access_token, options={"verify_signature": False})
    assert claims["cognito:groups"] == ["providers"]
    changes = [row["changes"] for row in storage.all_rows(AuditItem, f"accounts.person#{person}")]
    assert changes == [{"user_type": ["customer", "provider"]}] * 2


def test_what_is_refused_while_it_is_carried_out_is_an_outcome(signed_in: SignedIn, person: str) -> None:
    client = signed_in(Role.ADMIN)
    client.post(f"{PEOPLE}{person}/do/sign-out/", {"reason": "They asked"})
    cognito.delete(person)
    storage.write(storage.delete("user", UserItem, person))
    carry_out_orders()
    assert entries(person) == [("sign-out", "intended"), ("sign-out", "refused")]


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.AUDITOR])
def test_others_look_and_do_nothing(signed_in: SignedIn, person: str, role: Role) -> None:
    client = signed_in(role)
    page = client.get(f"{PEOPLE}{person}/change/")
    assert page.status_code == 200
    # To see the site as somebody is to look, too.
    offered = set(re.findall(r"/do/([a-z-]+)/", page.content.decode()))
    assert offered == ({"see-as"} if role is Role.SUPPORT else set())
    for use in ("close", "sign-out", "role", "copy", "erase"):
        assert do(client, person, use) == "403"
    assert entries(person) == []


def test_the_log_is_read_and_never_changed(signed_in: SignedIn, person: str) -> None:
    client = signed_in(Role.ADMIN)
    do(client, person, "sign-out")
    log = "/admin/marketplace/auditentry/"
    response = client.get(log)
    (entry, *_others) = response.context["cl"].result_list
    assert response.status_code == 200
    assert "Ada Park" in response.content.decode().partition("result_list")[2]
    assert client.get(f"{log}add/").status_code == 403
    assert client.get(f"{log}?subject__exact=accounts.person%23{person}").context["cl"].result_count == 2
    assert client.post(response.context["cl"].url_for_result(entry), {"action": "other"}).status_code == 403
