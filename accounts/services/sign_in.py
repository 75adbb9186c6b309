"""Signing in with address and password, and the second step where the account wants one."""

import logging
from datetime import datetime
from typing import Any

from accounts import cognito, limits
from accounts.domain import role_of_groups
from accounts.models import User, UserItem
from accounts.preferences import known_language, known_time_zone
from accounts.services.records import write_person
from accounts.tokens import UserPool, verify_access_token, verify_id_token
from kernel import storage
from kernel.actors import Role
from kernel.addresses import canonical_email
from kernel.sentences import sentence

logger = logging.getLogger(__name__)


def sign_in(
    *, email: str, password: str, client_address: str, browser: str | None = None, now: datetime
) -> User | cognito.Challenge:
    """The person, or what else is asked for. `browser` is the id of a browser that the account knows.

    Raises `SignInRefusedError` (with one and the same message whatever is wrong), `TooManyRequestsError`, `BusyError`.
    """
    email = canonical_email(email)
    limits.charge_guess(email, client_address, browser=browser, now=now)
    return _next(cognito.sign_in(email=email, password=password), now=now)


def answer_challenge(
    challenge: cognito.Challenge, *, answer: str, client_address: str, browser: str | None = None, now: datetime
) -> User | cognito.Challenge:
    """The person, or what else is asked for. Raises `InvalidInputError` naming `code` or `password`,
    `SignInRefusedError` when the challenge has expired, `TooManyRequestsError` or `BusyError`.
    """
    limits.charge_app_code(challenge.username, client_address, browser=browser, now=now)
    app_code = answer if challenge.name == cognito.CODE_OF_APP else None
    return _next(cognito.answer_challenge(challenge, answer), now=now, app_code=app_code)


def _next(
    outcome: cognito.Tokens | cognito.Challenge, *, now: datetime, app_code: str | None = None
) -> User | cognito.Challenge:
    if isinstance(outcome, cognito.Challenge):
        return outcome
    pool = UserPool.for_site()
    claims = verify_access_token(outcome.access_token, pool)
    identity = verify_id_token(outcome.id_token, pool)
    # Whoever looked over a shoulder has the code for half a minute, too.
    if app_code is not None and not limits.use_app_code(claims["sub"], app_code, now=now):
        raise cognito.wrong_code()
    role = role_of_groups(claims.get("cognito:groups") or ())
    if role is None:
        # A sign-up broke off between account and role: the role that may do least, so that the person is not stuck.
        role = Role.CUSTOMER
        logger.warning("Account %s had no role: it is a customer now", claims["sub"])
        cognito.put_in_group(claims["sub"], role)
    return _remember_person(
        user_id=claims["sub"], role=role, identity=identity, has_second_factor=app_code is not None, now=now
    )


def _remember_person(
    *, user_id: str, role: Role, identity: dict[str, str], has_second_factor: bool, now: datetime
) -> User:
    """Copy what Cognito says; name, time zone and language only at the first time: later they are the person's own.

    What is not known is not stored: nothing is anybody's choice that nobody chose.
    """
    email = canonical_email(identity["email"])
    values = (
        UserItem.email.set(email),
        UserItem.user_type.set(role.value),
        UserItem.second_factor.set(has_second_factor),
    )
    first_values: tuple[tuple[Any, Any], ...] = (
        (UserItem.name, identity.get("name") or email.partition("@")[0]),
        (UserItem.time_zone, known_time_zone(identity.get("zoneinfo"))),
        (UserItem.language, known_language(identity.get("locale"))),
        (UserItem.created_at, now),
        (UserItem.session_epoch, 0),
    )
    is_open = UserItem.disabled_at.does_not_exist()
    try:
        try:
            return write_person(user_id, *values, condition=UserItem.user_id.exists() & is_open)
        except storage.ConditionFailedError as failure:
            if failure.failed["user"] is not None:
                raise
            # Another browser of theirs may be as far in this moment.
            first = (attribute.set(attribute | value) for attribute, value in first_values if value is not None)
            return write_person(user_id, *values, *first, condition=is_open)
    except storage.ConditionFailedError as failure:
        raise cognito.SignInRefusedError(sentence("The email address or the password is wrong.")) from failure
