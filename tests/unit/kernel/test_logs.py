"""A line of the log is an object with the ids of what the process was at."""

import json
import logging

from kernel.logs import JsonFormatter, at_work_on


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
    written = line("first\nsecond", failure=ValueError("no"))
    assert (written["failure"], written["level"]) == ("ValueError", "ERROR")
    assert "ValueError: no" in written["traceback"]
