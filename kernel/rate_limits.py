"""Limits on how often something may be done, counted in DynamoDB for all processes together.

Time is cut into fixed windows; each subject (a person, an address) has one counter per window, which TTL removes.
Three ways to count, by what an exact count is worth:

- `charge`: exactly, before the deed, in one call; for the costly and the sensitive (signing in, signing up).
- `charge_write`: exactly, inside the transaction that does the deed, at no further call (reporting).
- `charge_in_batches`: each process counts by itself and settles a batch at a time, so that most requests write
  nothing (search). The count of all processes can be short by one unsettled batch per process.
"""

import math
import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.utils.crypto import salted_hmac
from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from kernel import storage
from kernel.clock import epoch
from kernel.errors import TooManyRequestsError
from kernel.sentences import sentence
from kernel.values import dataclass

_MAX_TALLIES = 10_000
_HOUR = 3_600


class CounterItem(storage.Item):
    """What one subject has used of one limit in one window."""

    class Meta:
        table_name = storage.physical_name("counters-table")

    counter_key = UnicodeAttribute(hash_key=True, attr_name="counterKey")
    total = NumberAttribute()
    expires_at = NumberAttribute(attr_name="expiresAt")


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `allowed` times per `window` and subject; `RATE_LIMIT_SCALE` multiplies `allowed`.

    `batch` is for `charge_in_batches`: how many a process counts by itself before it settles with the others.
    """

    name: str
    allowed: int
    window: timedelta
    batch: int = 1

    def window_end(self, now: datetime) -> int:
        """The second (since 1970) at which the window that `now` lies in ends."""
        seconds = int(self.window.total_seconds())
        return (epoch(now) // seconds + 1) * seconds

    def exceeded(self, now: datetime) -> TooManyRequestsError:
        """The error to raise: it says when the next window begins."""
        return too_often(now, again_at=self.window_end(now))


def too_often(now: datetime, *, again_at: int) -> TooManyRequestsError:
    """The error for what can be done again from that second (since 1970) on."""
    seconds = max(1, again_at - epoch(now))
    if seconds > 90:
        # To the hour from two hours on: nobody reckons with 1,337 minutes.
        unit = _HOUR if seconds > 2 * _HOUR else 60
        length = timedelta(seconds=unit * math.ceil(seconds / unit))
        message = sentence("That was too often. Please try again in %(length)s.", length=length)
    else:
        message = sentence("That was too often. Please try again in %(number)s seconds.", number=seconds)
    return TooManyRequestsError(message, retry_after=seconds)


Charge = tuple[RateLimit, str]


def charge(*charges: Charge, now: datetime) -> None:
    """Count one use of each limit for its subject: all of them, or none and `TooManyRequestsError`. One call."""
    writes = [charge_write(limit, subject, now=now) for limit, subject in charges]
    try:
        if len(writes) == 1:
            storage.write(writes[0])
        else:
            storage.transact(writes)
    except storage.ConditionFailedError as failure:
        exceeded = [limit.exceeded(now) for limit, _ in charges if _write_name(limit) in failure.failed]
        raise max(exceeded, key=lambda error: error.retry_after) from failure


def charge_write(limit: RateLimit, subject: str, *, now: datetime, uses: int = 1) -> storage.Write:
    """The write that counts the deed, for the deed's own transaction; see `raise_if_exceeded` when that fails."""
    return storage.update(
        _write_name(limit),
        CounterItem,
        _counter_key(limit, subject, now),
        actions=[
            CounterItem.total.add(uses),
            # TTL needs some time: the window itself is part of the key.
            CounterItem.expires_at.set(limit.window_end(now)),
        ],
        condition=CounterItem.total.does_not_exist() | (CounterItem.total <= _allowed(limit) - uses),
    )


def raise_if_exceeded(limit: RateLimit, failure: storage.ConditionFailedError, *, now: datetime) -> None:
    """Raise `TooManyRequestsError` if the transaction failed because of this limit."""
    if _write_name(limit) in failure.failed:
        raise limit.exceeded(now) from failure


class _Tallies:
    """What this process has counted and not settled, per counter; the counters longest unused are forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._unsettled: OrderedDict[str, int] = OrderedDict()
        self._exhausted: OrderedDict[str, None] = OrderedDict()

    def add(self, key: str, batch: int) -> bool:
        """Count one use; whether a batch is now full and must be settled."""
        with self._lock:
            used = self._unsettled.pop(key, 0) + 1
            full = used >= batch
            self._unsettled[key] = 0 if full else used
            if len(self._unsettled) > _MAX_TALLIES:
                self._unsettled.popitem(last=False)
            return full

    def exhaust(self, key: str) -> None:
        """Remember that the counter's window is used up."""
        with self._lock:
            self._exhausted[key] = None
            if len(self._exhausted) > _MAX_TALLIES:
                self._exhausted.popitem(last=False)

    def is_exhausted(self, key: str) -> bool:
        return key in self._exhausted


_tallies = _Tallies()


def charge_in_batches(limit: RateLimit, subject: str, *, now: datetime) -> None:
    """Count one use; every `limit.batch`-th use in this process costs one call, all others none.

    Raises `TooManyRequestsError`, from then on without a call until the window ends.
    """
    key = _counter_key(limit, subject, now)
    if _tallies.is_exhausted(key):
        raise limit.exceeded(now)
    if not _tallies.add(key, limit.batch):
        return
    try:
        storage.write(charge_write(limit, subject, now=now, uses=limit.batch))
    except storage.ConditionFailedError as failure:
        _tallies.exhaust(key)
        raise limit.exceeded(now) from failure


def _allowed(limit: RateLimit) -> int:
    return limit.allowed * int(settings.RATE_LIMIT_SCALE)


def _write_name(limit: RateLimit) -> str:
    return f"rate_limit:{limit.name}"


def _counter_key(limit: RateLimit, subject: str, now: datetime) -> str:
    return f"{limit.name}#{limit.window_end(now)}#{_digest(limit.name, subject)}"


@lru_cache(maxsize=_MAX_TALLIES)
def _digest(name: str, subject: str) -> str:
    """A keyed hash: subjects are people's addresses, which nobody should be able to read from a counter."""
    return salted_hmac("rate-limit", f"{name}:{subject}", algorithm="sha256").hexdigest()[:32]
