"""The table of access holds, and it lists every address and method of the site."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.queries import find_user
from kernel.actors import Actor
from marketplace.settings.env import BASE_DIR
from tests.contracts.access import CASES, ROLES, Call, Case, World
from tests.factories.accounts import ApiClient

Api = Callable[..., ApiClient]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

pytestmark = pytest.mark.usefixtures("cloud")


@pytest.fixture(scope="module")
def world(cloud: str) -> World:
    return World(uuid4().hex[:12])


def routes() -> list[str]:
    """Every address of the site, with its parameters in braces; what catches all other addresses is none."""
    return sorted(set(_routes(get_resolver().url_patterns, "/")))


def _routes(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
    for pattern in patterns:
        path = prefix + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, path)
        elif not path.startswith("/^") and not path.endswith(".*)$"):
            # Django writes the names of the apps into the address of their index.
            yield re.sub(r"\^\(\?P({\w+})[^)]*\)/\$$", r"\1/", path)


def listed() -> dict[str, set[str]]:
    """Address → its methods, as the table has them."""
    methods: dict[str, set[str]] = {}
    for case in CASES:
        method, path = case.route.split()
        methods.setdefault(path, set()).add(method)
    return methods


def send(method: str, call: Call, person: Actor | None, api: Api) -> Any:
    """The request: with a token to the API, with a session to pages."""
    if call.path.startswith("/api/"):
        return getattr(api(person), method.lower())(call.path, call.body, headers={"Idempotency-Key": uuid4().hex})
    if method != "GET" or person is None:
        return getattr(signed_in(person), method.lower())(call.path, call.body)
    # What is only looked at shares a session, until another call ends it.
    browser = _looking.setdefault(person.user_id, Client())
    response = browser.get(call.path, call.body)
    if not response.wsgi_request.user.is_authenticated:
        browser = _looking[person.user_id] = signed_in(person)
        response = browser.get(call.path, call.body)
    return response


_looking: dict[str, Client] = {}


def signed_in(person: Actor | None) -> Client:
    """A browser with a session of its own; nobody's, without a person."""
    browser = Client()
    if person is not None:
        user = find_user(person.user_id)
        assert user is not None
        browser.force_login(user)
    return browser


def test_every_address_is_in_the_table() -> None:
    assert routes() == sorted(listed())


def test_the_documentation_has_the_table() -> None:
    documented = re.findall(r"^\| (\w+ /.*?) \| (.+) \|$", (BASE_DIR / "docs/access.md").read_text(), re.MULTILINE)
    assert documented == [(str(case), " | ".join(case.all_statuses())) for case in CASES]


@pytest.mark.parametrize("path", sorted(listed()))
def test_every_method_is_in_the_table(path: str, world: World, api: Api) -> None:
    address = re.sub(r"{\w+}", "0", path)
    for method in set(METHODS) - listed()[path]:
        for role in ("anonymous", "admin"):
            response = send(method, Call(address, {}), world.people[role], api)
            # Pages that want a signed-in person, or a step before, say so first.
            assert response.status_code in (302, 401, 403, 405), (method, role)
            if response.status_code == 403 and address.startswith("/api/"):
                assert response.json()["code"] == "forbidden", (method, role)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_access(case: Case, role: str, world: World, api: Api) -> None:
    call = case.call(world)

    response = send(case.route.split()[0], call, world.people[role], api)

    assert response.status_code == case.status(role)
    # A file is open until then.
    response.close()
    if not case.reveals:
        told = response.content.decode().replace(call.path, "")
        assert [secret for secret in world.secrets_from(role) if secret in told] == []


@pytest.mark.parametrize("role", ROLES[1:5])
def test_lists_have_only_ones_own(role: str, world: World, api: Api) -> None:
    person = world.people[role]
    assert person is not None
    rows = api(person).get("/api/v1/bookings?limit=100").json()["results"]
    assert rows
    for row in rows:
        assert person.user_id == row["customer_id"] or person.provider_id == row["provider_id"]
