"""`manage.py export_person EMAIL`: everything that is stored about a person."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.queries import find_user_id
from accounts.services import export_person
from kernel.clock import now
from kernel.encoding import to_json
from kernel.errors import DomainError


class Command(BaseCommand):
    """Prints JSON and nothing else, so that it can be sent on: `./manage.py export_person EMAIL > file`."""

    help = "Print everything that is stored about a person, as JSON."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the person's address")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        try:
            user_id = find_user_id(email)
            if user_id is None:
                raise CommandError(f"There is no account {email}.")
            exported = export_person(user_id, now=now())
        except DomainError as error:
            raise CommandError(str(error.message)) from None
        self.stdout.write(to_json(exported, indent=True).decode())
