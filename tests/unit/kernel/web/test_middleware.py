"""What every request passes through: patience with a DynamoDB that hangs, and compression."""

from collections.abc import Iterator

import pytest
from botocore.credentials import Credentials
from django.conf import settings as project
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from kernel import ids
from kernel.storage import requests
from kernel.storage.transport import Transport
from kernel.web.middleware import CompressionMiddleware
from tests.factories.servers import SilentServer

PROVIDER_ID = ids.provider_id_for("hanging tables")


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[SilentServer]:
    settings.DYNAMODB_READ_TIMEOUT_SECONDS = 60.0
    settings.DYNAMODB_PATIENCE_SECONDS = 0.3
    server = SilentServer()
    transport = Transport(server.url, "us-east-1", Credentials("key", "secret"))
    monkeypatch.setattr(requests, "shared_transport", lambda: transport)
    yield server
    server.stop()


# A search reads eight partitions at once.
@pytest.mark.parametrize(
    ("address", "requests_sent"),
    [
        ("/api/v1/services", 8),
        (f"/api/v1/providers/{PROVIDER_ID}", 1),
        ("/", 1),
        ("/account/profile", 1),
        ("/no-such-page", 1),
    ],
)
def test_whatever_is_read_from_tables_that_hang_is_given_up_when_patience_ends(
    dynamodb: SilentServer, address: str, requests_sent: int
) -> None:
    browser = Client()
    if not address.startswith("/api/"):
        browser.cookies[project.SESSION_COOKIE_NAME] = f"{'u' * 36}.{'s' * 43}"

    response = browser.get(address)

    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) >= 1
    # None of them is sent once more.
    assert dynamodb.connections == requests_sent


@pytest.mark.parametrize(
    ("sent", "answered", "is_compressed"),
    [
        ({"Accept": "text/html", "Accept-Encoding": "br, gzip"}, {}, True),
        ({"Accept": "text/html"}, {}, False),
        # API Gateway would send it as text.
        ({"Accept-Encoding": "gzip"}, {}, False),
        # A weak version would match no If-Match.
        ({"Accept": "*/*", "Accept-Encoding": "gzip"}, {"ETag": '"3"'}, False),
        ({"Accept": "*/*", "Accept-Encoding": "gzip"}, {"Content-Type": "image/webp"}, False),
    ],
)
def test_answers_are_compressed_for_who_takes_them_so(
    sent: dict[str, str], answered: dict[str, str], is_compressed: bool
) -> None:
    request, whole = RequestFactory().get("/", headers=sent), HttpResponse("page " * 200, headers=answered)
    answer = CompressionMiddleware(lambda request: whole).process_response(request, whole)
    assert isinstance(answer, HttpResponse)
    assert (answer.headers.get("Content-Encoding") == "gzip") is is_compressed
    assert (len(answer.content) < 500) is is_compressed
    assert answer.headers.get("ETag") == answered.get("ETag")
