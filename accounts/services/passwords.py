"""Forgotten and changed passwords; whichever way one changes, tokens and every session but the changing one end."""

from datetime import datetime

from accounts import cognito, limits
from accounts.models import User
from accounts.queries import find_user_id
from accounts.services.access import sign_out_everywhere
from accounts.services.reauthentication import reauthenticate
from kernel.addresses import canonical_email
from kernel.errors import FieldError, InvalidInputError, NotFoundError


def request_password_reset(*, email: str, client_address: str, browser: str | None = None, now: datetime) -> None:
    """Have a code sent, if the address has a confirmed account and enough were not sent before.

    `browser` is the id of a browser that the account knows. Raises `TooManyRequestsError` or `BusyError`.
    """
    email = canonical_email(email)
    if limits.may_send_code(email, client_address, browser=browser, now=now):
        cognito.send_reset_code(email)


def reset_password(*, email: str, code: str, password: str, client_address: str, now: datetime) -> None:
    """Set a new password with the code, and end all sessions.

    Raises `InvalidInputError` naming `code` or `password`, `TooManyRequestsError` or `BusyError`.
    """
    email = canonical_email(email)
    limits.charge_emailed_code(email, client_address, now=now)
    cognito.reset_password(email=email, code=code, password=password)
    user_id = find_user_id(email)
    if user_id is not None:
        try:
            sign_out_everywhere(user_id=user_id)
        except NotFoundError:
            # Has never signed in here: there is no session to end.
            return


def change_password(*, user: User, password: str, new_password: str, code: str, now: datetime) -> User:
    """Set another password and end all sessions; the person afterwards, for the one session that shall live on.

    `code` is one of the authenticator app, if there is one. Raises `InvalidInputError` naming `password`, `code` or
    `new_password`, `TooManyRequestsError` or `BusyError`.
    """
    tokens = reauthenticate(user=user, password=password, code=code, now=now)
    try:
        cognito.change_password(access_token=tokens.access_token, password=password, new_password=new_password)
    except InvalidInputError as error:
        # Cognito's complaint is about the new one.
        raise InvalidInputError([FieldError("new_password", e.code, e.message) for e in error.errors]) from error
    return sign_out_everywhere(user_id=user.user_id)
