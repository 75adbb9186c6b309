"""Every address under /api: documented, closed unless opened, and deaf to methods that it does not have."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from kernel.actors import Actor
from kernel.web.permissions import DenyAll
from kernel.web.rest import ApiView
from kernel.web.schema import openapi_document
from marketplace.api import api_docs
from marketplace.settings.env import BASE_DIR
from tests.factories.accounts import make_admin, make_customer, make_provider

Api = Callable[..., Any]

METHODS = ["get", "post", "put", "patch", "delete"]
# Pages and documents about the API, which are not of it.
ABOUT_THE_API = {"/api/v1", "/api/v1/docs", "/api/v1/schema"}

pytestmark = pytest.mark.usefixtures("cloud")


def routes() -> Iterator[tuple[str, Any]]:
    """Every address under /api/v1 as OpenAPI writes it, with its view."""
    yield from _routes(get_resolver().url_patterns, "/")


def _routes(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern).replace("<str:", "{").replace(">", "}")
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, path)
        elif path.startswith("/api/v1"):
            yield path, pattern.callback


def documented() -> dict[str, set[str]]:
    return {path: set(methods) for path, methods in openapi_document()["paths"].items()}


def people() -> list[Actor | None]:
    return [None, make_customer(), make_provider(), make_admin()]


def test_every_route_is_documented_and_nothing_else() -> None:
    assert {path for path, _ in routes()} - ABOUT_THE_API == documented().keys()


def test_every_method_of_a_view_is_documented_and_nothing_else() -> None:
    for path, view in routes():
        if path not in ABOUT_THE_API:
            assert {method for method in METHODS if hasattr(view.cls, method)} == documented()[path], path


def test_every_view_is_ours_and_says_who_may_call_it() -> None:
    for path, view in routes():
        if view is api_docs:
            continue
        assert issubclass(view.cls, ApiView), path
        opened = view.cls.permission_classes != [DenyAll] or "get_permissions" in vars(view.cls)
        assert opened, f"{path} is closed to everyone"


@pytest.mark.parametrize("method", METHODS)
def test_every_answer_has_a_documented_status(api: Api, method: str) -> None:
    """All routes, as a stranger and in every role, with an empty body and ids of nothing."""
    clients = [api(person) for person in people()]
    for path, methods in documented().items():
        if method not in methods:
            continue
        operation = openapi_document()["paths"][path][method]
        for client in clients:
            response = getattr(client, method)(
                path.replace("{", "").replace("}", ""), headers={"Idempotency-Key": "the-key"}
            )
            assert str(response.status_code) in operation["responses"], (path, response.status_code)
            assert response.status_code < 500, path


@pytest.mark.parametrize("method", METHODS)
def test_other_methods_are_refused(api: Api, method: str) -> None:
    client = api(make_admin())
    for path, methods in documented().items():
        if method in methods:
            continue
        response = getattr(client, method)(path.replace("{", "").replace("}", ""))
        assert response.status_code in (403, 405), path
        assert response.json()["code"] in ("forbidden", "method_not_allowed")


def test_head_and_options_are_answered(api: Api) -> None:
    client = api(make_customer())
    for path, methods in documented().items():
        address = path.replace("{", "").replace("}", "")
        if "get" in methods:
            head = client.head(address)
            assert head.status_code == client.get(address).status_code, path
            assert head.content == b"", path
        options = client.options(address)
        assert options.status_code in (200, 403), path


def test_what_follows_a_route_is_nothing(api: Api) -> None:
    for path in documented():
        address = path.replace("{", "").replace("}", "")
        for suffix in ("/", ".json", ".css", "/x/y/z"):
            assert api().get(address + suffix).status_code in (401, 404), address + suffix


def test_the_root_leads_to_every_entry_point(api: Api) -> None:
    entry_points = api().get("/api/v1").json()

    assert {"categories", "services", "providers", "bookings", "reviews", "health"} <= entry_points.keys()
    for address in entry_points.values():
        assert api().get(address).status_code in (200, 401), address


def test_the_documentation_lists_every_route_with_its_methods() -> None:
    rows = re.findall(r"^\| `(/api/v1/[^`]+)` \| ([A-Z, ]+) \|", (BASE_DIR / "docs/api.md").read_text(), re.MULTILINE)

    assert {path: set(methods.lower().split(", ")) for path, methods in rows} == documented()
