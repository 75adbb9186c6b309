"""Ending a person's sessions and access tokens, and closing and opening their account.

Cognito comes first: a token that it issued a moment later would be too young to be revoked. What can be ended without
Cognito is ended even if it does not answer.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from pynamodb.expressions.update import Action

from accounts import cognito
from accounts.domain import GROUP_BY_ROLE
from accounts.models import User, UserItem
from accounts.queries import find_user
from accounts.revocations import revoke_tokens
from accounts.services.records import change_person
from accounts.sweeps import forget_departure, iterate_departed, note_departure
from kernel.actors import Actor, Role
from kernel.errors import ForbiddenError
from kernel.registry import app_modules
from kernel.sentences import sentence


def sign_out_everywhere(*, user_id: str) -> User:
    """End all sessions of the person, in every browser, and all their tokens; the person afterwards.

    Raises `NotFoundError` or `BusyError`; may be repeated.
    """
    try:
        cognito.sign_out_everywhere(user_id)
    finally:
        user = end_sessions(user_id)
    return user


def disable_person(*, actor: Actor, user_id: str, now: datetime) -> User:
    """Close the account: no session or token works any more, no one signs in to it, what they offer has a rest, and
    whoever has an appointment with them is told that it does not take place.

    May be repeated. Raises `NotFoundError`, `BusyError`, and `ForbiddenError` unless an admin asks, about somebody
    else.
    """
    check_may_administer(actor, user_id)
    user = close_account(user_id, now=now)
    send_away(user_id, now=now)
    return user


def enable_person(*, actor: Actor, user_id: str) -> User:
    """Open a closed account again; what ended when it was closed stays ended.

    Raises `NotFoundError`, `BusyError`, and `ForbiddenError` unless an admin asks, about somebody else.
    """
    check_may_administer(actor, user_id)
    cognito.enable(user_id)
    return change_person(user_id, UserItem.disabled_at.remove())


def change_role(*, actor: Actor, user_id: str, role: Role, now: datetime) -> User:
    """Make the person one of that role, and of no other, and end their sessions and tokens; the person afterwards.

    Who is no provider any more offers nothing either, and has no appointments to come. May be repeated. Raises
    `NotFoundError`, `BusyError`, and `ForbiddenError` unless an admin asks, about somebody else.
    """
    check_may_administer(actor, user_id)
    cognito.put_in_group(user_id, role)
    for other in GROUP_BY_ROLE:
        if other is not role:
            cognito.take_from_group(user_id, other)
    cognito.sign_out_everywhere(user_id)
    user = end_sessions(user_id, UserItem.user_type.set(role.value))
    if role is not Role.PROVIDER:
        send_away(user_id, now=now)
    return user


def send_away(user_id: str, *, now: datetime) -> None:
    """As `withdraw`, and what a token writes for some seconds more is found by `sweep_departures`. May be repeated."""
    note_departure(user_id, now=now)
    withdraw(user_id, now=now)


def sweep_departures(now: datetime) -> Iterator[Callable[[], None]]:
    """For each person who was sent away a while ago, what withdraws once more what they offer.

    So goes what they wrote while tokens of theirs were still believed, and what was booked in that moment. Each may
    fail by itself, and is then found again by the next sweep.
    """
    for user_id, key in iterate_departed(now):
        yield partial(_sweep, user_id, key, now)


def _sweep(user_id: str, key: str, now: datetime) -> None:
    person = find_user(user_id)
    # Who was let in again decides for themselves; who was erased since is swept by `sweep_erasures`.
    if person is not None and not (person.is_active and person.actor.role is Role.PROVIDER):
        withdraw(user_id, now=now)
    forget_departure(user_id, key)


def withdraw(user_id: str, *, now: datetime) -> None:
    """Take what the person offers from the market, then cancel the appointments to come: nobody is there to answer.

    May be repeated.
    """
    for module in app_modules("departures"):
        module.withdraw(user_id, now=now)


def check_may_administer(actor: Actor, user_id: str) -> None:
    """Raises `ForbiddenError` unless an admin asks, about somebody else."""
    if not actor.is_admin:
        raise ForbiddenError(sentence("Only an admin may do this."))
    if actor.user_id == user_id:
        raise ForbiddenError(sentence("Another admin has to do this for you."))


def close_account(user_id: str, *, now: datetime) -> User:
    """Close the account, whoever asks; the person afterwards. Raises `NotFoundError`, `BusyError`, and
    `SignInRefusedError` if Cognito has no such account (any more), when all else is done.
    """
    try:
        cognito.disable(user_id)
        cognito.sign_out_everywhere(user_id)
    finally:
        user = end_sessions(user_id, UserItem.disabled_at.set(now))
    return user


def end_sessions(user_id: str, *changes: Action) -> User:
    """Raise the person's session epoch, with other changes of the same item, and revoke the access tokens that they
    have; the person afterwards.

    Raises `NotFoundError`, also for those who have tokens but have never signed in here, or `BusyError`.
    """
    try:
        return change_person(user_id, UserItem.session_epoch.add(1), *changes)
    finally:
        revoke_tokens(user_id)
