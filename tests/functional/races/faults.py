"""Faults between the application and DynamoDB, injected by a proxy that speaks AWS's protocol."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import urllib3

from marketplace.embedded_cloud.client import free_port
from marketplace.supervision import Child

# The first request makes the proxy load every AWS service's model.
_FIRST_ANSWER_WITHIN_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Fault:
    """Rules of the proxy, and for how long requests may still be under way when the clients have their answers."""

    rules: Sequence[dict[str, Any]]
    settles_after_seconds: float = 0.0


# The transaction is committed, and the connection is cut before the first byte of the answer.
LOST_ANSWERS = Fault(
    [{"service": "dynamodb", "operation": "TransactWriteItems", "probability": 0.4, "response": {"abort_frac": 0}}]
)
# The transaction is held back for longer than the application waits, and committed after that.
LATE_COMMITS = Fault(
    [{"service": "dynamodb", "operation": "TransactWriteItems", "probability": 0.1, "latency": 2500}],
    settles_after_seconds=3.0,
)
# DynamoDB refuses what would be all right a moment later.
REFUSALS = Fault(
    [
        {
            "service": "dynamodb",
            "operation": "TransactWriteItems",
            "probability": 0.2,
            "error": {
                "code": "TransactionCanceledException",
                "status": 400,
                "fields": {"CancellationReasons": [{"Code": "TransactionConflict"}]},
            },
        },
        {"service": "dynamodb", "probability": 0.15, "error": {"code": "ProvisionedThroughputExceededException"}},
    ]
)


class FaultyCloud:
    """The embedded cloud behind a proxy that does it harm according to rules."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    @contextmanager
    def harmed_by(self, fault: Fault) -> Iterator[None]:
        """Inject this fault until the block ends. Raises `AssertionError` if it never struck."""
        self._control("DELETE", "fired")
        self._control("POST", "rules", list(fault.rules))
        try:
            yield
        finally:
            self._control("POST", "rules", [])
            time.sleep(fault.settles_after_seconds)
        assert self._control("GET", "fired?limit=1"), "no fault was injected"

    def _control(self, method: str, path: str, content: Any = None) -> Any:
        body = None if content is None else orjson.dumps(content)
        response = urllib3.request(method, f"{self.url}/_microburst/{path}", body=body, retries=False)
        assert response.status == 200, response.data
        return orjson.loads(response.data)


@contextmanager
def faulty_cloud(cloud_url: str) -> Iterator[FaultyCloud]:
    """Start the proxy before the cloud, and stop it at the end of the block."""
    port = free_port()
    proxy = Child("microburst", "microburst", f"--upstream={cloud_url}", f"--port={port}")
    try:
        faulty = FaultyCloud(port)
        urllib3.request(
            "POST",
            faulty.url,
            headers={"X-Amz-Target": "DynamoDB_20120810.ListTables", "Content-Type": "application/x-amz-json-1.0"},
            body=b"{}",
            timeout=_FIRST_ANSWER_WITHIN_SECONDS,
            retries=urllib3.Retry(connect=20, backoff_factor=0.1),
        )
        yield faulty
    finally:
        proxy.stop()
