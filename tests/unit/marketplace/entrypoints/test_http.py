"""The web function answers requests of API Gateway and refuses everything that Zappa's bridge would run as code."""

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import orjson
import pytest
from pytest_django.fixtures import Settings

from marketplace.entrypoints.errors import UnknownSourceError

REQUEST: dict[str, Any] = {
    "resource": "/{proxy+}",
    "path": "/health",
    "httpMethod": "GET",
    "headers": {"Host": "lintel.example"},
    "requestContext": {"stage": "production"},
    "body": None,
    "isBase64Encoded": False,
}


@pytest.fixture
def bridged(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What reaches Zappa's bridge, which is in the package alone."""
    seen: list[dict[str, Any]] = []

    class LambdaHandler:
        @staticmethod
        def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
            seen.append(event)
            return {"statusCode": 200}

    zappa, handler = ModuleType("zappa"), ModuleType("zappa.handler")
    handler.LambdaHandler = LambdaHandler  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "zappa", zappa)
    monkeypatch.setitem(sys.modules, "zappa.handler", handler)
    monkeypatch.delitem(sys.modules, "marketplace.entrypoints.http", raising=False)
    return seen


# As the bridge is given it.
BRIDGED = REQUEST | {"headers": {"Host": "lintel.example"}, "multiValueHeaders": {"host": ["lintel.example"]}}
SECRET = "what-only-the-edge-knows-0123456789abcdef"


def handle() -> Callable[..., Any]:
    from marketplace.entrypoints.http import handle

    return handle


def test_a_request_is_answered(bridged: list[dict[str, Any]]) -> None:
    assert handle()(REQUEST, None) == {"statusCode": 200}
    assert bridged == [BRIDGED]


@pytest.mark.parametrize(
    "member",
    [
        {"command": "os.system"},
        {"raw_command": "import os"},
        {"manage": "flush"},
        {"Records": [{"Sns": {"Message": '{"command": "os.system"}'}}]},
        {"detail-type": "Scheduled Event"},
        {"awsRequestId": "1", "bot": {}},
        {"type": "TOKEN", "authorizationToken": "x"},
        {"triggerSource": "PreSignUp_SignUp"},
        {"stageVariables": {"SECRET_KEY": "known", "DJANGO_SETTINGS_MODULE": "marketplace.settings.local"}},
        {"anything": "else"},
    ],
    ids=lambda member: "+".join(member),
)
def test_nothing_but_the_request_reaches_the_bridge(bridged: list[dict[str, Any]], member: dict[str, Any]) -> None:
    handle()(REQUEST | member, None)
    assert bridged == [BRIDGED]
    with pytest.raises(UnknownSourceError):
        handle()(member, None)
    assert bridged == [BRIDGED]


@pytest.mark.parametrize(
    "event",
    [
        None,
        "GET /",
        [],
        [REQUEST],
        {},
        {"httpMethod": "GET"},
        {"path": "/", "requestContext": {}},
        REQUEST | {"httpMethod": None},
        REQUEST | {"httpMethod": ["GET"]},
        REQUEST | {"httpMethod": "GET / HTTP/1.1"},
        REQUEST | {"httpMethod": ""},
        REQUEST | {"path": None},
        REQUEST | {"path": 7},
        REQUEST | {"path": "health"},
        REQUEST | {"path": "https://lintel.example/health"},
        REQUEST | {"path": {"proxy": "health"}},
        REQUEST | {"requestContext": None},
        REQUEST | {"requestContext": "production"},
        REQUEST | {"headers": ["Host: lintel.example"]},
        REQUEST | {"headers": {"Host": None}},
        REQUEST | {"headers": {"Host": ["lintel.example"]}},
        REQUEST | {"multiValueHeaders": {"Host": "lintel.example"}},
        REQUEST | {"multiValueHeaders": {"Host": []}},
        REQUEST | {"multiValueHeaders": {"Host": [None]}},
        REQUEST | {"queryStringParameters": "a=1"},
        REQUEST | {"multiValueQueryStringParameters": {"a": "1"}},
        REQUEST | {"body": {"a": 1}},
        REQUEST | {"body": b"a=1"},
        REQUEST | {"isBase64Encoded": "true"},
        # Of the HTTP API, of a function's own address, of a load balancer.
        {"version": "2.0", "rawPath": "/", "requestContext": {"http": {"method": "GET", "path": "/"}}},
        {"requestContext": {"elb": {"targetGroupArn": "arn"}}, "httpMethod": "GET"},
        {"requestContext": {"routeKey": "$connect", "eventType": "CONNECT"}},
    ],
    ids=str,
)
def test_what_is_no_request_is_refused(bridged: list[dict[str, Any]], event: Any) -> None:
    with pytest.raises(UnknownSourceError):
        handle()(event, None)
    assert bridged == []


# --- Integrators -----------------------------------------------------------------------------------------------------

KEYED = {"stage": "production", "identity": {"apiKeyId": "k1", "sourceIp": "192.0.2.1"}}


@pytest.mark.parametrize(
    ("path", "context", "asked"),
    [
        ("/integrators/api/v1/services", KEYED, "/api/v1/services"),
        # Only API Gateway says whose key it is, and it asks for one at this path alone.
        ("/integrators/api/v1/services", {"stage": "production"}, "/integrators/api/v1/services"),
        ("/integrators/api/v1/services", {"identity": {"apiKeyId": None}}, "/integrators/api/v1/services"),
        # Pages are for people.
        ("/integrators/account", KEYED, "/integrators/account"),
        ("/integrators", KEYED, "/integrators"),
        ("/integrators/integrators/api/v1/services", KEYED, "/integrators/integrators/api/v1/services"),
        ("/api/v1/services", KEYED, "/api/v1/services"),
    ],
)
def test_an_integrator_asks_the_same_api(
    bridged: list[dict[str, Any]], path: str, context: dict[str, Any], asked: str
) -> None:
    handle()(REQUEST | {"path": path, "requestContext": context}, None)
    assert bridged[0]["path"] == asked


# --- Behind the edge -------------------------------------------------------------------------------------------------


@pytest.fixture
def edge(settings: Settings) -> None:
    """The stage has an edge, which alone knows this."""
    settings.FRONT_SECRET = SECRET
    settings.SITE_URL = "https://lintel.example"


def test_a_request_through_the_edge_is_one_to_the_site(bridged: list[dict[str, Any]], edge: None) -> None:
    headers = {"Host": ["x.execute-api.eu-west-1.amazonaws.com"], "X-Front-Secret": [SECRET], "Accept": ["text/html"]}
    assert handle()(REQUEST | {"multiValueHeaders": headers}, None) == {"statusCode": 200}
    (request,) = bridged
    assert request["multiValueHeaders"]["host"] == ["lintel.example"]
    # As the bridge looks for it: else it puts the stage before each link of a page.
    assert request["headers"]["Host"] == "lintel.example"
    assert request["headers"]["accept"] == "text/html"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Front-Secret": [""]},
        {"X-Front-Secret": ["guessed"]},
        {"X-Front-Secret": ["guessed", SECRET]},
        {"X_Front_Secret": [SECRET]},
        {"X-Forwarded-Host": ["lintel.example"]},
    ],
    ids=str,
)
def test_a_call_that_passes_by_the_edge_is_refused(
    bridged: list[dict[str, Any]], edge: None, headers: dict[str, list[str]]
) -> None:
    answer = handle()(REQUEST | {"multiValueHeaders": {"Host": ["lintel.example"]} | headers}, None)
    assert answer["statusCode"] == 403
    assert orjson.loads(answer["body"])["status"] == 403
    assert bridged == []


def test_a_name_with_underscores_is_not_taken_for_one_with_hyphens(bridged: list[dict[str, Any]]) -> None:
    headers = {"X-Forwarded-For": ["192.0.2.1"], "X_Forwarded_For": ["203.0.113.9"], "X_FRONT_SECRET": ["x"]}
    handle()(REQUEST | {"multiValueHeaders": headers}, None)
    assert bridged[0]["multiValueHeaders"] == {"x-forwarded-for": ["192.0.2.1"]}
