"""The transport: signatures as botocore's, one more try for a lost answer, refusals in botocore's shape."""

import json
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from unittest import mock

import orjson
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from kernel.errors import BusyError
from kernel.storage import requests
from kernel.storage.patience import current_patience, limited_patience
from kernel.storage.transport import NoAnswerError, Transport
from tests.factories.servers import EchoServer

MOMENT = datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC)


def signed_by_botocore(headers: dict[str, str], body: bytes, url: str, region: str, credentials: Credentials) -> str:
    unsigned = {name: headers[name] for name in ("content-type", "x-amz-target")}
    request = AWSRequest(method="POST", url=url, data=body, headers=unsigned)
    with mock.patch("botocore.auth.get_current_datetime", return_value=MOMENT.replace(tzinfo=None)):
        SigV4Auth(credentials, "dynamodb", region).add_auth(request)
    return str(request.headers["Authorization"])


@given(
    body=st.dictionaries(st.text(), st.text()).map(orjson.dumps),
    operation=st.sampled_from(["GetItem", "TransactWriteItems"]),
    url=st.sampled_from(["https://dynamodb.eu-west-1.amazonaws.com/", "http://127.0.0.1:4566/"]),
    region=st.sampled_from(["eu-west-1", "us-east-1"]),
    token=st.sampled_from([None, "FwoGZXIvYXdzE+a/b=="]),
)
def test_requests_are_signed_as_botocore_signs_them(
    body: bytes, operation: str, url: str, region: str, token: str | None
) -> None:
    credentials = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token)
    headers = Transport(url, region, credentials).signed_headers(operation, body, MOMENT)
    assert headers["authorization"] == signed_by_botocore(headers, body, url, region, credentials)
    assert headers.get("x-amz-security-token") == token


class Server:
    """Answers each request with the next of `answers`; None closes the connection without one."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, bytes] | None] = []
        self.received: list[bytes] = []
        self.checksum: str | None = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.received.append(self.rfile.read(int(self.headers["Content-Length"])))
                answer = outer.answers.pop(0)
                if answer is None:
                    self.close_connection = True
                    return
                status, content = answer
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                if outer.checksum is not None:
                    self.send_header("x-amz-crc32", outer.checksum)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def transport(server: Server) -> Transport:
    return Transport(server.url, "us-east-1", Credentials("key", "secret"))


def test_an_answer_is_decoded(server: Server, transport: Transport) -> None:
    server.answers = [(200, b'{"Item": {"a": {"S": "b"}}}')]
    assert transport.send("GetItem", {"TableName": "t"}) == {"Item": {"a": {"S": "b"}}}
    assert [json.loads(body) for body in server.received] == [{"TableName": "t"}]


def test_a_request_without_answer_is_sent_again_unchanged(server: Server, transport: Transport) -> None:
    server.answers = [None, (200, b"{}")]
    assert transport.send("TransactWriteItems", {"ClientRequestToken": "t"}) == {}
    assert server.received[0] == server.received[1]


def test_a_damaged_answer_is_asked_for_again(server: Server, transport: Transport) -> None:
    server.checksum = str(zlib.crc32(b'{"Item": {}}'))
    server.answers = [(200, b'{"Itsm": {}}'), (200, b'{"Item": {}}')]
    assert transport.send("GetItem", {}) == {"Item": {}}
    assert len(server.received) == 2


def test_after_the_last_try_it_is_not_known_what_happened(
    server: Server, transport: Transport, settings: Settings
) -> None:
    settings.DYNAMODB_MAX_ATTEMPTS = 3
    server.answers = [None, None, None]
    with pytest.raises(NoAnswerError):
        transport.send("PutItem", {})
    assert len(server.received) == 3


def test_a_refusal_has_botocore_s_shape_and_the_stored_item(server: Server, transport: Transport) -> None:
    refusal = {
        "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
        "message": "The conditional request failed",
        "Item": {"a": {"S": "b"}},
    }
    server.answers = [(400, orjson.dumps(refusal))]
    with pytest.raises(ClientError) as refused:
        transport.send("PutItem", {})
    assert refused.value.response["Error"]["Code"] == "ConditionalCheckFailedException"
    assert refused.value.response["Item"] == {"a": {"S": "b"}}  # type: ignore[typeddict-item]


def test_an_answer_that_is_not_dynamodb_s_is_a_failure_of_the_server(server: Server, transport: Transport) -> None:
    server.answers = [(502, b"<html>Bad gateway</html>")]
    with pytest.raises(ClientError) as refused:
        transport.send("PutItem", {})
    assert refused.value.response["Error"]["Code"] == "InternalServerError"


@pytest.mark.parametrize("content", [b"<html>Sign in to this network</html>", b""])
def test_a_success_that_is_not_dynamodb_s_is_no_answer(server: Server, transport: Transport, content: bytes) -> None:
    server.answers = [(200, content)]
    with pytest.raises(NoAnswerError):
        transport.send("TransactWriteItems", {"ClientRequestToken": "t"})


# --- Failures of DynamoDB's own --------------------------------------------------------------------------------------

FAILURES = [
    (500, b'{"__type": "com.amazon.coral.service#InternalFailure"}'),
    (500, b'{"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError"}'),
    (502, b"<html>Bad gateway</html>"),
    (503, b'{"__type": "com.amazon.coral.availability#ServiceUnavailableException"}'),
    (504, b""),
]


@pytest.fixture
def pauses(transport: Transport, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long requests waited before another try; they do not really."""
    pauses: list[float] = []
    monkeypatch.setattr(requests, "shared_transport", lambda: transport)
    monkeypatch.setattr("kernel.storage.requests.sleep", pauses.append)
    return pauses


@pytest.mark.parametrize("failure", FAILURES, ids=str)
def test_every_failure_of_the_server_is_tried_again_after_a_random_pause(
    server: Server, pauses: list[float], failure: tuple[int, bytes]
) -> None:
    server.answers = [failure, failure, (200, b"{}")]
    assert requests.dispatch("PutItem", {}) == {}
    assert len(server.received) == 3
    assert len(set(pauses)) == 2


def test_a_server_that_goes_on_failing_is_busy(server: Server, pauses: list[float]) -> None:
    server.answers = [FAILURES[3]] * 100
    with pytest.raises(BusyError):
        requests.dispatch("PutItem", {})
    assert len(server.received) == 6
    assert len(pauses) == 5


# --- Patience --------------------------------------------------------------------------------------------------------


def test_requests_share_what_patience_there_is(server: Server, transport: Transport) -> None:
    server.answers = [(200, b"{}")] * 2
    with limited_patience(60):
        transport.send("GetItem", {})
        first = current_patience().left()
        transport.send("GetItem", {})
        assert 60 > first > current_patience().left() > 0
    assert current_patience().left() == float("inf")


def test_once_patience_is_over_nothing_is_sent(settings: Settings) -> None:
    echo = EchoServer()
    settings.DYNAMODB_READ_TIMEOUT_SECONDS = 60.0
    transport = Transport(echo.url, "us-east-1", Credentials("key", "secret"))
    with limited_patience(0.2):
        with pytest.raises(NoAnswerError):
            transport.exchange("GetItem", b"late")
        asked = echo.connections
        with pytest.raises(NoAnswerError, match="the time for waiting is over"):
            transport.exchange("GetItem", b"next")
        assert echo.connections == asked
    assert transport.exchange("GetItem", b"next") == (200, b"next")
    transport._connections.close()
    echo.stop()
