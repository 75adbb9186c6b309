"""Seeing the site as a customer or a provider does, without their password: for a while, and looking alone.

The session stays that of whoever runs the marketplace, and remembers as whom they see. Requests are answered as that
person's, but nothing is changed (`middleware.ObservingMiddleware` refuses all but GET) and nothing personal is shown:
actors know that they are observed.
"""

from datetime import timedelta
from typing import Any

from accounts.models import User, UserItem
from kernel import storage
from kernel.actors import Actor, Role
from kernel.clock import epoch, now
from kernel.errors import ForbiddenError
from kernel.sentences import sentence

OBSERVED_FOR = timedelta(minutes=15)
_KEY = "seeing_as"
OBSERVERS = frozenset({Role.ADMIN, Role.SUPPORT})
OBSERVED = frozenset({Role.CUSTOMER, Role.PROVIDER})


def begin(session: Any, *, actor: Actor, person: User) -> None:
    """Let the session see the site as that person does, for a quarter of an hour.

    Raises `ForbiddenError` unless an admin or somebody of support asks, about a customer or a provider.
    """
    if actor.role not in OBSERVERS:
        raise ForbiddenError(sentence("Only admins and support may see as somebody else."))
    if Role(person.role) not in OBSERVED:
        raise ForbiddenError(sentence("Only customers and providers can be seen as."))
    session[_KEY] = [person.user_id, epoch(now() + OBSERVED_FOR)]


def end(session: Any) -> str | None:
    """See as oneself again; as whom it was, if as anybody."""
    user_id: str | None = session.pop(_KEY, (None, 0))[0]
    return user_id


def seen_by(session: Any, user: User) -> User:
    """The person as whom the session's owner sees at present: themselves, or somebody else (one GetItem)."""
    seeing = session.get(_KEY)
    if seeing is None:
        return user
    user_id, until = seeing
    row = storage.get_row(UserItem, user_id) if epoch(now()) < until and user.actor.role in OBSERVERS else None
    person = User.from_row(row) if row else None
    if person is None or Role(person.role) not in OBSERVED:
        del session[_KEY]
        user.has_stopped_observing = True
        return user
    person.observer = user
    # What no page may show.
    person.phone, person.addresses = None, ()
    return person
