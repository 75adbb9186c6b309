"""Random requests, made from the OpenAPI document, get the responses that it declares, whoever sends them."""

from collections import Counter
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import cache
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pytest_django import Settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bookings.domain import Status
from kernel.web.schema import openapi_document
from tests.factories.accounts import TokenIssuer
from tests.factories.bookings import Scene, make_scene, next_day
from tests.factories.reviews import completed_booking, review

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Of each of the four roles.
REQUESTS, TORTURE_REQUESTS = 125, 5_000

pytestmark = pytest.mark.usefixtures("cloud")


@pytest.fixture
def scene(settings: Settings, token_issuer: TokenIssuer) -> Scene:
    """A provider with bookings in several statuses and a review; tokens of the tests' own issuer are accepted."""
    settings.COGNITO_ISSUER = token_issuer.issuer
    settings.COGNITO_API_CLIENT_ID = token_issuer.client_id
    settings.COGNITO_JWKS_URL = token_issuer.jwks_url
    return make_scene()


@pytest.mark.parametrize("role", ["stranger", "customer", "provider", "admin"])
def test_random_requests_get_what_the_document_declares(
    role: str,
    scene: Scene,
    token_issuer: TokenIssuer,
    is_torture: bool,
    record_property: Callable[[str, object], None],
) -> None:
    headers = {} if role == "stranger" else {"Authorization": f"Bearer {token_issuer.token(getattr(scene, role))}"}
    known = values_of(scene)
    statuses: Counter[int] = Counter()

    @settings_of(TORTURE_REQUESTS if is_torture else REQUESTS, derandomize=not is_torture)
    @given(data=st.data())
    def send(data: st.DataObject) -> None:
        case = draw_case(data, known)
        response = case.call(headers=headers)
        statuses[response.status_code] += 1
        case.validate_response(response, checks=CHECKS, headers=headers)

    send()

    record_property("responses by status", sorted(statuses.items()))
    # What is sent is not refused as a matter of course; a stranger may do little.
    assert sum(count for status, count in statuses.items() if status < 300) >= sum(statuses.values()) / 100, statuses


def settings_of(requests: int, *, derandomize: bool) -> settings:
    return settings(
        max_examples=requests,
        derandomize=derandomize,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def values_of(scene: Scene) -> Mapping[str, list[Any]]:
    """Values that mean something, by the names under which requests carry them."""
    past = completed_booking(scene)
    written = review(scene, completed_booking(scene, hour=11)).answer["id"]
    bookings = [scene.book(next_day(hour)) for hour in (13, 15, 17)]
    scene.bring(bookings[1], Status.CONFIRMED)
    scene.bring(bookings[2], Status.DECLINED)
    return {
        "booking_id": [past.booking_id, *(booking.booking_id for booking in bookings)],
        "provider_id": [scene.provider_id],
        "service_id": [scene.service_id],
        "review_id": [written],
        "user_id": ["me", scene.customer.user_id],
        "customer_id": [scene.customer.user_id],
        "offer_version": [scene.offer_version],
        "starts_at": [next_day(hour, days=days).isoformat() for hour in (9, 13) for days in (4, 5, 6, 7)],
        "from": [next_day().isoformat(), next_day().date().isoformat()],
        "to": [next_day(days=8).isoformat()],
        "time_zone": ["Europe/Paris"],
        "country": ["US"],
        "price": [{"amount": 9000, "currency": "USD"}],
        "If-Match": ['"1"', '"2"'],
    }


def draw_case(data: st.DataObject, known: Mapping[str, list[Any]]) -> Case:
    """A request of some operation: valid by the document or not, with or without values that mean something."""
    operation = data.draw(st.sampled_from(operations()), label="operation")
    mode = data.draw(st.sampled_from([GenerationMode.POSITIVE] * 3 + [GenerationMode.NEGATIVE]))
    case: Case = data.draw(operation.as_strategy(generation_mode=mode))
    if "Idempotency-Key" in case.headers and mode is GenerationMode.POSITIVE:
        case.headers["Idempotency-Key"] = uuid4().hex
    containers: list[Any] = [case.path_parameters, case.query, case.headers, case.body]
    for container in containers:
        for name in sorted(container.keys() & known.keys()) if isinstance(container, Mapping) else ():
            # Most often: by chance no id is that of anything.
            if data.draw(st.integers(0, 3)):
                container[name] = data.draw(st.sampled_from(known[name]))
    return case


@cache
def operations() -> list[Any]:
    schema = schemathesis.openapi.from_dict(deepcopy(openapi_document()))
    schema.app = get_wsgi_application()
    schema.config.update(base_url="http://testserver/")
    # Who asks is the test's matter: made-up tokens are refused before anything is looked at.
    schema.config.generation.update(with_security_parameters=False)
    found: Any = schema.get_all_operations()
    return [operation.ok() for operation in found]
