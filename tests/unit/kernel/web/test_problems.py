"""What becomes of failures that no view foresaw: AWS that does not answer is a reason to wait, and no fault of ours."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from django.http import HttpResponse
from django.test import RequestFactory
from rest_framework.request import Request

from kernel.web.problems import DomainErrorMiddleware, exception_handler

REQUESTS = RequestFactory()


def refused(code: str, status: int) -> ClientError:
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "GetObject")


@pytest.mark.parametrize(
    "failure",
    [
        EndpointConnectionError(endpoint_url="https://s3.example"),
        ReadTimeoutError(endpoint_url="https://s3.example"),
        refused("SlowDown", 503),
        refused("InternalError", 500),
    ],
)
def test_who_asks_while_aws_does_not_answer_is_told_to_come_back(failure: Exception) -> None:
    for_a_program = exception_handler(failure, {"request": Request(REQUESTS.get("/api/v1/bookings"))})
    for_a_person = DomainErrorMiddleware(lambda request: HttpResponse()).process_exception(REQUESTS.get("/"), failure)
    for answer in (for_a_program, for_a_person):
        assert answer is not None
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


@pytest.mark.parametrize("failure", [refused("AccessDenied", 403), RuntimeError()])
def test_what_waiting_does_not_mend_is_a_fault(failure: Exception) -> None:
    answer = exception_handler(failure, {"request": Request(REQUESTS.get("/api/v1/bookings"))})
    assert answer.status_code == 500
    assert DomainErrorMiddleware(lambda request: HttpResponse()).process_exception(REQUESTS.get("/"), failure) is None
