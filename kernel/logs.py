"""Lines of the log as objects, with the ids of what the process is at."""

import contextlib
import json
import logging
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime

_facts: ContextVar[dict[str, str]] = ContextVar("facts", default={})  # noqa: B039  (never changed in place)


@contextlib.contextmanager
def at_work_on(**ids: str) -> Iterator[None]:
    """Let each line that is logged within say these ids (`request`, `event`, `subject`); never anything of a person."""
    before = _facts.set({**_facts.get(), **ids})
    try:
        yield
    finally:
        _facts.reset(before)


class JsonFormatter(logging.Formatter):
    """One JSON object for each record, on one line, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, str] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_facts.get(),
        }
        if record.exc_info and record.exc_info[0]:
            line["failure"] = record.exc_info[0].__name__
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
