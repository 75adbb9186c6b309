"""Asking a person who is signed in to show once more who they are, before what an intruder would do first."""

from datetime import datetime

from accounts import cognito, limits
from accounts.models import User
from kernel.errors import InvalidInputError
from kernel.sentences import sentence


def reauthenticate(*, user: User, password: str, code: str, now: datetime) -> cognito.Tokens:
    """Fresh tokens of the person. Raises `InvalidInputError` naming `password` or `code`, or
    `TooManyRequestsError`.
    """
    limits.charge_step_up(user.user_id, now=now)
    try:
        outcome = cognito.sign_in(email=user.email, password=password)
    except cognito.SignInRefusedError as error:
        raise InvalidInputError.of("password", sentence("This is not your password.")) from error
    if isinstance(outcome, cognito.Challenge) and outcome.name == cognito.CODE_OF_APP:
        if not code:
            raise InvalidInputError.of("code", sentence("Type the code that your authenticator app shows."), "required")
        outcome = cognito.answer_challenge(outcome, code)
        if not limits.use_app_code(user.user_id, code, now=now):
            raise cognito.wrong_code()
    if isinstance(outcome, cognito.Challenge):
        raise InvalidInputError.of(
            "password", sentence("Sign out and in again first: your account needs a new password.")
        )
    return outcome
