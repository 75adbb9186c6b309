"""How long one request of a visitor may wait for DynamoDB in all: somebody is to be told in time that it hangs."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock


class Patience:
    """So many seconds of waiting; what several threads wait for at the same time counts once."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = Lock()
        self._waiting = 0
        self._since = 0.0

    def left(self) -> float:
        """The seconds that are left at this moment."""
        with self._lock:
            return self._seconds - (time.monotonic() - self._since if self._waiting else 0)

    def start(self) -> None:
        """Begin to wait; `stop` must follow."""
        with self._lock:
            if self._waiting == 0:
                self._since = time.monotonic()
            self._waiting += 1

    def stop(self) -> None:
        """Wait no more."""
        with self._lock:
            self._waiting -= 1
            if self._waiting == 0:
                self._seconds -= time.monotonic() - self._since


class _Endless(Patience):
    def __init__(self) -> None:
        """Nothing is counted, and no lock held, for whoever waits without end."""

    def left(self) -> float:
        return math.inf

    def start(self) -> None:
        pass

    def stop(self) -> None:
        pass


_ENDLESS = _Endless()
_current: ContextVar[Patience | None] = ContextVar("patience", default=None)


def current_patience() -> Patience:
    """The patience of the request that is under way; without end outside of `limited_patience`."""
    return _current.get() or _ENDLESS


@contextmanager
def limited_patience(seconds: float) -> Iterator[None]:
    """Within the block, wait this long for all of DynamoDB's answers together; requests after that get none."""
    token = _current.set(Patience(seconds))
    try:
        yield
    finally:
        _current.reset(token)
