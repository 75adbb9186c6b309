"""Signing up tells nobody whether an address has an account, in words, in calls or under pressure."""

from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch
from uuid import uuid4

import pytest

from accounts import cognito, services
from accounts.queries import find_user_id
from accounts.services import Newcomer, ensure_account
from kernel.actors import Role
from kernel.clock import now
from tests.factories.accounts import mailed_code
from tests.factories.browsers import Browser

PASSWORD = "Copper-Kettle-41"


def newcomer(email: str) -> Newcomer:
    return Newcomer(email=email, name="Ada Park", role=Role.CUSTOMER, time_zone=None, language="en")


def sign_up(email: str) -> None:
    services.sign_up(newcomer=newcomer(email), client_address="192.0.2.1", now=now())


def new_address() -> str:
    return f"{uuid4()}@example.com"


def waiting_address() -> str:
    email = new_address()
    sign_up(email)
    return email


def taken_address() -> str:
    email = new_address()
    ensure_account(email=email, password=PASSWORD, name="Ada Park", role=Role.CUSTOMER, now=now())
    return email


ADDRESSES = [new_address, waiting_address, taken_address]
PAGES = {
    "sign-up": {"password": PASSWORD, "name": "Ada Park", "role": "customer"},
    "confirm/new-code": {},
    "forgotten-password": {},
    "sign-in": {"password": "Wrong-Password-1"},
}


@pytest.mark.parametrize("page", PAGES)
def test_new_waiting_and_taken_addresses_cost_the_same_calls(page: str, dynamodb_calls: list[str]) -> None:
    counts = set()
    for make in ADDRESSES:
        values = {"email": make(), **PAGES[page]}
        browser = Browser()
        browser.get(f"/account/{page}")
        dynamodb_calls.clear()
        with patch("accounts.cognito._call", wraps=cognito._call) as calls:
            browser.submit(f"/account/{page}", values)
        counts.add((calls.call_count, tuple(dynamodb_calls)))
    assert len(counts) == 1


def test_eight_sign_ups_of_one_address_at_once_are_one() -> None:
    email = new_address()
    browsers = [Browser() for _ in range(8)]
    values = {"email": email, "password": PASSWORD, "name": "Ada Park", "role": "customer"}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda browser: browser.submit("/account/sign-up", values), browsers))

    assert {(answer.status_code, answer.url) for answer in answers} == {(302, "/account/confirm")}
    assert browsers[3].submit("/account/confirm", {"code": mailed_code(email), "password": PASSWORD}).status_code == 302
    assert Browser().submit("/account/sign-in", {"email": email, "password": PASSWORD}).url == "/bookings"


@pytest.mark.parametrize("spelled", ["upper case", "with spaces around"])
def test_sign_ups_at_once_by_other_spellings_are_one_too(spelled: str) -> None:
    email = new_address()
    other = email.upper() if spelled == "upper case" else f" {email} "
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(sign_up, [email, other] * 4))
    assert find_user_id(email) == find_user_id(other)


def test_a_second_sign_up_changes_nothing_of_an_account_that_waits() -> None:
    email = waiting_address()
    before = cognito.attributes_of(email)
    services.sign_up(
        newcomer=Newcomer(email=email, name="Mallory", role=Role.PROVIDER, time_zone="Asia/Tokyo", language="fr"),
        client_address="192.0.2.1",
        now=now(),
    )
    assert cognito.attributes_of(email) == before
