"""Export of everything that is stored about a person, and erasure of everything that need not be kept.

Each app that stores something about people has a module `personal_data` that can export and erase it. So this app need
not know the others.
"""

from contextlib import suppress
from datetime import datetime
from typing import Any, Protocol, cast

from accounts import cognito
from accounts.models import UserItem
from accounts.services.access import close_account
from kernel import storage
from kernel.errors import ConflictError, NotFoundError
from kernel.registry import app_modules
from kernel.sentences import Sentence, paragraph, sentence


class PersonalDataSource(Protocol):
    """What an app's module `personal_data` offers. An account's id tells which provider it owns, if any."""

    def export(self, user_id: str, *, now: datetime) -> dict[str, Any]:
        """All that the app stores about the person, ready for JSON, by the kind of thing."""

    def obstacles(self, user_id: str, *, now: datetime) -> list[Sentence]:
        """What the person must settle before erasure, as sentences; empty if nothing."""

    def erase(self, user_id: str, *, now: datetime) -> None:
        """Remove or anonymise all that identifies the person. May be repeated."""


def export_person(user_id: str, *, now: datetime) -> dict[str, Any]:
    """Everything that is stored about the person, ready for JSON. Raises `NotFoundError`."""
    row = storage.get_row(UserItem, user_id)
    if row is None:
        raise NotFoundError(sentence("There is no such person."))
    exported: dict[str, Any] = {
        "exported_at": now,
        "person": row,
        "sign_in": cognito.attributes_of(user_id),
    }
    for source in _sources():
        exported |= source.export(user_id, now=now)
    return exported


def erase_person(user_id: str, *, now: datetime) -> None:
    """Close the account and erase the person: what identifies them is gone, bookings and invoices stay without it.

    Can be repeated when it broke off: the person's own row goes last. Raises `NotFoundError`, or `ConflictError` whose
    message says what must be settled before.
    """
    obstacles = [obstacle for source in _sources() for obstacle in source.obstacles(user_id, now=now)]
    if obstacles:
        raise ConflictError(paragraph(obstacles), code="unsettled")
    # Cognito has no account any more if an erasure broke off after that.
    with suppress(cognito.SignInRefusedError):
        close_account(user_id, now=now)
    for source in _sources():
        source.erase(user_id, now=now)
    cognito.delete(user_id)
    storage.write(storage.delete("user", UserItem, user_id))


def _sources() -> list[PersonalDataSource]:
    # Those that stand on others first: what they look up in the others is still there.
    return [cast("PersonalDataSource", module) for module in reversed(app_modules("personal_data"))]
