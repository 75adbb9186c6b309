"""Attacks on every writer and every list of the API: none may succeed, whoever tries."""

import random
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from tests.contracts.access import CASES, Call, Case, World
from tests.factories.accounts import ApiClient

Api = Callable[..., ApiClient]

pytestmark = pytest.mark.usefixtures("cloud")

# What the server alone decides.
FORBIDDEN_FIELDS = (
    "id",
    "version",
    "status",
    "customer_id",
    "provider_id",
    "owner_id",
    "role",
    "email",
    "price_amount",
    "rating_sum",
    "session_epoch",
    "created_at",
)
WRITERS = [case for case in CASES if case.route.startswith(("POST /api", "PUT /api", "PATCH /api"))]
LISTS = {
    "/api/v1/bookings?limit=1": "customer A",
    "/api/v1/services?category=plumbing&limit=1": "anonymous",
    "/api/v1/providers?city=Springfield&country=US&limit=1": "anonymous",
}


@pytest.fixture(scope="module")
def world(cloud: str) -> World:
    return World(uuid4().hex[:12])


def accepted_role(case: Case) -> str | None:
    """Somebody who may do it."""
    roles = ("customer A", "provider A", "admin")
    return next((role for role in roles if case.status(role) in (200, 201)), None)


@pytest.mark.parametrize("case", [case for case in WRITERS if accepted_role(case)], ids=str)
def test_nobody_assigns_what_the_server_decides(case: Case, world: World, api: Api) -> None:
    call = case.call(world)
    client = api(world.people[str(accepted_role(case))])
    method = getattr(client, case.route.split()[0].lower())
    for field in FORBIDDEN_FIELDS:
        if field in call.body:
            continue
        response = method(call.path, call.body | {field: "1"}, headers={"Idempotency-Key": uuid4().hex})
        assert response.status_code == 400, field
        assert {"field": field, "code": "unknown"}.items() <= response.json()["errors"][0].items()


def real_cursor(client: ApiClient, path: str) -> str:
    following = client.get(path).json()["next"]
    return str(parse_qs(urlsplit(following).query)["cursor"][0])


@pytest.mark.parametrize("path", LISTS)
def test_forged_cursors_are_refused(path: str, world: World, api: Api) -> None:
    world.booking()
    client = api(world.people[LISTS[path]])
    cursor = real_cursor(client, path)
    assert client.get(f"{path}&cursor={cursor}").status_code == 200
    chance = random.Random(path)  # noqa: S311  (the same forgeries in every run)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_:"
    for _ in range(334):
        letters = list(cursor)
        for _ in range(chance.randint(1, 3)):
            position = chance.randrange(len(letters))
            letters[position] = chance.choice(alphabet.replace(letters[position], ""))
        forged = "".join(letters)
        # The last letter of a signature carries bits that do not count.
        if forged[:-1] == cursor[:-1]:
            continue
        response = client.get(f"{path}&cursor={forged}")
        assert response.status_code == 400, forged
        assert response.json()["errors"][0]["field"] == "cursor"


def test_a_cursor_is_of_use_to_its_owner_and_in_its_list_alone(world: World, api: Api) -> None:
    world.booking()
    path = "/api/v1/bookings?limit=1"
    cursor = real_cursor(api(world.people["customer A"]), path)
    for role in ("customer B", "provider A", "provider B"):
        assert api(world.people[role]).get(f"{path}&cursor={cursor}").status_code == 400, role
    own = api(world.people["customer A"])
    for other in ("/api/v1/reviews?limit=1", f"{path}&status=pending", f"{path}&order=asc"):
        assert own.get(f"{other}&cursor={cursor}").status_code == 400, other


@pytest.mark.parametrize(
    "case", [case for case in CASES if " /api/" in case.route and "docs" not in case.route], ids=str
)
def test_a_made_up_token_is_refused_everywhere(case: Case, world: World, api: Api) -> None:
    call = case.call(world)
    response = send(api(), case.route.split()[0], call)
    assert response.status_code == 401


def send(client: ApiClient, method: str, call: Call) -> Any:
    headers = {"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30.", "Idempotency-Key": uuid4().hex}
    return getattr(client, method.lower())(call.path, call.body, headers=headers)
