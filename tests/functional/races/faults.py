"""Faults between the application and DynamoDB, injected by a proxy that speaks AWS's protocol."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
import urllib3

from marketplace.embedded_cloud.client import free_port
from marketplace.supervision import Child

Rule = dict[str, Any]

# The first request makes the proxy load every AWS service's model.
_FIRST_ANSWER_WITHIN_SECONDS = 60.0

LOST_ANSWERS: Sequence[Rule] = (
    # The transaction is committed, and the connection is cut before the first byte of the answer.
    {"service": "dynamodb", "operation": "TransactWriteItems", "probability": 0.5, "response": {"abort_frac": 0}},
)
LATE_COMMITS: Sequence[Rule] = (
    # The transaction is held back for longer than the application waits, and committed after that.
    {"service": "dynamodb", "operation": "TransactWriteItems", "probability": 0.15, "latency": 2500},
)
REFUSALS: Sequence[Rule] = (
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
)


class FaultyCloud:
    """The embedded cloud behind a proxy that does it harm according to rules."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    @contextmanager
    def harmed_by(self, rules: Sequence[Rule]) -> Iterator[None]:
        """Inject these faults until the block ends. Raises `AssertionError` if not one of them ever struck."""
        self._control("DELETE", "fired")
        self._control("POST", "rules", list(rules))
        try:
            yield
        finally:
            self._control("POST", "rules", [])
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
