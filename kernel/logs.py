"""Lines of the log as objects, with the ids of what the process is at, and nothing of a person.

Our own lines name things by their ids. What a library puts into an exception is anything: SES's refusal has the
address, a failed conversion what somebody wrote. Of such an exception the log has its kind and where it was raised.
"""

import contextlib
import json
import logging
import re
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime

from botocore.exceptions import ClientError

_facts: ContextVar[dict[str, str]] = ContextVar("facts", default={})  # noqa: B039  (never changed in place)


@contextlib.contextmanager
def at_work_on(**ids: str) -> Iterator[None]:
    """Let each line that is logged within say these ids (`request`, `event`, `subject`); never anything of a person."""
    before = _facts.set({**_facts.get(), **ids})
    try:
        yield
    finally:
        _facts.reset(before)


# What these say is about code, and never about what it was given.
_ABOUT_CODE = (AttributeError, ImportError, NameError, TypeError)
# Whose exceptions name things by their ids.
_OURS = re.compile(r"(accounts|bookings|catalog|kernel|marketplace|notifications|pages|photos|reviews)(\.|$)")
_ADDRESS = re.compile(r"[^\s@<>\"'(:,]+@[^\s@<>\"'),;]+")


class JsonFormatter(logging.Formatter):
    """One JSON object for each record, on one line, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, str] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _ADDRESS.sub("(an address)", _message(record)),
            **_facts.get(),
        }
        if record.exc_info and record.exc_info[0]:
            line["failure"] = record.exc_info[0].__name__
            line["traceback"] = "".join(_told(record.exc_info[1]))
        return json.dumps(line, ensure_ascii=False)


def _message(record: logging.LogRecord) -> str:
    """What it says; where Django names the path of a request, the page's instead: a path may have a signed token."""
    request = getattr(record, "request", None)
    if request is None or not isinstance(record.args, tuple) or not record.args:
        return record.getMessage()
    match = getattr(request, "resolver_match", None)
    return str(record.msg) % (*record.args[:-1], match.route if match else "(no page)")


def _told(error: BaseException) -> Iterator[str]:
    """As Python prints an exception with what it came of, but for what somebody else's says."""
    came_of = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if came_of is not None:
        yield from _told(came_of)
        yield "\nof which came:\n\n"
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__qualname__}: {_said(error)}\n"


def _said(error: BaseException) -> str:
    if isinstance(error, ClientError):
        # The name that AWS gives the refusal. Its sentence may have an address, or a key.
        return f"{error.response.get('Error', {}).get('Code')} ({error.operation_name})"
    if isinstance(error, _ABOUT_CODE) or _OURS.match(type(error).__module__):
        return _ADDRESS.sub("(an address)", str(error))
    return "(not logged: it may tell of a person)"
