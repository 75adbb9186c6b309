"""One signed request to DynamoDB and its answer.

botocore's own client spends 0.6 ms of processor time on each request: hooks, rules for endpoints, models of shapes,
layers of request objects. None of it serves these requests, which are plain JSON, like their answers.
botocore still finds and renews the credentials, and `tests/unit/kernel/test_transport.py` holds the signature against
botocore's.
"""

import hashlib
import hmac
import threading
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

import botocore.session
import orjson
from botocore.credentials import Credentials, EnvProvider
from botocore.exceptions import ClientError, NoCredentialsError
from django.conf import settings

from kernel.copies import when_copied
from kernel.storage.connections import Answer, BrokenConnectionError, Connections
from kernel.storage.patience import current_patience

_SERVICE = "dynamodb"
_TARGET = "DynamoDB_20120810"
_CONTENT_TYPE = "application/x-amz-json-1.0"


class NoAnswerError(Exception):
    """DynamoDB could not be reached or did not answer in time: whether the request was carried out is not known."""


class Transport:
    """Sends requests over connections that are kept alive; one serves all threads of a process."""

    def __init__(self, endpoint_url: str, region: str, credentials: Credentials) -> None:
        self._region = region
        self._credentials = credentials
        self._connections = Connections(
            endpoint_url,
            connect_timeout=settings.DYNAMODB_CONNECT_TIMEOUT_SECONDS,
            read_timeout=settings.DYNAMODB_READ_TIMEOUT_SECONDS,
            kept=settings.DYNAMODB_MAX_POOL_CONNECTIONS,
        )

    def send(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to one operation ("GetItem").

        A request that gets no answer is sent again, the same to the letter, `DYNAMODB_MAX_ATTEMPTS` times in all; then
        `NoAnswerError`. Raises `ClientError`, its `response` as botocore's, for what DynamoDB refuses.
        """
        status, content = self.exchange(operation, orjson.dumps(request))
        if status >= 300:
            raise ClientError(_error_response(status, content), operation)
        try:
            answer: dict[str, Any] = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            # Whatever says 200 here is not DynamoDB: taken for an empty answer, it would be a write that succeeded.
            raise NoAnswerError("the answer is not JSON") from error
        return answer

    def exchange(self, operation: str, body: bytes) -> tuple[int, bytes]:
        """The status and body of the answer to one request. Raises `NoAnswerError`."""
        patience = current_patience()
        for attempt in range(1, settings.DYNAMODB_MAX_ATTEMPTS + 1):
            left = patience.left()
            if left <= 0:
                raise NoAnswerError("the time for waiting is over")
            headers = self.signed_headers(operation, body, datetime.now(UTC))
            patience.start()
            try:
                # What broke one idle connection, such as a network that forgot it, has broken the others, too.
                answer = self._connections.post(body, headers, anew=attempt > 1, patience=left)
                _check_integrity(answer)
            except BrokenConnectionError as error:
                if attempt == settings.DYNAMODB_MAX_ATTEMPTS:
                    raise NoAnswerError(str(error)) from error
            else:
                return answer.status, answer.content
            finally:
                patience.stop()
        raise AssertionError("DYNAMODB_MAX_ATTEMPTS is at least 1")

    def signed_headers(self, operation: str, body: bytes, moment: datetime) -> dict[str, str]:
        """The headers of the request with its signature (Signature Version 4 of AWS)."""
        credentials = self._credentials.get_frozen_credentials()
        timestamp = moment.strftime("%Y%m%dT%H%M%SZ")
        scope = f"{timestamp[:8]}/{self._region}/{_SERVICE}/aws4_request"
        # In the order of the alphabet, as they are signed.
        signed = {"content-type": _CONTENT_TYPE, "host": self._connections.netloc, "x-amz-date": timestamp}
        if credentials.token:
            signed["x-amz-security-token"] = credentials.token
        signed["x-amz-target"] = f"{_TARGET}.{operation}"
        names = ";".join(signed)
        canonical = "\n".join(f"{name}:{value}" for name, value in signed.items())
        request = f"POST\n/\n\n{canonical}\n\n{names}\n{hashlib.sha256(body).hexdigest()}"
        text = f"AWS4-HMAC-SHA256\n{timestamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        key = _signing_key(credentials.secret_key, timestamp[:8], self._region)
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        credential = f"{credentials.access_key}/{scope}"
        signed["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"
        )
        return signed


@lru_cache(maxsize=4)
def _signing_key(secret_key: str, day: str, region: str) -> bytes:
    key = f"AWS4{secret_key}".encode()
    for part in (day, region, _SERVICE, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def _check_integrity(answer: Answer) -> None:
    """Raises `BrokenConnectionError` for one that was damaged on the way: DynamoDB sends its checksum along."""
    checksum = answer.headers.get("x-amz-crc32")
    if checksum is not None and checksum != str(zlib.crc32(answer.content)):
        raise BrokenConnectionError("the answer's checksum is wrong")


def _error_response(status: int, content: bytes) -> Any:
    try:
        answer = orjson.loads(content)
    except orjson.JSONDecodeError:
        # A proxy or a load balancer in between answers with something else.
        answer = {}
    # "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"
    code = str(answer.get("__type", "")).rpartition("#")[2]
    if not code:
        code = "InternalServerError" if status >= 500 else str(status)
    message = str(answer.get("message") or answer.get("Message") or "")
    return {
        **answer,
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }


_making = threading.Lock()


@cache
def _make_transport() -> Transport:
    # Where a function finds them. To look everywhere takes a session, which is a fortieth of a cold start.
    credentials = EnvProvider().load() or botocore.session.get_session().get_credentials()
    if credentials is None:
        raise NoCredentialsError
    return Transport(endpoint_url(), settings.AWS_REGION, credentials)


def endpoint_url() -> str:
    """Where DynamoDB is."""
    named = settings.AWS_ENDPOINT_URL_DYNAMODB or settings.AWS_ENDPOINT_URL
    return named or f"https://{_SERVICE}.{settings.AWS_REGION}.amazonaws.com"


def shared_transport() -> Transport:
    """The transport of this process, made at its first use."""
    with _making:
        return _make_transport()


def _begin_anew() -> None:
    """Nothing that another thread of the parent held at the fork, such as a lock, is let go of in the child."""
    global _making
    _making = threading.Lock()
    _make_transport.cache_clear()


when_copied(_begin_anew)
