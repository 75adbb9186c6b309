"""A line of the log is an object with the ids of what the process was at."""

import json
import logging

import pytest
from botocore.exceptions import ClientError

from kernel.errors import DomainError
from kernel.logs import JsonFormatter, at_work_on
from kernel.sentences import sentence


def line(message: str = "done", *, failure: Exception | None = None) -> dict[str, str]:
    exc_info = (type(failure), failure, None) if failure else None
    record = logging.LogRecord("bookings", logging.ERROR, __file__, 1, message, (), exc_info)
    text = JsonFormatter().format(record)
    assert "\n" not in text
    written: dict[str, str] = json.loads(text)
    return written


def test_a_line_says_what_it_is_about_while_that_is_worked_on() -> None:
    with at_work_on(request="r1"):
        with at_work_on(event="b1#2", subject="b1"):
            assert line().items() >= {"request": "r1", "event": "b1#2", "subject": "b1", "message": "done"}.items()
        assert "event" not in line()
    assert "request" not in line()


def test_a_failure_is_one_line_with_its_kind_and_traceback() -> None:
    written = line("first\nsecond", failure=TypeError("no"))
    assert (written["failure"], written["level"]) == ("TypeError", "ERROR")
    assert "TypeError: no" in written["traceback"]


def raised(error: Exception, cause: Exception | None = None) -> Exception:
    try:
        raise error from cause
    except Exception as caught:  # noqa: BLE001  (whatever was given)
        return caught


REFUSAL = ClientError(
    {"Error": {"Code": "MessageRejected", "Message": "Email address is not verified: ada@example.com"}}, "SendRawEmail"
)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (REFUSAL, "ClientError: MessageRejected (SendRawEmail)\n"),
        (
            ValueError("Invalid isoformat string: '12 Elm Street'"),
            "ValueError: (not logged: it may tell of a person)\n",
        ),
        (KeyError("Ada Park"), "KeyError: (not logged: it may tell of a person)\n"),
        (
            AttributeError("'NoneType' object has no attribute 'x'"),
            "AttributeError: 'NoneType' object has no attribute",
        ),
        (DomainError(sentence("booking b1 is ada@example.com's")), "DomainError: booking b1 is (an address)"),
    ],
)
def test_what_an_exception_says_is_told_if_it_can_be_of_nobody(error: Exception, told: str) -> None:
    text = line(failure=raised(error))["traceback"]
    assert told in text
    assert 'test_logs.py", line' in text
    for word in ("ada@example.com", "12 Elm Street", "Ada Park"):
        assert word not in text


def test_what_it_came_of_is_told_by_the_same_rule() -> None:
    text = line(failure=raised(RuntimeError("Ada"), ValueError("Ada")))["traceback"]
    assert "ValueError: (not logged" in text.split("of which came:")[0]
    assert "Ada" not in text


def test_an_address_in_a_message_is_masked() -> None:
    assert line("from Ada <ada@example.com>: no")["message"] == "from Ada <(an address)>: no"
