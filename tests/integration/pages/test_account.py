"""The account pages, as people without JavaScript use them."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from unittest.mock import patch
from urllib.parse import quote, urlencode
from uuid import uuid4

import orjson
import pytest
from django.test import Client

from accounts import services
from accounts.models import SessionItem, UserItem
from accounts.queries import find_user, find_user_id
from accounts.services import disable_person, enable_person, ensure_account
from kernel import storage
from kernel.actors import Actor, Role
from kernel.clock import now
from kernel.errors import BusyError, ConflictError, InvalidInputError, TooManyRequestsError
from kernel.sentences import sentence
from tests.factories.accounts import TokenIssuer, mailed_code, make_admin, make_customer
from tests.factories.browsers import Browser, app_code, forms_of

PASSWORD = "Copper-Kettle-41"
OTHER_PASSWORD = "Silver-Ladder-77"


def new_email() -> str:
    return f"ada-{uuid4()}@example.com"


@pytest.fixture
def browser() -> Browser:
    return Browser()


def make_person(role: Role = Role.CUSTOMER) -> str:
    email = new_email()
    ensure_account(email=email, password=PASSWORD, name="Ada Park", role=role, now=now())
    return email


def sign_in(browser: Browser, email: str, password: str = PASSWORD) -> None:
    response = browser.submit("/account/sign-in", {"email": email, "password": password})
    # A customer's first page, or a provider's.
    assert response.status_code == 302
    assert response.url in ("/bookings", "/provider")


def is_signed_in(browser: Client) -> bool:
    return browser.get("/account/profile").status_code == 200


@pytest.fixture
def signed_in(browser: Browser) -> tuple[Browser, str]:
    email = make_person()
    sign_in(browser, email)
    return browser, email


# --- Becoming somebody ----------------------------------------------------------------------------------------------


def sign_up(
    browser: Browser,
    email: str,
    *,
    password: str = PASSWORD,
    role: str = "customer",
    path: str = "/account/sign-up",
) -> None:
    values = {"email": email, "password": password, "name": "Ada Park", "role": role, "time_zone": "Europe/Paris"}
    response = browser.submit(path, values)
    assert (response.status_code, response.url) == (302, "/account/confirm")


@pytest.mark.parametrize("role", ["customer", "provider"])
def test_from_sign_up_to_the_profile(browser: Browser, role: str) -> None:
    email = new_email()
    sign_up(browser, email.upper(), role=role)
    response = browser.submit("/account/confirm", {"code": mailed_code(email).replace("", " "), "password": PASSWORD})
    assert (response.status_code, response.url) == (302, "/bookings" if role == "customer" else "/provider")

    row = storage.get_row(UserItem, str(find_user_id(email)))
    assert row is not None
    assert (row["email"], row["name"], row["user_type"]) == (email, "Ada Park", role)
    assert (row["time_zone"], row.get("language")) == ("Europe/Paris", None)
    page = browser.get("/account/profile").content.decode()
    assert email in page
    assert "Ada Park" in page


def test_whoever_comes_to_offer_services_has_said_so(browser: Browser) -> None:
    for page in ("/", "/how-it-works"):
        assert 'href="/account/sign-up?role=provider"' in browser.get(page).content.decode()
    for query, chosen in (("", "customer"), ("?role=provider", "provider"), ("?role=admin", "customer")):
        page = browser.get(f"/account/sign-up{query}").content.decode()
        assert re.findall(r'value="(\w+)"[^>]*\schecked', page) == [chosen]

    person = make_person()
    sign_in(browser, person)
    assert "role=provider" not in browser.get("/").content.decode()


def test_nobody_signs_up_as_an_admin(browser: Browser) -> None:
    email = new_email()
    values = {"email": email, "password": PASSWORD, "name": "Ada Park", "role": "admin"}

    response = browser.submit("/account/sign-up", values)

    assert response.status_code == 400
    # The summary's line leads to the first of the choices: their group cannot have the focus.
    assert '<a href="#id_role_0">' in response.content.decode()
    assert find_user_id(email) is None


@pytest.mark.parametrize("is_stranger_first", [True, False])
def test_the_account_is_that_of_whoever_has_the_code(browser: Browser, is_stranger_first: bool) -> None:
    email = new_email()
    if is_stranger_first:
        sign_up(Browser(), email, password=OTHER_PASSWORD, role="provider")
    sign_up(browser, email)
    if not is_stranger_first:
        sign_up(Browser(), email, password=OTHER_PASSWORD, role="provider")
    assert browser.submit("/account/confirm", {"code": mailed_code(email), "password": PASSWORD}).status_code == 302

    assert is_signed_in(browser)
    row = storage.get_row(UserItem, str(find_user_id(email)))
    assert row is not None
    assert row["user_type"] == "customer"
    refused = Browser().submit("/account/sign-in", {"email": email, "password": OTHER_PASSWORD})
    assert refused.status_code == 403


@pytest.mark.parametrize("failure", [BusyError(), InvalidInputError.of("password", sentence("Choose another."))])
def test_a_confirmation_that_breaks_off_opens_the_account_to_nobody_else(browser: Browser, failure: Exception) -> None:
    email = new_email()
    sign_up(Browser(), email, password=OTHER_PASSWORD, role="provider")
    sign_up(browser, email)
    with patch("accounts.cognito.set_password", side_effect=failure):
        answer = browser.submit("/account/confirm", {"code": mailed_code(email), "password": PASSWORD})
    assert answer.status_code in (400, 503)

    refused = Browser().submit("/account/sign-in", {"email": email, "password": OTHER_PASSWORD})
    assert refused.status_code == 403
    # The address is confirmed: its owner chooses a password by another code.
    browser.submit("/account/forgotten-password", {"email": email})
    browser.submit("/account/reset-password", {"code": mailed_code(email), "password": PASSWORD})
    sign_in(browser, email)


def test_confirming_elsewhere_needs_the_code_and_a_password_too(browser: Browser) -> None:
    email = new_email()
    sign_up(browser, email, role="provider")
    elsewhere = Browser()

    assert elsewhere.submit("/account/confirm", {"email": email, "code": mailed_code(email)}).status_code == 400
    values = {"email": email, "code": mailed_code(email), "password": OTHER_PASSWORD}
    assert elsewhere.submit("/account/confirm", values).status_code == 302

    assert is_signed_in(elsewhere)
    sign_in(Browser(), email, OTHER_PASSWORD)
    row = storage.get_row(UserItem, str(find_user_id(email)))
    assert row is not None
    assert row["user_type"] == "provider"


@pytest.mark.parametrize("zone", ["", "Europe/Atlantis", "Etc/GMT+5"])
def test_no_zone_is_stored_that_nobody_chose(browser: Browser, zone: str) -> None:
    email = new_email()
    values = {"email": email, "password": PASSWORD, "name": "Ada Park", "role": "customer", "time_zone": zone}
    browser.submit("/account/sign-up", values)

    browser.submit("/account/confirm", {"code": mailed_code(email), "password": PASSWORD})

    row = storage.get_row(UserItem, str(find_user_id(email)))
    assert row is not None
    assert "time_zone" not in row
    assert 'value="" selected' in browser.get("/account/profile").content.decode()
    browser.submit("/account/profile", {"name": "Ada Peak"})
    row = storage.get_row(UserItem, str(find_user_id(email)))
    assert row is not None
    assert row["name"] == "Ada Peak"
    assert "time_zone" not in row


@pytest.mark.parametrize(
    ("accepted", "cookie", "stored"),
    [
        (None, "", None),
        ("es-ES,es;q=0.9", "", None),
        ("es,*;q=0.5", "", None),
        ("*", "xx", None),
        ("es", "fr", "fr"),
        ("es,fr-CA;q=0.5,en;q=0.3", "", "fr"),
        ("en-GB", "", "en"),
    ],
)
def test_no_language_is_stored_that_nobody_chose(accepted: str | None, cookie: str, stored: str | None) -> None:
    browser = Browser(headers={"Accept-Language": accepted} if accepted else None)
    browser.cookies["django_language"] = cookie
    email = new_email()
    sign_up(browser, email)

    browser.submit("/account/confirm", {"code": mailed_code(email), "password": PASSWORD})

    row = storage.get_row(UserItem, str(find_user_id(email)))
    assert row is not None
    assert row.get("language") == stored


def test_who_chose_no_language_and_no_zone_any_more_has_none_after_signing_in_again() -> None:
    browser, email = Browser(headers={"Accept-Language": "fr"}), new_email()
    sign_up(browser, email)
    browser.submit("/account/confirm", {"code": mailed_code(email), "password": PASSWORD})
    browser.submit("/account/profile", {"language": "", "time_zone": ""})
    browser.submit("/account/profile", action="/account/sign-out")

    sign_in(browser, email)

    row = storage.get_row(UserItem, str(find_user_id(email)))
    assert row is not None
    assert (row.get("language"), row.get("time_zone")) == (None, None)


@pytest.mark.parametrize(
    ("said", "stored"),
    [("US/Pacific", "America/Los_Angeles"), ("EST5EDT", "America/New_York"), ("Asia/Calcutta", "Asia/Kolkata")],
)
def test_a_zone_by_another_name_is_stored_by_its_own(browser: Browser, said: str, stored: str) -> None:
    email = new_email()
    values = {"email": email, "password": PASSWORD, "name": "Ada Park", "role": "customer", "time_zone": said}
    browser.submit("/account/sign-up", values)

    browser.submit("/account/confirm", {"code": mailed_code(email), "password": PASSWORD})

    row = storage.get_row(UserItem, str(find_user_id(email)))
    assert row is not None
    assert row["time_zone"] == stored


@pytest.mark.parametrize(
    "spelling",
    ["{id}@xn--bcher-kva.example", "{id}@bu\u0308cher.example", "{id}@B\u00dcCHER.example", "{ID}@b\u00fccher.EXAMPLE"],
)
def test_one_mailbox_is_one_account_however_it_is_spelled(browser: Browser, spelling: str) -> None:
    name = f"ada-{uuid4()}"
    sign_up(browser, f"{name}@b\u00fccher.example")
    browser.submit("/account/confirm", {"code": mailed_code(f"{name}@xn--bcher-kva.example"), "password": PASSWORD})
    email = spelling.format(id=name, ID=name.upper())

    sign_in(Browser(), email)
    sign_up(Browser(), email, password=OTHER_PASSWORD)

    sign_in(Browser(), email)
    row = storage.get_row(UserItem, str(find_user_id(email)))
    assert row is not None
    assert row["email"] == f"{name}@xn--bcher-kva.example"


@pytest.mark.parametrize(("typed", "later"), [("e\u0301", "\u00e9"), ("\u00e9", "e\u0301")])
def test_a_password_is_the_same_on_every_keyboard(browser: Browser, typed: str, later: str) -> None:
    email = new_email()
    sign_up(browser, email, password=f"Caf{typed}-Kettle-41")
    browser.submit("/account/confirm", {"code": mailed_code(email), "password": f"Caf{typed}-Kettle-41"})

    sign_in(Browser(), email, f"Caf{later}-Kettle-41")

    values = {"password": f"Caf{later}-Kettle-41", "new_password": f"Th{typed}-Ladder-77"}
    assert browser.submit("/account/password", values).status_code == 302
    sign_in(Browser(), email, f"Th{later}-Ladder-77")
    other = Browser()
    other.submit("/account/forgotten-password", {"email": email})
    other.submit("/account/reset-password", {"code": mailed_code(email), "password": f"Mat{later}-Ladder-77"})
    sign_in(other, email, f"Mat{typed}-Ladder-77")


def test_signing_up_with_a_taken_address_looks_the_same_and_changes_nothing(browser: Browser) -> None:
    email = make_person()

    sign_up(browser, email, password=OTHER_PASSWORD)

    sign_in(Browser(), email)
    assert Browser().submit("/account/sign-in", {"email": email, "password": OTHER_PASSWORD}).status_code == 403


# --- Signing in and out ---------------------------------------------------------------------------------------------


def test_nobody_learns_whether_an_address_has_an_account(browser: Browser) -> None:
    unconfirmed = new_email()
    sign_up(Browser(), unconfirmed)
    answers = set()
    for email in (make_person(), unconfirmed, new_email()):
        for page, values in (
            ("/account/sign-in", {"password": "Wrong-Password-1"}),
            ("/account/forgotten-password", {}),
            ("/account/confirm/new-code", {}),
            ("/account/sign-up", {"password": PASSWORD, "name": "Ada Park"}),
        ):
            response = Browser().submit(page, {"email": email, **values})
            visible = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
            answers.add((page, response.status_code, response.get("Location"), visible.replace(email, "")))
    assert len(answers) == 4


def test_signing_in_leads_back_to_the_page_that_asked(browser: Browser) -> None:
    email = make_person()
    asked: Any = browser.get("/account/password")
    assert (asked.status_code, asked.url) == (302, "/account/sign-in?next=/account/password")

    response = browser.submit(asked.url, {"email": email, "password": PASSWORD})

    assert response.url == "/account/password"


def test_signing_in_leads_back_to_a_page_as_its_filters_were_changed(browser: Browser) -> None:
    here = "http://testserver/search?place=Springfield&sort=price"
    page = browser.get("/account/sign-in?next=/search%3Fplace%3DSpringfield", headers={"Referer": here})
    assert 'name="next" value="/search?place=Springfield&amp;sort=price"' in page.content.decode()


@pytest.mark.parametrize(
    "target",
    [
        "https://example.org/",
        "//example.org",
        "/\\example.org",
        "javascript:alert(1)",
        "x",
        "profile",
        "?x",
        "#",
        "../",
        "/nowhere",
        # Takes only what a form sends.
        "/bookings/b/status",
        "/account/export",
        "/account/sign-out",
        "/language",
        "/account/%00",
        "/%ff",
        "http://[",
        "/\r\nSet-Cookie: x=1",
        " ",
        "\u2028",
        "accounts:profile",
    ],
)
def test_signing_in_leads_to_no_foreign_site(browser: Browser, target: str) -> None:
    response = browser.submit("/account/sign-in", {"email": make_person(), "password": PASSWORD, "next": target})
    assert response.url == "/bookings"


def test_a_signed_in_page_costs_one_call_and_a_strangers_none(
    signed_in: tuple[Browser, str], dynamodb_calls: list[str]
) -> None:
    dynamodb_calls.clear()
    signed_in[0].get("/account/profile")
    assert dynamodb_calls == ["BatchGetItem"]

    dynamodb_calls.clear()
    Browser().get("/account/sign-in")
    assert dynamodb_calls == []


def test_looking_at_pages_gives_a_stranger_no_session(browser: Browser) -> None:
    for page in ("/", "/account/sign-in", "/account/sign-up", "/account/confirm"):
        browser.get(page)
    assert "sessionid" not in browser.cookies


def test_signing_in_gives_the_session_another_key(browser: Browser) -> None:
    email = make_person()
    browser.submit("/account/forgotten-password", {"email": email})
    before = browser.cookies["sessionid"].value

    sign_in(browser, email)

    after = browser.cookies["sessionid"].value
    assert after != before
    fixed = Client()
    fixed.cookies["sessionid"] = before
    assert not is_signed_in(fixed)


@pytest.mark.parametrize("path", ["/service-worker.js", "/", "/bookings"])
def test_a_request_sent_before_signing_in_and_answered_after_it_signs_nobody_out(browser: Browser, path: str) -> None:
    email = make_person()
    browser.submit("/account/forgotten-password", {"email": email})
    before = browser.cookies["sessionid"].value
    sign_in(browser, email)

    slow = Client()
    slow.cookies["sessionid"] = before
    answer = slow.get(path)

    # The browser has the new key by now, and a cookie in this answer would be taken for that one.
    assert "sessionid" not in answer.cookies
    assert is_signed_in(browser)


def test_a_strangers_cookie_ends_with_the_session(browser: Browser) -> None:
    browser.submit("/account/forgotten-password", {"email": make_person()})
    assert browser.cookies["sessionid"]["max-age"] == 3600


def test_a_change_in_a_session_leaves_its_cookie_and_its_end_as_they_are(browser: Browser) -> None:
    email = make_person()
    browser.submit("/account/forgotten-password", {"email": email})
    before = browser.cookies["sessionid"].value
    again = browser.submit("/account/forgotten-password", {"email": make_person()})
    assert "sessionid" not in again.cookies
    assert browser.cookies["sessionid"].value == before


@pytest.mark.parametrize("length", [32, 43])
def test_a_key_that_somebody_made_up_is_never_taken_over(browser: Browser, length: int) -> None:
    made_up = "." + "a" * length
    browser.cookies["sessionid"] = made_up

    sign_in(browser, make_person())

    assert browser.cookies["sessionid"].value != made_up


def test_the_table_does_not_know_the_key(signed_in: tuple[Browser, str]) -> None:
    key = signed_in[0].cookies["sessionid"].value
    assert storage.get_row(SessionItem, key) is None
    assert is_signed_in(signed_in[0])


def test_a_key_works_for_its_own_person_only(signed_in: tuple[Browser, str]) -> None:
    other = str(find_user_id(make_person()))
    secret = signed_in[0].cookies["sessionid"].value.partition(".")[2]
    thief = Client()
    thief.cookies["sessionid"] = f"{other}.{secret}"
    assert not is_signed_in(thief)


def test_signing_out_ends_the_session_for_good(signed_in: tuple[Browser, str]) -> None:
    browser, _ = signed_in
    kept = Client()
    kept.cookies["sessionid"] = browser.cookies["sessionid"].value

    browser.submit("/account/profile", action="/account/sign-out")

    assert not is_signed_in(browser)
    assert not is_signed_in(kept)


def test_signing_out_everywhere_ends_every_session(signed_in: tuple[Browser, str]) -> None:
    browser, email = signed_in
    other = Browser()
    sign_in(other, email)

    other.submit("/account/profile", action="/account/sign-out-everywhere")

    assert not is_signed_in(browser)
    assert not is_signed_in(other)
    sign_in(browser, email)


def test_a_disabled_person_is_out_at_once_and_stays_out(signed_in: tuple[Browser, str]) -> None:
    browser, email = signed_in
    admin, user_id = make_admin(), str(find_user_id(email))

    disable_person(actor=admin, user_id=user_id, now=now())

    assert not is_signed_in(browser)
    assert browser.submit("/account/sign-in", {"email": email, "password": PASSWORD}).status_code == 403
    enable_person(actor=admin, user_id=user_id)
    sign_in(browser, email)


# --- Passwords ------------------------------------------------------------------------------------------------------


def test_a_forgotten_password(signed_in: tuple[Browser, str]) -> None:
    browser, email = signed_in
    other = Browser()
    response = other.submit("/account/forgotten-password", {"email": email})
    assert response.url == "/account/reset-password"

    response = other.submit("/account/reset-password", {"code": mailed_code(email), "password": OTHER_PASSWORD})

    assert response.url == "/account/sign-in"
    assert not is_signed_in(browser)
    sign_in(other, email, OTHER_PASSWORD)


def test_changing_the_password_ends_all_other_sessions(signed_in: tuple[Browser, str]) -> None:
    browser, email = signed_in
    other = Browser()
    sign_in(other, email)
    before = browser.cookies["sessionid"].value

    response = browser.submit("/account/password", {"password": PASSWORD, "new_password": OTHER_PASSWORD})

    assert response.url == "/account/profile"
    assert is_signed_in(browser)
    assert browser.cookies["sessionid"].value != before
    assert not is_signed_in(other)
    sign_in(other, email, OTHER_PASSWORD)


def test_changing_the_password_needs_the_old_one(signed_in: tuple[Browser, str]) -> None:
    response = signed_in[0].submit(
        "/account/password", {"password": "Wrong-Password-1", "new_password": OTHER_PASSWORD}
    )
    assert response.status_code == 400
    assert "This is not your password." in response.content.decode()


@pytest.mark.parametrize("password", ["short-Aa1", "all-small-letters-1", "ALL-CAPITALS-1", "No-Digits-Here"])
def test_weak_passwords_are_refused_beside_the_field(browser: Browser, password: str) -> None:
    values = {"email": new_email(), "password": password, "name": "Ada Park"}

    response = browser.submit("/account/sign-up", values)

    assert response.status_code == 400
    assert 'id="id_password_error"' in response.content.decode()
    assert password not in response.content.decode()


# --- The second factor ----------------------------------------------------------------------------------------------


def set_up_app(browser: Browser) -> str:
    browser.submit("/account/second-factor", {"password": PASSWORD})
    page = browser.get("/account/second-factor/code").content.decode()
    assert "<svg" in page
    found = re.search(r"<code>([A-Z2-7]+)</code>", page)
    assert found
    response = browser.submit("/account/second-factor/code", {"code": app_code(found[1])})
    assert response.url == "/account/profile"
    return found[1]


def test_an_authenticator_app_is_asked_for_from_then_on(signed_in: tuple[Browser, str]) -> None:
    browser, email = signed_in
    other = Browser()
    sign_in(other, email)

    secret = set_up_app(browser)

    assert is_signed_in(browser)
    assert not is_signed_in(other)
    response = other.submit("/account/sign-in", {"email": email, "password": PASSWORD})
    assert response.url == "/account/sign-in/step"
    assert not is_signed_in(other)
    wrong = other.submit("/account/sign-in/step", {"code": "000000"})
    assert wrong.status_code == 400
    response = other.submit("/account/sign-in/step", {"code": app_code(secret, later=1)})
    assert response.url == "/bookings"
    assert is_signed_in(other)


def test_a_code_of_the_app_is_accepted_once(signed_in: tuple[Browser, str]) -> None:
    browser, email = signed_in
    secret = set_up_app(browser)
    code = app_code(secret, later=1)

    thief, owner = Browser(), Browser()
    owner.submit("/account/sign-in", {"email": email, "password": PASSWORD})
    assert owner.submit("/account/sign-in/step", {"code": code}).url == "/bookings"

    thief.submit("/account/sign-in", {"email": email, "password": PASSWORD})
    assert thief.submit("/account/sign-in/step", {"code": code}).status_code == 400
    assert not is_signed_in(thief)
    values = {"password": PASSWORD, "new_password": OTHER_PASSWORD, "code": code}
    assert owner.submit("/account/password", values).status_code == 400
    assert owner.submit("/account/second-factor/remove", values).status_code == 400
    assert owner.submit("/account/erase", values).status_code == 400


def test_the_app_cannot_be_replaced_while_it_is_on(signed_in: tuple[Browser, str]) -> None:
    browser, email = signed_in
    user = find_user(str(find_user_id(email)))
    assert user is not None
    pending = services.prepare_second_factor(user=user, password=PASSWORD, now=now())
    secret = set_up_app(browser)

    for stale in (user, find_user(user.user_id) or user):
        with pytest.raises(ConflictError):
            services.add_second_factor(user=stale, app=pending, code=app_code(pending.secret), now=now())
    with pytest.raises(ConflictError):
        services.prepare_second_factor(user=find_user(user.user_id) or user, password=PASSWORD, now=now())

    assert browser.submit("/account/second-factor", {"password": PASSWORD, "code": "000000"}).status_code == 409
    other = Browser()
    other.submit("/account/sign-in", {"email": email, "password": PASSWORD})
    assert other.submit("/account/sign-in/step", {"code": app_code(secret, later=1)}).url == "/bookings"


def test_with_an_app_the_password_alone_changes_nothing(signed_in: tuple[Browser, str]) -> None:
    browser, _ = signed_in
    secret = set_up_app(browser)
    values = {"password": PASSWORD, "new_password": OTHER_PASSWORD}

    assert browser.submit("/account/password", values).status_code == 400
    assert browser.submit("/account/second-factor/remove", {"password": PASSWORD}).status_code == 400
    assert browser.submit("/account/erase", {"password": PASSWORD}).status_code == 400

    response = browser.submit(
        "/account/second-factor/remove", {"password": PASSWORD, "code": app_code(secret, later=1)}
    )
    assert response.url == "/account/profile"
    assert browser.submit("/account/password", values).status_code == 302


def test_a_wrong_code_turns_nothing_on(signed_in: tuple[Browser, str]) -> None:
    browser, email = signed_in
    browser.submit("/account/second-factor", {"password": PASSWORD})

    response = browser.submit("/account/second-factor/code", {"code": "000000"})

    assert response.status_code == 400
    sign_in(Browser(), email)


# --- Profile and data -----------------------------------------------------------------------------------------------


def test_the_profile_changes_name_zone_and_language(signed_in: tuple[Browser, str]) -> None:
    browser, _ = signed_in

    response = browser.submit("/account/profile", {"name": "Adèle Parc", "time_zone": "Asia/Tokyo", "language": "fr"})

    assert response.url == "/account/profile"
    page = browser.get("/account/profile")
    assert "Adèle Parc" in page.content.decode()
    assert page.headers["Content-Language"] == "fr"
    assert '<html lang="fr">' in page.content.decode()
    assert 'value="Asia/Tokyo" selected' in page.content.decode()


def test_on_a_shared_browser_nobody_is_shown_what_another_typed(browser: Browser) -> None:
    emails = make_person(), make_person()
    headers = {"Origin": "http://testserver", "Referer": "http://testserver/account/profile"}
    shown = []
    for email in emails:
        sign_in(browser, email)
        opened = next(form for form in forms_of(browser.get("/account/profile")) if not form.action).fields
        browser.submit("/account/profile", action="/account/sign-out")
        for next_one in (email, *emails):
            sign_in(browser, next_one)
            browser.post("/account/profile", opened | {"name": "Ada Lovelace"}, headers=headers)
            shown.append("Ada Lovelace" in browser.get("/account/profile").content.decode())
            browser.submit("/account/profile", action="/account/sign-out")

    # Only as long as nobody else came between.
    assert shown == [True, True, False, True, False, False]

    for next_one, is_shown in ((emails[1], True), (emails[0], False)):
        sign_in(browser, emails[1])
        opened = next(form for form in forms_of(browser.get("/account/profile")) if not form.action).fields
        browser.submit("/account/profile", action="/account/sign-out")
        away: Any = browser.post("/account/profile", opened | {"name": "Ada Lovelace"}, headers=headers)
        assert browser.submit(away.url, {"email": next_one, "password": PASSWORD}).url == "/account/profile"
        assert ("Ada Lovelace" in browser.get("/account/profile").content.decode()) is is_shown
        browser.submit("/account/profile", action="/account/sign-out")


def test_a_profile_that_was_opened_in_two_tabs_keeps_what_was_saved_in_either(signed_in: tuple[Browser, str]) -> None:
    browser, _ = signed_in
    opened = next(form for form in forms_of(browser.get("/account/profile")) if not form.action).fields
    browser.submit("/account/profile", {"name": "Adèle Parc", "language": "fr"})

    browser.post("/account/profile", opened | {"phone": "+1 512 555 0100"})

    saved = next(form for form in forms_of(browser.get("/account/profile")) if not form.action).fields
    assert (saved["name"], saved["language"], saved["phone"]) == ("Adèle Parc", "fr", "+15125550100")


def test_a_profile_that_was_opened_before_an_upgrade_is_taken_at_its_word(signed_in: tuple[Browser, str]) -> None:
    browser, _ = signed_in
    browser.submit("/account/profile", {"phone": "+1 512 555 0100", "language": "fr"})
    opened = next(form for form in forms_of(browser.get("/account/profile")) if not form.action).fields

    # It did not say what it showed.
    old = {name: value for name, value in opened.items() if not name.startswith("initial-")}
    browser.post("/account/profile", old | {"phone": "", "language": ""})

    saved = next(form for form in forms_of(browser.get("/account/profile")) if not form.action).fields
    assert (saved["name"], saved["language"], saved["phone"]) == ("Ada Park", "", "")


@pytest.mark.parametrize("field", ["role", "user_type", "user_id", "session_epoch", "email", "second_factor"])
def test_the_profile_changes_nothing_else(signed_in: tuple[Browser, str], field: str) -> None:
    browser, email = signed_in
    user_id = str(find_user_id(email))
    before = storage.get_row(UserItem, user_id)

    browser.submit("/account/profile", {"name": "Ada Park", "language": "en", "time_zone": "UTC", field: "admin"})

    after = storage.get_row(UserItem, user_id)
    assert before
    assert after
    assert after == before | {"language": "en", "time_zone": "UTC"}


@pytest.mark.parametrize(
    "name", ["Ada\r\nBcc: all@example.org", "Ada\nPark", "Ada\u2028Park", "Ada\u202ePark", "A\x00"]
)
def test_names_are_one_line_of_visible_text(browser: Browser, name: str) -> None:
    email = new_email()
    response = browser.submit("/account/sign-up", {"email": email, "password": PASSWORD, "name": name})
    assert response.status_code == 400
    assert find_user_id(email) is None


@pytest.mark.parametrize(
    "address", ["ada@example.com\r\nBcc: x@example.org", '"a\nb"@example.com', "ada@exa\rmple.com"]
)
def test_addresses_are_one_line(browser: Browser, address: str) -> None:
    response = browser.submit("/account/sign-up", {"email": address, "password": PASSWORD, "name": "Ada Park"})
    assert response.status_code == 400


def test_a_copy_of_ones_data(signed_in: tuple[Browser, str]) -> None:
    browser, email = signed_in

    response = browser.submit("/account/profile", action="/account/export")

    assert response.headers["Content-Disposition"].startswith("attachment")
    exported = orjson.loads(response.content)
    assert exported["person"]["email"] == email
    assert exported["sign_in"]["email"] == email


def test_closing_the_account(signed_in: tuple[Browser, str]) -> None:
    browser, email = signed_in
    user_id = str(find_user_id(email))

    response = browser.submit("/account/erase", {"password": PASSWORD})

    assert response.url == "/account/sign-in"
    assert storage.get_row(UserItem, user_id) is None
    assert find_user_id(email) is None
    assert not is_signed_in(browser)
    assert browser.submit("/account/sign-in", {"email": email, "password": PASSWORD}).status_code == 403


# --- Forgery --------------------------------------------------------------------------------------------------------

POST_PAGES = [
    "sign-up",
    "confirm",
    "confirm/new-code",
    "sign-in",
    "sign-out",
    "sign-out-everywhere",
    "forgotten-password",
    "reset-password",
    "profile",
    "password",
    "second-factor",
    "second-factor/code",
    "second-factor/remove",
    "export",
    "erase",
]


@pytest.mark.parametrize("page", POST_PAGES)
@pytest.mark.parametrize("variant", ["no token", "foreign token", "foreign origin"])
def test_forged_forms_are_refused(signed_in: tuple[Browser, str], page: str, variant: str) -> None:
    browser, _ = signed_in
    browser.get("/account/profile")
    values: dict[str, str] = {}
    headers: dict[str, str] = {}
    if variant == "foreign token":
        values["csrfmiddlewaretoken"] = "a" * 64
    elif variant == "foreign origin":
        values["csrfmiddlewaretoken"] = browser.cookies["csrftoken"].value
        headers["origin"] = "https://example.org"

    response = browser.post(f"/account/{page}", values, headers=headers)

    assert response.status_code == 403
    assert is_signed_in(browser)


def test_signing_out_takes_no_mere_link(signed_in: tuple[Browser, str]) -> None:
    for page in ("sign-out", "sign-out-everywhere", "export"):
        assert signed_in[0].get(f"/account/{page}").status_code == 405


def test_the_session_opens_the_api_and_changes_need_the_csrf_token(
    signed_in: tuple[Browser, str], api: Callable[..., object]
) -> None:
    browser, _ = signed_in
    assert browser.get("/api/v1/bookings").status_code == 200
    refused = browser.post("/api/v1/bookings", {}, content_type="application/json")
    assert refused.status_code == 403
    token = browser.cookies["csrftoken"].value
    accepted = browser.post("/api/v1/bookings", {}, content_type="application/json", headers={"x-csrftoken": token})
    assert accepted.status_code == 400


# --- Cookies beside a token ------------------------------------------------------------------------------------------


def test_a_token_counts_and_the_cookie_beside_it_does_not(
    signed_in: tuple[Browser, str], api: Callable[[Actor | None], Any], token_issuer: TokenIssuer
) -> None:
    browser, email = signed_in
    address = f"/api/v1/users/{find_user_id(email)}"
    assert browser.get(address).json()["email"] == email
    token = token_issuer.token(make_customer())
    assert browser.get(address, headers={"Authorization": f"Bearer {token}"}).status_code == 404


@pytest.mark.parametrize("authorization", ["Bearer made-up", "Bearer", "Basic YTpi", ""])
def test_no_cookie_makes_up_for_a_wrong_token(signed_in: tuple[Browser, str], authorization: str) -> None:
    browser, email = signed_in
    response = browser.get(f"/api/v1/users/{find_user_id(email)}", headers={"Authorization": authorization})
    assert (response.status_code, response.json()["code"]) == (401, "invalid_token")


@pytest.mark.parametrize("path", ["bookings", "docs", "nowhere"])
def test_a_page_of_the_api_with_a_token_needs_no_session(
    api: Callable[[Actor | None], Any], token_issuer: TokenIssuer, path: str
) -> None:
    token = token_issuer.token(make_customer())
    response = Client().get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {token}", "Accept": "text/html"})
    assert response.status_code == (404 if path == "nowhere" else 200)
    assert response["Content-Type"].startswith("text/html")
    assert "sessionid" not in response.cookies


def test_who_signs_up_comes_back_to_where_they_were() -> None:
    browser, email = Browser(), new_email()
    wanted = "/services/x/book?start=2027-01-01T10:00:00Z"
    sign_up(browser, email, path=f"/account/sign-up?next={quote(wanted)}")

    response = browser.submit("/account/confirm", {"code": mailed_code(email), "password": PASSWORD})

    assert response.url == wanted
    assert is_signed_in(browser)


def test_whoever_takes_another_way_to_their_account_comes_back_too() -> None:
    browser, email = Browser(), make_person()
    wanted = "/services/x/book?start=2027-01-01T10:00:00Z"
    page = browser.get(f"/account/sign-in?next={quote(wanted)}").content.decode()
    ways = [
        unescape(way) for way in re.findall(r'href="(/account/[^"]+)"', page) if not re.search("sign-in|role=", way)
    ]
    assert [way.partition("?")[2] for way in ways] == [urlencode({"next": wanted})] * 3

    forgotten = next(way for way in ways if "forgotten" in way)
    browser.submit(forgotten, {"email": email})
    browser.submit("/account/reset-password", {"code": mailed_code(email), "password": OTHER_PASSWORD})
    response = browser.submit("/account/sign-in", {"email": email, "password": OTHER_PASSWORD})

    assert response.url == wanted


def test_a_confirmed_address_stays_so_where_signing_in_is_refused_for_now(monkeypatch: pytest.MonkeyPatch) -> None:
    browser, email = Browser(), new_email()
    sign_up(browser, email)

    def refuse(**_: Any) -> None:
        raise TooManyRequestsError(sentence("Try again later."), retry_after=60)

    with monkeypatch.context() as patched:
        patched.setattr(services, "sign_in", refuse)
        response = browser.submit("/account/confirm", {"code": mailed_code(email), "password": PASSWORD})

    assert response.url == "/account/sign-in"
    sign_in(browser, email)


@pytest.mark.parametrize("action", ["export", "sign-out-everywhere"])
def test_whoever_was_signed_out_goes_on_at_the_page_that_has_the_button(action: str) -> None:
    page = {"Referer": "http://testserver/account/profile"}
    asked: Any = Client().post(f"/account/{action}", headers=page)
    assert (asked.status_code, asked.url) == (302, "/account/sign-in?next=%2Faccount%2Fprofile")


@pytest.mark.parametrize("address", ["http://[", "//[::1", "http://a]/b", "nonsense"])
def test_a_stranger_is_sent_to_sign_in_whatever_is_said_of_the_page_before(address: str) -> None:
    asked = Client().get("/bookings", headers={"HX-Request": "true", "HX-Current-URL": address})
    assert asked.status_code == 401
    assert asked.headers["HX-Redirect"].startswith("/account/sign-in?next=")
    assert Client().post("/bookings/b/status", headers={"Referer": address}).status_code == 302
