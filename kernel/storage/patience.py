"""How long one request of a visitor may wait for DynamoDB in all: somebody is to be told in time that it hangs."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class _Patience:
    def __init__(self, seconds: float) -> None:
        self.left = seconds


_current: ContextVar[_Patience | None] = ContextVar("patience", default=None)


@contextmanager
def limited_patience(seconds: float) -> Iterator[None]:
    """Within the block, wait this long for all of DynamoDB's answers together; requests after that get none."""
    token = _current.set(_Patience(seconds))
    try:
        yield
    finally:
        _current.reset(token)


def patience_left() -> float:
    """The seconds that may still be spent on waiting; infinite outside of `limited_patience`."""
    patience = _current.get()
    return math.inf if patience is None else patience.left


def spend_patience(seconds: float) -> None:
    """Count what was waited."""
    patience = _current.get()
    if patience is not None:
        patience.left -= seconds
