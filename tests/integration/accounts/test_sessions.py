"""The session engine: what is written when, and that an ended session stays ended."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.test import Client
from pytest_django import Settings

from accounts import cognito, revocations
from accounts.models import User, UserItem
from accounts.queries import find_user_id
from accounts.services import ensure_account
from accounts.sessions import SessionStore
from kernel import storage
from kernel.actors import Role
from kernel.aws import client
from kernel.clock import now
from kernel.errors import BusyError
from tests.factories.accounts import make_customer
from tests.factories.browsers import Browser

PASSWORD = "Copper-Kettle-41"


@pytest.fixture
def user() -> User:
    user_id = make_customer().user_id
    item = UserItem(
        user_id=user_id, email=f"{user_id}@example.com", name="Ada Park", user_type=Role.CUSTOMER, created_at=now()
    )
    storage.write(storage.put("user", item))
    row = storage.get_row(UserItem, user_id)
    assert row is not None
    return User.from_row(row)


def stored(**content: str) -> SessionStore:
    session = SessionStore()
    session.update(content)
    session.save()
    return SessionStore(session.session_key)


def test_what_is_put_in_comes_out() -> None:
    assert stored(colour="green")["colour"] == "green"


def test_a_session_is_read_with_its_person_in_one_call(user: User, dynamodb_calls: list[str]) -> None:
    session = stored(**{SESSION_KEY: user.user_id})
    dynamodb_calls.clear()

    assert session[SESSION_KEY] == user.user_id

    assert dynamodb_calls == ["BatchGetItem"]
    assert session.user_row is not None
    assert session.user_row["email"] == user.email


def test_a_session_that_was_never_begun_is_empty_and_loses_its_key() -> None:
    session = SessionStore("." + "a" * 43)
    assert session.is_empty() is False
    assert dict(session.items()) == {}
    assert session.session_key is None


@pytest.mark.parametrize(
    "key", ["", "x", "a" * 32, "." + "a" * 42, "." + "a" * 44, "a/b." + "a" * 43, ".a\n" + "a" * 41]
)
def test_what_is_no_key_costs_no_call(key: str, dynamodb_calls: list[str]) -> None:
    session = SessionStore(key)
    assert session.get("anything") is None
    assert session.session_key is None
    assert dynamodb_calls == []


def test_a_deleted_session_cannot_be_brought_back_by_a_slower_request() -> None:
    slower = stored(colour="green")
    slower["colour"] = "blue"
    SessionStore(slower.session_key).flush()

    with pytest.raises(UpdateError):
        slower.save()

    assert SessionStore(slower.session_key).get("colour") is None


def test_a_new_key_replaces_the_old_one_in_one_call(dynamodb_calls: list[str]) -> None:
    session = stored(colour="green")
    before = session.session_key
    session.cycle_key()
    dynamodb_calls.clear()

    session.save()

    assert dynamodb_calls == ["TransactWriteItems"]
    assert session.session_key != before
    assert SessionStore(before).get("colour") is None
    assert SessionStore(session.session_key)["colour"] == "green"


def test_a_key_belongs_to_one_person(user: User) -> None:
    session = stored(colour="green")
    before = session.session_key
    session[SESSION_KEY] = user.user_id

    session.save()

    assert str(session.session_key).startswith(f"{user.user_id}.")
    assert SessionStore(before).get("colour") is None


def test_a_session_ends_when_its_time_is_over_however_often_it_is_used(user: User, settings: Settings) -> None:
    session = stored(**{SESSION_KEY: user.user_id})
    almost = timedelta(seconds=settings.SESSION_COOKIE_AGE - 1)
    with time_machine.travel(now() + almost, tick=False):
        again = SessionStore(session.session_key)
        again["colour"] = "green"
        again.save()
    with time_machine.travel(now() + almost + timedelta(seconds=2), tick=False):
        assert SessionStore(session.session_key).get("colour") is None


def test_a_strangers_session_ends_after_an_hour() -> None:
    session = stored(email="ada@example.com")
    with time_machine.travel(now() + timedelta(minutes=61), tick=False):
        assert SessionStore(session.session_key).get("email") is None


@pytest.mark.parametrize(
    "change",
    [
        UserItem.session_epoch.set(7),
        UserItem.user_type.set("admin"),
        UserItem.disabled_at.set(now()),
    ],
    ids=["epoch", "role", "disabled"],
)
def test_a_session_ends_with_what_it_was_begun_on(user: User, change: object) -> None:
    browser = Client()
    browser.force_login(user)
    assert browser.get("/account/profile").status_code == 200

    storage.write(storage.update("user", UserItem, user.user_id, actions=[change]))  # type: ignore[list-item]

    assert browser.get("/account/profile").status_code == 302
    assert "sessionid" not in {name for name, cookie in browser.cookies.items() if cookie.value}


def test_a_deleted_person_has_no_session(user: User) -> None:
    browser = Client()
    browser.force_login(user)
    storage.write(storage.delete("user", UserItem, user.user_id))
    assert browser.get("/account/profile").status_code == 302


def test_sessions_outlive_a_change_of_the_secret_key(user: User, settings: Settings) -> None:
    browser = Client()
    browser.force_login(user)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-secret-key-0123456789-0123456789-0123456789"
    assert browser.get("/account/profile").status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert browser.get("/account/profile").status_code == 302


def test_a_page_while_sessions_cannot_be_read(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Client()
    browser.force_login(user)

    def refuse(*arguments: object, **options: object) -> None:
        raise BusyError

    monkeypatch.setattr("accounts.sessions.storage.get_rows", refuse)
    response = browser.get("/account/profile")
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "1"
    assert "sessionid" not in response.cookies
    api = browser.get("/api/v1/bookings")
    assert (api.status_code, api.json()["code"]) == (503, "busy")


# --- Accounts that end at Cognito itself -----------------------------------------------------------------------------


def end_at_cognito(operation: str, email: str) -> None:
    getattr(client("cognito-idp"), operation)(UserPoolId=settings.COGNITO_USER_POOL_ID, Username=email)


@pytest.fixture
def signed_in() -> tuple[Browser, str]:
    email = f"{uuid4()}@example.com"
    ensure_account(email=email, password=PASSWORD, name="Ada Park", role=Role.CUSTOMER, now=now())
    browser = Browser()
    browser.submit("/account/sign-in", {"email": email, "password": PASSWORD})
    return browser, email


@pytest.mark.parametrize("operation", ["admin_delete_user", "admin_disable_user"])
def test_a_session_whose_account_is_gone_ends_within_an_hour(signed_in: tuple[Browser, str], operation: str) -> None:
    browser, email = signed_in
    user_id = str(find_user_id(email))
    end_at_cognito(operation, email)

    with time_machine.travel(now() + timedelta(minutes=61)):
        assert browser.get("/account/profile").status_code == 302
        row = storage.get_row(UserItem, user_id)
        assert row is not None
        assert row["disabled_at"] is not None
        # Its tokens are refused, too.
        assert revocations._read().keys() >= {user_id}
    assert browser.get("/account/profile").status_code == 302


def test_cognito_is_asked_once_an_hour(signed_in: tuple[Browser, str]) -> None:
    browser, _ = signed_in
    with patch("accounts.cognito._call", wraps=cognito._call) as calls:
        browser.get("/account/profile")
        assert calls.call_count == 0
        with time_machine.travel(now() + timedelta(minutes=61)):
            for _ in range(3):
                assert browser.get("/account/profile").status_code == 200
        assert calls.call_count == 1
        with time_machine.travel(now() + timedelta(minutes=130)):
            assert browser.get("/account/profile").status_code == 200
        assert calls.call_count == 2


def test_while_cognito_does_not_answer_its_last_answer_counts(
    signed_in: tuple[Browser, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(operation: str, **arguments: Any) -> None:
        raise BusyError

    monkeypatch.setattr(cognito, "_call", refuse)
    with time_machine.travel(now() + timedelta(minutes=61)):
        assert signed_in[0].get("/account/profile").status_code == 200
