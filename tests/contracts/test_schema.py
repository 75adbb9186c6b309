"""The OpenAPI document: valid, complete, and as the API behaves."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import call_command
from django.http import HttpResponse
from django.urls import reverse
from openapi_spec_validator import OpenAPIV31SpecValidator
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

from kernel.web import schema
from kernel.web.schema import openapi_document
from marketplace.api_examples import EXAMPLES
from tests.factories.accounts import make_admin, make_customer, make_provider
from tests.openapi import check_response

Api = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("cloud")


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in openapi_document()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def example_path(path: str) -> str:
    return path.replace("{", "").replace("}", "")


def takes(operation: dict[str, Any], header: str) -> bool:
    return any(parameter["name"] == header for parameter in operation["parameters"])


def test_it_is_valid_and_raises_no_warning(tmp_path: Path) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", tmp_path / "openapi.yaml")


def test_it_is_made_once_however_many_ask_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def make(*_: object, **__: object) -> dict[str, str]:
        made.append("a document")
        time.sleep(0.01)
        return {}

    schema._document.cache_clear()
    with monkeypatch.context() as patched, ThreadPoolExecutor(8) as threads:
        patched.setattr("kernel.web.schema.SchemaGenerator.get_schema", make)
        list(threads.map(lambda _: schema.openapi_document(), range(8)))
    schema._document.cache_clear()
    assert len(made) == 1


def test_an_outside_validator_accepts_it() -> None:
    document: Any = openapi_document()

    OpenAPIV31SpecValidator(document).validate()

    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": "/"}]


def test_mutant_a_default_that_its_parameter_refuses_is_found() -> None:
    document: Any = deepcopy(openapi_document())
    parameters = document["paths"]["/api/v1/services"]["get"]["parameters"]
    next(each for each in parameters if each["name"] == "q")["schema"] = {
        "type": "string",
        "minLength": 1,
        "default": "",
    }

    with pytest.raises(OpenAPIValidationError):
        OpenAPIV31SpecValidator(document).validate()


def test_a_body_is_held_to_the_document(api: Api) -> None:
    response = api().get(reverse("categories"))
    assert response.status_code == 200

    for wrong in (
        b'{"results": [{"slug": "plumbing", "name": 7}], "next": null}',
        b'{"next": null}',
        b'{"results": [], "next": null, "more": 1}',
    ):
        altered = HttpResponse(wrong, content_type="application/json")
        altered.json = lambda body=wrong: orjson.loads(body)  # type: ignore[attr-defined]
        with pytest.raises(AssertionError):
            check_response("GET", "/api/v1/categories", altered)
    with pytest.raises(AssertionError, match="may not respond with 409"):
        check_response("GET", "/api/v1/categories", HttpResponse(status=409))


def successes() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Path, method, status and content of every successful answer with a body."""
    for path, method, operation in operations():
        for status, response in operation["responses"].items():
            if status < "300" and "application/json" in response.get("content", {}):
                yield path, method, status, response["content"]["application/json"]


def test_every_success_has_an_example_of_its_shape() -> None:
    for path, method, status, content in successes():
        assert "example" in content, f"marketplace.api_examples has none for {method} {path}"
        body = content["example"]
        example = HttpResponse(orjson.dumps(body), status=int(status), content_type="application/json")
        example.json = lambda body=body: body  # type: ignore[attr-defined]
        check_response(method.upper(), path, example)


def test_each_example_is_of_a_thing_that_is_answered() -> None:
    assert EXAMPLES.keys() == {
        schema.get("$ref", "").rpartition("/")[2] or schema["properties"]["results"]["items"]["$ref"].rpartition("/")[2]
        for *_, content in successes()
        for schema in [content["schema"]]
    }


def test_it_is_served_to_everyone(api: Api) -> None:
    response = api().get(reverse("schema"))

    assert response.status_code == 200
    assert response.json()["openapi"].startswith("3.")
    assert response.json()["paths"].keys() == openapi_document()["paths"].keys()


def test_every_operation_refuses_parameters_that_it_does_not_describe(api: Api) -> None:
    people = [api(make_admin()), api(make_provider()), api(make_customer())]
    for path, method, operation in operations():
        known = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "query"}
        assert "surprise" not in known
        answers = [getattr(person, method)(f"{example_path(path)}?surprise=1") for person in people]
        # Whoever may ask at all is told which parameter is wrong.
        refused = [answer for answer in answers if answer.status_code == 400]
        assert refused, (path, method, [answer.status_code for answer in answers])
        for answer in refused:
            assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("surprise", "unknown")]


def test_lengths_and_ranges_are_described() -> None:
    schemas = openapi_document()["components"]["schemas"]
    profile, booking = schemas["ProfileBodyRequest"]["properties"], schemas["BookingRequestRequest"]["properties"]
    assert (profile["name"]["minLength"], profile["name"]["maxLength"]) == (2, 80)
    assert profile["country"]["pattern"] == "^[A-Za-z]{2}$"
    assert (profile["horizon_days"]["minimum"], profile["horizon_days"]["maximum"]) == (1, 365)
    assert (booking["address"]["minLength"], booking["address"]["maxLength"]) == (5, 200)
    assert booking["service_id"]["maxLength"] == 64
    rating = schemas["ReviewRequestRequest"]["properties"]["rating"]
    assert (rating["minimum"], rating["maximum"]) == (1, 5)


def test_every_operation_is_described() -> None:
    for path, method, operation in operations():
        assert operation["summary"], (path, method)
        assert operation["tags"], (path, method)
        assert {"200", "201"} & operation["responses"].keys(), (path, method)


def test_every_list_is_described_as_a_page() -> None:
    lists = {path: operation for path, _, operation in operations() if operation["operationId"].endswith("_list")}

    assert {"/api/v1/services", "/api/v1/bookings", "/api/v1/reviews"} <= lists.keys()
    components = openapi_document()["components"]["schemas"]
    for path, operation in lists.items():
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        schema = components[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
        assert schema["properties"].keys() == {"results", "next"}, path
        assert schema["properties"]["results"]["type"] == "array", path


def test_every_failure_is_a_problem_document() -> None:
    document = openapi_document()
    for path, method, operation in operations():
        failures = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
        assert {"401", "406", "429", "500", "503"} <= failures.keys(), (path, method)
        for answer in failures.values():
            if "$ref" in answer:
                name = answer["$ref"].rpartition("/")[2]
                assert document["components"]["responses"][name]["content"].keys() == {"application/problem+json"}


def test_the_access_token_is_asked_for_exactly_where_it_is_needed(api: Api) -> None:
    for path, method, operation in operations():
        is_public = {} in operation["security"]
        assert {"accessToken": []} in operation["security"]
        status = getattr(api(), method)(example_path(path), headers={"Idempotency-Key": "k"}).status_code
        # One list is public for a provider's reviews and asks who you are for your own.
        assert (status != 401) == is_public or path == "/api/v1/reviews", (path, method)


def test_an_idempotency_key_is_documented_exactly_where_it_is_required(api: Api) -> None:
    documented = {(path, method) for path, method, operation in operations() if takes(operation, "Idempotency-Key")}

    required = set()
    for path, method, _ in operations():
        for actor in (make_customer(), make_provider(), make_admin()):
            response = getattr(api(actor), method)(example_path(path))
            fields = [error["field"] for error in response.json().get("errors", [])]
            if "Idempotency-Key" in fields:
                required.add((path, method))

    assert documented == required
    assert ("/api/v1/bookings", "post") in documented


def test_if_match_comes_with_its_failure() -> None:
    checked = [operation for _, _, operation in operations() if takes(operation, "If-Match")]

    assert checked
    for operation in checked:
        assert "412" in operation["responses"]
        assert "ETag" in operation["responses"]["200"]["headers"]


def test_what_a_change_names_in_if_match_can_be_read() -> None:
    for path, methods in openapi_document()["paths"].items():
        if "get" in methods and any(takes(operation, "If-Match") for operation in methods.values()):
            assert "ETag" in methods["get"]["responses"]["200"]["headers"], path


@pytest.mark.parametrize("path", ["/api/v1/services", "/api/v1/providers/{provider_id}/availability"])
def test_a_search_that_asks_for_too_much_is_documented(path: str) -> None:
    assert "422" in openapi_document()["paths"][path]["get"]["responses"]


@pytest.mark.parametrize("header", ["Location", "ETag", "Idempotency-Replayed"])
def test_the_headers_of_a_new_booking_are_documented(header: str) -> None:
    operation = openapi_document()["paths"]["/api/v1/bookings"]["post"]

    assert header in operation["responses"]["201"]["headers"]
