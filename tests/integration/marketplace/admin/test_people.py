"""People in the admin."""

from uuid import uuid4

import orjson
import pytest
from django.test import Client

from accounts.models import UserItem
from accounts.queries import find_user
from accounts.services import ensure_account
from kernel import storage
from kernel.actors import Role
from kernel.clock import now
from kernel.dynamo_admin.audit import AuditItem
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


def test_nobody_closes_their_own_account_here(signed_in: SignedIn) -> None:
    client = signed_in(Role.ADMIN)
    own = client.session["_auth_user_id"]
    assert do(client, own, "close") == "400"


def test_a_copy_is_handed_out_and_noted(signed_in: SignedIn, person: str) -> None:
    response = signed_in(Role.ADMIN).post(f"{PEOPLE}{person}/do/copy/", {"reason": "They asked"})
    assert response.headers["Content-Type"] == "application/json"
    assert orjson.loads(response.content)["person"]["user_id"] == person
    assert entries(person) == [("copy", "intended"), ("copy", "done")]


def test_erasing_asks_for_a_word(signed_in: SignedIn, person: str) -> None:
    client = signed_in(Role.ADMIN)
    assert do(client, person, "erase", confirmation="ok") == "400"
    assert do(client, person, "erase", confirmation="erase") == PEOPLE
    assert storage.get_row(UserItem, person) is None


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.AUDITOR])
def test_others_look_and_do_nothing(signed_in: SignedIn, person: str, role: Role) -> None:
    client = signed_in(role)
    page = client.get(f"{PEOPLE}{person}/change/")
    assert page.status_code == 200
    assert "/do/" not in page.content.decode()
    for use in ("close", "sign-out", "copy", "erase"):
        assert do(client, person, use) == "403"
    assert entries(person) == []


def test_the_log_is_read_and_never_changed(signed_in: SignedIn, person: str) -> None:
    client = signed_in(Role.ADMIN)
    do(client, person, "sign-out")
    log = "/admin/marketplace/auditentry/"
    response = client.get(log)
    (entry, *_others) = response.context["cl"].result_list
    assert response.status_code == 200
    assert client.get(f"{log}add/").status_code == 403
    assert client.get(f"{log}?subject__exact=accounts.person%23{person}").context["cl"].result_count == 2
    assert client.post(response.context["cl"].url_for_result(entry), {"action": "other"}).status_code == 403
