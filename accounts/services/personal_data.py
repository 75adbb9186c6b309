"""Export of everything that is stored about a person, and erasure of everything that need not be kept.

Each app that stores something about people has a module `personal_data` that can export and erase it. So this app need
not know the others.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any, Protocol, cast

from accounts import cognito
from accounts.models import UserItem
from accounts.services.access import close_account, withdraw
from accounts.sweeps import forget_erasure, iterate_erased, note_erasure
from kernel import storage
from kernel.errors import NotFoundError
from kernel.registry import app_modules
from kernel.sentences import sentence


class PersonalDataSource(Protocol):
    """What an app's module `personal_data` offers. An account's id tells which provider it owns, if any."""

    def export(self, user_id: str, *, now: datetime) -> dict[str, Any]:
        """All that the app stores about the person, ready for JSON, by the kind of thing."""

    def erase(self, user_id: str, *, now: datetime) -> None:
        """End what the person has agreed to for the time to come, and remove or anonymise all that identifies them.

        Nothing may stand in its way. May be repeated.
        """


def export_person(user_id: str, *, now: datetime) -> dict[str, Any]:
    """Everything that is stored about the person, ready for JSON. Raises `NotFoundError`."""
    row, sign_in = storage.get_row(UserItem, user_id), cognito.attributes_of(user_id)
    if row is None and not sign_in:
        raise NotFoundError(sentence("There is no such person."))
    exported: dict[str, Any] = {
        "exported_at": now,
        # Whoever has only ever used tokens has no row.
        "person": row or {"user_id": user_id},
        "sign_in": sign_in,
    }
    for source in _sources():
        exported |= source.export(user_id, now=now)
    return exported


def erase_person(user_id: str, *, now: datetime) -> None:
    """Close the account and erase the person: what identifies them is gone, bookings and invoices stay without it, and
    appointments to come are cancelled.

    Can be repeated when it broke off: the person's own row goes last. Raises `NotFoundError`.
    """
    # Cognito has no account any more if an erasure broke off after that, or if the account was deleted there.
    with suppress(cognito.SignInRefusedError):
        _close(user_id, now)
    # What a token writes for some seconds more is found by `sweep_erasures`.
    note_erasure(user_id, now=now)
    _erase(user_id, now)


def _close(user_id: str, now: datetime) -> None:
    try:
        close_account(user_id, now=now)
    except NotFoundError:
        # Whoever has only ever used tokens has no row; whom Cognito does not know either is nobody.
        if cognito.state_of(user_id) is cognito.AccountState.DELETED:
            raise


def sweep_erasures(now: datetime) -> Iterator[Callable[[], None]]:
    """For each person who was erased a while ago, what erases them once more.

    So goes what they wrote while tokens of theirs were still believed. Each may fail by itself, and is then found again
    by the next sweep.
    """
    for user_id, key in iterate_erased(now):
        yield partial(_sweep, user_id, key, now)


def _sweep(user_id: str, key: str, now: datetime) -> None:
    _erase(user_id, now)
    forget_erasure(user_id, key)


def _erase(user_id: str, now: datetime) -> None:
    # Before what was booked is cancelled: else somebody could book in between, and would wait for nobody.
    withdraw(user_id, now=now)
    for source in _sources():
        source.erase(user_id, now=now)
    cognito.delete(user_id)
    storage.write(storage.delete("user", UserItem, user_id))


def _sources() -> list[PersonalDataSource]:
    # Those that stand on others first: what they look up in the others is still there.
    return [cast("PersonalDataSource", module) for module in reversed(app_modules("personal_data"))]
