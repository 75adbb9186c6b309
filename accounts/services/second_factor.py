"""The authenticator app as second step of signing in."""

from datetime import datetime
from urllib.parse import quote, urlencode

from django.conf import settings

from accounts import cognito, limits
from accounts.models import User, UserItem
from accounts.queries import get_person
from accounts.services.access import end_sessions
from accounts.services.reauthentication import reauthenticate
from kernel.errors import ConflictError
from kernel.sentences import sentence
from kernel.values import dataclass


@dataclass(frozen=True, slots=True)
class PendingApp:
    """An authenticator app that is being set up; `access_token` is to be kept from everyone, and short-lived."""

    secret: str
    access_token: str

    def uri(self, email: str) -> str:
        """What the app reads from the QR code (the otpauth scheme, RFC 6238 with its usual values)."""
        issuer = settings.SITE_NAME
        return f"otpauth://totp/{quote(f'{issuer}:{email}')}?{urlencode({'secret': self.secret, 'issuer': issuer})}"


def prepare_second_factor(*, user: User, password: str, now: datetime) -> PendingApp:
    """A secret for the app; nothing changes yet. Raises `InvalidInputError` naming `password`, `ConflictError` if
    there is an app already, `TooManyRequestsError` or `BusyError`.
    """
    _refuse_second_app(user)
    tokens = reauthenticate(user=user, password=password, code="", now=now)
    return PendingApp(secret=cognito.new_app_secret(tokens.access_token), access_token=tokens.access_token)


def add_second_factor(*, user: User, app: PendingApp, code: str, now: datetime) -> User:
    """Ask for a code at every sign-in from now on, and end all sessions that began without; the person afterwards.

    Raises `InvalidInputError` naming `code`, `ConflictError` if an app was connected meanwhile, `SignInRefusedError` if
    the setting-up took too long, `TooManyRequestsError` or `BusyError`.
    """
    limits.charge_step_up(user.user_id, now=now)
    _refuse_second_app(get_person(actor=user.actor, user_id=user.user_id))
    cognito.confirm_app(access_token=app.access_token, code=code)
    if not limits.use_app_code(user.user_id, code, now=now):
        raise cognito.wrong_code()
    return end_sessions(user.user_id, UserItem.second_factor.set(True))


def _refuse_second_app(user: User) -> None:
    """Another app in place of the first would shut out whoever has the first: it has to be removed, with its code."""
    if user.second_factor:
        raise ConflictError(sentence("Your app is connected already. Remove it first if you want to use another one."))


def remove_second_factor(*, user: User, password: str, code: str, now: datetime) -> User:
    """Ask for a code no more; returns the person afterwards.

    Raises `InvalidInputError` naming `password`, `code` or `new_password`, `TooManyRequestsError` and `BusyError`.
    """
    tokens = reauthenticate(user=user, password=password, code=code, now=now)
    cognito.forget_app(tokens.access_token)
    return end_sessions(user.user_id, UserItem.second_factor.set(False))
