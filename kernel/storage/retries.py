"""The one way in which a change is tried again that others were quicker than."""

import itertools
import time
from collections.abc import Callable
from typing import TypeVar

from kernel.storage.requests import pause_or_give_up
from kernel.storage.writes import ConditionFailedError

# Each try that fails means that somebody else's change was made: of many at once, the last may need that many.
_MAX_ATTEMPTS = 10

Outcome = TypeVar("Outcome")


def retrying(attempt: Callable[[], Outcome], *, after: type[Exception] = ConditionFailedError) -> Outcome:
    """The outcome of `attempt`, which reads, decides and writes, and is repeated when somebody wrote in between.

    It says so by raising `after`. Between the tries come random pauses that grow; raises `BusyError` when tries or time
    run out.
    """
    started = time.monotonic()
    for number in itertools.count(1):
        try:
            return attempt()
        except after:
            pause_or_give_up(number, started, max_attempts=_MAX_ATTEMPTS)
    raise AssertionError("the pauses end in `BusyError`")
