"""People who were erased, or sent away, a short while ago, to be looked after once more when no token of theirs can
write any longer.

An access token is believed for some seconds after its owner is erased, and what it wrote in them is the person's again;
a provider whose account was closed could take bookings again. So each erasure and each departure is noted before it
begins, in an item per hour beside the sessions, and a job does again what was undone in the meantime. Adding to a set
loses none of any number at once, and TTL removes what is swept.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from pynamodb.attributes import UnicodeSetAttribute

from accounts.models import SessionItem
from accounts.revocations import WINDOW_SECONDS
from kernel import storage
from kernel.clock import epoch

_HOUR = 3600
# So long the job may not have run, and still finds all.
_KEPT_FOR = timedelta(days=14)


def note_erasure(user_id: str, *, now: datetime) -> None:
    """Remember that the person is being erased. One call; may be repeated."""
    _note(SessionItem.erasures, user_id, now)


def note_departure(user_id: str, *, now: datetime) -> None:
    """Remember that the person offers nothing any more. One call; may be repeated."""
    _note(SessionItem.departures, user_id, now)


def _note(people: UnicodeSetAttribute, user_id: str, now: datetime) -> None:
    ends_at = (epoch(now) // _HOUR + 1) * _HOUR
    noted = storage.update(
        "note",
        SessionItem,
        _key(ends_at),
        actions=[people.add({user_id}), SessionItem.expires_at.set(ends_at + int(_KEPT_FOR.total_seconds()))],
    )
    storage.write(noted)


def iterate_erased(now: datetime) -> Iterator[tuple[str, str]]:
    """The erased people whose tokens are dead by now and who were not swept yet, each with the key of their note."""
    return _iterate_noted("erasures", now)


def iterate_departed(now: datetime) -> Iterator[tuple[str, str]]:
    """The same of those who offer nothing any more."""
    return _iterate_noted("departures", now)


def _iterate_noted(name: str, now: datetime) -> Iterator[tuple[str, str]]:
    newest = (epoch(now) - WINDOW_SECONDS) // _HOUR * _HOUR
    hours = int(_KEPT_FOR.total_seconds()) // _HOUR
    keys = [_key(newest - number * _HOUR) for number in range(hours)]
    for start in range(0, len(keys), storage.MAX_BATCH_KEYS):
        batch = keys[start : start + storage.MAX_BATCH_KEYS]
        for key, row in zip(batch, storage.get_rows([(SessionItem, key) for key in batch]), strict=True):
            for user_id in sorted(row.get(name) or () if row else ()):
                yield user_id, key


def forget_erasure(user_id: str, key: str) -> None:
    """Take the person off the list. One call; may be repeated."""
    _forget(SessionItem.erasures, user_id, key)


def forget_departure(user_id: str, key: str) -> None:
    """Take the person off the list. One call; may be repeated."""
    _forget(SessionItem.departures, user_id, key)


def _forget(people: UnicodeSetAttribute, user_id: str, key: str) -> None:
    storage.write(storage.update("note", SessionItem, key, actions=[people.delete({user_id})]))


def _key(ends_at: int) -> str:
    # Sessions' keys are hexadecimal.
    return f"erasures#{ends_at}"
