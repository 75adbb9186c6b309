"""Several reads at the same time."""

import math
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextvars import copy_context
from functools import cache

from kernel.copies import when_copied
from kernel.errors import BusyError
from kernel.storage.patience import current_patience

_CONCURRENT_READS = 8


def at_once(reads: Sequence[Callable[[], None]]) -> None:
    """Do the reads, up to eight at a time: a page that needs twelve waits for two rounds, not twelve.

    What one of them raises is raised, and those that have not begun are left out. Raises `BusyError` when they take
    longer than there is patience, as when others hold all threads.
    """
    if len(reads) == 1:
        reads[0]()
        return
    patience = current_patience()
    left = patience.left()
    futures = [_threads().submit(copy_context().run, read) for read in reads]
    patience.start()
    try:
        _, unfinished = wait(futures, None if left == math.inf else max(left, 0), FIRST_EXCEPTION)
    finally:
        patience.stop()
        # Nobody waits for them any more.
        for future in futures:
            future.cancel()
    for future in futures:
        if future not in unfinished:
            future.result()
    if unfinished:
        raise BusyError


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=_CONCURRENT_READS, thread_name_prefix="reads")


# A fork copies no threads.
when_copied(_threads.cache_clear)
