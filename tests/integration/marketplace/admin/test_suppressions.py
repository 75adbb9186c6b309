"""Addresses that are not written to, in the admin: put on the list when somebody asks for it, and taken from it."""

from uuid import uuid4

import pytest

from kernel import storage
from kernel.actors import Role
from kernel.dynamo_admin.audit import AuditItem
from notifications.models import SuppressionItem
from notifications.queries import address_hash, get_objections
from tests.integration.marketplace.admin.conftest import SignedIn

SUPPRESSIONS = "/admin/notifications/suppression/"


@pytest.fixture
def address() -> str:
    return f"quincy-{uuid4().hex[:10]}@example.com"


def is_suppressed(address: str) -> bool:
    return get_objections(recipient_id="nobody", email=address)[1]


def logged(address: str) -> list[str]:
    subject = f"notifications.suppression#{address_hash(address)}"
    return [row["action"] for row in storage.all_rows(AuditItem, subject)]


def test_an_address_is_put_on_the_list_found_and_taken_from_it(signed_in: SignedIn, address: str) -> None:
    client = signed_in(Role.ADMIN)
    page = client.get(f"{SUPPRESSIONS}add/").content.decode()
    assert 'name="address"' in page
    assert 'name="reason"' not in page

    assert client.post(f"{SUPPRESSIONS}add/", {"address": f" {address.upper()} "}).status_code == 302
    assert is_suppressed(address)
    row = storage.get_row(SuppressionItem, address_hash(address))
    assert row is not None
    assert row["reason"] == "admin"

    (found,) = client.get(SUPPRESSIONS, {"q": address}).context["cl"].result_list
    assert client.post(f"{SUPPRESSIONS}{found.pk}/delete/", {"post": "yes"}).headers["Location"] == SUPPRESSIONS
    assert not is_suppressed(address)
    assert logged(address) == ["add", "delete"]


@pytest.mark.parametrize("typed", ["", "nobody", "a@b@c", "ada@exa mple.com"])
def test_what_is_no_address_is_not_put_there(signed_in: SignedIn, typed: str) -> None:
    response = signed_in(Role.ADMIN).post(f"{SUPPRESSIONS}add/", {"address": typed})
    assert response.status_code == 200
    assert "errornote" in response.content.decode()


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.AUDITOR])
def test_others_put_nothing_there(signed_in: SignedIn, role: Role, address: str) -> None:
    assert signed_in(role).post(f"{SUPPRESSIONS}add/", {"address": address}).status_code == 403
    assert not is_suppressed(address)
