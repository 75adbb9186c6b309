"""A small client of the API, one request after the other."""

from typing import Any
from uuid import uuid4

import orjson
import urllib3

from benchmarks.shop import Shop


class Api:
    """Speaks to a server on the loopback over one connection, kept alive where the server keeps it."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self._pool = urllib3.HTTPConnectionPool("127.0.0.1", port, maxsize=1, retries=False)

    def get(self, path: str, token: str) -> Any:
        """The decoded answer. Raises `RuntimeError` unless it is 200."""
        return self._send("GET", path, None, {"Authorization": f"Bearer {token}"}, 200)

    def book(self, token: str, shop: Shop) -> Any:
        """The new booking. Raises `RuntimeError` unless the answer is 201."""
        return self._send("POST", "/api/v1/bookings", booking_body(shop), booking_headers(token), 201)

    def _send(self, method: str, path: str, body: bytes | None, headers: dict[str, str], expected: int) -> Any:
        response = self._pool.urlopen(method, path, body=body, headers=headers)
        if response.status != expected:
            raise RuntimeError(f"{method} {path} answered {response.status}: {response.data[:500].decode()}")
        return orjson.loads(response.data)


def booking_body(shop: Shop) -> bytes:
    """The body of a typical booking request, for a start that nobody has."""
    return orjson.dumps(
        {
            "service_id": shop.service_id,
            "offer_version": shop.offer_version,
            "starts_at": shop.next_start(),
            "address": "1204 Barton Springs Road, Austin, TX 78704",
            "notes": "The kitchen tap drips. Please ring at the side door.",
        }
    )


def booking_headers(token: str) -> dict[str, str]:
    """The headers of a booking request under a fresh idempotency key."""
    return {
        "Authorization": f"Bearer {token}",
        "Idempotency-Key": str(uuid4()),
        "Content-Type": "application/json",
    }
