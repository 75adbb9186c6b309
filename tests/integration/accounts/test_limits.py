"""Guessing and flooding come to an end, for everyone but the one who does it."""

import base64
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
import time_machine
from pytest_django import Settings

from accounts import cognito
from accounts.queries import find_user_id
from accounts.services import ensure_account
from bookings.domain import Status
from bookings.services.open_requests import MAX_IN_A_DAY
from kernel.actors import Role
from kernel.clock import now
from kernel.errors import ConflictError, TooManyRequestsError
from kernel.web.throttling import API_REQUESTS, SEARCHES
from tests.factories.accounts import mailed_code, make_customer
from tests.factories.bookings import make_scene, next_day
from tests.factories.browsers import Browser

PASSWORD = "Copper-Kettle-41"
# The calls by which Cognito sends a code.
CODE_OPERATIONS = {"sign_up", "resend_confirmation_code", "forgot_password"}


@pytest.fixture(autouse=True)
def _real_limits(settings: Settings) -> None:
    settings.RATE_LIMIT_SCALE = settings.BOOKING_LIMIT_SCALE = 1
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


def addresses(count: int) -> list[str]:
    """Client addresses that no other test uses."""
    return [f"2001:db8:{uuid4().hex[:4]}:{uuid4().hex[:4]}::1" for _ in range(count)]


def browser_at(address: str) -> Browser:
    return Browser(headers={"x-forwarded-for": address})


@pytest.mark.parametrize("page", ["forgotten-password", "confirm/new-code", "sign-up"])
def test_nobody_is_flooded_with_codes_and_the_answer_does_not_tell(address: str, page: str) -> None:
    email = make_person() if page == "forgotten-password" else f"{uuid4()}@example.com"
    values = {"email": email, "password": PASSWORD, "name": "Ada Park", "role": "customer"}
    if page == "confirm/new-code":
        browser_at(addresses(1)[0]).submit("/account/sign-up", values)

    with patch("accounts.cognito._call", wraps=cognito._call) as calls:
        answers = [browser_at(address).submit(f"/account/{page}", values) for _ in range(12)]

    # A window may have ended in between.
    sent = [call for call in calls.call_args_list if call.args[0] in CODE_OPERATIONS]
    assert 5 <= len(sent) <= 10
    assert {(answer.status_code, answer.url) for answer in answers} == {(302, answers[0].url)}


def test_many_clients_do_not_add_up_to_a_flood() -> None:
    email = make_person()
    with patch("accounts.cognito._call", wraps=cognito._call) as calls:
        for address in addresses(10):
            for _ in range(5):
                assert browser_at(address).submit("/account/forgotten-password", {"email": email}).status_code == 302
    assert 20 <= len([call for call in calls.call_args_list if call.args[0] == "forgot_password"]) <= 40


def test_one_client_cannot_have_codes_sent_to_everyone(address: str) -> None:
    statuses = [
        browser_at(address).submit("/account/forgotten-password", {"email": f"{uuid4()}@example.com"}).status_code
        for _ in range(70)
    ]
    assert 429 in statuses


# --- What strangers cannot spend -------------------------------------------------------------------------------------


def spend_guesses(email: str) -> None:
    """Wrong passwords from many clients, ten of each, until the account takes no more of strangers."""
    statuses = []
    # A window may end in between: then the hundred begins anew.
    for address in addresses(24):
        statuses = [sign_in(email, "Wrong-Password-1", address).status_code for _ in range(10)]
        if statuses[0] == 429:
            break
    assert set(statuses) == {429}
    assert sign_in(email, PASSWORD, addresses(1)[0]).status_code == 429


@pytest.fixture
def owner(address: str) -> tuple[Browser, str]:
    """Somebody's browser, in which they signed in before and are signed in."""
    email = make_person()
    browser = browser_at(address)
    assert browser.submit("/account/sign-in", {"email": email, "password": PASSWORD}).status_code == 302
    return browser, email


def test_strangers_do_not_lock_out_a_browser_that_the_account_knows(owner: tuple[Browser, str]) -> None:
    browser, email = owner
    browser.submit("/account/profile", action="/account/sign-out")
    spend_guesses(email)

    # Under whatever address.
    for each in addresses(2):
        browser.defaults["HTTP_X_FORWARDED_FOR"] = each
        answer = browser.submit("/account/sign-in", {"email": email, "password": PASSWORD})
        assert answer.status_code == 302
        browser.submit("/account/profile", action="/account/sign-out")


def test_strangers_do_not_lock_out_who_is_signed_in(owner: tuple[Browser, str]) -> None:
    browser, email = owner
    spend_guesses(email)

    values = {"password": PASSWORD, "new_password": "Silver-Ladder-77"}
    assert browser.submit("/account/password", values).status_code == 302


@pytest.mark.parametrize("types_it_where_they_asked", [True, False])
def test_strangers_do_not_lock_out_who_has_a_code(
    owner: tuple[Browser, str], *, types_it_where_they_asked: bool
) -> None:
    _, email = owner
    spend_guesses(email)
    for each in addresses(12):
        for _ in range(10):
            browser_at(each).submit("/account/reset-password", {"email": email, "code": "000000", "password": PASSWORD})
        browser_at(each).submit("/account/forgotten-password", {"email": email})

    asking = browser_at(addresses(1)[0])
    assert asking.submit("/account/forgotten-password", {"email": email}).status_code == 302
    # The email may be read on another device.
    typing = asking if types_it_where_they_asked else browser_at(addresses(1)[0])
    values = {"email": email, "code": mailed_code(email), "password": "Silver-Ladder-77"}
    answer = typing.submit("/account/reset-password", values)
    assert (answer.status_code, answer.url) == (302, "/account/sign-in")


def test_a_browser_that_the_account_knows_guesses_no_more_than_others(owner: tuple[Browser, str]) -> None:
    browser, email = owner
    browser.submit("/account/profile", action="/account/sign-out")
    statuses = [
        browser.submit("/account/sign-in", {"email": email, "password": "Wrong-Password-1"}).status_code
        for _ in range(25)
    ]
    assert 10 <= statuses.count(403) <= 20
    assert statuses[-1] == 429


def test_a_browser_is_known_to_its_own_accounts_only(owner: tuple[Browser, str]) -> None:
    browser, _ = owner
    browser.submit("/account/profile", action="/account/sign-out")
    other = make_person()
    spend_guesses(other)
    assert browser.submit("/account/sign-in", {"email": other, "password": PASSWORD}).status_code == 429


def test_a_forged_mark_of_a_known_browser_counts_for_nothing(owner: tuple[Browser, str]) -> None:
    browser, email = owner
    browser.submit("/account/profile", action="/account/sign-out")
    mark = browser.cookies["known-browser"].value
    spend_guesses(email)
    for forged in (mark[:-1] + ("y" if mark.endswith("x") else "x"), "x", ""):
        browser.cookies["known-browser"] = forged
        assert browser.submit("/account/sign-in", {"email": email, "password": PASSWORD}).status_code == 429


def test_the_mark_names_nobody(owner: tuple[Browser, str]) -> None:
    browser, email = owner
    cookie = browser.cookies["known-browser"]
    content = base64.urlsafe_b64decode(cookie.value.split(":")[0] + "==").decode()
    assert email not in content
    assert str(find_user_id(email)) not in content
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


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
        for number in range(MAX_IN_A_DAY):
            # Answered, for few may be open at once.
            scene.bring(scene.book(next_day(number % 24, days=3 + number // 24)), Status.DECLINED)

        with pytest.raises(TooManyRequestsError) as refusal:
            scene.request(next_day(1, days=5))
        assert refusal.value.retry_after == 24 * 60 * 60

        assert scene.request(next_day(1, days=5), customer=make_customer()).replayed is False


def test_refused_bookings_and_repeated_ones_do_not_count() -> None:
    scene = make_scene()
    with time_machine.travel(now().replace(hour=12, minute=0, second=0), tick=False):
        first = scene.book(next_day(1), key="one")
        for _ in range(30):
            assert scene.request(next_day(1), key="one").replayed
            with pytest.raises(ConflictError):
                scene.request(next_day(1), key=uuid4().hex)
        scene.bring(first, Status.DECLINED)
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
