"""DynamoDB without an SDK: the floor that no application can beat, and the paper that it is measured with."""

import hashlib
import hmac
from datetime import UTC, datetime
from functools import cache
from typing import Any

import orjson
import urllib3

_REGION = "us-east-1"
_SERVICE = "dynamodb"
# The embedded cloud takes any key and any signature; computing it is part of the price of a call.
_ACCESS_KEY = "000000000000"
_SECRET_KEY = "embedded-cloud"  # noqa: S105
_SIGNED_HEADERS = "host;x-amz-date;x-amz-target"


class RawDynamoDB:
    """Sends ready bodies, signed by hand with Signature Version 4, over one kept-alive connection."""

    def __init__(self, endpoint_url: str) -> None:
        url = urllib3.util.parse_url(endpoint_url)
        self._pool = urllib3.HTTPConnectionPool(str(url.host), url.port, maxsize=1, retries=False)
        self._host = f"{url.host}:{url.port}"

    def send(self, operation: str, body: bytes) -> dict[str, Any]:
        """The decoded answer to one operation, such as `TransactWriteItems`. Raises `RuntimeError` when refused."""
        target = f"DynamoDB_20120810.{operation}"
        response = self._pool.urlopen("POST", "/", body=body, headers=self._signed_headers(target, body))
        if response.status != 200:
            raise RuntimeError(f"{operation} answered {response.status}: {response.data[:500].decode()}")
        answer: dict[str, Any] = orjson.loads(response.data)
        return answer

    def call(self, operation: str, **members: Any) -> dict[str, Any]:
        """The same for an operation whose members are still to be encoded."""
        return self.send(operation, orjson.dumps(members))

    def _signed_headers(self, target: str, body: bytes) -> dict[str, str]:
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        day = moment[:8]
        scope = f"{day}/{_REGION}/{_SERVICE}/aws4_request"
        request = (
            f"POST\n/\n\nhost:{self._host}\nx-amz-date:{moment}\nx-amz-target:{target}\n\n"
            f"{_SIGNED_HEADERS}\n{hashlib.sha256(body).hexdigest()}"
        )
        text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        signature = hmac.new(_signing_key(day), text.encode(), hashlib.sha256)
        return {
            "Host": self._host,
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Date": moment,
            "X-Amz-Target": target,
            "Authorization": (
                f"AWS4-HMAC-SHA256 Credential={_ACCESS_KEY}/{scope}, "
                f"SignedHeaders={_SIGNED_HEADERS}, Signature={signature.hexdigest()}"
            ),
        }


@cache
def _signing_key(day: str) -> bytes:
    key = f"AWS4{_SECRET_KEY}".encode()
    for part in (day, _REGION, _SERVICE, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
