"""Faults between the application and AWS, injected by a proxy that speaks AWS's protocol."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import urllib3

from marketplace.laptop.embedded_cloud.client import free_port
from marketplace.laptop.supervision import Child

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
# Everything refuses a third of all calls.
THROTTLING = Fault(
    [
        {"service": "dynamodb", "probability": 0.3, "error": {"code": "ProvisionedThroughputExceededException"}},
        {"service": "sns", "probability": 0.3, "error": {"code": "Throttled", "status": 429}},
        {"service": "sqs", "probability": 0.3, "error": {"code": "RequestThrottled", "status": 400}},
        {"service": "ses", "probability": 0.3, "error": {"code": "Throttling", "status": 400}},
    ]
)
# What is written, sent, received or deleted is so, and nobody is told.
LOST_ANSWERS_EVERYWHERE = Fault(
    [
        {"service": service, "operation": operation, "probability": 0.1, "response": {"abort_frac": 0}}
        for service, operation in (
            ("dynamodb", "UpdateItem"),
            ("dynamodb", "TransactWriteItems"),
            ("sns", "PublishBatch"),
            ("sqs", "SendMessage"),
            ("sqs", "ReceiveMessage"),
            ("sqs", "DeleteMessage"),
            ("sqs", "DeleteMessageBatch"),
            ("sqs", "ChangeMessageVisibility"),
            ("ses", "SendRawEmail"),
        )
    ]
)
# Emails are on their way for so long that whoever is killed has some.
SLOW_EMAILS = Fault([{"service": "ses", "operation": "SendRawEmail", "latency": 3000}])


class FaultyCloud:
    """The embedded cloud behind a proxy that does it harm according to rules."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    @contextmanager
    def harmed_by(self, fault: Fault, *, must_strike: bool = True) -> Iterator[None]:
        """Inject this fault until the block ends. Raises `AssertionError` if it never struck, though it must."""
        self._control("DELETE", "fired")
        self._control("POST", "rules", list(fault.rules))
        try:
            yield
        finally:
            self._control("POST", "rules", [])
            time.sleep(fault.settles_after_seconds)
        assert not must_strike or self._control("GET", "fired?limit=1"), "no fault was injected"

    def strikes(self, service: str, operation: str) -> int:
        """How often that operation was harmed since the last `harmed_by` began."""
        return len(self._control("GET", f"fired?limit=1000000&service={service}&operation={operation}"))

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
