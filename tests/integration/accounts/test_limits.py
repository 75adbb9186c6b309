"""Guessing and flooding come to an end, for everyone but the one who does it."""

from typing import Any
from uuid import uuid4

import pytest
import time_machine
from pytest_django import Settings

from accounts.services import ensure_account
from bookings.services.requests import BOOKINGS_PER_CUSTOMER
from kernel.actors import Role
from kernel.clock import now
from kernel.errors import ConflictError, TooManyRequestsError
from kernel.web.throttling import API_REQUESTS, SEARCHES
from tests.factories.accounts import make_customer
from tests.factories.bookings import make_scene, next_day
from tests.factories.browsers import Browser

PASSWORD = "Copper-Kettle-41"


@pytest.fixture(autouse=True)
def _real_limits(settings: Settings) -> None:
    settings.RATE_LIMIT_SCALE = 1
    settings.TRUSTED_PROXY_HOPS = 1


@pytest.fixture
def address() -> str:
    """A client address that no other test uses."""
    return f"2001:db8:{uuid4().hex[:4]}:{uuid4().hex[:4]}::1"


def make_person() -> str:
    email = f"{uuid4()}@example.com"
    ensure_account(email=email, password=PASSWORD, name="Ada Park", role=Role.CUSTOMER, now=now())
    return email


def sign_in(email: str, password: str, address: str) -> Any:
    browser = Browser(headers={"x-forwarded-for": address})
    return browser.submit("/account/sign-in", {"email": email, "password": password})


def test_a_hundred_guesses_end_after_ten_and_do_not_lock_the_owner_out(address: str) -> None:
    email = make_person()

    answers = [sign_in(email, f"Wrong-Password-{number}", address) for number in range(100)]

    statuses = [answer.status_code for answer in answers]
    # A window may have ended in between.
    assert 10 <= statuses.count(403) <= 20
    assert set(statuses) == {403, 429}
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 900
    assert "too often" in answers[-1].content.decode()
    assert sign_in(email, PASSWORD, address).status_code == 429
    assert sign_in(email, PASSWORD, "198.51.100.77").status_code == 302


def test_spoofed_addresses_are_no_way_around(address: str) -> None:
    email = make_person()
    statuses = [
        sign_in(email, "Wrong-Password-1", f"198.51.100.{number}, {address}").status_code for number in range(25)
    ]
    assert 429 in statuses


def test_one_client_cannot_try_one_password_on_everyone(address: str) -> None:
    statuses = [sign_in(f"{uuid4()}@example.com", PASSWORD, address).status_code for _ in range(65)]
    assert 429 in statuses


@pytest.mark.parametrize("page", ["forgotten-password", "confirm/new-code"])
def test_nobody_is_flooded_with_codes(address: str, page: str) -> None:
    email = make_person()
    statuses = []
    for _ in range(12):
        browser = Browser(headers={"x-forwarded-for": address})
        statuses.append(browser.submit(f"/account/{page}", {"email": email}).status_code)
    assert 5 <= statuses.count(302) <= 10
    assert statuses[-1] == 429


def test_codes_cannot_be_guessed(address: str) -> None:
    email = make_person()
    statuses = []
    for number in range(25):
        browser = Browser(headers={"x-forwarded-for": address})
        values = {"email": email, "code": f"{number:06}", "password": PASSWORD}
        statuses.append(browser.submit("/account/reset-password", values).status_code)
    assert 429 in statuses


def test_a_customer_holds_no_more_than_a_days_worth() -> None:
    scene = make_scene()
    with time_machine.travel(now().replace(hour=12, minute=0, second=0), tick=False):
        for number in range(BOOKINGS_PER_CUSTOMER.allowed):
            scene.request(next_day(number % 24, days=3 + number // 24))

        with pytest.raises(TooManyRequestsError):
            scene.request(next_day(1, days=5))

        assert scene.request(next_day(1, days=5), customer=make_customer()).replayed is False


def test_refused_bookings_and_repeated_ones_do_not_count() -> None:
    scene = make_scene()
    with time_machine.travel(now().replace(hour=12, minute=0, second=0), tick=False):
        scene.request(next_day(1), key="one")
        for _ in range(30):
            assert scene.request(next_day(1), key="one").replayed
            with pytest.raises(ConflictError):
                scene.request(next_day(1), key=uuid4().hex)
        scene.request(next_day(2))


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/api/v1/services?category=plumbing", SEARCHES.allowed + SEARCHES.batch),
        ("/api/v1/categories", API_REQUESTS.allowed),
    ],
)
def test_the_api_answers_429_with_a_time_to_return(address: str, path: str, allowed: int) -> None:
    browser = Browser(headers={"x-forwarded-for": address})
    with time_machine.travel(now().replace(second=1), tick=False):
        statuses = [browser.get(path).status_code for _ in range(allowed + API_REQUESTS.batch)]
        refused = browser.get(path)
    assert 200 in statuses
    assert refused.status_code == 429
    assert refused.json()["code"] == "too_many_requests"
    assert refused.headers["Retry-After"] == "59"
