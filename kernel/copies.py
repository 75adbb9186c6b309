"""Processes that begin as copies of another: forked ones, and functions that Lambda restores from a snapshot of memory.

What copies must not have in common says here how it begins anew: connections, who holds a lock, credentials.
"""

import os
import random
from collections.abc import Callable

_beginnings: list[Callable[[], None]] = []


def when_copied(begin: Callable[[], None]) -> None:
    """Have `begin` called first of all in every process that is a copy of this one."""
    _beginnings.append(begin)
    os.register_at_fork(after_in_child=begin)


def begin_anew() -> None:
    """For a copy that was not forked, in which nothing has been called: make it a process of its own."""
    # Pauses before a second try; else all copies would try again at the same moments.
    random.seed()
    for begin in _beginnings:
        begin()
