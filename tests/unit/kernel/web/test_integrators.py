"""Whoever comes with a key of API Gateway's is not counted as one stranger; nobody else can say that they do."""

from typing import Any

import pytest
from django.test import RequestFactory
from rest_framework.request import Request

from kernel.web import throttling
from kernel.web.integrators import absolute_address, came_with_key, key_of
from kernel.web.throttling import ApiThrottle

KEYED = {"requestContext": {"identity": {"apiKeyId": "k1"}}}


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"requestContext": None},
        {"requestContext": {}},
        {"requestContext": {"identity": None}},
        {"requestContext": {"identity": {"apiKeyId": None}}},
        {"requestContext": {"identity": {"apiKeyId": ""}}},
        {"headers": {"x-api-key": "k1"}, "apiKeyId": "k1"},
    ],
    ids=str,
)
def test_an_event_without_a_key_has_none(event: dict[str, Any]) -> None:
    assert key_of(event) == ""
    assert not came_with_key({"lambda.event": event})


def test_no_header_says_that_there_was_a_key() -> None:
    names = ("x-api-key", "lambda.event", "lambda-event", "x-apigateway-event")
    request = RequestFactory().get("/", headers=dict.fromkeys(names, str(KEYED)))
    assert not came_with_key(request.META)


@pytest.fixture
def charged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whom requests were counted for."""
    subjects: list[str] = []
    monkeypatch.setattr(throttling, "charge_in_batches", lambda limit, subject, now: subjects.append(subject))
    return subjects


def test_a_key_is_counted_by_api_gateway_alone(charged: list[str]) -> None:
    throttle, request = ApiThrottle(), RequestFactory().get("/")
    request.META["lambda.event"] = KEYED
    assert throttle.allow_request(Request(request), None)
    assert charged == []
    request.META["lambda.event"] = {}
    assert throttle.allow_request(Request(request), None)
    assert charged == ["127.0.0.1"]


@pytest.mark.parametrize(("event", "begins"), [(KEYED, "/integrators/api/v1/services"), ({}, "/api/v1/services")])
def test_what_follows_is_asked_for_with_the_same_key(event: dict[str, Any], begins: str) -> None:
    request = RequestFactory().get("/api/v1/services")
    request.META["lambda.event"] = event
    assert absolute_address(Request(request), "/api/v1/services?cursor=a:b") == f"http://testserver{begins}?cursor=a:b"
