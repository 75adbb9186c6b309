"""`manage.py token EMAIL`: an access token for trying the API."""

import re
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.queries import find_user_id
from accounts.services import SignInRefusedError, sign_in_for_token
from kernel.errors import BusyError

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


class Command(BaseCommand):
    """Prints the token and nothing else, so that a shell can take it: `TOKEN=$(./manage.py token EMAIL)`."""

    help = "Print an access token of an account, by default of a demo account; on a laptop and in tests only."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the account's address, for example customer@example.com")
        parser.add_argument("--password", help="its password, unless it is a demo account")

    def handle(self, *args: Any, email: str, password: str | None, **options: Any) -> None:
        demo_password = getattr(settings, "DEMO_PASSWORD", None)
        if demo_password is None:
            raise CommandError("Not available in production: people sign in there themselves.")
        if not _EMAIL.fullmatch(email):
            raise CommandError(f"“{email}” is no email address.")
        try:
            self.stdout.write(self._token(email, password or demo_password))
        except BusyError:
            raise CommandError(
                f"The user pool at {settings.AWS_ENDPOINT_URL} cannot be reached. Is `make run` running?"
            ) from None

    def _token(self, email: str, password: str) -> str:
        try:
            return sign_in_for_token(email=email, password=password)
        except SignInRefusedError as error:
            if find_user_id(email) is None:
                raise CommandError(f"There is no account {email}. `make run` creates the demo accounts.") from None
            raise CommandError(str(error.message)) from None
