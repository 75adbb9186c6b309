"""Ending a person's sessions, and closing and opening their account."""

from datetime import datetime

from pynamodb.expressions.update import Action

from accounts import cognito
from accounts.domain import Actor
from accounts.models import User, UserItem
from accounts.services.records import change_person
from marketplace.kernel.errors import ForbiddenError


def sign_out_everywhere(*, user_id: str) -> User:
    """End all sessions of the person, in every browser, and revoke their refresh tokens; the person afterwards.

    An access token lives on until it expires, a quarter of an hour at most.
    """
    user = end_sessions(user_id)
    cognito.sign_out_everywhere(user_id)
    return user


def disable_person(*, actor: Actor, user_id: str, now: datetime) -> User:
    """Close the account: no session works any more, and no one signs in to it. Raises `NotFoundError`,
    `ForbiddenError` unless an admin asks, about somebody else.
    """
    _check_may_close(actor, user_id)
    user = end_sessions(user_id, UserItem.disabled_at.set(now))
    cognito.disable(user_id)
    cognito.sign_out_everywhere(user_id)
    return user


def enable_person(*, actor: Actor, user_id: str) -> User:
    """Open a closed account again. Raises as `disable_person`."""
    _check_may_close(actor, user_id)
    cognito.enable(user_id)
    return end_sessions(user_id, UserItem.disabled_at.remove())


def _check_may_close(actor: Actor, user_id: str) -> None:
    if not actor.is_admin:
        raise ForbiddenError("Only an admin may do this.")
    if actor.user_id == user_id:
        raise ForbiddenError("Another admin has to do this for you.")


def end_sessions(user_id: str, *changes: Action) -> User:
    """Raise the person's session epoch, with other changes of the same item; the person afterwards.

    Raises `NotFoundError`.
    """
    return change_person(user_id, UserItem.session_epoch.add(1), *changes)
