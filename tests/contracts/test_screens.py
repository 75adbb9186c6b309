"""The table of screens holds: who sees which, what each reads, and that neither grows with what is stored."""

import gzip
import re
from collections import Counter
from html import unescape

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.queries import find_user
from catalog.queries import forget_offers
from kernel.actors import Actor
from tests.contracts.access import CASES
from tests.contracts.screens import NO_SCREENS, ROLES, SCREENS, Screen, Street
from tests.contracts.test_access import routes

MOST_KILOBYTES = 20
# Beyond session and person, and the lists.
MOST_READS = 2
MANY_ROWS, MOST_ROWS = 25, 500
SESSION = "BatchGetItem"

pytestmark = pytest.mark.usefixtures("cloud")


@pytest.fixture(scope="module")
def streets(cloud: str, is_torture: bool) -> tuple[Street, Street]:
    """One with a row of everything, one with many."""
    return Street(1), Street(MOST_ROWS if is_torture else MANY_ROWS)


def browser_of(person: Actor | None) -> Client:
    browser = Client()
    if person is not None:
        user = find_user(person.user_id)
        assert user is not None
        browser.force_login(user)
    return browser


def test_every_address_is_a_screen_or_is_said_to_be_none() -> None:
    addresses = [route for route in routes() if not route.startswith(("/api/", "/admin"))]

    assert sorted({screen.route for screen in SCREENS} | NO_SCREENS.keys()) == addresses


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_who_sees_a_screen_is_as_the_table_of_access_says(screen: Screen) -> None:
    roles = {"anonymous": "anonymous", "customer A": "customer", "provider A": "provider", "admin": "admin"}
    cases = [case for case in CASES if case.route == f"GET {screen.route}"]
    assert cases
    assert {roles[role] for case in cases for role in roles if case.status(role) == 200} <= set(screen.roles)


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_a_screen_reads_little(screen: Screen) -> None:
    assert all(len(screen.reads_for(role)) <= MOST_READS for role in ROLES)
    assert screen.kilobytes <= MOST_KILOBYTES


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_a_screen_is_what_its_row_says_however_much_is_stored(
    screen: Screen, role: str, streets: tuple[Street, Street], dynamodb_calls: list[str]
) -> None:
    for street in streets:
        address, browser = screen.address(street), browser_of(street.people[role])
        forget_offers()
        dynamodb_calls.clear()

        response = browser.get(address)

        if role not in screen.roles:
            assert response.status_code in (302, 403, 404)
            continue
        assert response.status_code == 200, response.headers
        expected = Counter(read.rpartition(" ")[2] for read in screen.reads_for(role))
        expected[SESSION] += role != "anonymous"
        counted = Counter(dynamodb_calls)
        queries = counted.pop("Query", 0)
        assert counted == +expected
        assert len(screen.lists) <= queries <= len(screen.lists) + screen.search_queries
        if role != "anonymous":
            assert dynamodb_calls[0] == SESSION
        assert len(gzip.compress(response.content)) <= screen.kilobytes * 1000


@pytest.mark.parametrize("screen", [screen for screen in SCREENS if screen.lists], ids=str)
def test_a_list_goes_on_a_minute_later(screen: Screen, streets: tuple[Street, Street], settings: Settings) -> None:
    many = streets[1]
    browser = browser_of(many.people[screen.roles[-1]])
    page = unescape(browser.get(screen.address(many)).content.decode())

    settings.CLOCK_OFFSET_SECONDS += 60

    for address in set(re.findall(r'href="([^"]*[?&]cursor=[^"]*)"', page)):
        assert browser.get(address).status_code == 200, address
