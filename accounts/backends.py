"""Django's authentication backend on Cognito, for everything that calls `django.contrib.auth.authenticate`."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from accounts import services
from accounts.models import User
from accounts.queries import find_user
from kernel.clock import now
from kernel.web.client_address import client_address


class CognitoBackend(BaseBackend):
    """Signs people in with address and password. Who needs a second step has to use the sign-in page."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The person, or None if the pair is wrong or not enough. Raises `TooManyRequestsError`, `BusyError`."""
        if request is None or username is None or password is None:
            return None
        try:
            outcome = services.sign_in(
                email=username, password=password, client_address=client_address(request), now=now()
            )
        except services.SignInRefusedError:
            return None
        return outcome if isinstance(outcome, User) else None

    def get_user(self, user_id: str) -> User | None:
        """The person with that id, unless there is none or the account is disabled. One GetItem."""
        user = find_user(user_id)
        return user if user is not None and user.is_active else None
