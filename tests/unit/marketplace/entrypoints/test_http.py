"""The web function answers requests of API Gateway and refuses everything that Zappa's bridge would run as code."""

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

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


def handle() -> Callable[..., Any]:
    from marketplace.entrypoints.http import handle

    return handle


def test_a_request_is_answered(bridged: list[dict[str, Any]]) -> None:
    assert handle()(REQUEST, None) == {"statusCode": 200}
    assert bridged == [REQUEST]


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
    assert bridged == [REQUEST]
    with pytest.raises(UnknownSourceError):
        handle()(member, None)
    assert bridged == [REQUEST]


@pytest.mark.parametrize("event", [None, "GET /", [], {}, {"httpMethod": "GET"}, {"path": "/", "requestContext": {}}])
def test_what_is_no_request_is_refused(bridged: list[dict[str, Any]], event: Any) -> None:
    with pytest.raises(UnknownSourceError):
        handle()(event, None)
    assert bridged == []
