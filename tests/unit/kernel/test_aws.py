"""Refusals for being too fast are tried again, whatever name the service gives them."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError

from kernel import aws

ATTEMPTS = 5


class Sqs:
    """Answers in the place of SQS: first with these refusals, then well."""

    def __init__(self) -> None:
        self.refusals: list[str] = []
        self.requests = 0

    def answer(self, request: Any, **_: Any) -> AWSResponse:
        self.requests += 1
        if not self.refusals:
            return _response(request, 200, {}, b'{"QueueUrl": "https://sqs.example/queue"}')
        code = self.refusals.pop(0)
        shape = code.rpartition(".")[2]
        content = f'{{"__type": "com.amazonaws.sqs#{shape}", "message": "no"}}'.encode()
        return _response(request, 400, {"x-amzn-query-error": f"{code};Sender"}, content)


def _response(request: Any, status: int, headers: dict[str, str], content: bytes) -> AWSResponse:
    class Raw(BytesIO):
        def stream(self, **_: Any) -> Iterator[bytes]:
            yield self.read()

    return AWSResponse(request.url, status, HTTPHeaders.from_dict(headers), Raw(content))


@pytest.fixture
def sqs() -> Iterator[Sqs]:
    sqs = Sqs()
    # No other test has a client of so many attempts.
    events = aws.client("sqs", attempts=ATTEMPTS).meta.events
    events.register("before-send.sqs", sqs.answer)
    yield sqs
    events.unregister("before-send.sqs", sqs.answer)


def ask() -> str:
    url: str = aws.client("sqs", attempts=ATTEMPTS).get_queue_url(QueueName="queue")["QueueUrl"]
    return url


@pytest.mark.parametrize("code", ["AWS.SimpleQueueService.RequestThrottled", "RequestThrottled", "Throttled"])
def test_throttling_is_tried_again(sqs: Sqs, code: str) -> None:
    sqs.refusals = [code, code]
    assert ask() == "https://sqs.example/queue"
    assert sqs.requests == 3


def test_in_the_end_it_is_raised(sqs: Sqs) -> None:
    sqs.refusals = ["AWS.SimpleQueueService.RequestThrottled"] * 10
    with pytest.raises(ClientError):
        ask()
    assert sqs.requests == ATTEMPTS


def test_other_refusals_are_not_tried_again(sqs: Sqs) -> None:
    sqs.refusals = ["AWS.SimpleQueueService.NonExistentQueue"]
    with pytest.raises(ClientError):
        ask()
    assert sqs.requests == 1
