"""Access tokens that are refused before their time: their owner was disabled, signed out everywhere or erased.

A token lives for a quarter of an hour and is believed without asking anybody. So only what was revoked in that time
matters, and that is a short list. Every process keeps a copy, which it reads again every ten seconds at most: hardly
any request pays for the check, and a revoked token works for some ten seconds more.

The list lies in DynamoDB in windows of time, an item each. Revoking adds to a set in the present window's item, so any
number of revocations at once are all kept, and nothing has to be cleared away: only the windows of tokens that may
still be in use are read, and TTL removes the others.
"""

import logging
import threading
import time
from collections.abc import Mapping

from pynamodb.expressions.condition import size

from accounts.models import SessionItem
from kernel import storage
from kernel.clock import epoch, now
from kernel.errors import BusyError

logger = logging.getLogger(__name__)

_REFRESH_SECONDS = 10.0
# Longer than any token is believed, so that the present window and the one before cover all of them.
WINDOW_SECONDS = 1200
# Nearly a quarter of a megabyte, of the 400 KB that an item may have.
_MAX_REVOCATIONS = 5000


def revoke_tokens(user_id: str) -> None:
    """Refuse all access tokens that the person was issued until now. One call; may be repeated.

    Raises `BusyError`, also when 5,000 revocations fill the window: the tokens then end by themselves.
    """
    second = epoch(now())
    window_end = _window_end(second)
    revocations = SessionItem.revocations
    revocation = storage.update(
        "revocation",
        SessionItem,
        _key(window_end),
        actions=[
            # A token says only in which second it was issued: one of this second may be older than the revocation.
            revocations.add({f"{user_id} {second + 1}"}),
            SessionItem.expires_at.set(window_end + WINDOW_SECONDS),
        ],
        condition=revocations.does_not_exist() | (size(revocations) < _MAX_REVOCATIONS),
    )
    try:
        storage.write(revocation)
    except storage.ConditionFailedError as failure:
        logger.error("The list of revoked tokens is full: the tokens of %s live until they expire", user_id)
        raise BusyError(retry_after=window_end - second) from failure


class Revocations:
    """A process's copy of the list. While DynamoDB does not answer, the last copy stays in use: a token that was
    revoked meanwhile works until it expires.
    """

    def __init__(self) -> None:
        self._first_believed: Mapping[str, int] = {}
        self._read_at = float("-inf")
        self._lock = threading.Lock()

    def covers(self, user_id: str, issued_at: int) -> bool:
        """Whether a token of that person, issued in that second (since 1970), is revoked."""
        self._refresh_if_due()
        return issued_at < self._first_believed.get(user_id, 0)

    def _refresh_if_due(self) -> None:
        age = self._age()
        # While another thread reads, the copy still serves, but not one from before a long pause, and not none.
        if age > _REFRESH_SECONDS and self._lock.acquire(blocking=age > 2 * _REFRESH_SECONDS):
            try:
                if self._age() > _REFRESH_SECONDS:
                    self._refresh()
            finally:
                self._lock.release()

    def _age(self) -> float:
        return time.monotonic() - self._read_at

    def _refresh(self) -> None:
        started = time.monotonic()
        try:
            self._first_believed = _read()
        except BusyError:
            logger.warning("The list of revoked tokens cannot be read; the last copy stays in use")
        finally:
            self._read_at = started


revocations = Revocations()


def _read() -> dict[str, int]:
    """From which second on each person's tokens are believed, for those who had some revoked. One BatchGetItem."""
    window_end = _window_end(epoch(now()))
    keys: list[storage.Key] = [(SessionItem, _key(end)) for end in (window_end - WINDOW_SECONDS, window_end)]
    first_believed: dict[str, int] = {}
    for row in storage.get_rows(keys, consistent=False):
        for entry in row["revocations"] if row else ():
            user_id, _, second = entry.rpartition(" ")
            first_believed[user_id] = max(int(second), first_believed.get(user_id, 0))
    return first_believed


def _window_end(second: int) -> int:
    return (second // WINDOW_SECONDS + 1) * WINDOW_SECONDS


def _key(window_end: int) -> str:
    # Sessions' keys are hexadecimal.
    return f"revoked-tokens#{window_end}"
