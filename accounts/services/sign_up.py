"""Signing up: an unconfirmed account, then the code that proves that the address is the person's own.

Nothing here tells whether an address has an account: new, waiting and taken addresses take the same number of calls,
one after the other, and get the same answer. The code decides whose account it becomes: whoever has it sets the
password. Until then the account has one that nobody knows: wherever confirming breaks off, no stranger who signed up
with the address before can sign in.
"""

import secrets
from datetime import datetime

from accounts import cognito, limits
from accounts.domain import SIGN_UP_ROLES
from kernel.actors import Role
from kernel.addresses import canonical_email
from kernel.values import dataclass


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What people say of themselves when they sign up; zone and language are None unless their browser says which."""

    email: str
    name: str
    role: Role
    time_zone: str | None
    language: str | None


def sign_up(*, newcomer: Newcomer, client_address: str, now: datetime) -> None:
    """Have a code sent to the address, unless it has a confirmed account already: then nothing happens.

    An account that waits to be confirmed stays as it is, and gets another code. Raises `InvalidInputError` naming
    `email`, `TooManyRequestsError` or `BusyError`.
    """
    if newcomer.role not in SIGN_UP_ROLES:
        raise ValueError(f"nobody signs up as {newcomer.role}")
    email = canonical_email(newcomer.email)
    if not limits.may_send_code(email, client_address, now=now):
        return
    try:
        user_id = cognito.sign_up(
            email=email,
            # The pool wants letters of both cases and a digit.
            password=f"Aa0{secrets.token_urlsafe(32)}",
            name=newcomer.name,
            time_zone=newcomer.time_zone,
            language=newcomer.language,
        )
    except cognito.AddressTakenError:
        cognito.resend_code(email)
    else:
        cognito.put_in_group(user_id, newcomer.role)


def confirm_sign_up(
    *,
    email: str,
    code: str,
    password: str,
    newcomer: Newcomer | None,
    client_address: str,
    now: datetime,
) -> None:
    """Confirm the address, and make the account that of whoever has the code.

    From now on the password is this one, and name, role, time zone and language are those of `newcomer`: what this
    browser signed up with, None if it did not. Raises `InvalidInputError` naming `code` or `password`,
    `TooManyRequestsError` or `BusyError`.
    """
    email = canonical_email(email)
    is_own = newcomer is not None and canonical_email(newcomer.email) == email
    limits.charge_emailed_code(email, client_address, now=now)
    cognito.confirm_sign_up(email=email, code=code)
    cognito.set_password(email=email, password=password)
    if newcomer is not None and is_own:
        cognito.change_attributes(email, name=newcomer.name, time_zone=newcomer.time_zone, language=newcomer.language)
        for role in SIGN_UP_ROLES:
            if role is newcomer.role:
                cognito.put_in_group(email, role)
            else:
                cognito.take_from_group(email, role)


def resend_confirmation_code(*, email: str, client_address: str, now: datetime) -> None:
    """Have another code sent, if an account waits for one and enough were not sent before.

    Raises `TooManyRequestsError` or `BusyError`.
    """
    email = canonical_email(email)
    if limits.may_send_code(email, client_address, now=now):
        cognito.resend_code(email)
