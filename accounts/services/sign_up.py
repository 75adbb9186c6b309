"""Signing up: an unconfirmed account, then the code that proves that the address is the person's own.

Nothing here tells whether an address has an account: both cases take the same path for whoever looks on.
"""

from datetime import datetime

from accounts import cognito, limits
from accounts.domain import SIGN_UP_ROLES
from kernel.actors import Role
from kernel.addresses import canonical_email


def sign_up(
    *,
    email: str,
    password: str,
    name: str,
    role: Role,
    time_zone: str,
    language: str,
    client_address: str,
    now: datetime,
) -> None:
    """Have a code sent to the address, unless it has a confirmed account already: then nothing happens.

    An account that was never confirmed is replaced, password included: it may have been made by somebody who does not
    own the address, and waits for its owner. Raises `InvalidInputError` naming `password`, `TooManyRequestsError` or
    `BusyError`.
    """
    if role not in SIGN_UP_ROLES:
        raise ValueError(f"nobody signs up as {role}")
    email = canonical_email(email)
    limits.charge_code(email, client_address, now=now)
    attributes = {"email": email, "password": password, "name": name, "time_zone": time_zone, "language": language}
    try:
        user_id = cognito.sign_up(**attributes)
    except cognito.AddressTakenError:
        if not cognito.is_unconfirmed(email):
            return
        cognito.delete(email)
        user_id = cognito.sign_up(**attributes)
    cognito.put_in_group(user_id, role)


def confirm_sign_up(*, email: str, code: str, client_address: str, now: datetime) -> None:
    """Confirm the address. Raises `InvalidInputError` naming `code`, `TooManyRequestsError` or `BusyError`."""
    email = canonical_email(email)
    limits.charge_guess(email, client_address, now=now)
    cognito.confirm_sign_up(email=email, code=code)


def resend_confirmation_code(*, email: str, client_address: str, now: datetime) -> None:
    """Have another code sent, if an account waits for one. Raises `TooManyRequestsError` or `BusyError`."""
    email = canonical_email(email)
    limits.charge_code(email, client_address, now=now)
    cognito.resend_code(email)
