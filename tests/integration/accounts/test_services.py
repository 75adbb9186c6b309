from datetime import UTC, datetime
from uuid import uuid4

import pytest
from botocore.exceptions import EndpointConnectionError

from accounts.authentication import actor_of
from accounts.models import UserItem
from accounts.queries import find_user_id
from accounts.services import SignInRefusedError, ensure_account, ready_accounts, sign_in_for_token
from accounts.tokens import UserPool, verify_access_token
from kernel.actors import Actor, Role
from kernel.aws import client
from kernel.errors import BusyError, ConflictError
from kernel.storage import get_row

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
PASSWORD = "Test-Password-1"


def new_email() -> str:
    return f"{uuid4()}@example.com"


def ensure(email: str, role: Role = Role.CUSTOMER, password: str = PASSWORD) -> str:
    return ensure_account(email=email, password=password, name="Ada Park", role=role, now=NOW)


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.PROVIDER, Role.ADMIN])
def test_a_new_account_can_sign_in_and_its_token_carries_its_role(role: Role) -> None:
    email = new_email()

    user_id = ensure(email, role)

    token = sign_in_for_token(email=email, password=PASSWORD)
    assert actor_of(verify_access_token(token, UserPool.for_api())) == Actor(user_id=user_id, role=role)
    assert get_row(UserItem, user_id) == {
        "user_id": user_id,
        "email": email,
        "name": "Ada Park",
        "user_type": role.value,
        "created_at": NOW,
    }


def test_repeating_it_changes_only_the_password() -> None:
    email = new_email()
    first = ensure(email)

    second = ensure(email.upper(), password="Other-Password-1")

    assert second == first
    assert sign_in_for_token(email=email, password="Other-Password-1")
    with pytest.raises(SignInRefusedError):
        sign_in_for_token(email=email, password=PASSWORD)


def test_one_address_is_one_account_however_it_is_spelt() -> None:
    name = uuid4()
    spellings = [f"{name}@b\u00fccher.example", f"{name}@bu\u0308cher.example", f"{name}@XN--BCHER-KVA.example"]

    assert len({ensure(spelling) for spelling in spellings}) == 1

    for spelling in spellings:
        assert sign_in_for_token(email=spelling, password=PASSWORD)
        assert find_user_id(spelling) is not None


def test_it_completes_what_broke_off_halfway(monkeypatch: pytest.MonkeyPatch) -> None:
    email = new_email()
    with monkeypatch.context() as broken:
        broken.setattr(ready_accounts, "_ensure_user_row", lambda **row: (_ for _ in ()).throw(BusyError))
        with pytest.raises(BusyError):
            ensure(email)

    ensure(email)

    assert sign_in_for_token(email=email, password=PASSWORD)


def test_an_account_keeps_its_role() -> None:
    email = new_email()
    ensure(email, Role.CUSTOMER)

    with pytest.raises(ConflictError) as refused:
        ensure(email, Role.ADMIN)

    assert refused.value.code == "other_role"
    token = sign_in_for_token(email=email, password=PASSWORD)
    assert actor_of(verify_access_token(token, UserPool.for_api())).role is Role.CUSTOMER


def test_sign_in_does_not_tell_an_unknown_address_from_a_wrong_password() -> None:
    email = new_email()
    ensure(email)

    with pytest.raises(SignInRefusedError) as wrong_password:
        sign_in_for_token(email=email, password="Wrong-Password-1")
    with pytest.raises(SignInRefusedError) as unknown:
        sign_in_for_token(email=new_email(), password=PASSWORD)

    assert wrong_password.value.message == unknown.value.message


def test_an_unreachable_user_pool_is_a_passing_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**request: object) -> None:
        raise EndpointConnectionError(endpoint_url="http://nowhere")

    monkeypatch.setattr(client("cognito-idp"), "initiate_auth", refuse)
    monkeypatch.setattr(client("cognito-idp"), "admin_create_user", refuse)

    with pytest.raises(BusyError):
        sign_in_for_token(email=new_email(), password=PASSWORD)
    with pytest.raises(BusyError):
        ensure(new_email())


def test_find_user_id_of_nobody() -> None:
    assert find_user_id(new_email()) is None
