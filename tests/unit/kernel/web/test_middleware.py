"""What every request passes through: patience with a DynamoDB that hangs."""

from collections.abc import Iterator

import pytest
from botocore.credentials import Credentials
from django.conf import settings as project
from django.test import Client
from pytest_django import Settings

from kernel import ids
from kernel.storage import requests
from kernel.storage.transport import Transport
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
